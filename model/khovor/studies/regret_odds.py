"""What odds prove of regret: under any odds, the mean of the bests less what any plan is worth bounds all regrets.

For odds q, of which it matters not where they come from, every plan x has

    max_w (best[w] - value[w](x))  ≥  Σ_w q[w] best[w] - Σ_w q[w] value[w](x)  ≥  Σ_w q[w] best[w] - bound(q)

so each solve under some odds bounds the least regret, as far as its own proof goes. The odds that prove most are those
against which the known plans do worst: a game of odds against plans, whose matrix is what each known plan regrets in
each future. A solve under odds that the game gives finds the plan that does best against them, which joins the game,
until no plan does better than the game says. Its odds leap from one end to another while few plans are known, so those
halfway to the odds that proved most are asked as well. W. Ben-Ameur and J. Neto (2007), Acceleration of cutting-plane
and column generation algorithms. It proves what the best lottery over plans would regret; one plan may regret more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.optimize import linprog

from khovor.decisions import Decisions
from khovor.studies.known import Known, Odds, Probe
from khovor.studies.plans import Plan, Span

ROUNDS: Final = 4
"""Rounds of two solves each, at most."""

ALIKE: Final = 1e-6
"""Odds that differ by no more in any future are the same."""


def proved(probes: Sequence[Probe], best: Mapping[str, Span]) -> float:
    """What no plan's greatest regret is below, by the solves under odds that were made [MUSD]."""
    return max([0.0, *(_bound(probe, best) for probe in probes)])


def hardest(plans: Sequence[Plan], best: Mapping[str, Span]) -> tuple[Odds, float]:
    """The odds under which the best of these plans regrets most, and how much [MUSD]: no odds prove more.

    Raises ValueError where no plan keeps the rules of every future.
    """
    rows = [[best[w].low - worth for w, worth in plan.kept.items()] for plan in plans if len(plan.kept) == len(best)]
    regrets = np.array(rows)
    if not rows:
        raise ValueError("No plan keeps the rules of every future.")
    plan_rows = np.hstack([-regrets, np.ones((len(rows), 1))])
    answer = linprog(
        np.append(np.zeros(len(best)), -1.0),
        A_ub=plan_rows,
        b_ub=np.zeros(len(rows)),
        A_eq=np.append(np.ones(len(best)), 0.0).reshape(1, -1),
        b_eq=[1.0],
        bounds=[*[(0.0, 1.0)] * len(best), (None, None)],
    )
    odds = np.clip(answer.x[:-1], 0.0, None)
    return dict(zip(best, (odds / odds.sum()).tolist(), strict=True)), float(answer.x[-1])


def prove_by_odds(known: Known, bests: Callable[[], Mapping[str, Span]], enough: float) -> None:
    """Solve under the odds that prove most of regret, until they prove all that odds can but `enough` [MUSD].

    `bests` tells what the best plan of each future is worth there, as it is known at the time.
    """
    for turn in range(1, ROUNDS + 1):
        best = bests()
        odds, most = hardest([*known.plans, *known.made], best)
        if most - proved(known.probes, best) <= enough or _asked(known, odds):
            return
        firmest = max(known.probes, key=lambda probe: _bound(probe, best)).odds
        asked = {f"regret odds {turn}": odds}
        between = {w: (p + firmest[w]) / 2.0 for w, p in odds.items()}
        if not _asked(known, between):
            asked[f"regret odds {turn}, halfway"] = between
        known.ask(asked, {label: _start(known, under) for label, under in asked.items()})


def _bound(probe: Probe, best: Mapping[str, Span]) -> float:
    return math.fsum(p * best[w].low for w, p in probe.odds.items()) - probe.bound


def _asked(known: Known, odds: Odds) -> bool:
    return any(_apart(probe.odds, odds) <= ALIKE for probe in known.probes)


def _apart(one: Odds, other: Odds) -> float:
    return max(abs(one[w] - other[w]) for w in one)


def _start(known: Known, odds: Odds) -> Decisions:
    """The best known plan under these odds, with the prices of the proof whose odds are the nearest."""
    best = max([*known.plans, *known.made], key=lambda plan: plan.value(odds))
    nearest = min(known.probes, key=lambda probe: _apart(probe.odds, odds))
    return replace(best.decisions, prices=nearest.plan.prices or best.prices)
