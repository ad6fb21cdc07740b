"""What cannot be done without a process: the steps that stop and the goods that are nowhere when it is missing.

What is delivered must be separated, cracked and mined. Where no purchase and no stock could stand in for a process, a
plan that does a step which hangs on it has at least one unit of it online; `solve.chains` makes rows of that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from khovor.case import Case, Commodity, Recipe
from khovor.network.parts import Parts, parts_of
from khovor.network.reach import Reach
from khovor.network.steps import Step, steps_of

Recipes = Mapping[Step, Recipe]


class Missing(NamedTuple):
    """What a country without a process lacks: steps that cannot run, goods that are nowhere."""

    steps: frozenset[Step]
    goods: frozenset[Commodity]


class Outside(NamedTuple):
    """What a country has without making it, and what it can get rid of."""

    there: frozenset[Commodity]
    taken: frozenset[Commodity]


def chains(case: Case, reach: Reach) -> tuple[dict[str, Missing], ...]:
    """By period and process: what is missing when no unit of it is online, wherever goods may be moved [-]."""
    parts = parts_of(case)
    return tuple(_in_period(parts, reach, t) for t in case.horizon.indices)


def _in_period(parts: Parts, reach: Reach, t: int) -> dict[str, Missing]:
    steps = {step: recipe for step, (_, recipe) in steps_of(parts, reach, t, settled=False).items()}
    outside = _outside(parts, t)
    live, goods = _closure(steps, outside)
    found = {}
    for process in sorted({step.process for step in steps}):
        left, still = _closure({s: recipe for s, recipe in steps.items() if s.process != process}, outside)
        stopped = frozenset(s for s in live - left if s.process != process)
        found[process] = Missing(stopped, frozenset(goods - still))
    return found


def _outside(parts: Parts, t: int) -> Outside:
    case = parts.case
    stored = {c for pile in case.stockpiles for c in parts.commodities(pile.product)}
    bought = {Commodity(p.key.product, p.origin) for p in case.purchases if case.horizon.share(t, p.window) > 0}
    sold = {
        Commodity(m.key.product, origin)
        for m in case.markets
        if case.horizon.share(t, m.window) > 0
        for origin in m.content
    }
    return Outside(frozenset(bought | stored), frozenset(sold | stored | _shed(parts)))


def _shed(parts: Parts) -> set[Commodity]:
    """What may be disposed of, or be lost on the way."""
    case = parts.case
    lossy = [lane for lane in case.lanes.values() if lane.loss_share > 0]
    return {
        c
        for activity in parts.activities
        for c in activity.recipe.balance
        if case.products[c.product].disposal_usd_t is not None
        or any(lane.carries(case.products[c.product].transport_class) for lane in lossy)
    }


def _closure(steps: Recipes, outside: Outside) -> tuple[set[Step], set[Commodity]]:
    """The largest set of steps that feed one another and rid themselves of what they make, and the goods there."""
    live = set(steps)
    while True:
        there = _there(steps, live, outside.there)
        kept = _rid(steps, {s for s in live if _inputs(steps[s]) <= there}, outside.taken)
        if kept == live:
            return live, there
        live = kept


def _inputs(recipe: Recipe) -> set[Commodity]:
    return {c for c, amount in recipe.balance.items() if amount < 0}


def _outputs(recipe: Recipe) -> set[Commodity]:
    return {c for c, amount in recipe.balance.items() if amount > 0}


def _there(steps: Recipes, live: Collection[Step], outside: Collection[Commodity]) -> set[Commodity]:
    there, waiting = set(outside), set(live)
    while running := {s for s in waiting if _inputs(steps[s]) <= there}:
        waiting -= running
        there |= {c for s in running for c in _outputs(steps[s])}
    return there


def _rid(steps: Recipes, fed: Collection[Step], taken: Collection[Commodity]) -> set[Step]:
    out, waiting, kept = set(taken), set(fed), set[Step]()
    while released := {s for s in waiting if _outputs(steps[s]) <= out}:
        waiting -= released
        kept |= released
        out |= {c for s in released for c in _inputs(steps[s])}
    return kept
