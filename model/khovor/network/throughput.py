"""The most that each process can do in the whole country, as if all of it stood in one place with nothing to pay.

What can be fed to a plant and what can leave it do not only depend on what its own inputs could be: one concentrate
cannot be cracked twice, and nobody makes more than buyers take. A small linear program per process and period over
all recipes at once says how much is left of a plant's capacity when all that is counted; no plan can do more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog

from khovor.case import Case, Commodity, Outlook, PlantKey
from khovor.network.bounds import on_offer, plant_capacity
from khovor.network.parts import Parts, parts_of
from khovor.network.reach import Reach
from khovor.network.steps import Step, Steps, alike, staying, steps_of
from khovor.units import T_PER_KT

Floats = npt.NDArray[np.float64]

ROUNDING = 1.0 + 1e-6
"""A bound is widened by the tolerance of the little programs, so that it cuts nothing off."""

COLUMNS = 5_000
"""How many columns the copies of a little program may have together."""


class Group(NamedTuple):
    """A process at a node, or a part of it: its activity on one origin, or by one recipe on one origin.

    The node is "" where all of the country counts as one place; None = every origin, every recipe.
    """

    process: str
    node: str
    origin: str | None = None
    recipe: str | None = None


def throughput(case: Case, reach: Reach, outlook: Outlook | None = None) -> tuple[dict[Group, float], ...]:
    """By period: the most activity of each group, all its plants together, in any future [t/y].

    Whole processes that take in or give what no lane carries are bounded at each node, all else in the country.
    """
    parts = parts_of(case, outlook)
    known: dict[Hashable, list[float]] = {}
    found: list[dict[Group, float]] = []
    for t in case.horizon.indices:
        capacity = {plant.key: plant_capacity(parts, plant, t) for plant in case.plants}
        steps = [steps_of(parts, reach, t, settled=settled) for settled in (False, True)]
        anywhere, placed = (_in_period(parts, these, t, capacity, known) for these in steps)
        found.append(anywhere | placed)
    return tuple(found)


def _in_period(
    parts: Parts, steps: Steps, t: int, capacity: Mapping[PlantKey, float], known: dict[Hashable, list[float]]
) -> dict[Group, float]:
    """The bounds of a period; periods with the same little program share them, and so do nodes that are alike.

    Where nodes are alike, one of them is asked about, and a second stands for all the others: what they can do
    together is what one of them can times their number.
    """
    kinds = {kind[0]: kind for kind in alike(steps, capacity)}
    times = {node: n for kind in kinds.values() for node, n in zip(kind, (1, len(kind) - 1), strict=False)}
    steps = {step: doing for step, doing in steps.items() if step.node in times}
    places = {step: i for i, step in enumerate(steps)}
    able = [times[step.node] * sum(capacity[key] for key in sorted(keys)) for step, (keys, _) in steps.items()]
    rows, limits = _goods(parts, steps, times, t)
    for site, members in _groups(steps, whole=True).items():
        keys = sorted(set().union(*(steps[step][0] for step in members)))
        rows.append({places[step]: 1.0 for step in members})
        limits.append(times[site.node] * sum(capacity[key] for key in keys))
    asked = {
        group: [places[step] for step in members]
        for group, members in _groups(steps, whole=any(kinds)).items()  # any: a node other than ""
        if group.node in kinds
    }
    same = (tuple(asked), tuple(steps), tuple(tuple(row.items()) for row in rows), tuple(limits), tuple(able))
    if same not in known:
        right, most = np.array(limits) / T_PER_KT, np.array(able) / T_PER_KT
        known[same] = _most(list(asked.values()), _matrix(rows, len(steps)), right, most)
    told = zip(asked, known[same], strict=True)
    return {group._replace(node=node): most for group, most in told for node in kinds[group.node]}


def _groups(steps: Iterable[Step], *, whole: bool) -> dict[Group, list[Step]]:
    """The steps of every group: of whole processes only, or of their parts as well."""
    found: dict[Group, list[Step]] = defaultdict(list)
    for step in steps:
        found[Group(step.process, step.node)].append(step)
        if not whole:
            found[Group(step.process, step.node, step.origin)].append(step)
            found[Group(step.process, step.node, step.origin, step.recipe)].append(step)
    return found


def _goods(parts: Parts, steps: Steps, times: Mapping[str, int], t: int) -> tuple[list[dict[int, float]], list[float]]:
    """Per commodity: what is used is at most what is made and bought; what is made at most what is used and sold.

    What no lane carries is held to that at every node.
    """
    stay = staying(parts)
    balances: dict[tuple[Commodity, str], dict[int, float]] = defaultdict(dict)
    for place, (step, (_, recipe)) in enumerate(steps.items()):
        for commodity, amount in recipe.balance.items():
            balances[commodity, step.node if commodity.product in stay else ""][place] = amount
    stored, bought = {s.product for s in parts.case.stockpiles}, on_offer(parts, t)
    taken = {commodity: _taken(parts, commodity, t) for commodity in dict.fromkeys(c for c, _ in balances)}
    rows, limits = [], []
    for (commodity, node), balance in sorted(balances.items()):
        if commodity.product in stored:
            continue
        for sign, limit in ((-1.0, bought.get(commodity, 0.0)), (1.0, taken[commodity])):
            if math.isfinite(limit):
                rows.append({i: sign * amount for i, amount in balance.items()})
                limits.append(times.get(node, 1) * limit)
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
        content = market.content.get(commodity.origin)
        if market.key.product != commodity.product or content is None:
            continue
        share = case.horizon.share(t, market.window)
        if share <= 0:
            continue
        if market.max_t_y is None or content <= 0:
            return math.inf
        total += market.max_t_y * share * parts.outlook.most("demand", "market", market.key, t) / content
    return total


def _matrix(rows: list[dict[int, float]], width: int) -> sp.csr_matrix:
    where = [(r, i, value) for r, row in enumerate(rows) for i, value in row.items()]
    values, r, i = [v for _, _, v in where], [r for r, _, _ in where], [i for _, i, _ in where]
    return sp.csr_matrix((values, (r, i)), shape=(len(rows), width))


def _most(groups: Sequence[Sequence[int]], matrix: sp.csr_matrix, right: Floats, able: Floats) -> list[float]:
    """The optimum for each group [t/y], or infinity where none is found: it then bounds nothing.

    A program holds a copy of the little one for each of several groups: solving them one by one is mostly calling,
    and all at once takes memory, and seconds that grow with the square.
    """
    several = max(1, COLUMNS // max(1, len(able)))
    parts = [groups[first : first + several] for first in range(0, len(groups), several)]
    return [most for part in parts for most in _together(part, matrix, right, able)]


def _together(groups: Sequence[Sequence[int]], matrix: sp.csr_matrix, right: Floats, able: Floats) -> list[float]:
    """The optima of some groups, by one program."""
    width, copies = len(able), len(groups)
    gain = np.zeros((copies, width))
    for k, members in enumerate(groups):
        gain[k, members] = 1.0
    answer = linprog(
        -gain.ravel(),
        A_ub=sp.block_diag([matrix] * copies, format="csr"),
        b_ub=np.tile(right, copies),
        bounds=np.column_stack([np.zeros(copies * width), np.tile(able, copies)]),
        method="highs",
    )
    if answer.status != 0:
        return [math.inf] * copies
    most = (gain * answer.x.reshape(copies, width)).sum(axis=1)
    return [float(value) * T_PER_KT * ROUNDING for value in most]
