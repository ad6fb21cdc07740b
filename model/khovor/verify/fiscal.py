"""What the state takes, recomputed [MUSD]: levies sale by sale, income tax and shares year by year, future by future.

Old losses are used as soon as they may be, the oldest first. Nothing here is read of what the plan says about tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from khovor.case import Case, Levies, one_year, value_added
from khovor.units import USD_PER_MUSD
from khovor.verify.capital import Entry, capital_terms
from khovor.verify.check import MONEY, Check, Subject, equal
from khovor.verify.instruments import support_terms
from khovor.verify.operations import operating_terms
from khovor.verify.plan import Sold
from khovor.verify.tables import Tables
from khovor.verify.view import View, summed

TOLD = "every year's tax is what case and plan make it"

IMPUTED: Final = ("penalty", "transit_interest", "terminal_value")
"""What nobody is paid: no income, no cash."""

CAPITAL: Final = ("capex", "project_capex")

FINANCE: Final = ("grant", "loan_drawn", "repayment")
"""What pays for capital, and is paid back: neither income nor cash of operation."""

STATE: Final = "state_participation"


class Year(NamedTuple):
    """The account of a year in a future [MUSD, undiscounted]: `result` is the taxable one before old losses."""

    result: float
    depreciation: float
    losses_used: float
    losses_left: float
    income_tax: float
    state_participation: float


Accounts = Mapping[tuple[str, int], Year]
"""By future and year."""


def levy_terms(view: View, levies: Levies) -> Iterator[Entry]:
    """Royalty, export duty and VAT."""
    return ((term, row.w, row.t, musd) for term, row, musd in levied(view, levies))


def levied(view: View, levies: Levies) -> Iterator[tuple[str, Sold, float]]:
    """(term, sale, MUSD discounted) of every sale, each year at the rates of its price."""
    horizon = view.case.horizon
    for row in view.tables.sales if view.case.fiscal.rates or view.case.fiscal.steps else ():
        market = view.markets.get(row.market)
        if market is None or row.origin not in market.content or not horizon.share(row.t, market.window):
            continue
        factor = view.conditions[row.w].factor("price", "market", market.key, row.t)
        whole = row.t_y * market.payable_share * market.content[row.origin] / horizon.share(row.t, market.window)
        for year in horizon.periods[row.t].span:
            if year in market.window:
                price = market.price_usd_t * factor * view.case.profile(market.profile, year)
                for term, rate in levies.rates(market, price).items():
                    yield term, row, -rate * whole * price * horizon.worth(year) / USD_PER_MUSD


def state_terms(view: View, entries: Iterable[Entry], accounts: Accounts) -> Iterator[Entry]:
    """Income tax and what the state is paid, or pays, for its share."""
    horizon, paid = view.case.horizon, view.case.fiscal.paid
    period = {year: t for t in view.periods for year in horizon.periods[t].span}
    taxes = [
        ("income_tax", w, period[y], -account.income_tax * horizon.worth(y)) for (w, y), account in accounts.items()
    ]
    yield from taxes
    if paid:
        for term, w, t, musd in [*entries, *taxes]:
            if term not in (*IMPUTED, *FINANCE):
                yield STATE, w, t, -paid * musd
    for (w, y), account in accounts.items():
        yield STATE, w, period[y], -account.state_participation * horizon.worth(y)


def yearly_accounts(view: View) -> Accounts:
    """The account of every year in every future; none where nothing is levied on years."""
    if not view.case.fiscal.yearly:
        return {}
    levies, found = Levies(view.case), {}
    years = [(y, t) for t in view.periods for y in view.case.horizon.periods[t].span]
    seen = {y: _Seen(view, levies, y, t) for y, t in years}
    for w in view.futures:
        kept: dict[int, float] = {}
        for y, _ in years:
            found[w, y] = _account(view.case, seen[y], w, y, kept)
    return found


def _account(case: Case, seen: _Seen, w: str, y: int, kept: dict[int, float]) -> Year:
    """The account of a year; `kept` are the losses left by year, and are used up here."""
    fiscal = case.fiscal
    result = seen.taxable(w) if fiscal.income_tax else 0.0
    used, room = 0.0, fiscal.loss_share * max(0.0, result)
    for v in sorted(kept):
        if fiscal.loss_years is not None and y - v > fiscal.loss_years:
            del kept[v]
        else:
            taken = min(room - used, kept[v])
            kept[v] -= taken
            used += taken
    if result < 0 and fiscal.ties:
        kept[y] = -result
    tax = fiscal.income_tax * (max(0.0, result) - used)
    dividend = max(0.0, seen.cash(w) - tax) if fiscal.carried else 0.0
    return Year(result, seen.written_off, used, sum(kept.values()), tax, fiscal.carried * dividend)


class _Seen:
    """A plan in one year: what it earns and pays then, undiscounted, all of it and without sites in their holiday."""

    def __init__(self, view: View, levies: Levies, year: int, t: int) -> None:
        self._free = levies.free(year)
        self._whole = _in_year(view, year, t, frozenset())
        self._cash = _by_future(self._whole, levies)
        taxed = _in_year(view, year, t, self._free) if self._free else self._whole
        self._taxed = _by_future(taxed, levies) if self._free else self._cash
        self.written_off = _depreciation(taxed, year)
        self._added = summed(
            (run.w, run.t_y * value_added(view.case, recipe) / USD_PER_MUSD)
            for run, recipe in self._whole.runs
            if run.node in self._free
        )

    def cash(self, w: str) -> float:
        """Operating cash before tax."""
        return self._cash.get("", 0.0) + self._cash.get(w, 0.0)

    def taxable(self, w: str) -> float:
        """Income after depreciation; what a free site adds to the value of goods is its own."""
        return self._taxed.get("", 0.0) + self._taxed.get(w, 0.0) - self.written_off - self._added.get(w, 0.0)


def _by_future(view: View, levies: Levies) -> dict[str, float]:
    entries = [*capital_terms(view), *operating_terms(view), *levy_terms(view, levies), *support_terms(view)]
    return summed((w, musd) for term, w, _, musd in entries if term not in (*IMPUTED, *CAPITAL, *FINANCE))


def _in_year(view: View, year: int, t: int, without: frozenset[str]) -> View:
    """The plan at the weight of one year alone, with the rows of its period, without the plants of some nodes."""
    case, tables = view.case, view.tables
    now: Tables = replace(
        tables,
        builds=tuple(r for r in tables.builds if r.node not in without),
        closures=tuple(r for r in tables.closures if r.node not in without),
        activity=tuple(r for r in tables.activity if r.t == t and r.node not in without),
        utilities=tuple(r for r in tables.utilities if r.t == t and r.node not in without),
        flows=tuple(r for r in tables.flows if r.t == t),
        purchases=tuple(r for r in tables.purchases if r.t == t),
        sales=tuple(r for r in tables.sales if r.t == t),
        shortfalls=tuple(r for r in tables.shortfalls if r.t == t),
        disposals=tuple(r for r in tables.disposals if r.t == t),
        stocks=tuple(r for r in tables.stocks if r.t in (t - 1, t)),
        topped=tuple(r for r in tables.topped if r.t == t),
        payouts=tuple(r for r in tables.payouts if r.t == t),
    )
    plants = tuple(plant for plant in case.plants if plant.key.node not in without)
    seen = View(replace(case, plants=plants, horizon=one_year(case.horizon, year)), now)
    vars(seen)["conditions"] = view.conditions
    return seen


def _depreciation(view: View, year: int) -> float:
    """Capital written off in a year: straight line, and what is left of it in the last year of a unit."""
    horizon, years, total = view.case.horizon, view.case.fiscal.depreciation_years, 0.0
    for row in view.tables.builds:
        option = view.options.get(row.option)
        if option is not None:
            last = min(years, option.lifetime_years or years)
            age = year - horizon.periods[row.t].start_year
            if 0 <= age < last:
                total += row.units * option.capex_musd * ((years - last + 1) if age == last - 1 else 1) / years
    for taken in view.tables.projects:
        project = view.case.projects.get(taken.project)
        if project is not None and 0 <= year - horizon.periods[taken.t].start_year < years:
            total += project.capex_musd / years
    return total


def years_agree(view: View, accounts: Accounts, told: Mapping[tuple[str, str, int], float]) -> Iterator[Check]:
    """Each line that the plan tells of a year is the checker's own."""
    own = {(line, w, y): amount for (w, y), account in accounts.items() for line, amount in _lines(account)}
    for key in sorted({*own, *told}):
        line, w, y = key
        yield equal(
            TOLD, Subject(f"{line} of {y}", "", w), told.get(key, 0.0), own.get(key, 0.0), unit="MUSD", floor=MONEY
        )


def _lines(account: Year) -> Iterator[tuple[str, float]]:
    for line, amount in account._asdict().items():
        yield line, -amount if line in ("income_tax", STATE) else amount
