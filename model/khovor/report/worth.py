"""What sales bring: every sale at the price of its years and its future, undiscounted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from khovor.case import Case, Market, outlook_of
from khovor.report.paths import Path
from khovor.solution import Solution

PLACE = ["node", "product", "origin", "period", "scenario"]


def earnings(case: Case, solution: Solution) -> pd.DataFrame:
    """The sales table with a column usd_y: tonnes x price x profile x payable share x the future's price factor."""
    futures = outlook_of(case)
    places = {p.name: t for t, p in enumerate(case.horizon.periods)}
    markets = {tuple(m.key): m for m in case.markets}
    usd = []
    for r in solution.sales.itertuples(index=False):
        market, t = markets[r.node, r.product, r.tier, r.row], places[r.period]
        factor = futures[r.scenario].factor("price", "market", market.key, t)
        usd.append(r.t_y * list_price(market, r.origin) * factor * _profile(case, market, t))
    return solution.sales.assign(usd_y=pd.Series(usd, index=solution.sales.index, dtype=float))


def list_price(market: Market, origin: str) -> float:
    """What a tonne of product brings before profile and events [USD/t]."""
    return market.price_usd_t * market.payable_share * market.content[origin]


def _profile(case: Case, market: Market, t: int) -> float:
    """Mean of the price profile over the years of a period in which the row holds."""
    years = [y for y in case.horizon.periods[t].span if y in market.window]
    return sum(case.profile(market.profile, y) for y in years) / len(years) if years else 1.0


class Worth:
    """The value of what travels: the price it is sold at, or the product's reference value where it is used."""

    def __init__(self, case: Case, earned: pd.DataFrame) -> None:
        self._case = case
        sums = earned.groupby(PLACE)[["t_y", "usd_y"]].sum()
        self._prices: dict[Any, float] = {key: usd / t for key, t, usd in sums.itertuples() if t}

    def usd_t(self, path: Path) -> float:
        """USD per tonne of a path."""
        key = (path.end, *path.commodity, path.period, path.scenario)
        return self._prices.get(key, self._case.products[path.commodity.product].value_usd_t)
