"""The network of a case: sparse, sorted index lists of everything that can matter, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from khovor.case import Case, Commodity, Lane, LegKey, Market, Outlook
from khovor.memory import collection_paused
from khovor.network.bounds import slack_reserves, supply_bounds
from khovor.network.parts import Activity, Parts, parts_of
from khovor.network.reach import Reach, reach
from khovor.network.throughput import Group, throughput


@dataclass(frozen=True, slots=True)
class Pair:
    """A commodity on a leg: what a `ship` variable measures."""

    leg: LegKey
    lane: Lane
    commodity: Commodity


@dataclass(frozen=True, slots=True)
class Offer:
    """A commodity at a market tier: what a `sell` variable measures."""

    market: Market
    commodity: Commodity


Legs = tuple[int, ...]
"""Places in `Network.pairs`, in the order of travel."""


@dataclass(frozen=True, slots=True)
class Contraction:
    """The corridors of a network, sorted, each with its period: every shipment goes on one of these.

    `passed` are the places (node, product, origin, period) that are gone, as their balance says nothing any more;
    `places` counts all that any shipment touches.
    """

    corridors: tuple[tuple[Legs, int], ...]
    passed: frozenset[tuple[str, str, str, int]]
    places: int


@dataclass(frozen=True)
class Network:
    """Index lists (each entry carries the periods, as places, in which it exists) and tight bounds [t/y].

    `acts`, `ships`, `sells`, `buys`, `dumps`, `stocks` are (thing, period) pairs that index the variables; things
    are places in `activities`, `pairs`, `offers`, `case.purchases`, and (node, commodity) for the last two. `contract`:
    whether chains of places that only pass goods on are contracted; `pruned` is what pruning did (see `sizes`).
    """

    case: Case
    activities: tuple[Activity, ...]
    pairs: tuple[Pair, ...]
    offers: tuple[Offer, ...]
    acts: tuple[tuple[int, int], ...]
    ships: tuple[tuple[int, int], ...]
    sells: tuple[tuple[int, int], ...]
    buys: tuple[tuple[int, int], ...]
    dumps: tuple[tuple[str, str, str, int], ...]
    stocks: tuple[tuple[str, str, str, int], ...]
    act_bounds: dict[tuple[int, int], float]
    supply: tuple[dict[Commodity, float], ...]
    slack_reserves: frozenset[int]
    pruned: tuple[tuple[str, int, int], ...]
    reached: Reach
    outlook: Outlook
    contract: bool = True

    @cached_property
    def contraction(self) -> Contraction:
        """What shipments go on, once what only passes goods on is contracted; found when first asked for."""
        from khovor.network.contraction import contraction, uncontracted  # they work from a network

        with collection_paused():
            return contraction(self) if self.contract else uncontracted(self)

    def on_legs(self, legs: Legs) -> Iterator[tuple[int, float]]:
        """What goes on each leg of a corridor, of a unit at departure: what the legs before have not lost."""
        share = 1.0
        for i in legs:
            yield i, share
            share *= 1.0 - self.pairs[i].lane.loss_share

    @property
    def sizes(self) -> tuple[tuple[str, int, int], ...]:
        """What was left out before the build: (what, before, after)."""
        found = self.contraction
        return (
            *self.pruned,
            ("shipments: legs, then corridors", len(self.ships), len(found.corridors)),
            ("places goods come to: commodity, period", found.places, found.places - len(found.passed)),
        )

    @cached_property
    def throughput(self) -> tuple[dict[Group, float], ...]:
        """By period, the most of each process, origin and recipe in any future [t/y]; found when first asked for."""
        return throughput(self.case, self.reached, self.outlook)

    @property
    def separable(self) -> bool:
        """Whether nothing ties the operation of one period to another: no stock, no reserve that could run out, no
        loss carried on."""
        tied = self.stocks or self.case.fiscal.ties
        return not tied and len(self.slack_reserves) == len(self.case.deposits)


def derive(case: Case, outlook: Outlook | None = None, *, contract: bool = True) -> Network:
    """Prune the case to what can matter and bound it; `outlook` where its futures are resolved already.

    `contract`: whether chains of places that only pass goods on are contracted to corridors.
    """
    parts = parts_of(case, outlook)
    found = reach(parts)
    periods = case.horizon.indices
    pairs = _pairs(parts, found)
    offers = _offers(parts, found)
    bounds = [supply_bounds(parts, found, t) for t in periods]
    ships = [(i, t) for i, pair in enumerate(pairs) for t in periods if _shippable(parts, found, pair, t)]
    sells = [
        (i, t)
        for i, offer in enumerate(offers)
        for t in periods
        if case.horizon.share(t, offer.market.window) > 0
        and offer.market.max_t_y != 0
        and (offer.market.key.node, offer.commodity) in found.present[t]
    ]
    return Network(
        case=case,
        activities=parts.activities,
        pairs=pairs,
        offers=offers,
        acts=tuple((x, t) for x in range(len(parts.activities)) for t in periods if x in found.live[t]),
        ships=tuple(ships),
        sells=tuple(sells),
        buys=_buys(parts, found),
        dumps=_dumps(parts, found),
        stocks=_stocks(parts, found),
        act_bounds={(x, t): bound for t in periods for x, bound in bounds[t][0].items()},
        supply=tuple(totals for _, totals in bounds),
        slack_reserves=slack_reserves(parts),
        pruned=_pruned(parts, found, ships, sells),
        reached=found,
        outlook=parts.outlook,
        contract=contract,
    )


def _pairs(parts: Parts, found: Reach) -> tuple[Pair, ...]:
    """Lane-commodity pairs that class and reach allow in some period, sorted."""
    pairs = []
    everywhere = sorted({place for t in parts.case.horizon.indices for place in found.present[t]})
    for node, commodity in everywhere:
        goods = parts.case.products[commodity.product].transport_class
        for leg, lane in parts.lanes_from.get(node, ()):
            pair = Pair(leg, lane, commodity)
            if lane.carries(goods) and any(_shippable(parts, found, pair, t) for t in parts.case.horizon.indices):
                pairs.append(pair)
    return tuple(sorted(pairs, key=lambda p: (p.leg, p.commodity)))


def _shippable(parts: Parts, found: Reach, pair: Pair, t: int) -> bool:
    return (
        pair.lane.name in parts.open_lanes[t]
        and (pair.leg.start, pair.commodity) in found.present[t]
        and (pair.leg.end, pair.commodity) in found.outlets[t]
    )


def _offers(parts: Parts, found: Reach) -> tuple[Offer, ...]:
    return tuple(
        Offer(market, Commodity(market.key.product, origin))
        for market in parts.case.markets
        for origin in sorted(market.content)
        if any(
            (market.key.node, Commodity(market.key.product, origin)) in found.present[t]
            for t in parts.case.horizon.indices
        )
    )


def _buys(parts: Parts, found: Reach) -> tuple[tuple[int, int], ...]:
    case = parts.case
    return tuple(
        (i, t)
        for i, purchase in enumerate(case.purchases)
        for t in case.horizon.indices
        if purchase.max_t_y != 0
        and case.horizon.share(t, purchase.window) > 0
        and (purchase.key.node, Commodity(purchase.key.product, purchase.origin)) in found.outlets[t]
    )


def _dumps(parts: Parts, found: Reach) -> tuple[tuple[str, str, str, int], ...]:
    """Disposal outlets: where a product that may be disposed of is made."""
    return tuple(
        sorted(
            {
                (parts.activities[x].node, *commodity, t)
                for t in parts.case.horizon.indices
                for x in found.live[t]
                for commodity in parts.activities[x].outputs
                if parts.case.products[commodity.product].disposal_usd_t is not None
            }
        )
    )


def _stocks(parts: Parts, found: Reach) -> tuple[tuple[str, str, str, int], ...]:
    """Stored commodities, in every period once they can be there at all."""
    periods = parts.case.horizon.indices
    stored = []
    for pile in parts.case.stockpiles:
        for commodity in parts.commodities(pile.product):
            place = (pile.node, commodity)
            if pile.initial_t > 0 or any(place in found.present[t] for t in periods):
                stored += [(pile.node, *commodity, t) for t in periods]
    return tuple(dict.fromkeys(stored))


def _pruned(
    parts: Parts, found: Reach, ships: list[tuple[int, int]], sells: list[tuple[int, int]]
) -> tuple[tuple[str, int, int], ...]:
    """What pruning did: (what, before, after), before = every product on every leg in every period, and so on."""
    case = parts.case
    periods = len(case.horizon.periods)
    commodities = {c for a in parts.activities for c in a.recipe.balance}
    legs = sum(len(lane.legs) for lane in case.lanes.values())
    count: Callable[[tuple[frozenset[int], ...]], int] = lambda sets: sum(len(s) for s in sets)  # noqa: E731
    classes = sum(
        lane.carries(case.products[c.product].transport_class) * len(lane.legs)
        for lane in case.lanes.values()
        for c in commodities
    )
    offers = sum(len(m.content) for m in case.markets)
    return (
        ("shipments: lane, commodity, period", legs * len(commodities) * periods, classes * periods),
        ("shipments: allowed by class, then by reach and year", classes * periods, len(ships)),
        ("activities: plant, recipe, period", len(parts.activities) * periods, count(found.live)),
        ("sales: tier, commodity, period", offers * periods, len(sells)),
    )
