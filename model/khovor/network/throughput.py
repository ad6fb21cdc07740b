"""The most that each process can do in the whole country, as if all of it stood in one place with nothing to pay.

What can be fed to a plant and what can leave it do not only depend on what its own inputs could be: one concentrate
cannot be cracked twice, and nobody makes more than buyers take. A small linear program per process and period over
all recipes at once says how much is left of a plant's capacity when all that is counted; no plan can do more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog

from khovor.case import Case, Commodity, PlantKey, Recipe
from khovor.network.bounds import on_offer, plant_capacity
from khovor.network.parts import Activity, Parts, parts_of
from khovor.network.reach import Reach
from khovor.units import T_PER_KT

Floats = npt.NDArray[np.float64]

ROUNDING = 1.0 + 1e-6
"""A bound is widened by the tolerance of the little programs, so that it cuts nothing off."""


class Group(NamedTuple):
    """A process at a node, or a part of it: its activity on one origin, or by one recipe on one origin.

    The node is "" where all of the country counts as one place; None = every origin, every recipe.
    """

    process: str
    node: str
    origin: str | None = None
    recipe: str | None = None


class Step(NamedTuple):
    """A recipe of one origin at a node; node "" = wherever it runs, as all that its process touches can be moved."""

    process: str
    recipe: str
    origin: str
    node: str


def throughput(case: Case, reach: Reach) -> tuple[dict[Group, float], ...]:
    """By period: the most activity of each group, all its plants together, in any future [t/y].

    Whole processes that take in or give what no lane carries are bounded at each node, all else in the country.
    """
    parts = parts_of(case)
    known: dict[Hashable, dict[Group, float]] = {}
    return tuple(
        _in_period(parts, reach, t, known, settled=False) | _in_period(parts, reach, t, known, settled=True)
        for t in case.horizon.indices
    )


def _in_period(
    parts: Parts, reach: Reach, t: int, known: dict[Hashable, dict[Group, float]], *, settled: bool
) -> dict[Group, float]:
    """The bounds of a period; periods with the same little program share them."""
    steps = steps_of(parts, reach, t, settled=settled)
    places = {step: i for i, step in enumerate(steps)}
    rows, limits = _goods(parts, steps, t)
    capacity = {plant.key: plant_capacity(parts, plant, t) for plant in parts.case.plants}
    groups, sites = _groups(steps, whole=settled), defaultdict[Group, set[PlantKey]](set)
    for step, (keys, _) in steps.items():
        sites[Group(step.process, step.node)] |= keys
    for site, keys in sites.items():
        rows.append({places[s]: 1.0 for s in groups[site]})
        limits.append(sum(capacity[key] for key in keys))
    bounds = [(0.0, sum(capacity[key] for key in keys) / T_PER_KT) for keys, _ in steps.values()]
    same = (tuple(steps), tuple(tuple(row.items()) for row in rows), tuple(limits), tuple(bounds))
    if same not in known:
        members = [[places[step] for step in of] for of in groups.values()]
        most = _most(members, _matrix(rows, len(steps)), np.array(limits) / T_PER_KT, bounds)
        known[same] = dict(zip(groups, most, strict=True))
    return known[same]


def _groups(steps: Iterable[Step], *, whole: bool) -> dict[Group, list[Step]]:
    """The steps of every group: of whole processes only, or of their parts as well."""
    found: dict[Group, list[Step]] = defaultdict(list)
    for step in steps:
        found[Group(step.process, step.node)].append(step)
        if not whole:
            found[Group(step.process, step.node, step.origin)].append(step)
            found[Group(step.process, step.node, step.origin, step.recipe)].append(step)
    return found


def steps_of(parts: Parts, reach: Reach, t: int, *, settled: bool) -> dict[Step, tuple[set[PlantKey], Recipe]]:
    """Every recipe that can run in the period, with the plants that can run it.

    `settled`: a process that takes in or gives what no lane carries is told apart by node.
    """
    live = [parts.activities[x] for x in sorted(reach.live[t])]
    placed = {a.recipe.process for a in live if settled and any(_stays(parts, c) for c in a.recipe.balance)}
    steps: dict[Step, tuple[set[PlantKey], Recipe]] = {}
    for activity in live:
        step = step_of(activity, activity.node if activity.recipe.process in placed else "")
        steps.setdefault(step, (set(), activity.recipe))[0].add(activity.plant.key)
    return steps


def step_of(activity: Activity, node: str) -> Step:
    """The step that an activity is, where its node counts ("": where it does not)."""
    return Step(activity.recipe.process, activity.recipe.name, activity.recipe.origin, node)


def _stays(parts: Parts, commodity: Commodity) -> bool:
    """Whether no lane carries the goods."""
    goods = parts.case.products[commodity.product].transport_class
    return not any(lane.carries(goods) for lane in parts.case.lanes.values())


def _goods(
    parts: Parts, steps: dict[Step, tuple[set[PlantKey], Recipe]], t: int
) -> tuple[list[dict[int, float]], list[float]]:
    """Per commodity: what is used is at most what is made and bought; what is made at most what is used and sold.

    What no lane carries is held to that at every node.
    """
    balances: dict[tuple[Commodity, str], dict[int, float]] = defaultdict(dict)
    for place, (step, (_, recipe)) in enumerate(steps.items()):
        for commodity, amount in recipe.balance.items():
            balances[commodity, step.node if _stays(parts, commodity) else ""][place] = amount
    stored, bought = {s.product for s in parts.case.stockpiles}, on_offer(parts, t)
    rows, limits = [], []
    for (commodity, _), balance in sorted(balances.items()):
        if commodity.product in stored:
            continue
        for sign, limit in ((-1.0, bought.get(commodity, 0.0)), (1.0, _taken(parts, commodity, t))):
            if math.isfinite(limit):
                rows.append({i: sign * amount for i, amount in balance.items()})
                limits.append(limit)
    return rows, limits


def _taken(parts: Parts, commodity: Commodity, t: int) -> float:
    """The most of a commodity that buyers take; unlimited where it may be disposed of or lost on the way [t/y]."""
    case = parts.case
    goods = case.products[commodity.product]
    lossy = any(lane.loss_share > 0 and lane.carries(goods.transport_class) for lane in case.lanes.values())
    if goods.disposal_usd_t is not None or lossy:
        return math.inf
    total = 0.0
    for market in case.markets:
        share = case.horizon.share(t, market.window)
        content = market.content.get(commodity.origin)
        if market.key.product != commodity.product or content is None or share <= 0:
            continue
        if market.max_t_y is None or content <= 0:
            return math.inf
        total += market.max_t_y * share * parts.peaks.factor("demand", "market", market.key, t) / content
    return total


def _matrix(rows: list[dict[int, float]], width: int) -> sp.csr_matrix:
    where = [(r, i, value) for r, row in enumerate(rows) for i, value in row.items()]
    values, r, i = [v for _, _, v in where], [r for r, _, _ in where], [i for _, i, _ in where]
    return sp.csr_matrix((values, (r, i)), shape=(len(rows), width))


def _most(
    groups: Sequence[Sequence[int]], matrix: sp.csr_matrix, right: Floats, bounds: list[tuple[float, float]]
) -> list[float]:
    """The optimum for each group [t/y], or infinity where none is found: it then bounds nothing.

    One program holds a copy of the little one per group: solving them one by one is mostly calling.
    """
    if not groups:
        return []
    width, copies = len(bounds), len(groups)
    gain = np.zeros((copies, width))
    for k, members in enumerate(groups):
        gain[k, members] = 1.0
    answer = linprog(
        -gain.ravel(),
        A_ub=sp.block_diag([matrix] * copies, format="csr"),
        b_ub=np.tile(right, copies),
        bounds=bounds * copies,
        method="highs",
    )
    if answer.status != 0:
        return [math.inf] * copies
    most = (gain * answer.x.reshape(copies, width)).sum(axis=1)
    return [float(value) * T_PER_KT * ROUNDING for value in most]
