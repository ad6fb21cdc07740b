"""Which (place, commodity) pairs can matter: reachable forward from a source and backward from an outlet.

A pair matters in a period when the commodity can be there and, from there, reach a market, a plant whose every output
has an outlet in turn, or a stockpile, which is a place to leave things. What does not matter is never built.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from khovor.case import Commodity, Lane
from khovor.network.parts import Parts

Place = tuple[str, Commodity]

Ways = dict[str, dict[str, list[str]]]
"""By transport class and node, the nodes at the other ends of open lanes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Per period: where commodities can be (`present`), whence they can get out (`outlets`), what can run (`live`)."""

    present: tuple[frozenset[Place], ...]
    outlets: tuple[frozenset[Place], ...]
    live: tuple[frozenset[int], ...]


def reach(parts: Parts) -> Reach:
    """The largest set of pairs and activities that support one another."""
    live = [set(running) for running in parts.running]
    while True:
        present = _present(parts, live)
        outlets = _outlets(parts, live, present)
        kept = [
            {x for x in live[t] if _supported(parts, x, present[t], outlets[t])} for t in parts.case.horizon.indices
        ]
        if kept == live:
            return Reach(
                tuple(frozenset(p) for p in present),
                tuple(frozenset(o) for o in outlets),
                tuple(frozenset(x) for x in live),
            )
        live = kept


def _supported(parts: Parts, x: int, present: Collection[Place], outlets: Collection[Place]) -> bool:
    activity = parts.activities[x]
    fed = all((activity.node, c) in present for c in activity.inputs)
    return fed and all((activity.node, c) in outlets or _disposable(parts, c) for c in activity.outputs)


def _disposable(parts: Parts, commodity: Commodity) -> bool:
    return parts.case.products[commodity.product].disposal_usd_t is not None


def _present(parts: Parts, live: list[set[int]]) -> list[set[Place]]:
    """Forward, period by period: what is stored may still be there later."""
    stored, stores = _initial_stock(parts), _stores(parts)
    result = []
    for t in parts.case.horizon.indices:
        found = set(stored)
        fresh = list(found | _bought(parts, t))
        found.update(fresh)
        waiting, ways = _waiting(parts, live[t]), _ahead(parts, t, onward=True)
        for x in [x for x in live[t] if not parts.activities[x].inputs]:
            _add(((parts.activities[x].node, c) for c in parts.activities[x].outputs), found, fresh)
        while fresh:
            place = fresh.pop()
            _add(_next(parts, place, ways), found, fresh)
            for x in waiting.get(place, ()):
                activity = parts.activities[x]
                if all((activity.node, c) in found for c in activity.inputs):
                    _add(((activity.node, c) for c in activity.outputs), found, fresh)
        stored |= {(node, c) for node, c in found if (node, c.product) in stores}
        result.append(found)
    return result


def _outlets(parts: Parts, live: list[set[int]], present: list[set[Place]]) -> list[set[Place]]:
    """Backward: what is sold, used or stored is out; a stockpile may keep for good what nobody takes."""
    stores = _stores(parts)
    result: list[set[Place]] = []
    for t in parts.case.horizon.indices:
        found = {(node, c) for node, c in present[t] if (node, c.product) in stores}
        fresh = list(found | (_sold(parts, t) & present[t]))
        found.update(fresh)
        pending = {
            x for x in live[t] if all((parts.activities[x].node, c) in present[t] for c in parts.activities[x].inputs)
        }
        pending -= _release(parts, pending, found, fresh)
        ways = _ahead(parts, t, onward=False)
        while fresh:
            _add((p for p in _next(parts, fresh.pop(), ways) if p in present[t]), found, fresh)
            if not fresh:
                pending -= _release(parts, pending, found, fresh)
        result.append(found)
    return result


def _release(parts: Parts, pending: Iterable[int], found: set[Place], fresh: list[Place]) -> set[int]:
    """Activities all of whose outputs now have an outlet: their inputs have one too."""
    released = set()
    for x in pending:
        activity = parts.activities[x]
        if all((activity.node, c) in found or _disposable(parts, c) for c in activity.outputs):
            released.add(x)
            _add(((activity.node, c) for c in activity.inputs), found, fresh)
    return released


def _add(places: Iterable[Place], found: set[Place], fresh: list[Place]) -> None:
    for place in places:
        if place not in found:
            found.add(place)
            fresh.append(place)


def _waiting(parts: Parts, live: Iterable[int]) -> dict[Place, list[int]]:
    waiting: dict[Place, list[int]] = defaultdict(list)
    for x in live:
        for commodity in parts.activities[x].inputs:
            waiting[parts.activities[x].node, commodity].append(x)
    return waiting


def _ahead(parts: Parts, t: int, *, onward: bool) -> Ways:
    """By transport class and node, where open lanes lead from it, or else whence they come to it."""
    lanes = parts.lanes_from if onward else parts.lanes_into
    ways: Ways = {}
    for goods in {product.transport_class for product in parts.case.products.values()}:
        ways[goods] = {
            node: [leg.end if onward else leg.start for leg, lane in legs if _open(parts, lane, t, goods)]
            for node, legs in lanes.items()
        }
    return ways


def _open(parts: Parts, lane: Lane, t: int, goods: str) -> bool:
    return lane.name in parts.open_lanes[t] and lane.carries(goods)


def _next(parts: Parts, place: Place, ways: Ways) -> Iterable[Place]:
    node, commodity = place
    ends = ways[parts.case.products[commodity.product].transport_class].get(node, ())
    return [(end, commodity) for end in ends]


def _bought(parts: Parts, t: int) -> set[Place]:
    return {
        (p.key.node, Commodity(p.key.product, p.origin))
        for p in parts.case.purchases
        if p.max_t_y != 0 and parts.case.horizon.share(t, p.window) > 0
    }


def _sold(parts: Parts, t: int) -> set[Place]:
    return {
        (m.key.node, Commodity(m.key.product, origin))
        for m in parts.case.markets
        if m.max_t_y != 0 and parts.case.horizon.share(t, m.window) > 0
        for origin in m.content
    }


def _stores(parts: Parts) -> set[tuple[str, str]]:
    return {(s.node, s.product) for s in parts.case.stockpiles}


def _initial_stock(parts: Parts) -> set[Place]:
    return {(s.node, Commodity(s.product, "")) for s in parts.case.stockpiles if s.initial_t > 0}
