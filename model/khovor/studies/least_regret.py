"""The plan whose greatest regret in any future is least: odds play no part.

The regret of a plan in a future is what the best plan of that future is worth more there. So each future is solved
alone first, between whose best known plan and bound the best lies. Solves under other odds prove what no plan can go
below (`regret_odds`), and come upon plans of little regret; where they leave an interval open, one program of all
futures looks for the plan of least regret against the best known, and proves what it can. With the bounds of the
futures alone the regret of each plan is known to lie in an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from khovor.case import with_regret, with_scenario
from khovor.errors import NoPlanError
from khovor.studies.known import Known, Odds, agrees
from khovor.studies.plans import Plan, Span, Wanted
from khovor.studies.regret import alone, best_known, greatest, regret
from khovor.studies.regret_odds import prove_by_odds, proved
from khovor.studies.slots_for_all import with_slots_of

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

    It ends where the interval is within the gap that is asked of each solve, or where nothing is left to try. Raises
    as `Known.ask` does.
    """
    known.ask_once("own odds", own)
    start = known.best(own).decisions
    asked = [Wanted(alone(w), partial(with_scenario, name=w), {"alone": w}, start) for w in own]
    certain = dict(zip(own, known.make(asked), strict=True))
    _book_for_all(known, own)
    enough = known.makes.case.terms.mip_gap * abs(sum(own[w] * span.low for w, span in _best(certain, known).items()))
    prove_by_odds(known, partial(_best, certain, known), enough)
    _book_for_all(known, own)
    least, best = 0.0, _best(certain, known)
    if _ranked(known, best)[0].greatest.high - proved(known.probes, best) > enough:
        with suppress(NoPlanError):  # no time was left for it: what odds found and proved stands
            least = _made_for_it(known, own, best)
    best = _best(certain, known)
    plans = _ranked(known, best)
    high = plans[0].greatest.high
    return LeastRegret(plans, best, Span(min(high, max(least, proved(known.probes, best))), high))


def _made_for_it(known: Known, own: Odds, best: Mapping[str, Span]) -> float:
    """What the one program of all futures proves that no plan's greatest regret is below; its plan joins the others."""
    par = {w: span.low for w, span in best.items()}
    nearest = _ranked(known, best)[0].plan
    (found,) = known.make([Wanted(LEAST, partial(with_regret, best=par), {"par": par}, nearest.decisions)])
    mean = sum(own[w] * par[w] for w in own)
    agrees(known.makes.case, found, mean - greatest(regret(best, found)).low)
    return mean - found.span.high


def _book_for_all(known: Known, own: Odds) -> None:
    """Join to the known plans what they build with the slots that the best under the workbook's odds books as well."""
    plans = [*known.plans, *known.made]
    there = {plan.label for plan in plans}
    wanted = [w for w in with_slots_of(plans, known.best(own)) if w.label not in there]
    known.plans += known.makes.plans(wanted) if wanted else []


def _ranked(known: Known, best: Mapping[str, Span]) -> list[Regretted]:
    """The known plans, that of the least greatest regret first."""
    found = [Regretted(plan, regret(best, plan)) for plan in (*known.plans, *known.made)]
    return sorted(found, key=lambda r: round(r.greatest.high, SAME))


def _best(certain: Mapping[str, Plan], known: Known) -> dict[str, Span]:
    """What the best plan of each future is worth there, with all that is known by now."""
    plans = [*known.plans, *known.made]
    return {w: best_known(plan.span, [other.worths[w] for other in plans]) for w, plan in certain.items()}
