"""What is sold, bought and stored fits (model rule 7): tiers, contracts and their shortfall, offers, stockpiles."""

from __future__ import annotations

import math
from collections.abc import Iterator

from khovor.case import Market, TradeKey
from khovor.verify.check import Check, at_least, at_most
from khovor.verify.view import View, summed

TIER = "sales stay within the tier"
CONTRACT = "contracts are delivered, but for a priced shortfall"
OFFER = "purchases stay within the offer"
ROOM = "stock fits the stockpile"
LAST = "the last stock asked for is there"


def sales_within_tier(view: View) -> Iterator[Check]:
    """Sales of all origins, in tonnes of the priced basis, are at most the tier's maximum in its years."""
    for (key, t, w), sold in _sold(view).items():
        market = view.markets[key]
        subject = view.subject(f"{key.product} at {key.node}, tier {key.tier}", t, w, market.at)
        limit = _scaled(view, market, market.max_t_y, t, w)
        yield at_most(TIER, subject, sold, limit, unit="t/y")


def contract_delivered(view: View) -> Iterator[Check]:
    """Sales and shortfall together are at least the contract's minimum in its years."""
    sold = _sold(view)
    short = summed(((row.market, row.t, row.w), row.t_y) for row in view.tables.shortfalls)
    for market in (m for m in view.case.markets if m.min_t_y):
        for t in view.periods:
            for w in view.futures:
                missing = short.get((market.key, t, w), 0.0) if market.shortfall_usd_t is not None else 0.0
                delivered = sold.get((market.key, t, w), 0.0) + missing
                name = f"contract for {market.key.product} at {market.key.node}, tier {market.key.tier}"
                least = _scaled(view, market, market.min_t_y, t, w)
                yield at_least(CONTRACT, view.subject(name, t, w, market.at), delivered, least, unit="t/y")


def purchases_within_offer(view: View) -> Iterator[Check]:
    """Purchases are at most what is offered in its years."""
    bought = summed(((row.offer, row.t, row.w), row.t_y) for row in view.tables.purchases)
    for (key, t, w), amount in bought.items():
        offer = view.offers.get(key)
        if offer is None:
            continue
        factor = view.conditions[w].factor("demand", "purchase", key, t)
        limit = _limit(factor * view.case.horizon.share(t, offer.window), offer.max_t_y)
        subject = view.subject(f"{key.product} offered at {key.node}", t, w, offer.at)
        yield at_most(OFFER, subject, amount, limit, unit="t/y")


def stock_within_room(view: View) -> Iterator[Check]:
    """Stock of all origins is at most the room, in every period."""
    held = _held(view)
    for (node, product), pile in view.piles.items():
        for t in view.periods:
            for w in view.futures:
                subject = view.subject(f"{product} at {node}", t, w, pile.at)
                yield at_most(ROOM, subject, held.get((node, product, t, w), 0.0), pile.capacity_t, unit="t")


def stock_left_at_the_end(view: View) -> Iterator[Check]:
    """Stock of all origins at the end of the horizon is at least what is asked for."""
    held, last = _held(view), view.periods[-1]
    for (node, product), pile in view.piles.items():
        for w in view.futures if pile.final_min_t else ():
            subject = view.subject(f"{product} at {node}", last, w, pile.at)
            yield at_least(LAST, subject, held.get((node, product, last, w), 0.0), pile.final_min_t, unit="t")


def _sold(view: View) -> dict[tuple[TradeKey, int, str], float]:
    """Sales by market row, period and future [t/y of the priced basis]."""
    markets = view.markets
    return summed(
        ((row.market, row.t, row.w), row.t_y * markets[row.market].content.get(row.origin, 0.0))
        for row in view.tables.sales
        if row.market in markets
    )


def _held(view: View) -> dict[tuple[str, str, int, str], float]:
    return summed(((row.node, row.product, row.t, row.w), row.tonnes) for row in view.tables.stocks)


def _scaled(view: View, market: Market, limit: float | None, t: int, w: str) -> float:
    """A limit of a market row times the event factor and its share of the period's years; a year out of it has none."""
    factor = view.conditions[w].factor("demand", "market", market.key, t)
    return _limit(factor * view.case.horizon.share(t, market.window), limit)


def _limit(factor: float, limit: float | None) -> float:
    """A factor of 0 shuts even what has no limit."""
    if factor == 0.0:
        return 0.0
    return math.inf if limit is None else factor * limit
