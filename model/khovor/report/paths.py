"""Flows taken apart into paths: how each tonne travels from where it is made or bought to where it is sold or used.

Flows of one commodity in one period and future are a network with losses. Paths are peeled off it one by one, each from
a node with supply left, along the largest flows left, to the first node with demand left. Circulation is left over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from khovor.case import Case, Commodity, LegKey
from khovor.solution import Solution

TINY_T = 1e-3
"""Tonnes a year below which a remainder is rounding."""

Group = tuple[str, str, str, str]
"""Product, origin, period, future."""


@dataclass(frozen=True, slots=True)
class Path:
    """Tonnes a year (at departure) of a commodity that travel one way, in one period and future.

    `sold` says whether the path ends in a sale; else a plant, a stockpile or a tip takes the goods in.
    """

    commodity: Commodity
    period: str
    scenario: str
    legs: tuple[LegKey, ...]
    t_y: float
    sold: bool

    @property
    def start(self) -> str:
        """Where it begins."""
        return self.legs[0].start

    @property
    def end(self) -> str:
        """Where it ends."""
        return self.legs[-1].end

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every place it passes, both ends included."""
        return (self.start, *(leg.end for leg in self.legs))


@dataclass(slots=True)
class _Flow:
    legs: dict[LegKey, float] = field(default_factory=dict)
    supply: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    sales: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    uses: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def wants(self, node: str) -> bool:
        """Whether demand is left at a node."""
        return self.sales.get(node, 0.0) > TINY_T or self.uses.get(node, 0.0) > TINY_T


def paths(case: Case, solution: Solution) -> list[Path]:
    """Every path of a plan, group by group in the order of the flows table."""
    found = []
    for (product, origin, period, scenario), flow in _flows(case, solution).items():
        for legs, tonnes, sold in _peel(case, flow):
            found.append(Path(Commodity(product, origin), period, scenario, legs, tonnes, sold))
    return found


def _flows(case: Case, solution: Solution) -> dict[Group, _Flow]:
    """What moves, comes from and goes to each place, by group; only of what moves at all."""
    flows: dict[Group, _Flow] = defaultdict(_Flow)
    for lane, start, end, *group, t_y in solution.flows.itertuples(index=False):
        flows[tuple(group)].legs[LegKey(lane, start, end)] = t_y
    for r in solution.sales.itertuples(index=False):
        flows[r.product, r.origin, r.period, r.scenario].sales[r.node] += r.t_y
    for r in solution.purchases.itertuples(index=False):
        flows[r.product, r.origin, r.period, r.scenario].supply[r.node] += r.t_y
    for r in solution.disposals.itertuples(index=False):
        flows[r.product, r.origin, r.period, r.scenario].uses[r.node] += r.t_y
    for group, node, t_y in (*processed(case, solution), *stock_changes(case, solution)):
        (flows[group].supply if t_y > 0 else flows[group].uses)[node] += abs(t_y)
    return {group: flow for group, flow in flows.items() if flow.legs}


def processed(case: Case, solution: Solution) -> Iterator[tuple[Group, str, float]]:
    """(group, place, t/y) that plants make (positive) and take in (negative)."""
    recipes = {(*plant.key, r.name, r.origin): r for plant in case.plants for r in plant.recipes}
    for r in solution.activity.itertuples(index=False):
        for commodity, amount in recipes[r.node, r.process, r.sizes, r.recipe, r.origin].balance.items():
            yield (*commodity, r.period, r.scenario), r.node, amount * r.t_y


def stock_changes(case: Case, solution: Solution) -> Iterator[tuple[Group, str, float]]:
    """(group, place, t/y) drawn from stockpiles (positive) and put into them (negative)."""
    held = {tuple(key): t for *key, t in solution.stocks.itertuples(index=False)}
    first = {(s.node, s.product, ""): s.initial_t for s in case.stockpiles if s.initial_t}
    for node, product, origin in sorted({key[:3] for key in held} | set(first)):
        for scenario in (s.name for s in case.scenarios):
            before = first.get((node, product, origin), 0.0)
            for period in case.horizon.periods:
                after = held.get((node, product, origin, period.name, scenario), 0.0)
                if after != before:
                    yield (product, origin, period.name, scenario), node, (before - after) / period.years
                before = after


def _peel(case: Case, flow: _Flow) -> Iterator[tuple[tuple[LegKey, ...], float, bool]]:
    """Paths of one flow; what a node supplies to itself never travels."""
    for node in list(flow.supply):
        for sinks in (flow.uses, flow.sales):
            own = min(flow.supply[node], sinks.get(node, 0.0))
            flow.supply[node] -= own
            sinks[node] -= own
    out: dict[str, list[LegKey]] = defaultdict(list)
    for leg in flow.legs:
        out[leg.start].append(leg)
    for start in sorted(out, key=lambda n: -flow.supply.get(n, 0.0)):
        while flow.supply.get(start, 0.0) > TINY_T:
            legs = _walk(flow, out, start)
            if not legs:
                break
            yield _take(case, flow, legs)


def _walk(flow: _Flow, out: dict[str, list[LegKey]], start: str) -> tuple[LegKey, ...]:
    """Legs to a node that wants the goods, along the largest flows left, turning back at dead ends; empty if none."""

    def onward(node: str) -> Iterator[LegKey]:
        return iter(sorted((x for x in out[node] if flow.legs[x] > TINY_T), key=lambda x: -flow.legs[x]))

    legs: list[LegKey] = []
    seen, ahead = {start}, [onward(start)]
    while ahead:
        leg = next(ahead[-1], None)
        if leg is None:
            ahead.pop()
            legs = legs[: len(ahead) - 1]
        elif leg.end not in seen:
            seen.add(leg.end)
            legs.append(leg)
            if flow.wants(leg.end):
                return tuple(legs)
            ahead.append(onward(leg.end))
    return ()


def _take(case: Case, flow: _Flow, legs: tuple[LegKey, ...]) -> tuple[tuple[LegKey, ...], float, bool]:
    """Take the most these legs can carry out of the flow; a node's sales are served before its uses."""
    sold = flow.sales.get(legs[-1].end, 0.0) > TINY_T
    sinks = flow.sales if sold else flow.uses
    kept = [1.0]
    for leg in legs:
        kept.append(kept[-1] * (1.0 - case.lanes[leg.lane].loss_share))
    most = min(flow.supply[legs[0].start], *(flow.legs[leg] / k for leg, k in zip(legs, kept, strict=False) if k))
    if kept[-1]:
        most = min(most, sinks[legs[-1].end] / kept[-1])
    for leg, k in zip(legs, kept, strict=False):
        flow.legs[leg] -= most * k
    flow.supply[legs[0].start] -= most
    sinks[legs[-1].end] -= most * kept[-1]
    return legs, most, sold
