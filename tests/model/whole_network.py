"""The network of a case with everything left in it: what pruning, tight bounds and merged futures are held against."""

from __future__ import annotations

from dataclasses import fields
from itertools import product

from khovor.case import Case, Commodity
from khovor.network import Network, Offer, Pair, derive

ENDLESS = 1e12
"""More than anything here can do [t/y]."""


class Whole(Network):
    """A network that never lets one future speak for another."""

    __slots__ = ()

    @property
    def separable(self) -> bool:
        """Each period and future is decided on its own columns."""
        return False


def whole(case: Case) -> Network:
    """Every commodity on every lane that carries its class, every recipe, offer, outlet and stock in every period."""
    derived = derive(case)
    times, share = case.horizon.indices, case.horizon.share
    goods = _goods(case)
    pairs = tuple(
        Pair(leg, lane, c)
        for lane in case.lanes.values()
        for leg, c in product(lane.legs, goods)
        if lane.carries(case.products[c.product].transport_class)
    )
    offers = tuple(
        Offer(market, Commodity(market.key.product, origin))
        for market in case.markets
        for origin in market.content
        if (market.key.product, origin) in goods
    )
    made = {
        (a.node, c)
        for a in derived.activities
        for c in a.outputs
        if case.products[c.product].disposal_usd_t is not None
    }
    acts = tuple(product(range(len(derived.activities)), times))
    changes = {
        "pairs": pairs,
        "offers": offers,
        "acts": acts,
        "ships": tuple((i, t) for i, p in enumerate(pairs) for t in times if share(t, p.lane.window) > 0),
        "sells": tuple((i, t) for i, o in enumerate(offers) for t in times if share(t, o.market.window) > 0),
        "buys": tuple((i, t) for i, p in enumerate(case.purchases) for t in times if share(t, p.window) > 0),
        "dumps": tuple((node, *c, t) for (node, c), t in product(sorted(made), times)),
        "stocks": tuple(
            (pile.node, *c, t)
            for pile in case.stockpiles
            for c, t in product(goods, times)
            if c.product == pile.product
        ),
        "act_bounds": dict.fromkeys(acts, ENDLESS),
        "supply": tuple({} for _ in times),
        "slack_reserves": frozenset(d for d, deposit in enumerate(case.deposits) if deposit.reserve_t is None),
    }
    return Whole(**{f.name: changes.get(f.name, getattr(derived, f.name)) for f in fields(derived)})


def _goods(case: Case) -> list[Commodity]:
    made = {c for plant in case.plants for recipe in plant.recipes for c in recipe.balance}
    bought = {Commodity(p.key.product, p.origin) for p in case.purchases}
    return sorted(made | bought | {Commodity(s.product, "") for s in case.stockpiles if s.initial_t > 0})
