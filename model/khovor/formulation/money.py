"""Every money term, discounted [MUSD]: what is reported is what is optimised.

A term is a signed contribution to value: revenue adds, costs subtract. First-stage terms (capital, fixed cost, booking)
are paid in every future and carry the scenario name "". Weights: `Horizon.annuity` for yearly amounts, `Horizon.outlay`
for capital (model contract, Money).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo

from khovor.case import Window
from khovor.formulation import instruments
from khovor.formulation.decided import SHARED, STATE, TermKey, constants, decided_once
from khovor.formulation.frame import Amounts, Floats, Frame, Linear, grouped
from khovor.formulation.levies import levied
from khovor.formulation.operation import Operation
from khovor.formulation.penalty import penalty_musd
from khovor.formulation.sums import Listed, Sum
from khovor.units import DAYS_PER_YEAR, MUSD_PER_KT, T_PER_KT, USD_PER_MUSD

Charge = Callable[[int], Amounts]

REVENUE = "revenue"
"""The one term the `cost` objective leaves out."""


def terms(f: Frame) -> None:
    """Name every term as an Expression `terms[name, scenario, period]`; constants (existing plants) included.

    What operation pays is kept in `Frame.charges` as well, to be asked again for the other futures.
    """
    _work_out(f)
    f.model.terms = pyo.Expression(
        list(f.money),
        rule=lambda m, name, w, t: f.money[name, w, t].terms + f.money[name, w, t].constant,
        doc="terms[name,w,t]: signed, discounted contribution to value  [MUSD]",
    )


def at_rate(f: Frame, rate: float) -> Frame:
    """The same model, its money discounted at another rate."""
    case = replace(f.case, horizon=replace(f.case.horizon, rate=rate))
    view = replace(f, case=case, money={}, charges={}, _upkeep={})
    _work_out(view)
    return view


def _work_out(f: Frame) -> None:
    paid: dict[TermKey, list[Callable[[], Listed]]] = defaultdict(list)
    for key, coefficients, variables in decided_once(f):
        paid[key].append(partial(_nonzero, coefficients, variables))
    w = f.future.pattern
    for variable, charge in CHARGES.items():
        f.charges[variable] = shared_with_state(f, charge(f))
        for t, places in enumerate(f.operation[variable].places):
            for name, when, amounts in f.charges[variable](t) if len(places) else ():
                paid[name, w, when].append(partial(_of_period, f.operation[variable], t, amounts))
    fixed = constants(f, f.options)
    keys = sorted({*paid, *fixed})
    f.money = {key: Linear(Sum(partial(_joined, paid[key])), fixed.get(key, 0.0)) for key in keys}


def _nonzero(amounts: Sequence[float], variables: Sequence[Any]) -> Listed:
    return [amount for amount in amounts if amount], [*compress(variables, amounts)]


def _of_period(operation: Operation, t: int, amounts: Floats) -> Listed:
    return _nonzero(amounts.tolist(), operation.at(t))


def _joined(parts: Sequence[Callable[[], Listed]]) -> Listed:
    """The lists of all parts of a term, made when they are asked for: what operation pays is rarely read here."""
    coefficients: list[float] = []
    variables: list[Any] = []
    for part in parts:
        amounts, units = part()
        coefficients += amounts
        variables += units
    return coefficients, variables


def shared_with_state(f: Frame, charge: Charge) -> Charge:
    """The same charge, and the state's share of it where the state pays its share of everything."""
    share = f.case.fiscal.paid
    if not share:
        return charge

    def shared(t: int) -> Amounts:
        for name, when, amounts in charge(t):
            yield name, when, amounts
            if name in SHARED:
                yield STATE, when, -share * amounts

    return shared


def _worths(f: Frame, prices: list[tuple[Window, str]], t: int) -> Floats:
    """Present value of one dollar a year at prices that follow a profile within a window."""
    known = {
        (window, profile): f.case.horizon.annuity(t, window, partial(f.case.profile, profile))
        for window, profile in dict.fromkeys(prices)
    }
    return np.array([known[price] for price in prices])


def _sales(f: Frame) -> Charge:
    offers, sold = f.network.offers, _things(f, "sell")
    places = grouped((offer.market.key, q) for q, offer in enumerate(offers))

    def price(q: int) -> float:
        market, origin = offers[q].market, offers[q].commodity.origin
        return market.price_usd_t * market.content[origin] * market.payable_share * MUSD_PER_KT

    prices = np.array([price(q) for q in range(len(offers))])

    worth = [_worths(f, [(offer.market.window, offer.market.profile) for offer in offers], t) for t in f.periods]
    owed = levied(f)

    def charge(t: int) -> Amounts:
        factor = f.future.factors("price", "market", places, len(offers), t)
        earned = prices * factor * worth[t]
        yield REVENUE, t, earned[sold[t]]
        for term, when, amounts in owed(t, factor, earned):
            yield term, when, amounts[sold[t]]

    return charge


def _purchases(f: Frame) -> Charge:
    offers, bought = f.case.purchases, _things(f, "buy")
    places = grouped((offer.key, b) for b, offer in enumerate(offers))
    prices = np.array([offer.price_usd_t * MUSD_PER_KT for offer in offers])

    worth = [_worths(f, [(offer.window, offer.profile) for offer in offers], t) for t in f.periods]

    def charge(t: int) -> Amounts:
        factor = f.future.factors("price", "purchase", places, len(offers), t)
        yield "purchases", t, (-prices * factor * worth[t])[bought[t]]

    return charge


def _shipments(f: Frame) -> Charge:
    """Freight, fees, and the interest on goods in transit."""
    pairs, size, moved = f.network.pairs, len(f.network.pairs), _things(f, "ship")
    rate = f.case.horizon.rate / DAYS_PER_YEAR
    of_lane = grouped((pair.lane.name, i) for i, pair in enumerate(pairs))
    of_leg = grouped((pair.leg, i) for i, pair in enumerate(pairs))
    of_product = grouped((pair.commodity.product, i) for i, pair in enumerate(pairs))
    value = np.array([f.case.products[pair.commodity.product].value_usd_t for pair in pairs])
    freight = np.array([pair.lane.freight_usd_t for pair in pairs])
    usual_fee = np.array([pair.lane.fee_usd_t for pair in pairs]) + value * [p.lane.fee_share_of_value for p in pairs]
    usual_days = np.array([pair.lane.days for pair in pairs])

    def charge(t: int) -> Amounts:
        here, scale, factors = moved[t], -f.case.horizon.annuity(t) * MUSD_PER_KT, f.future.factors
        cost = factors("cost", "lane", of_lane, size, t) * factors("cost", "product", of_product, size, t)
        fee = usual_fee + factors("fee", "leg", of_leg, size, t)
        days = np.maximum(0.0, usual_days + factors("days", "leg", of_leg, size, t))
        yield "freight", t, scale * (freight * cost)[here]
        yield "fees", t, scale * fee[here]
        yield "transit_interest", t, scale * rate * (value * days)[here]

    return charge


def _activity(f: Frame) -> Charge:
    activities, run = f.network.activities, _things(f, "act")
    places = grouped(((a.plant.key.node, a.plant.key.process), x) for x, a in enumerate(activities))
    costs = np.array([a.plant.variable_opex_usd_t * MUSD_PER_KT for a in activities])

    def charge(t: int) -> Amounts:
        factor = f.future.factors("cost", "plant", places, len(activities), t)
        yield "variable_opex", t, -f.case.horizon.annuity(t) * (costs * factor)[run[t]]

    return charge


def _utilities(f: Frame) -> Charge:
    steps, used = f.case.utilities, _things(f, "use")
    places = grouped((step.key, s) for s, step in enumerate(steps))
    prices = np.array([step.price_usd * T_PER_KT / USD_PER_MUSD for step in steps])

    worth = [_worths(f, [(step.window, "") for step in steps], t) for t in f.periods]

    def charge(t: int) -> Amounts:
        factor = f.future.factors("price", "utility", places, len(steps), t)
        yield "utilities", t, (-prices * factor * worth[t])[used[t]]

    return charge


def _disposal(f: Frame) -> Charge:
    def charge(t: int) -> Amounts:
        goods = [f.case.products[p] for _, p, _, _ in f.operation["dump"].members[t]]
        prices = [(product.disposal_usd_t or 0.0) * MUSD_PER_KT for product in goods]
        yield "disposal", t, -f.case.horizon.annuity(t) * np.array(prices)

    return charge


def _storage(f: Frame) -> Charge:
    """Holding cost on the mean of the stock at the start and at the end of the period."""
    piles = {(s.node, s.product): s for s in f.case.stockpiles}

    def charge(t: int) -> Amounts:
        prices = [piles[n, p].holding_usd_t_y * MUSD_PER_KT / 2.0 for n, p, _, _ in f.operation["stock"].members[t]]
        for held in (t, t + 1):
            if held in f.periods:
                yield "holding", held, -f.case.horizon.annuity(held) * np.array(prices)

    return charge


def _shortfall(f: Frame) -> Charge:
    def charge(t: int) -> Amounts:
        markets = [f.case.markets[k] for k, _ in f.operation["short"].members[t]]
        prices = [(market.shortfall_usd_t or 0.0) * MUSD_PER_KT for market in markets]
        yield "shortfall", t, -np.array([f.case.horizon.annuity(t, m.window) for m in markets]) * np.array(prices)

    return charge


def _missed(f: Frame) -> Charge:
    def charge(t: int) -> Amounts:
        prices = [penalty_musd(f.case, f.case.policies[i], t) for i, _ in f.operation["beyond"].members[t]]
        yield "penalty", t, -np.array(prices)

    return charge


def _income_tax(sign: float) -> Callable[[Frame], Charge]:
    """Tax on what a year gains, less tax on the old losses used in it: index ends with year and period."""

    def declared(f: Frame) -> Charge:
        horizon, rate = f.case.horizon, f.case.fiscal.income_tax

        def charge(t: int) -> Amounts:
            name = "gain" if sign < 0 else "used"
            worth = [horizon.worth(index[-2]) for index in f.operation[name].members[t]]
            yield "income_tax", t, sign * rate * np.array(worth)

        return charge

    return declared


def _dividend(f: Frame) -> Charge:
    def charge(t: int) -> Amounts:
        worth = [f.case.horizon.worth(year) for year, _ in f.operation["dividend"].members[t]]
        yield STATE, t, -f.case.fiscal.carried * np.array(worth)

    return charge


CHARGES: Final[Mapping[str, Callable[[Frame], Charge]]] = {
    "sell": _sales,
    "buy": _purchases,
    "ship": _shipments,
    "act": _activity,
    "use": _utilities,
    "dump": _disposal,
    "stock": _storage,
    "short": _shortfall,
    "beyond": _missed,
    "topped": instruments.price_floors,
    "paid": instruments.payouts,
    "gain": _income_tax(-1.0),
    "used": _income_tax(1.0),
    "dividend": _dividend,
}
"""What each variable of operation pays: by period, per unit of each of its members, in the future being stated."""


def _things(f: Frame, variable: str) -> list[npt.NDArray[np.int64]]:
    """By period, the first index of each of a variable's members."""
    operation = f.operation[variable]
    return [operation.things[places] for places in operation.places]
