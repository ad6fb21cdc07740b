"""Support instruments, recomputed from case and plan: amounts, limits, conditions, money, public cost, return.

Loans are followed year by year by their balance; capital is paid for once if every set of instruments finds enough of
what any of them is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, combinations
from typing import Final, NamedTuple

from khovor.case import FINANCING, Condition, Horizon, Instrument, Market, TradeKey, alliance, bindings, member_kind
from khovor.units import USD_PER_MUSD
from khovor.verify.capital import Entry
from khovor.verify.check import MONEY, Check, Subject, at_least, at_most, equal, fact
from khovor.verify.plan import Financed, Topped
from khovor.verify.policies import Measured, measured, policies_held
from khovor.verify.view import View, summed

OFFERED = "support comes from an instrument that offers it"
CAPITAL = "capital is financed once, and no more than there is"
SHARE = "support is within its share of the capital covered"
BUDGET = "support is within its budget"
SALES = "a price floor tops up what is sold, once"
TONNAGE = "a price floor tops up no more than its tonnage"
CLOSURE = "a guarantee pays for closure, as insured"
CONDITIONS = "the conditions of what is taken are kept"
YEARS = "support by year is what case and plan make it"
TAKEN = "what is taken of an instrument, and its public cost, are what case and plan make them"
TARGET = "the investor reaches the return asked for"

YearKey = tuple[str, str, str, int]
"""(instrument, term, scenario or "", year)."""


class Held(NamedTuple):
    """A condition of an instrument that is taken, as measured."""

    instrument: Instrument
    condition: Condition
    measured: Measured


def offered(view: View) -> Iterator[Check]:
    """Every row names an instrument of the right kind, and what it may be about."""
    known = view.instruments
    for row in view.tables.financed:
        kind = known[row.instrument].kind if row.instrument in known else ""
        holds = kind in (*FINANCING, "guarantee")
        yield fact(OFFERED, _subject(view, row.instrument, row.t), holds, "no such offer for capital.")
    for sale in view.tables.topped:
        instrument, market = known.get(sale.instrument), _market(view, sale)
        holds = instrument is not None and market is not None and _qualifies(view, instrument, market, sale.t)
        yield fact(OFFERED, _subject(view, sale.instrument, sale.t, sale.w), holds, "no such price floor.")
    for paid in view.tables.payouts:
        kind = known[paid.instrument].kind if paid.instrument in known else ""
        holds = kind == "guarantee" and paid.since in view.places
        yield fact(OFFERED, _subject(view, paid.instrument, paid.t, paid.w), holds, "no such guarantee.")


def financed_once(view: View) -> Iterator[Check]:
    """Of capital spent in the same years, every set of instruments has at most what one or the other is about."""
    instruments = [x for x in view.case.instruments if x.kind in FINANCING]
    given = summed(((row.instrument, row.build_years, row.t), row.musd) for row in view.tables.financed)
    for lead, t in sorted({(row.build_years, row.t) for row in view.tables.financed}):
        there = [x for x in instruments if (x.name, lead, t) in given]
        for members in chain.from_iterable(combinations(there, n) for n in range(1, len(there) + 1)):
            amount = sum(given[x.name, lead, t] for x in members)
            yield at_most(
                CAPITAL,
                view.subject(", ".join(x.name for x in members), t, at=members[0].at),
                amount,
                _capital(view, members, lead, t),
                unit="MUSD",
                floor=MONEY,
            )


def within_share(view: View) -> Iterator[Check]:
    """Of each capital at most its share, and of all at most the budget."""
    given = summed(((row.instrument, row.build_years, row.t), row.musd) for row in view.tables.financed)
    for (name, lead, t), amount in given.items():
        if name in view.instruments:
            x = view.instruments[name]
            most = x.share_max * _capital(view, (x,), lead, t)
            yield at_most(SHARE, _subject(view, name, t), amount, most, unit="MUSD", floor=MONEY)
    for x in view.case.instruments:
        if x.budget_musd is not None:
            total = sum(amount for (name, _, _), amount in given.items() if name == x.name)
            yield at_most(BUDGET, Subject(x.name, at=x.at), total, x.budget_musd, unit="MUSD", floor=MONEY)


def _capital(view: View, instruments: Iterable[Instrument], lead: int, t: int) -> float:
    """Capital of a batch that any of the instruments is about [MUSD]."""
    case, total, listed = view.case, 0.0, list(instruments)
    for row in view.tables.builds:
        option = view.options.get(row.option)
        if option is None or (row.t, option.build_years) != (t, lead):
            continue
        territory = case.nodes[row.node].territory
        if any(x.covers_unit(row.node, row.process, territory) for x in listed):
            total += row.units * option.capex_musd
    for taken in view.tables.projects:
        project = case.projects.get(taken.project)
        if project is not None and (taken.t, project.build_years) == (t, lead):
            total += project.capex_musd if any(x.covers_project(taken.project) for x in listed) else 0.0
    return total


def floors_within_sales(view: View) -> Iterator[Check]:
    """A tonne topped up is sold, in a year of the floor, and by one floor only."""
    sold = summed(((row.market, row.origin, row.t, row.w), row.t_y) for row in view.tables.sales)
    used: dict[tuple[TradeKey, str, int, str], float] = defaultdict(float)
    for row, instrument, market in _topped(view):
        years = [y for y in view.case.horizon.periods[row.t].span if y in market.window]
        held = [y for y in years if y in instrument.window]
        used[market.key, row.origin, row.t, row.w] += row.t_y * len(years) / len(held)
    for key, amount in used.items():
        market_key, _, t, w = key
        subject = view.subject(f"{market_key.product} at {market_key.node}", t, w, view.markets[market_key].at)
        yield at_most(SALES, subject, amount, sold.get(key, 0.0), unit="t/y")


def floors_within_tonnage(view: View) -> Iterator[Check]:
    """Tonnes of the priced basis within what the floor offers in its years."""
    topped = summed(
        ((x.name, row.t, row.w), row.t_y * market.content.get(row.origin, 0.0)) for row, x, market in _topped(view)
    )
    for (name, t, w), amount in topped.items():
        x = view.instruments[name]
        if x.t_y is not None:
            years = view.case.horizon.periods[t].span
            most = x.t_y * sum(y in x.window for y in years) / len(years)
            yield at_most(TONNAGE, _subject(view, name, t, w), amount, most, unit="t/y")


def _topped(view: View) -> Iterator[tuple[Topped, Instrument, Market]]:
    """The rows that mean something."""
    for row in view.tables.topped:
        x, market = view.instruments.get(row.instrument), _market(view, row)
        if x is not None and market is not None and _qualifies(view, x, market, row.t):
            yield row, x, market


def _market(view: View, row: Topped) -> Market | None:
    """The tier a row names, if the case has it."""
    return view.markets.get(TradeKey(row.node, row.product, row.tier, row.row))


def _qualifies(view: View, x: Instrument, market: Market, t: int) -> bool:
    node = market.key.node
    meant = any(
        product == market.key.product
        and (buyer in ("", node) or view.case.nodes[node].territory in alliance(view.case, buyer))
        for product, buyer in x.sales
    )
    held = any(y in x.window and y in market.window for y in view.case.horizon.periods[t].span)
    return x.kind == "price_floor" and meant and held


def paid_for_closure(view: View) -> Iterator[Check]:
    """A guarantee pays, in every future and period, an equal part of the sum for each year of its tenor shut."""
    told = summed(((p.instrument, p.since, p.t, p.w), p.musd_y) for p in view.tables.payouts)
    due: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for row, x in _insured(view):
        name = view.case.horizon.periods[row.t].name
        for t in view.periods[row.t :]:
            for w in view.futures:
                due[x.name, name, t, w] += row.musd * _shut(view, x, t, w) / _tenor(view, x, row.t)
    for key in sorted({*told, *due}):
        name, _, t, w = key
        subject = _subject(view, name, t, w)
        yield equal(CLOSURE, subject, told.get(key, 0.0), due.get(key, 0.0), unit="MUSD/y", floor=MONEY)


def _insured(view: View) -> Iterator[tuple[Financed, Instrument]]:
    for row in view.tables.financed:
        x = view.instruments.get(row.instrument)
        if x is not None and x.kind == "guarantee":
            yield row, x


def _tenor(view: View, x: Instrument, t: int) -> int:
    horizon = view.case.horizon
    return x.tenor_years or horizon.last_year + 1 - horizon.periods[t].start_year


def _shut(view: View, x: Instrument, t: int, w: str) -> float:
    """The share of what a guarantee names that is shut, in the mean over the period's years."""
    factors = []
    for kind, name in x.risks:
        for member in view.case.groups[name] if kind == "group" else (name,):
            what = member_kind(view.case, member) if kind == "group" else kind
            factors.append(view.conditions[w].factor("capacity", what, member, t))
    return max(0.0, 1.0 - sum(factors) / len(factors))


def taken(view: View) -> list[Instrument]:
    """Instruments that give anything."""
    rows = (view.tables.financed, view.tables.topped, view.tables.payouts)
    named = {row.instrument for table in rows for row in table if row[-1] > 0}
    return [x for x in view.case.instruments if x.name in named]


def conditions_measured(view: View) -> list[Held]:
    """The conditions of all that is taken, in each of their periods and futures."""
    found = []
    for x in taken(view):
        for condition, policy in bindings(view.case, x):
            alone = View(replace(view.case, policies=(policy,)), view.tables)
            found += [Held(x, condition, told) for told in measured(alone)]
    return found


def conditions_kept(view: View, held: Iterable[Held]) -> Iterator[Check]:
    """What is taken binds."""
    for check in policies_held(view, [one.measured for one in held]):
        yield replace(check, rule=CONDITIONS)


# Money, year by year


def yearly(view: View) -> dict[YearKey, float]:
    """What every instrument brings and costs the investor in each year, undiscounted [MUSD]."""
    found: dict[YearKey, float] = defaultdict(float)
    for row in view.tables.financed:
        x = view.instruments.get(row.instrument)
        if x is not None and x.kind in MONEY_OF:
            for term, year, musd in MONEY_OF[x.kind](view.case.horizon, x, row):
                found[x.name, term, "", year] += musd
    for year_key, musd in chain(_floors_yearly(view), _payouts_yearly(view)):
        found[year_key] += musd
    return {key: musd for key, musd in found.items() if musd}


Yearly = Iterator[tuple[str, int, float]]


def _spent(horizon: Horizon, row: Financed) -> range:
    start = horizon.periods[row.t].start_year
    return range(start - row.build_years, start) if row.build_years else range(start, start + 1)


def _granted(horizon: Horizon, x: Instrument, row: Financed) -> Yearly:
    years = _spent(horizon, row)
    yield from (("grant", year, row.musd / len(years)) for year in years)


def _lent(horizon: Horizon, x: Instrument, row: Financed) -> Yearly:
    """A balance by year: drawn, charged with interest, repaid in equal parts after grace, and all of it at the end."""
    years, tenor = _spent(horizon, row), x.tenor_years or 1
    first_due, parts, balance = years[-1] + x.grace_years + 1, tenor - x.grace_years, 0.0
    for year in range(years[0], horizon.last_year + 1):
        paid = balance * x.rate
        if year in years:
            yield "loan_drawn", year, row.musd / len(years)
            balance += row.musd / len(years)
        repaid = row.musd / parts if first_due <= year < first_due + parts else 0.0
        repaid = balance if year == horizon.last_year else repaid
        balance -= repaid
        yield "interest", year, -paid
        yield "repayment", year, -repaid


def _insurance(horizon: Horizon, x: Instrument, row: Financed) -> Yearly:
    start = horizon.periods[row.t].start_year
    for year in range(start, horizon.last_year + 1):
        if x.tenor_years is None or year < start + x.tenor_years:
            yield "guarantee_premium", year, -x.rate * row.musd


MONEY_OF: Final[Mapping[str, Callable[[Horizon, Instrument, Financed], Yearly]]] = {
    "grant": _granted,
    "loan": _lent,
    "guarantee": _insurance,
}
"""What an amount of capital financed or insured brings and costs."""


def _floors_yearly(view: View) -> Iterator[tuple[YearKey, float]]:
    """Tonnes topped up, spread over the years in which the floor holds, at what the price lacks then."""
    for row, x, market in _topped(view):
        span = view.case.horizon.periods[row.t].span
        years = [y for y in span if y in market.window and y in x.window]
        factor = view.conditions[row.w].factor("price", "market", market.key, row.t)
        tonnes = row.t_y * len(span) / len(years) * market.content.get(row.origin, 0.0) * market.payable_share
        for year in years:
            lacks = x.floor_usd_t - market.price_usd_t * factor * view.case.profile(market.profile, year)
            yield (x.name, "price_floor", row.w, year), tonnes * max(0.0, lacks) / USD_PER_MUSD


def _payouts_yearly(view: View) -> Iterator[tuple[YearKey, float]]:
    for p in view.tables.payouts:
        x = view.instruments.get(p.instrument)
        if x is None or p.since not in view.places:
            continue
        start = view.case.horizon.periods[view.places[p.since]].start_year
        for year in view.case.horizon.periods[p.t].span:
            if start <= year and (x.tenor_years is None or year < start + x.tenor_years):
                yield (x.name, "guarantee_payout", p.w, year), p.musd_y


def support_terms(view: View) -> Iterator[Entry]:
    """Every amount of support, discounted, in the period of its year; what comes before the first counts in it."""
    horizon = view.case.horizon
    for (_, term, w, year), musd in yearly(view).items():
        t = max((t for t in view.periods if horizon.periods[t].start_year <= year), default=0)
        yield term, w, t, musd * horizon.worth(year)


def years_agree(view: View, told: Mapping[YearKey, float]) -> Iterator[Check]:
    """The plan's own table of support by year is the checker's."""
    own = yearly(view)
    for key in sorted({*told, *own}):
        name, term, w, year = key
        subject = Subject(f"{name}: {term} in {year}", "", w)
        yield equal(YEARS, subject, told.get(key, 0.0), own.get(key, 0.0), unit="MUSD", floor=MONEY)


def taken_agrees(view: View, told: Mapping[str, tuple[float, float]]) -> Iterator[Check]:
    """Amount and public cost of each instrument are the checker's: capital as spent, price floors as expected."""
    odds = {s.name: s.probability for s in view.case.scenarios}
    amounts = summed((row.instrument, row.musd) for row in view.tables.financed)
    for (name, _, w, _), musd in _floors_yearly(view):
        amounts[name] = amounts.get(name, 0.0) + odds[w] * musd
    public = public_musd(view)
    for name in sorted({*told, *amounts}):
        amount, cost = told.get(name, (0.0, 0.0))
        yield equal(TAKEN, Subject(name), amount, amounts.get(name, 0.0), unit="MUSD", floor=MONEY)
        yield equal(TAKEN, Subject(name), cost, public.get(name, 0.0), unit="MUSD", floor=MONEY)


def public_musd(view: View) -> dict[str, float]:
    """What each instrument costs the public, expected and discounted, never below 0 for any capital [MUSD]."""
    odds = {s.name: s.probability for s in view.case.scenarios} | {"": 1.0}
    found: dict[str, float] = defaultdict(float)
    for row in view.tables.financed:
        x = view.instruments.get(row.instrument)
        if x is not None:
            found[x.name] += row.musd * max(0.0, _public(view, x, row._replace(musd=1.0), odds))
    for (name, _, w, year), musd in _floors_yearly(view):
        found[name] += odds[w] * musd * view.case.horizon.worth(year)
    return dict(found)


def _public(view: View, x: Instrument, row: Financed, odds: Mapping[str, float]) -> float:
    """What one MUSD costs the public: what the investor gets of it, in the mean of the futures."""
    horizon = view.case.horizon
    cost = sum(musd * horizon.worth(year) for _, year, musd in MONEY_OF[x.kind](horizon, x, row))
    if x.kind == "guarantee":
        first, tenor = horizon.periods[row.t].start_year, _tenor(view, x, row.t)
        for t in view.periods[row.t :]:
            worth = sum(horizon.worth(y) for y in horizon.periods[t].span if y < first + tenor)
            cost += worth * sum(odds[w] * _shut(view, x, t, w) for w in view.futures) / tenor
    return cost


def at_target(view: View) -> View:
    """The same plan, discounted at the return that the investor asks for."""
    terms, horizon = view.case.terms, view.case.horizon
    rate = horizon.rate if terms.target_irr is None else terms.target_irr
    return View(replace(view.case, horizon=replace(horizon, rate=rate)), view.tables)


def target_reached(view: View, worth: float, size: float) -> Iterator[Check]:
    """Expected net present value at the return asked for is not negative; `size` is what it is made of."""
    yield at_least(TARGET, Subject("the investor", at=view.case.terms.target_at), worth, 0.0, unit="MUSD", floor=size)


def _subject(view: View, name: str, t: int, w: str = "") -> Subject:
    x = view.instruments.get(name)
    return view.subject(f"instrument {name}", t, w, x.at if x is not None else "")
