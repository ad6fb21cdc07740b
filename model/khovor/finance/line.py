"""A line of the cash flow: a quantity a year at a price, traced to its cell; what is paid is negative.

MUSD in a year = quantity x price x factor x the price profile of the year x `musd`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from khovor.units import USD_PER_MUSD

PAID_USD: Final = -1.0 / USD_PER_MUSD
EARNED_USD: Final = 1.0 / USD_PER_MUSD
PAID: Final = -1.0
EARNED: Final = 1.0


class Line(NamedTuple):
    """One thing bought, sold, built or done at one price. `price` in USD or MUSD per `unit`; `at` the cell it is from.

    `factor` is what events of a future (or, of interest, the yearly rate) make of the price; `musd` turns the price
    into a signed amount in MUSD; `profile` names the price profile, "" a flat one; `site` is the
    node whose own it is, "" where it is nobody's.
    """

    term: str
    what: str
    unit: str
    at: str
    price: float
    musd: float
    factor: float = 1.0
    profile: str = ""
    site: str = ""


Entry = tuple[Line, str, range, float]
"""(line, scenario or "" for what is paid in every future, years, quantity in each of them)."""
