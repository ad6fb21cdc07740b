"""What a comparison is: two numbers, the rule that binds them, and by how much it is broken.

A violation is relative: the excess over the scale of the place, and the scale is never below 1 kt (or one thousand
units, or 1 MUSD). The solver works in kt and MUSD to 1e-7, so what it leaves is ten times below what is refused, while
a tonne in a thousand is a thousand times above it. A broken yes-or-no rule has the violation 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from khovor.units import FEASIBILITY, T_PER_KT

TONNES: Final = T_PER_KT
"""Smallest scale of an amount in t, t/y or utility units/y."""

MONEY: Final = 1.0
"""Smallest scale of an amount in MUSD."""

COUNT: Final = 1.0
"""Smallest scale of a number of units."""


class Subject(NamedTuple):
    """What is compared: name, period and scenario ("" = all), and the workbook cell it comes from."""

    name: str
    period: str = ""
    scenario: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. `violation` is relative (0 = holds); `amount` and `limit` are in the input's units."""

    rule: str
    subject: str
    period: str
    scenario: str
    violation: float
    amount: float
    limit: float
    message: str
    at: str

    @property
    def failed(self) -> bool:
        """Whether the violation is more than the solver's rounding can explain."""
        return not self.violation <= FEASIBILITY


@dataclass(frozen=True, slots=True)
class Verification:
    """The checker's verdict on a plan.

    `worst` is the largest relative violation, `checks` the number of comparisons made, `failures` worst first,
    `by_rule` maps each rule to (comparisons, worst violation). `terms` (columns term, scenario, period, musd) and
    `objective` [MUSD] are the checker's own money, computed from case and plan alone; `policies` (columns policy,
    period, scenario, measured, limit, beyond, at) is what it measured, and `conditions` (instrument, condition,
    subject, period, scenario, measured, limit, at) the same of what instruments that are taken ask for.
    """

    passed: bool
    worst: float
    checks: int
    failures: tuple[Check, ...]
    by_rule: Mapping[str, tuple[int, float]]
    terms: pd.DataFrame
    objective: float
    policies: pd.DataFrame
    conditions: pd.DataFrame


def at_most(rule: str, subject: Subject, amount: float, limit: float, *, unit: str, floor: float = TONNES) -> Check:
    """`amount` may not exceed `limit`."""
    return _compare(rule, subject, amount, limit, amount - limit, (unit, "more than", floor))


def at_least(rule: str, subject: Subject, amount: float, limit: float, *, unit: str, floor: float = TONNES) -> Check:
    """`amount` may not fall short of `limit`."""
    return _compare(rule, subject, amount, limit, limit - amount, (unit, "less than", floor))


def equal(
    rule: str, subject: Subject, amount: float, limit: float, *, unit: str, floor: float = TONNES, scale: float = 0.0
) -> Check:
    """`amount` and `limit` are the same; `scale` is the size of what they are sums of."""
    return _compare(rule, subject, amount, limit, abs(amount - limit), (unit, "not", max(floor, scale)))


def fact(rule: str, subject: Subject, holds: bool, broken: str, amount: float = 0.0, limit: float = 0.0) -> Check:
    """Something that is so or is not; `broken` says what is wrong when it is not."""
    message = "" if holds else f"{subject.name}{_when(subject)}: {broken}"
    violation = 0.0 if holds else 1.0
    return Check(rule, subject.name, subject.period, subject.scenario, violation, amount, limit, message, subject.at)


def _compare(
    rule: str, subject: Subject, amount: float, limit: float, excess: float, words: tuple[str, str, float]
) -> Check:
    unit, relation, floor = words
    violation = _relative(excess, amount, limit, floor)
    message = ""
    if not violation <= FEASIBILITY:
        message = f"{subject.name}{_when(subject)}: {amount:.10g} {unit}, {relation} {limit:.10g} {unit}."
    return Check(rule, subject.name, subject.period, subject.scenario, violation, amount, limit, message, subject.at)


def _relative(excess: float, amount: float, limit: float, floor: float) -> float:
    """The excess over its scale; what cannot be computed (NaN, or no end) is broken without bound."""
    if excess <= 0.0:
        return 0.0
    if not math.isfinite(excess):
        return math.inf
    return excess / max(floor, abs(amount), abs(limit))


def _when(subject: Subject) -> str:
    words = [
        f"in {subject.period}" if subject.period else "",
        f"in future {subject.scenario}" if subject.scenario else "",
    ]
    told = " ".join(w for w in words if w)
    return f" {told}" if told else ""
