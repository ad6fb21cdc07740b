"""Support instruments: how much of each is taken, within what it offers, and what it pays and costs.

uptake[i] taken or not, where an instrument carries conditions [0/1]; support[i,l,v] capital it finances (grant, loan)
or insures (guarantee), of what takes l years to build and is available from period v [MUSD, as spent]; topped[i,q,t,w]
sales that a price floor tops up [kt/y]; paid[i,v,t,w] what a guarantee on the capital of v pays [MUSD/y]. The first two
are decided once. What is taken of a loan is repaid in equal instalments of principal after its grace, with interest on
what is outstanding (OECD, Arrangement on Officially Supported Export Credits), and what is owed in the last year of the
horizon is repaid in it. A floor is one way: max(0, floor - price) on each tonne, before the payable share. A guarantee
pays 1/tenor of the sum insured for each year of closure, so that it never pays more than the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo

from khovor.case import CAPITAL, FINANCING, Case, Horizon, Instrument, alliance, member_kind
from khovor.formulation.frame import Amounts, Frame, Subject, grouped, weighted
from khovor.network import project_periods
from khovor.units import MUSD_PER_KT, T_PER_KT

Batch = tuple[int, int]
"""Capital that takes l years to build and is available from period v: spent in the same years."""

Spending = tuple[float, Any]
"""(MUSD a unit, unit or project decided)."""


def variables(f: Frame) -> None:
    """Declare what is taken."""
    case, m = f.case, f.model
    offered = [(i, x) for i, x in enumerate(case.instruments) if x.kind in CAPITAL]
    conditional = [i for i, x in enumerate(case.instruments) if x.conditions]
    batches = [(i, lead, v) for i, x in offered for lead, v in sorted(_capital(f, x))]
    insured = dict.fromkeys((i, v) for i, _, v in batches if case.instruments[i].kind == "guarantee")
    m.uptake = pyo.Var(conditional, domain=pyo.Binary, doc="uptake[i]: an instrument with conditions is taken  [0/1]")
    m.support = pyo.Var(
        batches,
        domain=pyo.NonNegativeReals,
        bounds=lambda m, i, lead, v: (0.0, _most(f, case.instruments[i], (lead, v))),
        doc="support[i,l,v]: capital financed or insured, as spent  [MUSD]",
    )
    topped = [(i, q, t) for i, x in enumerate(case.instruments) for q, t in _qualifying(f, x)]
    f.operate("topped", topped, doc="topped[i,q,t,w]: sales topped up to a price floor  [kt/y]")
    paid = [(i, v, t) for i, v in insured for t in f.periods[v:]]
    f.operate("paid", paid, doc="paid[i,v,t,w]: paid by a guarantee on capital of v  [MUSD/y]")


def constraints(f: Frame) -> None:
    """Declare the limits of what is taken."""
    _support_within_capital(f)
    _support_within_share(f)
    _support_within_budget(f)
    _support_if_taken(f)
    _topped_within_sales(f)
    _topped_within_tonnage(f)
    _paid_for_closure(f)


def _capital(f: Frame, instrument: Instrument) -> dict[Batch, list[Spending]]:
    """The capital that an instrument is about, by when it is spent."""
    found = []
    for o, option in enumerate(f.options):
        node, process = option.key.node, option.key.process
        if option.capex_musd and instrument.covers_unit(node, process, f.case.nodes[node].territory):
            found += [((option.build_years, v), (option.capex_musd, f.model.build[o, v])) for v in f.vintages[o]]
    for j, project in f.case.projects.items():
        if project.capex_musd and instrument.covers_project(j):
            periods = project_periods(f.case, j)
            found += [((project.build_years, v), (project.capex_musd, f.model.project[j, v])) for v in periods]
    return grouped(found)


def _most(f: Frame, instrument: Instrument, batch: Batch) -> float:
    """The most capital an instrument can be about in a batch [MUSD]: every site row filled with its dearest unit."""
    rows: dict[int, float] = {}
    for o, option in enumerate(f.options):
        node, process = option.key.node, option.key.process
        covered = instrument.covers_unit(node, process, f.case.nodes[node].territory)
        if covered and option.build_years == batch[0] and batch[1] in f.vintages[o]:
            rows[option.key.row] = max(rows.get(option.key.row, 0.0), option.capex_musd * option.max_units)
    projects = sum(
        project.capex_musd
        for j, project in f.case.projects.items()
        if instrument.covers_project(j) and project.build_years == batch[0] and batch[1] in project_periods(f.case, j)
    )
    most = instrument.share_max * (sum(rows.values()) + projects)
    return most if instrument.budget_musd is None else min(most, instrument.budget_musd)


def _support_within_capital(f: Frame) -> None:
    """Capital is paid for once: of any set of things, by all instruments that are about nothing else.

    With these rows for the capital of every set of instruments there is a way to share the things out among them (the
    marriage theorem of P. Hall, 1935); sets that are about the same things need one row.
    """
    m, instruments = f.model, f.case.instruments
    about = {i: _capital(f, x) for i, x in enumerate(instruments) if x.kind in FINANCING}
    unions: dict[tuple[frozenset[int], Batch], tuple[list[int], list[Spending]]] = {}
    for batch in sorted({batch for found in about.values() for batch in found}):
        things = {i: {id(unit): (musd, unit) for musd, unit in about[i].get(batch, [])} for i in about}
        sets = {frozenset(named): named for named in things.values() if named}
        for union in _unions(sets):
            named = {key: spending for found in things.values() for key, spending in found.items() if key in union}
            members = [i for i in about if things[i] and union.issuperset(things[i])]
            unions[frozenset(members), batch] = members, list(named.values())
    index = {(k, *batch): told for k, ((_, batch), told) in enumerate(unions.items())}

    @m.Constraint(list(index), doc="Σ_i support[i,l,v] ≤ Σ capex · build[o,v] of all that they are about  [MUSD]")
    def support_within_capital(m: Any, k: int, lead: int, v: int) -> Any:
        members, spent = index[k, lead, v]
        given = [(1.0, m.support[i, lead, v]) for i in members]
        return weighted([*given, *((-musd, unit) for musd, unit in spent)]) <= 0.0

    f.subjects["support_within_capital"] = lambda k, lead, v: Subject(
        "capital there is to support", instruments[index[k, lead, v][0][0]].at, "MUSD"
    )


def _unions(sets: dict[frozenset[int], Any]) -> set[frozenset[int]]:
    """Every set that some of the sets make together."""
    found: set[frozenset[int]] = set()
    for one in sets:
        found |= {one, *(one | other for other in found)}
    return found


def _support_within_share(f: Frame) -> None:
    m, instruments = f.model, f.case.instruments
    limited = [i for i, x in enumerate(instruments) if x.kind == "guarantee" or x.share_max < 1.0]
    about = {i: _capital(f, instruments[i]) for i in limited}

    @m.Constraint(
        [key for key in m.support if key[0] in about], doc="support[i,l,v] ≤ share_max · Σ capex · build[o,v]  [MUSD]"
    )
    def support_within_share(m: Any, i: int, lead: int, v: int) -> Any:
        share = instruments[i].share_max
        spent = [(-share * musd, unit) for musd, unit in about[i][lead, v]]
        return weighted([(1.0, m.support[i, lead, v]), *spent]) <= 0.0

    f.subjects["support_within_share"] = lambda i, lead, v: _subject(f, i)


def _support_within_budget(f: Frame) -> None:
    m, instruments = f.model, f.case.instruments
    given = grouped((key[0], m.support[key]) for key in m.support)

    @m.Constraint(
        [i for i in given if instruments[i].budget_musd is not None],
        doc="Σ_{l,v} support[i,l,v] ≤ budget[i] · uptake[i]  [MUSD]",
    )
    def support_within_budget(m: Any, i: int) -> Any:
        return _limited(m, i, [(1.0, amount) for amount in given[i]], instruments[i].budget_musd or 0.0)

    f.subjects["support_within_budget"] = lambda i: _subject(f, i)


def _limited(m: Any, i: int, amounts: list[tuple[float, Any]], limit: float) -> Any:
    """Amounts within a limit, and none where an instrument with conditions is not taken."""
    if i in m.uptake:
        return weighted([*amounts, (-limit, m.uptake[i])]) <= 0.0
    return weighted(amounts) <= limit


def _support_if_taken(f: Frame) -> None:
    m = f.model

    @m.Constraint(
        [key for key in m.support if key[0] in m.uptake], doc="support[i,l,v] ≤ most[i,l,v] · uptake[i]  [MUSD]"
    )
    def support_if_taken(m: Any, i: int, lead: int, v: int) -> Any:
        return _limited(m, i, [(1.0, m.support[i, lead, v])], _most(f, f.case.instruments[i], (lead, v)))


def _qualifying(f: Frame, instrument: Instrument) -> list[tuple[int, int]]:
    """Sales (offer, period) that a price floor is about, in some year of it."""
    if instrument.kind != "price_floor":
        return []
    nodes = f.case.nodes
    offers = [offer.market.key for offer in f.network.offers]
    meant = {
        q
        for q, key in enumerate(offers)
        for product, buyer in instrument.sales
        if key.product == product and (buyer in ("", key.node) or nodes[key.node].territory in alliance(f.case, buyer))
    }
    return [(q, t) for q, t in f.network.sells if q in meant and _floored_share(f, instrument, q, t) > 0]


def _floored(f: Frame, instrument: Instrument, q: int, t: int) -> list[int]:
    """Years of a period in which a sale may take place and the floor holds."""
    market = f.network.offers[q].market
    return [y for y in f.case.horizon.periods[t].span if y in market.window and y in instrument.window]


def _floored_share(f: Frame, instrument: Instrument, q: int, t: int) -> float:
    """The share of a period's sales that lies in years of the floor."""
    market, period = f.network.offers[q].market, f.case.horizon.periods[t]
    return len(_floored(f, instrument, q, t)) / (f.case.horizon.share(t, market.window) * period.years)


def _topped_within_sales(f: Frame) -> None:
    """A tonne is topped up by one floor, in the years of that floor."""
    instruments, by_sale = f.case.instruments, grouped((key[1:], key[0]) for key in f.model.topped)

    @f.rows(list(by_sale), doc="Σ_i topped[i,q,t,w] / share[i,q,t] ≤ sell[q,t,w]  [kt/y]")
    def topped_within_sales(m: Any, q: int, t: int) -> Any:
        shares = {i: _floored_share(f, instruments[i], q, t) for i in by_sale[q, t]}
        topped = [(1.0 / share, m.topped[i, q, t]) for i, share in shares.items()]
        return weighted([*topped, (-1.0, m.sell[q, t])]) <= 0.0

    f.subjects["topped_within_sales"] = lambda q, t, w: _subject(f, by_sale[q, t][0])


def _topped_within_tonnage(f: Frame) -> None:
    instruments, offers = f.case.instruments, f.network.offers
    limited = [key for key in f.model.topped if instruments[key[0]].t_y is not None]
    by_floor = grouped(((i, t), q) for i, q, t in limited)

    @f.rows(list(by_floor), doc="Σ_q content · topped[i,q,t,w] ≤ tonnes[i] · share[i,t] · uptake[i]  [kt/y]")
    def topped_within_tonnage(m: Any, i: int, t: int) -> Any:
        most = (instruments[i].t_y or 0.0) * f.case.horizon.share(t, instruments[i].window) / T_PER_KT
        priced = [(offers[q].market.content[offers[q].commodity.origin], m.topped[i, q, t]) for q in by_floor[i, t]]
        return _limited(m, i, priced, most)

    f.subjects["topped_within_tonnage"] = lambda i, t, w: _subject(f, i)


def _paid_for_closure(f: Frame) -> None:
    case = f.case
    given = grouped(((i, v), (i, lead, v)) for i, lead, v in f.model.support)

    @f.rows(list(f.model.paid), doc="paid[i,v,t,w] = closed[i,t,w] / tenor[i] · Σ_l support[i,l,v]  [MUSD/y]")
    def paid_for_closure(m: Any, i: int, v: int, t: int) -> Any:
        instrument = case.instruments[i]
        things = closing(case, instrument)
        open_share = sum(f.future.factor("capacity", kind, name, t) for kind, name in things) / len(things)
        part = max(0.0, 1.0 - open_share) / len(insured_years(case.horizon, instrument, v, whole=True))
        return weighted([(1.0, m.paid[i, v, t]), *((-part, m.support[key]) for key in given[i, v])]) == 0.0


def closing(case: Case, instrument: Instrument) -> list[tuple[str, str]]:
    """The gates and lanes, as (kind, name), whose closing a guarantee pays for."""
    found: list[tuple[str, str]] = []
    for kind, name in instrument.risks:
        members = case.groups[name] if kind == "group" else (name,)
        found += [(member_kind(case, member) if kind == "group" else kind, member) for member in members]
    return found


def insured_years(horizon: Horizon, instrument: Instrument, v: int, whole: bool = False) -> list[int]:
    """Years of the horizon in which the capital of a period is insured; `whole`: those beyond it as well."""
    start = horizon.periods[v].start_year
    tenor = instrument.tenor_years
    end = horizon.last_year + 1 if tenor is None else start + tenor
    return list(range(start, end if whole else min(end, horizon.last_year + 1)))


def _subject(f: Frame, i: int) -> Subject:
    return Subject(f"instrument {f.case.instruments[i].name}", f.case.instruments[i].at, "MUSD")


# Money, year by year, so that it can be weighed by any horizon

Flow = tuple[str, int, float]
"""(term, year, MUSD) of one MUSD of support."""


def flows(horizon: Horizon, instrument: Instrument, batch: Batch) -> list[Flow]:
    """What one MUSD of support brings and costs the investor in every future, by year."""
    lead, v = batch
    start = horizon.periods[v].start_year
    spent = list(range(start - lead, start)) or [start]
    if instrument.kind == "grant":
        return [("grant", year, 1.0 / len(spent)) for year in spent]
    if instrument.kind == "guarantee":
        return [("guarantee_premium", year, -instrument.rate) for year in insured_years(horizon, instrument, v)]
    drawn = [("loan_drawn", year, 1.0 / len(spent)) for year in spent]
    served = service(instrument, spent, horizon.last_year)
    paid = [("interest", year, -interest) for year, interest, _ in served if interest]
    return drawn + paid + [("repayment", year, -principal) for year, _, principal in served if principal]


def service(instrument: Instrument, drawn: list[int], last: int) -> list[tuple[int, float, float]]:
    """(year, interest, principal) of a loan of 1 drawn in equal parts in some years, all in by the year `last`.

    Interest is paid yearly, from the year after the first part is drawn, on what is outstanding. The first instalment
    of principal is due in the year after the last part is drawn, or after the years of grace that follow it.
    """
    parts = (instrument.tenor_years or 1) - instrument.grace_years
    found, owed = [], 0.0
    for year in range(drawn[0], min(last, drawn[-1] + (instrument.tenor_years or 1)) + 1):
        interest = instrument.rate * owed
        owed += 1.0 / len(drawn) if year in drawn else 0.0
        due = owed if year == last else 1.0 / parts if year > drawn[-1] + instrument.grace_years else 0.0
        owed -= due
        if interest or due:
            found.append((year, interest, due))
    return found


def topups(f: Frame, i: int, q: int, t: int) -> Iterator[tuple[int, float]]:
    """(year, MUSD) that a kt/y topped up brings in the future being stated."""
    instrument, offer = f.case.instruments[i], f.network.offers[q]
    market, years = offer.market, _floored(f, instrument, q, t)
    factor = f.future.factor("price", "market", market.key, t)
    scale = MUSD_PER_KT * market.payable_share * market.content[offer.commodity.origin]
    for year in years:
        price = market.price_usd_t * factor * f.case.profile(market.profile, year)
        yield year, scale * max(0.0, instrument.floor_usd_t - price) * f.case.horizon.periods[t].years / len(years)


def paid_years(f: Frame, i: int, v: int, t: int) -> list[int]:
    """Years of a period in which a guarantee on the capital of v pays."""
    return [y for y in insured_years(f.case.horizon, f.case.instruments[i], v) if y in f.case.horizon.periods[t].span]


def decided(f: Frame) -> Iterator[tuple[tuple[str, str, int], list[float], list[Any]]]:
    """((term, "", period), discounted MUSD per MUSD of support, support) of what is paid in every future."""
    horizon = f.case.horizon
    for (i, lead, v), given in f.model.support.items():
        for term, year, musd in flows(horizon, f.case.instruments[i], (lead, v)):
            yield (term, "", _period_of(horizon, year)), [musd * horizon.worth(year)], [given]


def _period_of(horizon: Horizon, year: int) -> int:
    """The period of a year; what comes before the first counts in it."""
    return next((t for t in horizon.indices if year in horizon.periods[t].span), 0)


def price_floors(f: Frame) -> Callable[[int], Amounts]:
    """What price floors bring."""

    def charge(t: int) -> Amounts:
        worth = f.case.horizon.worth
        members = f.operation["topped"].members[t]
        amounts = [sum(worth(y) * musd for y, musd in topups(f, i, q, t)) for i, q, _ in members]
        yield "price_floor", t, np.array(amounts)

    return charge


def payouts(f: Frame) -> Callable[[int], Amounts]:
    """What guarantees pay."""

    def charge(t: int) -> Amounts:
        members = f.operation["paid"].members[t]
        amounts = [sum(map(f.case.horizon.worth, paid_years(f, i, v, t))) for i, v, _ in members]
        yield "guarantee_payout", t, np.array(amounts)

    return charge


def public_cost(f: Frame) -> Iterator[tuple[float, Any]]:
    """(expected discounted public MUSD per MUSD of support, support), never below 0.

    A lender who charges more than the public discount rate, or an insurer who collects more than he expects to pay, is
    not counted as earning public money. What price floors cost is their term.
    """
    horizon, futures = f.case.horizon, [(s.probability, f.conditions[s.name]) for s in f.case.scenarios]
    for (i, lead, v), given in f.model.support.items():
        instrument = f.case.instruments[i]
        cost = sum(musd * horizon.worth(y) for _, y, musd in flows(horizon, instrument, (lead, v)))
        if instrument.kind == "guarantee":
            things = closing(f.case, instrument)
            part = 1.0 / len(insured_years(horizon, instrument, v, whole=True))
            for t in f.periods[v:]:
                worth = sum(map(horizon.worth, paid_years(f, i, v, t)))
                for odds, at in futures:
                    share = sum(at.factor("capacity", kind, name, t) for kind, name in things) / len(things)
                    cost += odds * worth * part * max(0.0, 1.0 - share)
        yield max(0.0, cost), given
