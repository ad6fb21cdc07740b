"""Prices of the rows that say what income tax takes of each year: those that prove something, told by a few of them.

The tax of one future, at one unit of odds, is a small program by itself. With ρ[y] the worth of the tax on a MUSD in
year y its dual says what a MUSD of result takes (P), what a loss saves later (Q), what it is worth to be allowed to use
more of old losses (O), and what a MUSD of operating cash gives the state (D):

    O[y] ≥ ρ[y] - Q[v]  for losses v that may be used in y      Q[y] ≤ P[y] ≤ ρ[y] - share · O[y]      D[y] ≤ carried[y]

Losses that never expire have a Q that does not rise (what is left of one year is left to the next). Any such prices are
right for all futures at once when weighed by their odds, and prove a bound; those that are not are made so, from the
first year on, by as little as it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khovor.case import Case
from khovor.solve.arrays import Floats, Label

Years = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class TaxPrices:
    """By year, what is worth in a maximisation: a MUSD of taxable result, a loss, room for losses, operating cash."""

    result: Years
    loss: Years
    room: Years
    cash: Years

    def of(self, row: Label, case: Case) -> float:
        """The price of a row of the tax, at one unit of odds; 0 of any other."""
        name, index = row
        if name in ("result_of_a_year", "dividends_of_a_year"):
            prices = self.result if name == "result_of_a_year" else self.cash
            return _by_step(case, prices, index[0], index[1])
        if name in ("losses_used_once", "losses_carried"):
            return self.loss.get(index[0], 0.0)
        return self.room.get(index[0], 0.0) if name == "losses_offset_a_share" else 0.0


def _by_step(case: Case, prices: Years, year: int, t: int) -> float:
    """The first year of a period is stated whole, the others by what differs from it: it has the price of all."""
    span = case.horizon.periods[t].span
    return sum(prices.get(y, 0.0) for y in span) if year == span[0] else prices.get(year, 0.0)


def first_prices(case: Case, worth: Years) -> TaxPrices:
    """Prices of a case that gains in most years: its results are taxed as they are, a loss is used the year after."""
    rate, years = case.fiscal.income_tax, sorted(worth)
    after = {y: worth.get(y + 1, worth[y]) * rate for y in years}
    carried = {y: case.fiscal.carried * worth[y] for y in years}
    return proving(case, worth, {y: rate * worth[y] for y in years}, after, carried)


def proving(case: Case, worth: Years, result: Years, loss: Years, cash: Years) -> TaxPrices:
    """The prices nearest to those given that prove something; `worth` of a MUSD by year, in the objective."""
    fiscal, years = case.fiscal, sorted(worth)
    most = case.horizon.last_year - years[0] if fiscal.loss_years is None else fiscal.loss_years
    pooled = most >= case.horizon.last_year - years[0]
    given = {y: min(max(cash.get(y, 0.0), 0.0), fiscal.carried * worth[y]) for y in years}
    results, losses, rooms = dict[int, float](), dict[int, float](), dict[int, float]()
    before = float("inf")
    for y in years if fiscal.ties else ():
        taxed = fiscal.income_tax * (worth[y] - given[y])
        told = max(loss.get(y, 0.0), 0.0)
        if pooled:
            told = min(told, before, taxed)
            before = told
            room = max(0.0, taxed - told) if y > years[0] else 0.0
        else:
            room = max([0.0, *(taxed - losses[v] for v in range(max(years[0], y - most), y))])
        ceiling = taxed - fiscal.loss_share * room
        told = min(told, ceiling)
        results[y], losses[y], rooms[y] = min(max(result.get(y, 0.0), told), ceiling), told, room
    return TaxPrices(results, losses, rooms, given)


def told_by(case: Case, rows: Mapping[int, Label], duals: Floats) -> tuple[Years, Years, Years]:
    """What duals of a maximisation say of all futures together: of results, losses and operating cash by year."""
    steps: dict[str, dict[tuple[int, int], list[float]]] = {"result_of_a_year": {}, "dividends_of_a_year": {}}
    losses = dict[int, float]()
    for r, (name, index) in rows.items():
        if name in steps:
            at = steps[name].setdefault((index[0], index[1]), [])
            at.append(float(duals[r]))
        elif name in ("losses_used_once", "losses_carried"):
            losses[index[0]] = losses.get(index[0], 0.0) + float(duals[r])
    return _by_year(case, steps["result_of_a_year"]), losses, _by_year(case, steps["dividends_of_a_year"])


def _by_year(case: Case, steps: Mapping[tuple[int, int], list[float]]) -> Years:
    """Prices of years from those of rows (see `_by_step`)."""
    sums = {key: float(np.sum(prices)) for key, prices in steps.items()}
    found = {}
    for (y, t), price in sums.items():
        span = case.horizon.periods[t].span
        found[y] = price - sum(sums.get((u, t), 0.0) for u in span[1:]) if y == span[0] else price
    return found
