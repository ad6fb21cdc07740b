"""Money of operation, recomputed from the rows of the plan [MUSD]: trade, transport, activity, utilities, stocks.

Amounts are signed contributions to value, discounted, one entry per row; weighing futures is left to the objective.
"""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Market, Purchase
from khovor.units import DAYS_PER_YEAR, USD_PER_MUSD
from khovor.verify.capital import Entry
from khovor.verify.view import View, summed


def operating_terms(view: View) -> Iterator[Entry]:
    """Every amount of operation, each in USD/y turned into MUSD."""
    for entries in (_revenue, _purchases, _transport, _activity, _utilities, _disposal, _holding, _shortfall):
        for term, w, t, usd in entries(view):
            yield term, w, t, usd / USD_PER_MUSD


def _revenue(view: View) -> Iterator[Entry]:
    for row in view.tables.sales:
        market = view.markets.get(row.market)
        if market is None:
            continue
        price = market.price_usd_t * market.payable_share * market.content.get(row.origin, 0.0)
        price *= view.conditions[row.w].factor("price", "market", market.key, row.t)
        yield "revenue", row.w, row.t, row.t_y * price * _worth(view, market, row.t)


def _purchases(view: View) -> Iterator[Entry]:
    for row in view.tables.purchases:
        offer = view.offers.get(row.offer)
        if offer is None:
            continue
        price = offer.price_usd_t * view.conditions[row.w].factor("price", "purchase", offer.key, row.t)
        yield "purchases", row.w, row.t, -row.t_y * price * _worth(view, offer, row.t)


def _transport(view: View) -> Iterator[Entry]:
    """Freight, fees, and the interest on goods in transit."""
    horizon = view.case.horizon
    for row in view.tables.flows:
        lane, product = view.case.lanes.get(row.lane), view.case.products.get(row.product)
        if lane is None or product is None or row.leg not in view.legs:
            continue
        future, yearly = view.conditions[row.w], row.t_y * horizon.annuity(row.t)
        cost = future.factor("cost", "lane", lane.name, row.t) * future.factor("cost", "product", row.product, row.t)
        fee = lane.fee_usd_t + future.extra("fee", row.leg, row.t) + lane.fee_share_of_value * product.value_usd_t
        days = max(0.0, lane.days + future.extra("days", row.leg, row.t))
        yield "freight", row.w, row.t, -yearly * lane.freight_usd_t * cost
        yield "fees", row.w, row.t, -yearly * fee
        yield "transit_interest", row.w, row.t, -yearly * product.value_usd_t * horizon.rate * days / DAYS_PER_YEAR


def _activity(view: View) -> Iterator[Entry]:
    for run, _ in view.runs:
        price = view.plants[run.plant].variable_opex_usd_t
        price *= view.conditions[run.w].factor("cost", "plant", (run.node, run.process), run.t)
        yield "variable_opex", run.w, run.t, -run.t_y * price * view.case.horizon.annuity(run.t)


def _utilities(view: View) -> Iterator[Entry]:
    for row in view.tables.utilities:
        step = view.steps.get(row.step)
        if step is None:
            continue
        price = step.price_usd * view.conditions[row.w].factor("price", "utility", step.key, row.t)
        yield "utilities", row.w, row.t, -row.use_y * price * view.case.horizon.annuity(row.t, step.window)


def _disposal(view: View) -> Iterator[Entry]:
    for row in view.tables.disposals:
        product = view.case.products.get(row.product)
        price = (product.disposal_usd_t or 0.0) if product else 0.0
        yield "disposal", row.w, row.t, -row.t_y * price * view.case.horizon.annuity(row.t)


def _holding(view: View) -> Iterator[Entry]:
    """A period pays for the mean of its opening and its closing stock."""
    held = summed(((row.node, row.product, row.t, row.w), row.tonnes) for row in view.tables.stocks)
    for (node, product), pile in view.piles.items():
        for w in view.futures:
            opening = pile.initial_t
            for t in view.periods:
                closing = held.get((node, product, t, w), 0.0)
                mean = (opening + closing) / 2.0
                yield "holding", w, t, -mean * pile.holding_usd_t_y * view.case.horizon.annuity(t)
                opening = closing


def _shortfall(view: View) -> Iterator[Entry]:
    """Shortfall happens in the years of its contract and is priced flat: a profile moves prices, not penalties."""
    for row in view.tables.shortfalls:
        market = view.markets.get(row.market)
        if market is not None:
            worth = view.case.horizon.annuity(row.t, market.window)
            yield "shortfall", row.w, row.t, -row.t_y * (market.shortfall_usd_t or 0.0) * worth


def _worth(view: View, row: Market | Purchase, t: int) -> float:
    """Present value of one dollar a year at the price profile of a row, in its years."""
    return view.case.horizon.annuity(t, row.window, lambda year: view.case.profile(row.profile, year))
