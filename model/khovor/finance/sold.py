"""What a plan sells of each product, expected over its futures; what buyers offer for what it does not sell."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import NamedTuple

from khovor.case import Case
from khovor.units import USD_PER_MUSD
from khovor.verify.plan import Plan, Sold
from khovor.verify.tables import accepted
from khovor.verify.view import View


class Sales(NamedTuple):
    """Of one product: discounted tonnes, discounted revenue [MUSD], mean tonnes a year over the horizon."""

    t: float
    earned: float
    t_y: float


def sold(case: Case, plan: Plan) -> dict[str, Sales]:
    """Sales by product, at the prices of this case, whatever case the plan was made for."""
    view = View(case, accepted(case, plan))
    odds = {s.name: s.probability for s in case.scenarios}
    periods = case.horizon.periods
    total = sum(p.years for p in periods)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for sale in view.tables.sales:
        worth, usd = sale_worth(view, sale)
        weights = (worth, usd / USD_PER_MUSD, periods[sale.t].years / total)
        for place, weight in enumerate(weights):
            sums[sale.product][place] += odds[sale.w] * sale.t_y * weight
    return {product: Sales(*found) for product, found in sums.items()}


def quoted(case: Case, product: str) -> float | None:
    """The highest levelised price that a buyer offers for a product, events aside [USD/t]; None where nobody pays."""
    horizon, found = case.horizon, []
    for market in case.markets:
        worth = sum(horizon.annuity(t, market.window) for t in horizon.indices)
        if market.key.product == product and worth:
            price = market.price_usd_t * market.payable_share * max(market.content.values(), default=0.0)
            path = partial(case.profile, market.profile)
            profiled = sum(horizon.annuity(t, market.window, path) for t in horizon.indices)
            found.append(price * profiled / worth)
    return max(found, default=None)


def sale_worth(view: View, sale: Sold) -> tuple[float, float]:
    """Discounted years of a sale, and what a tonne in each of them brings [USD]."""
    market, horizon = view.markets[sale.market], view.case.horizon
    price = market.price_usd_t * market.payable_share * market.content[sale.origin]
    price *= view.conditions[sale.w].factor("price", "market", market.key, sale.t)
    profiled = horizon.annuity(sale.t, market.window, lambda year: view.case.profile(market.profile, year))
    return horizon.annuity(sale.t, market.window), price * profiled
