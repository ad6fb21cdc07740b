"""The plan that is worth most in its worst case, where probabilities are known within a box only.

One program of all futures, whose objective is the expected value under the worst odds of the box, finds the plan and
bounds what any plan is worth in its worst case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from khovor.case import with_worst_odds
from khovor.studies.box import Box, worst_odds
from khovor.studies.known import Known, Odds, agrees
from khovor.studies.plans import Plan, Span, Wanted

WORST = "worst case"
"""The name of the plan that is made for it."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """A plan in its worst case: expected value [MUSD] there and under the workbook's own odds."""

    plan: Plan
    expected: float
    worst: float
    odds: Odds


@dataclass(frozen=True, slots=True)
class Robust:
    """The plans by their worst case, the best first; `value` is between what the best worst case of any plan lies."""

    plans: list[WorstCase]
    value: Span


def find_robust(known: Known, own: Odds, box: Box) -> Robust:
    """The robust plan, beside the plans known already and that of the workbook's odds. Raises as `Known.ask` does."""
    known.ask_once("own odds", own)
    low, high = ({w: ends[n] for w, ends in box.items()} for n in (0, 1))
    start = max((_worst_case(plan, own, box) for plan in known.plans), key=lambda case: case.worst).plan
    alter = partial(with_worst_odds, low=low, high=high)
    (found,) = known.make([Wanted(WORST, alter, {"low": low, "high": high}, start.decisions)])
    agrees(known.makes.case, found, _worst_case(found, own, box).worst)
    cases = sorted((_worst_case(plan, own, box) for plan in [*known.plans, found]), key=lambda case: -case.worst)
    return Robust(cases, Span(cases[0].worst, max(cases[0].worst, found.span.high)))


def _worst_case(plan: Plan, own: Odds, box: Box) -> WorstCase:
    odds = worst_odds(plan.kept, box)
    return WorstCase(plan, plan.value(own), plan.value(odds), odds)
