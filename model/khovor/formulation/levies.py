"""Levied on every sale: royalty, export duty and VAT that is not refunded, as shares of its gross value.

The price of a sale in a year and a future is data, and so are the rates: what is levied is linear in what is sold.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from khovor.case import RATES, Levies
from khovor.formulation.frame import Amounts, Floats, Frame

Levied = Callable[[int, Floats, Floats], Amounts]
"""(period, price factor of each offer, discounted revenue of a unit of each) -> what each owes."""


def levied(f: Frame) -> Levied:
    """What each offer owes in a period, by money term [MUSD per kt/y of each offer of the network]."""
    levies, offers, horizon = Levies(f.case), f.network.offers, f.case.horizon
    flat = [levies.rates(offer.market, 0.0) for offer in offers]
    levied_on = {*f.case.fiscal.rates, *(["royalty"] if f.case.fiscal.steps else [])}
    shares = {term: np.array([rates.get(term, 0.0) for rates in flat]) for term in RATES if term in levied_on}
    stepped = [q for q, offer in enumerate(offers) if offer.market.key.product in f.case.fiscal.steps]

    def stepped_royalty(q: int, t: int, factor: float, earned: float) -> float:
        """The rate changes with the price of the year: revenue year by year, each at its own."""
        market = offers[q].market
        path = {year: f.case.profile(market.profile, year) for year in horizon.periods[t].span}
        whole = horizon.annuity(t, market.window, path.__getitem__)
        owed = horizon.annuity(
            t,
            market.window,
            lambda year: path[year] * levies.rates(market, market.price_usd_t * factor * path[year]).get("royalty", 0),
        )
        return earned * owed / whole if whole else 0.0

    def owed(t: int, factors: Floats, earned: Floats) -> Amounts:
        for term, share in shares.items():
            amounts = share * earned
            if term == "royalty" and stepped:
                amounts[stepped] = [stepped_royalty(q, t, float(factors[q]), float(earned[q])) for q in stepped]
            yield term, t, -amounts

    return owed
