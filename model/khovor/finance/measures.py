"""What a yearly cash flow is worth: net present value, internal rate of return, payback, debt-service cover.

Sources: R. Brealey, S. Myers, F. Allen, Principles of Corporate Finance, the chapter on net present value and other
investment criteria (NPV, payback plain and discounted, why a flow may have several internal rates of return or none);
Descartes' rule of signs for how many there can be; E. Yescombe, Principles of Project Finance, 2nd ed. 2014, section
12.3 (cover ratios: cash available for debt service in a year over the debt service of that year, and the least of
them). That of several rates the one nearest the discount rate is told, and that payback must last, is khovor's choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NOTHING: Final = 1.0e-6
"""MUSD (one dollar) below which an amount is rounding, and has no sign."""

LOWEST, HIGHEST = -0.999, 1.0e3
"""Rates of return that are looked for, per year."""

GRID: Final = 4001
"""Rates tried to tell roots apart, evenly spaced in log(1 + rate): 0.35% between neighbours."""


class Returns(NamedTuple):
    """The figures of one flow [MUSD, per year, calendar years]; None where there is none.

    `irrs` is how many internal rates of return there are that are not negative, or, where none is, that are; `irr` is
    the one of them nearest the discount rate. (A plan that ends with a small bill has a second rate near -100%, which
    says nothing of it.) Payback is the first year from which what has come in covers, to the end, what has gone out; a
    flow that is never behind is `ahead` and has the first year in which money moves.
    """

    npv: float
    irr: float | None
    irrs: int
    payback_year: int | None
    discounted_payback_year: int | None
    ahead: bool


def returns(years: range, flow: Floats, factors: Floats, rate: float) -> Returns:
    """All figures of a flow; `factors` are the present values of one dollar, `rate` is the discount rate."""
    found = rates_of_return(flow)
    rates = [one for one in found if one >= 0.0] or found
    return Returns(
        npv=float(flow @ factors),
        irr=min(rates, key=lambda one: abs(one - rate)) if rates else None,
        irrs=len(rates),
        payback_year=payback_year(years, flow),
        discounted_payback_year=payback_year(years, flow * factors),
        ahead=_behind(flow).size == 0,
    )


def sign_changes(flow: Sequence[float] | Floats) -> int:
    """How often a flow changes its sign: there are at most so many internal rates of return (Descartes).

    >>> sign_changes([-1.0, 0.0, 3.0, -2.0])
    2
    """
    signs = [np.sign(amount) for amount in flow if abs(amount) > NOTHING]
    return sum(bool(a != b) for a, b in pairwise(signs))


def rates_of_return(flow: Sequence[float] | Floats) -> list[float]:
    """Every rate at which sum of flow[k] / (1 + rate)^k changes its sign, lowest first.

    Rates are bracketed on a grid and halved in to the last digits; one change of sign in the flow means exactly one.

    >>> [round(rate, 12) for rate in rates_of_return([-1.0, 2.3, -1.32])]
    [0.1, 0.2]
    """
    amounts = np.where(np.abs(flow) > NOTHING, flow, 0.0)
    if not sign_changes(amounts):
        return []
    powers = np.trim_zeros(amounts)
    logs = np.linspace(np.log1p(LOWEST), np.log1p(HIGHEST), GRID)
    worth = _worth(powers, logs)
    exact = [float(np.expm1(log)) for log in logs[worth == 0.0]]
    turns = np.flatnonzero(worth[:-1] * worth[1:] < 0.0)
    return sorted([*exact, *(_halved(powers, logs[k], logs[k + 1]) for k in turns)])


def _worth(powers: Floats, logs: Floats) -> Floats:
    """The sign of the worth of a flow at rates given as log(1 + rate), scaled so that neither end overflows."""
    exponents = np.outer(logs, -np.arange(len(powers)))
    scaled: Floats = np.exp(exponents - exponents.max(axis=1, keepdims=True)) @ powers
    return scaled


def _halved(powers: Floats, low: float, high: float) -> float:
    """The rate between two at which the worth of the flow has unlike signs."""
    below = np.sign(_worth(powers, np.array([low]))[0])
    while low < (middle := (low + high) / 2.0) < high:
        if np.sign(_worth(powers, np.array([middle]))[0]) == below:
            low = middle
        else:
            high = middle
    return float(np.expm1(low))


def payback_year(years: range, flow: Floats) -> int | None:
    """The first year from which the flow so far stays covered; None when it does not within these years.

    >>> payback_year(range(2030, 2034), np.array([-2.0, 1.0, 1.0, 1.0]))
    2032
    """
    behind = _behind(flow)
    if not behind.size:
        moved = np.flatnonzero(np.abs(flow) > NOTHING)
        return years[int(moved[0])] if moved.size else None
    after = int(behind[-1]) + 1
    return years[after] if after < len(years) else None


def _behind(flow: Floats) -> npt.NDArray[np.intp]:
    """Places of the years at whose end more has gone out than come in."""
    return np.flatnonzero(np.cumsum(flow) < -NOTHING)


def cover(years: range, available: Floats, served: Floats) -> dict[int, float]:
    """Debt-service cover ratio: cash available for debt service over the debt served, in the years that serve any.

    >>> cover(range(2030, 2032), np.array([3.0, 3.0]), np.array([0.0, -2.0]))
    {2031: 1.5}
    """
    return {
        year: float(cash / -paid) for year, cash, paid in zip(years, available, served, strict=True) if paid < -NOTHING
    }
