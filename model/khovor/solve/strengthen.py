"""Rows that no plan breaks but fractions of plants do: they cut the relaxation down to what whole plants can do.

Written for every future and period, from bounds that hold whatever is built (`network.throughput`, `network.chains`):

    Σ_{x in g} act[x,t,w] ≤ Σ_v min(cap, most_g) · build[o,v]        g: recipes of a plant on one origin
    Σ_{x of k} act[x,t,w] ≤ most_k · Σ units of i online             k can do nothing while no unit of i is online
    sell[q,t,w] ≤ demand[q,t,w] · Σ units of i online                only i makes what q takes

The first is the variable upper bound of facility location, told apart by origin; the others carry it along the chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from khovor.formulation import Formulation
from khovor.network import Group, Missing, build_periods, chains, step_of, unit_capacity
from khovor.solve.arrays import INFINITY, Label, Matrix
from khovor.solve.counts import Anywhere, Places, Row, with_counts, with_rows
from khovor.units import T_PER_KT

WORTH_A_ROW = 1.0 - 1e-6
"""A bound that takes less than this share off a unit's capacity is not worth a row."""

Units = dict[int, float]
"""Capacity [kt/y] by column of the units that may be online."""


def strengthened(formulation: Formulation, matrix: Matrix) -> Matrix:
    """The matrix with counting integers and these rows at its end: the same plans, a tighter relaxation."""
    counted, anywhere = with_counts(formulation, matrix)
    places = matrix.places
    online = _online(formulation, places)
    for (process, _, t), units in online.items():
        if (process, t) not in anywhere:
            anywhere[process, t] = list(units)
    rows = [*_within_units(formulation, places, online), *_along_chains(formulation, places, anywhere)]
    return with_rows(counted, rows, [], integer=False)


def _online(f: Formulation, places: Places) -> dict[tuple[str, str, int], Units]:
    """Units that may be online by process, node and period; processes of which some stand today are left out."""
    standing = {option.key.process for option in f.case.options if option.existing_units}
    found: dict[tuple[str, str, int], Units] = defaultdict(dict)
    for o, option in enumerate(f.case.options):
        for v in build_periods(f.case, option) if option.key.process not in standing else ():
            for t in f.periods[v:]:
                able = unit_capacity(f.case, option, v, t) / T_PER_KT
                if able > 0:
                    found[option.key.process, option.key.node, t][places["build", (o, v)]] = able
    return dict(found)


def _within_units(f: Formulation, places: Places, online: dict[tuple[str, str, int], Units]) -> Iterator[Row]:
    """What a plant does on one origin, or by one recipe, hangs on whole units."""
    for (process, node, t), members in _groups(f).items():
        units = online.get((process, node, t))
        for w in f.told_apart[t] if units else ():
            factor = f.conditions[w].factor("capacity", "plant", (node, process), t)
            for group, activities in members.items():
                most = _most(f, group, node, t)
                if factor * max(units.values()) * WORTH_A_ROW > most:
                    able = {unit: -min(factor * capacity, most) for unit, capacity in units.items()}
                    yield {places["act", (x, t, w)]: 1.0 for x in activities} | able, -INFINITY, 0.0


def _groups(f: Formulation) -> dict[tuple[str, str, int], dict[Group, list[int]]]:
    """Activities by plant and period, and there by origin and by recipe; groups of the same activities once."""
    found: dict[tuple[str, str, int], dict[Group, list[int]]] = defaultdict(lambda: defaultdict(list))
    for x, t in f.network.acts:
        activity = f.network.activities[x]
        process, recipe = activity.plant.key.process, activity.recipe
        members = found[process, activity.node, t]
        members[Group(process, "", recipe.origin)].append(x)
        members[Group(process, "", recipe.origin, recipe.name)].append(x)
    return {key: _told_once(members) for key, members in found.items()}


def _told_once(members: dict[Group, list[int]]) -> dict[Group, list[int]]:
    """The groups without those that are the whole plant, whose capacity row says it already, or another one again."""
    everything = {x for activities in members.values() for x in activities}
    once = {tuple(activities): group for group, activities in members.items() if len(activities) < len(everything)}
    return {group: list(activities) for activities, group in once.items()}


def _most(f: Formulation, group: Group, node: str, t: int) -> float:
    """The most of a group, in the country or at the node [kt/y]."""
    known = f.network.throughput[t]
    return min(known.get(group._replace(node=place), INFINITY) for place in ("", node)) / T_PER_KT


def _along_chains(f: Formulation, places: Places, anywhere: Anywhere) -> Iterator[Row]:
    """What is done or sold hangs on units of the processes that it cannot do without."""
    missing = chains(f.case, f.network.reached)
    for (process, t), units in anywhere.items():
        if process in missing[t]:
            without = missing[t][process]
            for terms, most in (*_stopped(f, process, t, without), *_unsold(f, process, t, without)):
                yield {places[label]: 1.0 for label in terms} | dict.fromkeys(units, -most), -INFINITY, 0.0


def _stopped(f: Formulation, process: str, t: int, missing: Missing) -> Iterator[tuple[list[Label], float]]:
    """(activities, most of them together) of each other process that stops without this one, for each future [kt/y]."""
    for group, activities in _run(f)[t].items():
        most = f.network.throughput[t].get(group, INFINITY) / T_PER_KT
        steps = {step_of(f.network.activities[x], "") for x in activities}
        if group.process != process and most < INFINITY and steps <= missing.steps:
            for w in f.told_apart[t]:
                yield [("act", (x, t, w)) for x in activities], most


def _run(f: Formulation) -> dict[int, dict[Group, list[int]]]:
    """Activities by period, and there by process (at a node, where it takes or gives what cannot be moved)."""
    found: dict[int, dict[Group, list[int]]] = defaultdict(lambda: defaultdict(list))
    for x, t in f.network.acts:
        activity = f.network.activities[x]
        process = activity.plant.key.process
        settled = Group(process, activity.node) in f.network.throughput[t]
        found[t][Group(process, activity.node if settled else "")].append(x)
    return found


def _unsold(f: Formulation, process: str, t: int, missing: Missing) -> Iterator[tuple[list[Label], float]]:
    """(sale, most of it) of what this process alone makes, for each tier and future [kt/y]."""
    made = {c for a in f.network.activities if a.plant.key.process == process for c in a.outputs}
    for q, when in f.network.sells:
        market, commodity = f.network.offers[q].market, f.network.offers[q].commodity
        if when != t or commodity not in made & missing.goods:
            continue
        supply = f.network.supply[t].get(commodity, INFINITY)
        content = market.content[commodity.origin]
        for w in f.told_apart[t]:
            taken = f.conditions[w].factor("demand", "market", market.key, t) * f.case.horizon.share(t, market.window)
            demand = INFINITY if market.max_t_y is None or not content else taken * market.max_t_y / content
            most = min(supply, demand) / T_PER_KT
            if most < INFINITY:
                yield [("sell", (q, t, w))], most
