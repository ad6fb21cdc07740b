"""Cases of any size, made from a real one: more or fewer sites, periods and futures, the rest as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np

from khovor.case import Case, Event, Lane, Option, Period, Plant, Scenario, Window

SEED = 1
"""What is drawn is drawn the same in every run."""

MOVED = 0.15
"""By how much, at most, the distances and costs of a copied site differ from those of the first."""

SPREAD = 0.1
"""Standard deviation of the logarithm of a product's price, where every future has prices of its own."""


def with_sites(case: Case, count: int) -> Case:
    """The case with so many places that have plants: candidates left out from the last, or copied in turn, nearby."""
    built = {plant.key.node for plant in case.plants}
    mines = [name for name, node in case.nodes.items() if node.kind == "deposit" and name in built]
    others = [name for name, node in case.nodes.items() if node.kind != "deposit" and name in built]
    kept = {*mines, *others[: count - len(mines)]}
    case = replace(case, plants=tuple(plant for plant in case.plants if plant.key.node in kept))
    drawn = np.random.default_rng(SEED)
    for number, node in enumerate(islice(cycle(others), max(count - len(built), 0))):
        case = _with_copy(case, node, f"{node}~{number}", drawn)
    return case


def _with_copy(case: Case, node: str, copy: str, drawn: np.random.Generator) -> Case:
    """A candidate site once more: its plants, offers, utilities and open lanes, and a road to the first."""

    def moved() -> float:
        return float(drawn.uniform(1.0 - MOVED, 1.0 + MOVED))

    touching = [lane for lane in case.lanes.values() if node in (lane.start, lane.end) and not lane.project]
    first = [lane for lane in touching if "~" not in lane.name]
    lanes = [_lane(lane, node, copy, moved()) for lane in first]
    road = next(lane for lane in case.lanes.values() if lane.mode == "road" and lane.both_ways and not lane.gate)
    lanes.append(replace(_scaled(road, moved()), name=f"{node}-{copy}", start=node, end=copy))
    near = {lane.name: new.name for lane, new in zip(first, lanes, strict=False)}
    return replace(
        case,
        nodes={**case.nodes, copy: replace(case.nodes[node], name=copy, label=copy)},
        lanes={**case.lanes, **{lane.name: lane for lane in lanes}},
        plants=(*case.plants, *(_plant(p, copy, moved()) for p in case.plants if p.key.node == node)),
        purchases=(*case.purchases, *(_elsewhere(p, copy) for p in case.purchases if p.key.node == node)),
        utilities=(*case.utilities, *(_elsewhere(u, copy) for u in case.utilities if u.key.node == node)),
        groups={name: (*members, *(near[m] for m in members if m in near)) for name, members in case.groups.items()},
    )


def _lane(lane: Lane, node: str, copy: str, factor: float) -> Lane:
    ends = [copy if end == node else end for end in (lane.start, lane.end)]
    return replace(_scaled(lane, factor), name=f"{lane.name} {copy}", start=ends[0], end=ends[1])


def _scaled(lane: Lane, factor: float) -> Lane:
    return replace(
        lane,
        distance_km=None if lane.distance_km is None else lane.distance_km * factor,
        freight_usd_t=lane.freight_usd_t * factor,
        days=lane.days * factor,
        co2_kg_t=lane.co2_kg_t * factor,
    )


def _plant(plant: Plant, copy: str, factor: float) -> Plant:
    def option(o: Option) -> Option:
        return replace(
            o,
            key=o.key._replace(node=copy),
            capex_musd=o.capex_musd * factor,
            fixed_opex_musd_y=o.fixed_opex_musd_y * factor,
            sustaining_musd_y=o.sustaining_musd_y * factor,
        )

    return replace(plant, key=plant.key._replace(node=copy), options=tuple(map(option, plant.options)))


def _elsewhere(thing: Any, copy: str) -> Any:
    """An offer or a step of a utility at another place."""
    return replace(thing, key=thing.key._replace(node=copy))


def with_periods(case: Case, count: int) -> Case:
    """The case with its years cut into so many periods, as even as they can be, the shorter ones first."""
    first, last = case.horizon.periods[0].start_year, case.horizon.last_year
    whole, longer = divmod(last - first + 1, count)
    years = [whole] * (count - longer) + [whole + 1] * longer
    starts = [first + sum(years[:t]) for t in range(count)]
    periods = [Period(f"from {start}", start, length, "") for start, length in zip(starts, years, strict=True)]
    return replace(case, horizon=replace(case.horizon, periods=tuple(periods)))


def with_likely_futures(case: Case, count: int) -> Case:
    """The case with so many of its own futures, the likely ones first, their odds scaled to add up to 1."""
    ranked = sorted(case.scenarios, key=lambda s: -s.probability)[:count]
    total = sum(s.probability for s in ranked)
    return replace(case, scenarios=tuple(replace(s, probability=s.probability / total) for s in ranked))


def with_drawn_futures(case: Case, count: int, *, own_prices: bool = False) -> Case:
    """The case with so many equally probable futures drawn from its own: what befalls each period is drawn by itself.

    A period from the first year of trouble on sees an episode of one of the futures, by their odds, or calm. With
    `own_prices` the price of every product sold moves as well, so that no two futures are alike in any period.
    """
    drawn = np.random.default_rng(SEED)
    episodes, odds = [_episode(s) for s in case.scenarios], [s.probability for s in case.scenarios]
    since = min(e.window.first for events in episodes for e in events)
    spans = [Window(p.start_year, p.span[-1]) for p in case.horizon.periods]
    sold = sorted({market.key.product for market in case.markets})

    def events() -> Iterator[Event]:
        for span in spans:
            if span.first >= since:
                befalls = episodes[drawn.choice(len(episodes), p=odds)]
                yield from (replace(event, window=span) for event in befalls)
            if own_prices:
                factors = np.exp(SPREAD * drawn.standard_normal(len(sold))).tolist()
                yield from (_price(product, span, f) for product, f in zip(sold, factors, strict=True))

    futures = [Scenario(f"F{n}", f"drawn {n}", 1.0 / count, tuple(events()), "") for n in range(count)]
    return replace(case, scenarios=tuple(futures))


def _episode(scenario: Scenario) -> list[Event]:
    """The events of a future's first time of trouble."""
    first = min((e.window for e in scenario.events), key=lambda w: w.first, default=None)
    return [event for event in scenario.events if event.window == first]


def _price(product: str, span: Window, factor: float) -> Event:
    return Event("product", product, span, 1.0, 1.0, factor, 1.0, 0.0, 0.0, "")
