"""The plan whose greatest regret in any future is least: odds play no part.

The regret of a plan in a future is what the best plan of that future is worth more there. So each future is solved
alone first, between whose best known plan and bound the best lies. Then one program of all futures finds the plan of
least regret against the best known; what it proves, no plan can go below, and with the bounds of the futures alone the
regret of the plan found is known to lie in an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from khovor.case import with_regret, with_scenario
from khovor.studies.known import Known, Odds, agrees
from khovor.studies.plans import Plan, Span, Wanted
from khovor.studies.regret import alone, best_known, greatest, regret

LEAST = "least regret"
"""The name of the plan that is made for it."""

SAME: Final = 6
"""Decimals of a MUSD to which regrets are told apart: of plans that come to the same, the first known goes first."""


@dataclass(frozen=True, slots=True)
class Regretted:
    """A plan, its regret in each future and the greatest of them [MUSD]; infinite where it cannot keep the rules."""

    plan: Plan
    regret: Mapping[str, Span]

    @property
    def greatest(self) -> Span:
        """Between what its greatest regret lies."""
        return greatest(self.regret)

    @property
    def future(self) -> str:
        """The future of its greatest regret."""
        return max(self.regret, key=lambda w: self.regret[w].high)


@dataclass(frozen=True, slots=True)
class LeastRegret:
    """The plans by their greatest regret, the least first; `best` is what the best plan of each future is worth there.

    `value` is between what the least of the greatest regret lies, of all plans there are [MUSD].
    """

    plans: list[Regretted]
    best: Mapping[str, Span]
    value: Span


def find_least_regret(known: Known, own: Odds) -> LeastRegret:
    """The plan of least regret, and those of the workbook's odds and of each future alone beside it.

    Raises as `Known.ask` does.
    """
    known.ask_once("own odds", own)
    start = known.best(own).decisions
    asked = [Wanted(alone(w), partial(with_scenario, name=w), {"alone": w}, start) for w in own]
    certain = dict(zip(own, known.make(asked), strict=True))
    best = _best(certain, known)
    par = {w: span.low for w, span in best.items()}
    nearest = min([*known.plans, *certain.values()], key=lambda plan: greatest(regret(best, plan)).high)
    (found,) = known.make([Wanted(LEAST, partial(with_regret, best=par), {"par": par}, nearest.decisions)])
    mean = sum(own[w] * par[w] for w in own)
    agrees(found, mean - greatest(regret(best, found)).low)
    best = _best(certain, known)
    plans = [*known.plans, *known.made]
    ranked = sorted((Regretted(plan, regret(best, plan)) for plan in plans), key=lambda r: round(r.greatest.high, SAME))
    least = ranked[0].greatest.high
    return LeastRegret(ranked, best, Span(min(least, max(0.0, mean - found.span.high)), least))


def _best(certain: Mapping[str, Plan], known: Known) -> dict[str, Span]:
    """What the best plan of each future is worth there, with all that is known by now."""
    plans = [*known.plans, *known.made]
    return {w: best_known(plan.span, [other.worths[w] for other in plans]) for w, plan in certain.items()}
