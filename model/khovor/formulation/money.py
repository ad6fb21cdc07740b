"""Every money term, discounted [MUSD]: what is reported is what is optimised.

A term is a signed contribution to value: revenue adds, costs subtract. First-stage terms (capital, fixed cost, booking)
are paid in every future and carry the scenario name "". Weights: `Horizon.annuity` for yearly amounts, `Horizon.outlay`
for capital (model contract, Money).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyomo.environ as pyo

from khovor.case import Option, Window
from khovor.formulation.frame import Frame, Linear, weighted
from khovor.network import build_periods, project_periods
from khovor.units import DAYS_PER_YEAR, MUSD_PER_KT, T_PER_KT, USD_PER_MUSD

TermKey = tuple[str, str, int]
Entry = tuple[TermKey, float, Any]

REVENUE = "revenue"
"""The one term the `cost` objective leaves out."""


def terms(f: Frame) -> None:
    """Name every term as an Expression `terms[name, scenario, period]`; constants (existing plants) included."""
    m = f.model
    found: dict[TermKey, list[tuple[float, Any]]] = defaultdict(list)
    for concern in (_capital, _closures, _projects, _bookings):
        for key, coefficient, variable in concern(f):
            found[key].append((coefficient, variable))
    for operating in (_sales, _purchases, _shipments, _activity, _utilities, _disposal, _storage, _shortfall):
        for key, coefficient, variable in operating(f):
            found[key].append((coefficient, variable))
    fixed = _constants(f)
    f.money = {key: Linear(found.get(key, []), fixed.get(key, 0.0)) for key in sorted({*found, *fixed})}
    m.terms = pyo.Expression(
        list(f.money),
        rule=lambda m, name, w, t: weighted(f.money[name, w, t].terms) + f.money[name, w, t].constant,
        doc="terms[name,w,t]: signed, discounted contribution to value  [MUSD]",
    )


def _outlays(f: Frame, option: Option, v: int) -> Iterator[tuple[str, int, float]]:
    """(term, period, MUSD) that one unit available from period v costs over its life."""
    horizon = f.case.horizon
    yield "capex", v, -option.capex_musd * horizon.outlay(v, option.build_years)
    yield from _upkeep(f, option, v)
    after = horizon.end_of_life(v, option.lifetime_years)
    if after is not None:
        yield "closing", _period_of(f, after), -option.closing_cost_musd * horizon.worth(after)
    if f.case.terms.terminal_value == "book":
        yield "terminal_value", f.periods[-1], _book_value(f, option, v)


def _upkeep(f: Frame, option: Option, v: int | None) -> Iterator[tuple[str, int, float]]:
    horizon = f.case.horizon
    for t in f.periods:
        years = sum(horizon.worth(y) for y in horizon.years_alive(v, option.lifetime_years, t))
        if years:
            yield "sustaining", t, -option.sustaining_musd_y * years
            yield "fixed_opex", t, -option.fixed_opex_musd_y * years


def _book_value(f: Frame, option: Option, v: int | None) -> float:
    """Straight-line book value of a unit on the day after the horizon [MUSD, discounted]."""
    horizon = f.case.horizon
    start = horizon.periods[0 if v is None else v].start_year
    age = horizon.last_year + 1 - start
    left = 1.0 - age / option.lifetime_years if option.lifetime_years else 0.0
    return option.capex_musd * max(0.0, left) * horizon.end_worth()


def _period_of(f: Frame, year: int) -> int:
    return next(t for t in f.periods if year in f.case.horizon.periods[t].span)


def _capital(f: Frame) -> Iterator[Entry]:
    for o, option in enumerate(f.case.options):
        for v in build_periods(f.case, option):
            for name, t, amount in _outlays(f, option, v):
                yield (name, "", t), amount, f.model.build[o, v]


def _closures(f: Frame) -> Iterator[Entry]:
    """Closing an existing unit pays its closing cost now, and saves its upkeep and its cost at the end of its life."""
    horizon = f.case.horizon
    for o, option in enumerate(f.case.options):
        if not option.existing_units:
            continue
        for v in f.periods:
            unit = f.model.close[o, v]
            yield ("closing", "", v), -option.closing_cost_musd * horizon.worth(horizon.periods[v].start_year), unit
            for name, t, amount in _kept(f, option):
                if t >= v:
                    yield (name, "", t), -amount, unit


def _kept(f: Frame, option: Option) -> Iterator[tuple[str, int, float]]:
    """(term, period, MUSD) of one existing unit left alone."""
    horizon = f.case.horizon
    yield from _upkeep(f, option, None)
    after = horizon.end_of_life(None, option.lifetime_years)
    if after is not None:
        yield "closing", _period_of(f, after), -option.closing_cost_musd * horizon.worth(after)
    if f.case.terms.terminal_value == "book":
        yield "terminal_value", f.periods[-1], _book_value(f, option, None)


def _constants(f: Frame) -> dict[TermKey, float]:
    """What existing units cost if nothing is closed, and holding the first stock."""
    found: dict[TermKey, float] = defaultdict(float)
    for option in f.case.options:
        for name, t, amount in _kept(f, option) if option.existing_units else ():
            found[name, "", t] += option.existing_units * amount
    for pile in f.case.stockpiles:
        price = pile.holding_usd_t_y * pile.initial_t / USD_PER_MUSD / 2.0
        for w in f.scenarios if price else ():
            found["holding", w, 0] -= price * f.case.horizon.annuity(0)
    return dict(found)


def _projects(f: Frame) -> Iterator[Entry]:
    horizon = f.case.horizon
    for j, project in f.case.projects.items():
        for v in project_periods(f.case, j):
            taken = f.model.project[j, v]
            yield ("project_capex", "", v), -project.capex_musd * horizon.outlay(v, project.build_years), taken
            for t in f.periods[v:]:
                yield ("project_opex", "", t), -project.fixed_opex_musd_y * horizon.annuity(t), taken


def _bookings(f: Frame) -> Iterator[Entry]:
    for g, t in f.model.BOOK:
        price = (f.case.gates[g].booking_usd_t_y or 0.0) * MUSD_PER_KT
        yield ("booking", "", t), -price * f.case.horizon.annuity(t), f.model.book[g, t]


def _worth(f: Frame, window: Window, profile: str, t: int) -> float:
    """Present value of one dollar a year at a price that follows a profile."""
    return f.case.horizon.annuity(t, window, lambda year: f.case.profile(profile, year))


def _sales(f: Frame) -> Iterator[Entry]:
    worth = {
        (market.key, t): _worth(f, market.window, market.profile, t) for market in f.case.markets for t in f.periods
    }
    for q, t, w in f.model.SELL:
        offer = f.network.offers[q]
        market = offer.market
        price = market.price_usd_t * market.content[offer.commodity.origin] * market.payable_share * MUSD_PER_KT
        factor = f.conditions[w].factor("price", "market", market.key, t)
        yield (REVENUE, w, t), price * factor * worth[market.key, t], f.model.sell[q, t, w]


def _purchases(f: Frame) -> Iterator[Entry]:
    worth = {
        (b, t): _worth(f, offer.window, offer.profile, t) for b, offer in enumerate(f.case.purchases) for t in f.periods
    }
    for b, t, w in f.model.BUY:
        offer = f.case.purchases[b]
        factor = f.conditions[w].factor("price", "purchase", offer.key, t)
        yield ("purchases", w, t), -offer.price_usd_t * MUSD_PER_KT * factor * worth[b, t], f.model.buy[b, t, w]


def _shipments(f: Frame) -> Iterator[Entry]:
    """Freight, fees, and the interest on goods in transit."""
    annuity = [f.case.horizon.annuity(t) for t in f.periods]
    rate = f.case.horizon.rate / DAYS_PER_YEAR
    for i, t, w in f.model.SHIP:
        pair, future = f.network.pairs[i], f.conditions[w]
        lane, product = pair.lane, f.case.products[pair.commodity.product]
        cost = future.factor("cost", "lane", lane.name, t) * future.factor("cost", "product", product.name, t)
        fee = lane.fee_usd_t + future.extra("fee", pair.leg, t) + lane.fee_share_of_value * product.value_usd_t
        days = max(0.0, lane.days + future.extra("days", pair.leg, t))
        moved, scale = f.model.ship[i, t, w], -annuity[t] * MUSD_PER_KT
        yield ("freight", w, t), scale * lane.freight_usd_t * cost, moved
        yield ("fees", w, t), scale * fee, moved
        yield ("transit_interest", w, t), scale * product.value_usd_t * rate * days, moved


def _activity(f: Frame) -> Iterator[Entry]:
    annuity = [f.case.horizon.annuity(t) for t in f.periods]
    for x, t, w in f.model.ACT:
        plant = f.network.activities[x].plant
        factor = f.conditions[w].factor("cost", "plant", (plant.key.node, plant.key.process), t)
        cost = plant.variable_opex_usd_t * MUSD_PER_KT * factor
        yield ("variable_opex", w, t), -cost * annuity[t], f.model.act[x, t, w]


def _utilities(f: Frame) -> Iterator[Entry]:
    for s, t, w in f.model.USE:
        step = f.case.utilities[s]
        price = step.price_usd * T_PER_KT / USD_PER_MUSD * f.conditions[w].factor("price", "utility", step.key, t)
        yield ("utilities", w, t), -price * f.case.horizon.annuity(t, step.window), f.model.use[s, t, w]


def _disposal(f: Frame) -> Iterator[Entry]:
    for n, p, o, t, w in f.model.DUMP:
        price = (f.case.products[p].disposal_usd_t or 0.0) * MUSD_PER_KT
        yield ("disposal", w, t), -price * f.case.horizon.annuity(t), f.model.dump[n, p, o, t, w]


def _storage(f: Frame) -> Iterator[Entry]:
    """Holding cost on the mean of the stock at the start and at the end of the period."""
    piles = {(s.node, s.product): s for s in f.case.stockpiles}
    for n, p, o, t, w in f.model.STOCK:
        price = piles[n, p].holding_usd_t_y * MUSD_PER_KT / 2.0
        stock = f.model.stock[n, p, o, t, w]
        yield ("holding", w, t), -price * f.case.horizon.annuity(t), stock
        if t + 1 in f.periods:
            yield ("holding", w, t + 1), -price * f.case.horizon.annuity(t + 1), stock


def _shortfall(f: Frame) -> Iterator[Entry]:
    for k, t, w in f.model.SHORT:
        market = f.case.markets[k]
        price = (market.shortfall_usd_t or 0.0) * MUSD_PER_KT
        yield ("shortfall", w, t), -price * f.case.horizon.annuity(t, market.window), f.model.short[k, t, w]
