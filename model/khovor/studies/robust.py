"""The plan that is worth most in its worst case, where probabilities are known within a box only.

What the best plan is worth under any odds of the box bounds what every plan is worth in its worst case. So the odds are
sought that are hardest for all known plans, and solved: a better plan is added, and the least bound of these solves
closes in from above. The two need not meet: a plan is one for all odds, the bound is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from khovor.studies.box import Box, hardest_odds, inside, worst_odds
from khovor.studies.known import Known, Odds
from khovor.studies.plans import Plan, Span

MOST: Final = 50
"""Rounds after which the search ends with the interval it has."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """A plan in its worst case: expected value [MUSD] there and under the workbook's own odds."""

    plan: Plan
    expected: float
    worst: float
    odds: Odds


@dataclass(frozen=True, slots=True)
class Robust:
    """The plans by their worst case, the best first; `value` is what the worst case of the best plan is worth."""

    plans: list[WorstCase]
    value: Span


def find_robust(known: Known, own: Odds, box: Box) -> Robust:
    """Search for the robust plan, from the plans known already. Raises as `Known.ask` does."""
    if inside(own, box):
        known.ask({"own odds": own})
    else:
        known.ask({"hardest odds 0": worst_odds(dict.fromkeys(own, 0.0), box)})
    for n in range(1, MOST + 1):
        value, odds = hardest_odds([_worths(plan) for plan in known.plans], box)
        if _bound(known, box) - value <= known.makes.case.terms.mip_gap * abs(value):
            break
        before = len(known.plans)
        known.ask({f"hardest odds {n}": odds})
        if len(known.plans) == before:
            break
    cases = sorted((_worst_case(plan, own, box) for plan in known.plans), key=lambda case: -case.worst)
    return Robust(cases, Span(cases[0].worst, max(cases[0].worst, _bound(known, box))))


def _worst_case(plan: Plan, own: Odds, box: Box) -> WorstCase:
    odds = worst_odds(_worths(plan), box)
    return WorstCase(plan, plan.value(own), plan.value(odds), odds)


def _bound(known: Known, box: Box) -> float:
    return min(probe.bound for probe in known.probes if inside(probe.odds, box))


def _worths(plan: Plan) -> dict[str, float]:
    return {w: worth for w, worth in plan.worths.items() if worth is not None}
