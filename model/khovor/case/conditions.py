"""What a future does to each thing in each period: events resolved to lanes, gates, plants, markets and offers.

Factors multiply and default to 1; fees (USD/t) and days add up and default to 0. A year range that covers part of a
period counts by its share of the period's years: effective factor = 1 + share x (factor - 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from khovor.case.domain import Case, Event, Lane, LegKey, Scenario

Aspect = Literal["capacity", "cost", "price", "demand", "fee", "days"]


class Hit(NamedTuple):
    """One aspect of one thing: kind is lane, leg, gate, plant, product, market, purchase or utility."""

    aspect: Aspect
    kind: str
    key: Hashable


@dataclass(frozen=True, slots=True)
class Conditions:
    """The effects of one scenario, by period."""

    effects: dict[Hit, tuple[float, ...]]

    def factor(self, aspect: Aspect, kind: str, key: Hashable, t: int) -> float:
        """The factor on an aspect of a thing in period t; 1 where no event touches it."""
        effect = self.effects.get(Hit(aspect, kind, key))
        return 1.0 if effect is None else effect[t]

    def at(self, t: int) -> frozenset[tuple[Hit, float]]:
        """All that is out of the ordinary in period t: equal for two futures exactly when they are alike then."""
        return frozenset((hit, values[t]) for hit, values in self.effects.items() if values[t] != neutral(hit.aspect))

    def extra(self, aspect: Literal["fee", "days"], leg: LegKey, t: int) -> float:
        """What events add to the fee (USD/t) or the days of a leg in period t."""
        effect = self.effects.get(Hit(aspect, "leg", leg))
        return 0.0 if effect is None else effect[t]


def conditions(case: Case, scenario: Scenario) -> Conditions:
    """Resolve every event of a scenario on a case."""
    if scenario.mean_of:
        return _mean(case, scenario.mean_of)
    factors: dict[Hit, list[float]] = defaultdict(lambda: [1.0] * len(case.horizon.periods))
    extras: dict[Hit, list[float]] = defaultdict(lambda: [0.0] * len(case.horizon.periods))
    for event in scenario.events:
        shares = [case.horizon.share(t, event.window) for t in case.horizon.indices]
        for hit, value in _hits(case, event):
            if hit.aspect in ("fee", "days"):
                extras[hit] = [old + share * value for old, share in zip(extras[hit], shares, strict=True)]
            else:
                pairs = zip(factors[hit], shares, strict=True)
                factors[hit] = [old * (1.0 + share * (value - 1.0)) for old, share in pairs]
    return Conditions({hit: tuple(values) for hit, values in (factors | extras).items()})


def _mean(case: Case, futures: Sequence[Scenario]) -> Conditions:
    """The mean of the conditions of some futures, by their probabilities."""
    told = [conditions(case, future).effects for future in futures]
    odds = [future.probability / sum(f.probability for f in futures) for future in futures]
    mean = {}
    for hit in dict.fromkeys(hit for effects in told for hit in effects):
        plain = (neutral(hit.aspect),) * len(case.horizon.periods)
        values = zip(*(effects.get(hit, plain) for effects in told), strict=True)
        mean[hit] = tuple(sum(p * value for p, value in zip(odds, at, strict=True)) for at in values)
    return Conditions(mean)


def _hits(case: Case, event: Event) -> Iterator[tuple[Hit, float]]:
    members = case.groups[event.target] if event.target_type == "group" else (event.target,)
    for member in dict.fromkeys(members):
        kind = member_kind(case, member) if event.target_type == "group" else event.target_type
        yield from ((hit, value) for hit, value in RESOLVERS[kind](case, event, member) if value != neutral(hit.aspect))


def member_kind(case: Case, member: str) -> Literal["gate", "lane", "territory"]:
    """What a member of a group is."""
    return "gate" if member in case.gates else "lane" if member in case.lanes else "territory"


def neutral(aspect: Aspect) -> float:
    """What an aspect is where no event touches it: fees and days add up, all else multiplies."""
    return 0.0 if aspect in ("fee", "days") else 1.0


def _on_lanes(event: Event, lanes: Iterable[Lane]) -> Iterator[tuple[Hit, float]]:
    for lane in lanes:
        yield Hit("capacity", "lane", lane.name), event.capacity_factor
        yield Hit("cost", "lane", lane.name), event.cost_factor


def _on_legs(event: Event, legs: Iterable[LegKey]) -> Iterator[tuple[Hit, float]]:
    for leg in legs:
        yield Hit("fee", "leg", leg), event.add_fee_usd_t
        yield Hit("days", "leg", leg), event.add_days


def _legs(lanes: Iterable[Lane]) -> Iterator[LegKey]:
    return (leg for lane in lanes for leg in lane.legs)


def _lane(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield from _on_lanes(event, [case.lanes[target]])
    yield from _on_legs(event, case.lanes[target].legs)


def _mode(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    lanes = [lane for lane in case.lanes.values() if lane.mode == target]
    yield from _on_lanes(event, lanes)
    yield from _on_legs(event, _legs(lanes))


def _gate(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield Hit("capacity", "gate", target), event.capacity_factor
    lanes = [lane for lane in case.lanes.values() if lane.gate == target]
    for lane in lanes:
        yield Hit("cost", "lane", lane.name), event.cost_factor
    yield from _on_legs(event, _legs(lanes))


def _territory(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    def inside(node: str) -> bool:
        return case.nodes[node].territory == target

    touching = [lane for lane in case.lanes.values() if inside(lane.start) or inside(lane.end) or target in lane.over]
    yield from _on_lanes(event, touching)
    entering = (
        leg
        for lane in touching
        for leg in lane.legs
        if not inside(leg.start) and (inside(leg.end) or target in lane.over)
    )
    yield from _on_legs(event, entering)
    yield from _on_trade(case, event, lambda node, product: inside(node))


def _node(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    touching = [lane for lane in case.lanes.values() if target in (lane.start, lane.end)]
    yield from _on_lanes(event, touching)
    yield from _on_legs(event, (leg for leg in _legs(touching) if leg.end == target))
    yield from _on_plants(case, event, lambda node, process: node == target)
    yield from _on_trade(case, event, lambda node, product: node == target)
    for step in case.utilities:
        if step.key.node == target:
            yield Hit("price", "utility", step.key), event.price_factor


def _process(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield from _on_plants(case, event, lambda node, process: process == target)


def _product(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield Hit("cost", "product", target), event.cost_factor
    yield from _on_trade(case, event, lambda node, product: product == target)


def _market(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield from _on_trade(case, event, lambda node, product: target in (node, f"{node}:{product}"), "market")


def _purchase(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    yield from _on_trade(case, event, lambda node, product: target in (node, f"{node}:{product}"), "purchase")


def _utility(case: Case, event: Event, target: str) -> Iterator[tuple[Hit, float]]:
    for step in case.utilities:
        if target in (step.key.node, step.key.utility, f"{step.key.node}:{step.key.utility}"):
            yield Hit("capacity", "utility", step.key), event.capacity_factor
            yield Hit("price", "utility", step.key), event.price_factor


def _on_plants(case: Case, event: Event, chosen: Callable[[str, str], bool]) -> Iterator[tuple[Hit, float]]:
    for place in dict.fromkeys((plant.key.node, plant.key.process) for plant in case.plants):
        if chosen(*place):
            yield Hit("capacity", "plant", place), event.capacity_factor
            yield Hit("cost", "plant", place), event.cost_factor


def _on_trade(
    case: Case, event: Event, chosen: Callable[[str, str], bool], only: str = ""
) -> Iterator[tuple[Hit, float]]:
    trades = [("market", m.key) for m in case.markets] + [("purchase", p.key) for p in case.purchases]
    for kind, key in trades:
        if only in ("", kind) and chosen(key.node, key.product):
            yield Hit("price", kind, key), event.price_factor
            yield Hit("demand", kind, key), event.demand_factor


RESOLVERS: dict[str, Callable[[Case, Event, str], Iterator[tuple[Hit, float]]]] = {
    "lane": _lane,
    "gate": _gate,
    "mode": _mode,
    "territory": _territory,
    "node": _node,
    "process": _process,
    "product": _product,
    "market": _market,
    "purchase": _purchase,
    "utility": _utility,
}
