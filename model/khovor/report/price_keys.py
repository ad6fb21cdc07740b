"""What the summaries of `khovor breakeven` and `khovor stages` hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COMMON: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "unit": "MUSD, real, of the base year",
    "headline": "[sentence]: the answer in words",
    "how": "how it is found, in words",
    "verified": "{passed}: whether the checker accepts every plan",
    "seconds": "{read, check, runs}: seconds per step",
    "stamp": "of the first solve: what it takes to repeat it",
}

BREAKEVEN_KEYS: Final[Mapping[str, str]] = {
    **_COMMON,
    "status": "optimal (the break-even is enclosed within the gap) or feasible",
    "product": "the product in whose price the answer is told: the first named",
    "products": "[product]: whose prices move, by one factor",
    "price": "what a kilogram of `product` brings at its own prices, levelised [USD/kg]: that is factor 1",
    "prices": "{product: USD/kg}: the same of each that moves; of one that no plan sells, what its best buyer offers",
    "value": "{objective, bound}: what the case is worth at its own prices",
    "breakeven": "{factor: [low, high], price: [low, high], always, builds, projects, capital}: above high a plan "
    "pays, at low none does; low is null where that is not proved, both where the case pays at any "
    "price (`always`) or at none; the plan is that which pays just above",
    "as_it_stands": "the same of what the best plan builds and opens; null where it sells none of the products",
    "points": "[{name, held, factor, price, status, objective, bound, gap, revenue, capital, seconds, builds, "
    "verified}]: the solves; `held` of what the best plan builds; `revenue` from the products [MUSD, discounted]",
    "solves": "how many cases were solved",
}
"""What the summary of `khovor breakeven` holds."""

STAGES_KEYS: Final[Mapping[str, str]] = {
    **_COMMON,
    "status": "optimal (every stage proved within the gap, or proved impossible) or feasible",
    "sense": "maximize for npv, minimize for cost",
    "derived": "whether the stages are derived from the recipes, or named with --stage",
    "stages": "[{stage, product, processes, status, message, value, bound, gap, adds: {low, value, high}, plan_of, "
    "capital, sold: {product: t/y}, exposure: {territory: {transit, sales}}, builds, projects, seconds, verified}]: "
    "the best plan that stops there; `adds` to the stage before, `low` and `high` as far as both are proved; `sold` is "
    "the mean of the horizon",
    "best": "the first stage than which none is known to be worth more",
}
"""What the summary of `khovor stages` holds."""
