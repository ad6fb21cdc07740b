"""First entries: on which shipments goods of home enter a territory for the first time, as far as the network tells.

At most places all goods there have been in the territory, or none has; where both can be, a shipment does not tell, and
the formulation parts what leaves there (`formulation/entries.py`). Goods that never were at home count as having been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from khovor.case import Case, Commodity, home_goods, way_in
from khovor.network.derive import Network

Place = tuple[str, Commodity]
"""A commodity at a node."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What enters a territory: `ways` {pair: way in} of every pair that does, whatever its goods did before.

    `fresh` are the places where goods of home can be that have not been in the territory, `mixed` those of them where
    other goods can be as well.
    """

    ways: dict[int, str]
    fresh: frozenset[Place]
    mixed: frozenset[Place]


def first_entries(network: Network, territory: str) -> Entries:
    """What can enter a territory for the first time, over the pairs of the network.

    A stockpile forgets: what is drawn from one outside the territory counts as not having been there, so that what
    enters is never counted too low; what is drawn from one inside, as having been.
    """
    case = network.case
    ways = {i: how for i, pair in enumerate(network.pairs) if (how := way_in(case, pair.leg, territory))}
    sources = home_goods(case)
    goods = {commodity for _, commodity in sources}
    piles = {(n, Commodity(p, o)) for n, p, o, _ in network.stocks if Commodity(p, o) in goods}
    outside = {pile for pile in piles if case.nodes[pile[0]].territory != territory}
    fresh = _reached(network, sources | outside, lambda i: i not in ways)
    entered = {_end(network, i) for i in ways if _start(network, i) in fresh}
    other = _reached(network, entered | (piles - outside) | _foreign(case, goods), lambda i: True)
    return Entries(ways, frozenset(fresh), frozenset(fresh & other))


def _start(network: Network, i: int) -> Place:
    return network.pairs[i].leg.start, network.pairs[i].commodity


def _end(network: Network, i: int) -> Place:
    return network.pairs[i].leg.end, network.pairs[i].commodity


def _foreign(case: Case, goods: set[Commodity]) -> set[Place]:
    """Where abroad goods are made that are made at home as well."""
    home = case.terms.home_territory
    plants = (plant for plant in case.plants if case.nodes[plant.key.node].territory != home)
    return {(p.key.node, c) for p in plants for r in p.recipes for c, t in r.balance.items() if t > 0 and c in goods}


def _reached(network: Network, seeds: Iterable[Place], passes: Callable[[int], bool]) -> set[Place]:
    """The places that goods come to from these, over the pairs that `passes` allows."""
    onward: dict[Place, list[Place]] = {}
    for i in filter(passes, range(len(network.pairs))):
        onward.setdefault(_start(network, i), []).append(_end(network, i))
    reached = set(seeds)
    ahead = list(reached)
    while ahead:
        for place in onward.get(ahead.pop(), ()):
            if place not in reached:
                reached.add(place)
                ahead.append(place)
    return reached
