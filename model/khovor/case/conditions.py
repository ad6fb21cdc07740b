"""What a future does to each thing in each period: events resolved to lanes, gates, plants, markets and offers.

Factors multiply and default to 1; fees (USD/t) and days add up and default to 0. A year range that covers part of a
period counts by its share of the period's years: effective factor = 1 + share x (factor - 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from khovor.case.domain import Case, Event, Lane, LegKey, Scenario
from khovor.case.years import Window

Aspect = Literal["capacity", "cost", "price", "demand", "fee", "days"]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

COLUMNS: Final = ("capacity_factor", "cost_factor", "price_factor", "demand_factor", "add_fee_usd_t", "add_days")
"""Columns of events that say what happens."""

_said = attrgetter(*COLUMNS)

ADDED: Final = ("add_fee_usd_t", "add_days")
"""Columns of events that add up; all others multiply."""


class Hit(NamedTuple):
    """One aspect of one thing: kind is lane, leg, gate, plant, product, market, purchase or utility."""

    aspect: Aspect
    kind: str
    key: Hashable


Reach = tuple[Hit, str]
"""What an event on a target hits, and by which of its columns."""


class Struck(NamedTuple):
    """Hits in periods, by their places and each once, and what they are multiplied by (or gain, where `adds`)."""

    places: Places
    factors: Floats
    adds: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """The effects of one scenario, by period."""

    effects: dict[Hit, tuple[float, ...]]

    def factor(self, aspect: Aspect, kind: str, key: Hashable, t: int) -> float:
        """The factor on an aspect of a thing in period t; 1 where no event touches it."""
        effect = self.effects.get(Hit(aspect, kind, key))
        return 1.0 if effect is None else effect[t]

    def extra(self, aspect: Literal["fee", "days"], leg: LegKey, t: int) -> float:
        """What events add to the fee (USD/t) or the days of a leg in period t."""
        effect = self.effects.get(Hit(aspect, "leg", leg))
        return 0.0 if effect is None else effect[t]


def conditions(case: Case, scenario: Scenario) -> Conditions:
    """Resolve every event of a scenario on a case."""
    resolver = Resolver(case)
    values = resolver.values(scenario)
    told = zip(resolver.hits, map(tuple, values.tolist()), strict=True)
    return Conditions({hit: path for hit, path in told if any(factor != neutral(hit.aspect) for factor in path)})


class Resolver:
    """Resolves the events of many futures of a case: what a target reaches is looked up once for all of them.

    `hits` are those that any event of a resolved future could touch, in the order in which they were met.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._places: dict[Hit, int] = {}
        self._reached: dict[tuple[str, str], dict[str, list[Places]]] = {}
        self._shares: dict[Window, Floats] = {}
        self._met: dict[tuple[object, ...], list[Struck]] = {}
        self._neutral: list[float] = []

    @property
    def hits(self) -> list[Hit]:
        """The aspects of things that futures may touch."""
        return list(self._places)

    def values(self, scenario: Scenario) -> Floats:
        """The effects of a scenario on every hit (row) in each period; hits that are met later are left out."""
        if scenario.mean_of:
            return self._mean(scenario.mean_of)
        struck = [told for event in scenario.events for told in self._struck(event)]
        values = self._plain()
        for change, told in (
            (np.multiply, [one for one in struck if not one.adds]),
            (np.add, [one for one in struck if one.adds]),
        ):
            if told:
                places, factors = (np.concatenate([one[k] for one in told]) for k in (0, 1))
                change.at(values.reshape(-1), places, factors)  # one after the other, in the order of the events
        return values

    def _plain(self) -> Floats:
        for hit in self.hits[len(self._neutral) :]:
            self._neutral.append(neutral(hit.aspect))
        return np.repeat(np.array(self._neutral).reshape(-1, 1), len(self._case.horizon.periods), axis=1)

    def _struck(self, event: Event) -> list[Struck]:
        """All that an event does; events that tell the same, of many futures, do it once."""
        years = event.window
        told = (event.target_type, event.target, years.first, years.last, *_said(event))
        found = self._met.get(told)
        if found is None:
            found = self._met[told] = list(self._strikes(event))
        return found

    def _strikes(self, event: Event) -> Iterator[Struck]:
        target = event.target_type, event.target
        if target not in self._reached:
            self._reached[target] = self._layers(*target)
        if event.window not in self._shares:
            told = [self._case.horizon.share(t, event.window) for t in self._case.horizon.indices]
            self._shares[event.window] = np.array(told)
        shares, periods = self._shares[event.window], len(self._case.horizon.periods)
        touched = np.flatnonzero(shares)
        for column, layers in self._reached[target].items():
            value, adds = getattr(event, column), column in ADDED
            if value != (0.0 if adds else 1.0):
                factors = (shares * value if adds else 1.0 + shares * (value - 1.0))[touched]
                for places in layers:
                    within = (places.reshape(-1, 1) * periods + touched).ravel()
                    yield Struck(within, np.tile(factors, len(places)), adds)

    def _layers(self, target_type: str, target: str) -> dict[str, list[Places]]:
        """By column of events, the hits of a target: those that it hits twice (as a member, and by its gate) again."""
        times: dict[tuple[str, Hit], int] = defaultdict(int)
        layers: dict[str, list[list[int]]] = defaultdict(list)
        for hit, column in _hits(self._case, target_type, target):
            layer = times[column, hit]
            times[column, hit] += 1
            if layer == len(layers[column]):
                layers[column].append([])
            layers[column][layer].append(self._places.setdefault(hit, len(self._places)))
        return {column: [np.array(places) for places in told] for column, told in layers.items()}

    def _mean(self, futures: Sequence[Scenario]) -> Floats:
        """The mean of the effects of some futures, by their probabilities."""
        told = [self.values(future) for future in futures]
        odds = [future.probability / sum(f.probability for f in futures) for future in futures]
        mean = np.zeros((len(self._places), len(self._case.horizon.periods)))
        for p, values in zip(odds, told, strict=True):
            mean += p * np.concatenate([values, self._plain()[len(values) :]])
        return mean


def _hits(case: Case, target_type: str, target: str) -> Iterator[Reach]:
    members = case.groups[target] if target_type == "group" else (target,)
    for member in dict.fromkeys(members):
        kind = member_kind(case, member) if target_type == "group" else target_type
        yield from RESOLVERS[kind](case, member)


def member_kind(case: Case, member: str) -> Literal["gate", "lane", "territory"]:
    """What a member of a group is."""
    return "gate" if member in case.gates else "lane" if member in case.lanes else "territory"


def neutral(aspect: Aspect) -> float:
    """What an aspect is where no event touches it: fees and days add up, all else multiplies."""
    return 0.0 if aspect in ("fee", "days") else 1.0


def _on_lanes(lanes: Iterable[Lane]) -> Iterator[Reach]:
    for lane in lanes:
        yield Hit("capacity", "lane", lane.name), "capacity_factor"
        yield Hit("cost", "lane", lane.name), "cost_factor"


def _on_legs(legs: Iterable[LegKey]) -> Iterator[Reach]:
    for leg in legs:
        yield Hit("fee", "leg", leg), "add_fee_usd_t"
        yield Hit("days", "leg", leg), "add_days"


def _legs(lanes: Iterable[Lane]) -> Iterator[LegKey]:
    return (leg for lane in lanes for leg in lane.legs)


def _lane(case: Case, target: str) -> Iterator[Reach]:
    yield from _on_lanes([case.lanes[target]])
    yield from _on_legs(case.lanes[target].legs)


def _mode(case: Case, target: str) -> Iterator[Reach]:
    lanes = [lane for lane in case.lanes.values() if lane.mode == target]
    yield from _on_lanes(lanes)
    yield from _on_legs(_legs(lanes))


def _gate(case: Case, target: str) -> Iterator[Reach]:
    yield Hit("capacity", "gate", target), "capacity_factor"
    lanes = [lane for lane in case.lanes.values() if lane.gate == target]
    for lane in lanes:
        yield Hit("cost", "lane", lane.name), "cost_factor"
    yield from _on_legs(_legs(lanes))


def _territory(case: Case, target: str) -> Iterator[Reach]:
    def inside(node: str) -> bool:
        return case.nodes[node].territory == target

    touching = [lane for lane in case.lanes.values() if inside(lane.start) or inside(lane.end) or target in lane.over]
    yield from _on_lanes(touching)
    entering = (
        leg
        for lane in touching
        for leg in lane.legs
        if not inside(leg.start) and (inside(leg.end) or target in lane.over)
    )
    yield from _on_legs(entering)
    yield from _on_trade(case, lambda node, product: inside(node))


def _node(case: Case, target: str) -> Iterator[Reach]:
    touching = [lane for lane in case.lanes.values() if target in (lane.start, lane.end)]
    yield from _on_lanes(touching)
    yield from _on_legs(leg for leg in _legs(touching) if leg.end == target)
    yield from _on_plants(case, lambda node, process: node == target)
    yield from _on_trade(case, lambda node, product: node == target)
    for step in case.utilities:
        if step.key.node == target:
            yield Hit("price", "utility", step.key), "price_factor"


def _process(case: Case, target: str) -> Iterator[Reach]:
    yield from _on_plants(case, lambda node, process: process == target)


def _product(case: Case, target: str) -> Iterator[Reach]:
    yield Hit("cost", "product", target), "cost_factor"
    yield from _on_trade(case, lambda node, product: product == target)


def _market(case: Case, target: str) -> Iterator[Reach]:
    yield from _on_trade(case, lambda node, product: target in (node, f"{node}:{product}"), "market")


def _purchase(case: Case, target: str) -> Iterator[Reach]:
    yield from _on_trade(case, lambda node, product: target in (node, f"{node}:{product}"), "purchase")


def _utility(case: Case, target: str) -> Iterator[Reach]:
    for step in case.utilities:
        if target in (step.key.node, step.key.utility, f"{step.key.node}:{step.key.utility}"):
            yield Hit("capacity", "utility", step.key), "capacity_factor"
            yield Hit("price", "utility", step.key), "price_factor"


def _on_plants(case: Case, chosen: Callable[[str, str], bool]) -> Iterator[Reach]:
    for place in dict.fromkeys((plant.key.node, plant.key.process) for plant in case.plants):
        if chosen(*place):
            yield Hit("capacity", "plant", place), "capacity_factor"
            yield Hit("cost", "plant", place), "cost_factor"


def _on_trade(case: Case, chosen: Callable[[str, str], bool], only: str = "") -> Iterator[Reach]:
    trades = [("market", m.key) for m in case.markets] + [("purchase", p.key) for p in case.purchases]
    for kind, key in trades:
        if only in ("", kind) and chosen(key.node, key.product):
            yield Hit("price", kind, key), "price_factor"
            yield Hit("demand", kind, key), "demand_factor"


RESOLVERS: dict[str, Callable[[Case, str], Iterator[Reach]]] = {
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
