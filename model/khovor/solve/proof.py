"""The proof: prices of what is not decided, found in rounds, and a small program of decisions that they bound.

1. Shipments are priced out of the whole program at the prices of the likely future alone, and at those of the whole
   program with the units that this future's relaxation builds; further rounds of the same kind reach the relaxation.
   Where futures are too many for that, they are priced at points between what is best so far and what prices ask for.
2. At those prices every future but the likely one of each period is priced out as well. What is left is a program of
   decisions; its bound is proved by branching. What it decides is valued in all futures, which is a plan and prices
   the futures again; it ends when plan and bound meet.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.highs import Answer, held, relaxed, run
from khovor.solve.priced import Priced, dual_bound
from khovor.solve.progress import Limits
from khovor.solve.risk import RISK, weights_of
from khovor.units import T_PER_KT

RELAXING: dict[str, Any] = {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-4}
"""Prices need no vertex, and no more digits than the bound they give is worth: it is valid whatever they are."""

PROVING: dict[str, Any] = {
    "mip_allow_restart": False,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""A restart solves the root again, and heuristics look for what a plan at hand says: both cost more than all else."""

SEEKING: dict[str, Any] = PROVING | {"mip_heuristic_effort": 0.05, "mip_heuristic_run_rens": True}
"""Without a plan at hand one heuristic, at the root, halves the branching."""

ROUNDS = 1
"""Rounds of prices before branching: on the shipped case one comes within 0.2% of the relaxation, two within 0.01%, and
what is left the prices of plans find as well."""

ENOUGH = 2e-4
"""Fall of the relaxation in a round, as a share, below which further rounds are not worth their time."""


WIDE = 40_000
"""Columns left without shipments from which their relaxation takes longer than the rounds that do without it: the
shipped case has 15,000 with its ten futures; with two hundred it has 130,000, which ten minutes do not relax."""

APPROACHES = 12
"""Rounds towards the relaxation before branching; each halves the way to what the prices so far ask for."""


Shares = dict[tuple[int, str], float]
"""By period and the future that speaks there."""


class Search(Protocol):
    """What the proof needs of the search it is part of."""

    formulation: Formulation
    matrix: Matrix
    strong: Matrix
    limits: Limits
    plan: Floats | None
    first_tried: threading.Event

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or no time to do it."""

    @property
    def left(self) -> float:
        """Seconds left."""

    def is_set(self) -> bool:
        """Whether a running solve should stop."""

    def solve(
        self, matrix: Matrix, seconds: float, phase: str, *, start: Floats | None = None, says: str = "", **options: Any
    ) -> Answer:
        """Run HiGHS within the limits."""

    def operate(self, matrix: Matrix, seconds: float, phase: str, *, says: str = "") -> Answer:
        """Solve the linear program that decisions leave."""

    def tighten(self, bound: float, source: str = "") -> None:
        """Keep a proved bound if it is the tightest so far."""

    def value_decisions(self, decided: dict[Label, float], phase: str, source: str, says: str = "") -> Answer:
        """Value decisions in all futures, and keep the plan if it is the best so far."""


def sense(matrix: Matrix) -> float:
    """1 for a maximisation, -1 for a minimisation."""
    return 1.0 if matrix.maximise else -1.0


def maximised(matrix: Matrix) -> Matrix:
    """The same program as a maximisation."""
    sign = sense(matrix)
    return replace(matrix, cost=sign * matrix.cost, offset=sign * matrix.offset, maximise=True)


def roads_of(formulation: Formulation, strong: Matrix) -> Priced:
    """A program with its shipments to be priced out."""
    ships = np.array([label is not None and label[0] == "ship" for label in strong.columns])
    return Priced.of(maximised(strong), ships, _most(formulation))


def prove(s: Search, alone: Matrix, loose: Answer) -> None:
    """Tighten the bound, and find plans, until the two meet or time is up.

    `alone` is the program of the likely future, `loose` its relaxation. Branching waits for the first plan: with it at
    hand there is a quarter of the branching to do.
    """
    sign = sense(s.strong)
    futures = _priced(s, alone, loose)
    s.first_tried.wait(s.left)
    before: list[dict[Label, float]] = []
    while futures is not None and not s.over:
        answer = _bounded(s, futures)
        if answer.values is None:
            return
        decided = futures.decided(answer.values)
        if decided in before:
            return
        before.append(decided)
        valued = s.value_decisions(decided, "proof", "decisions of the proof, valued in all futures", says="silence")
        if valued.duals is None or s.over:
            return
        rest = np.zeros(s.strong.shape[0] - len(valued.duals))
        if not futures.price(np.append(sign * valued.duals, rest)):
            return


def _bounded(s: Search, futures: Priced) -> Answer:
    """The small program, solved to half the gap asked for; every bound on the way is told."""
    sign, start = sense(s.strong), _start(s, futures)
    answer = run(
        futures.without(),
        replace(s.limits, gap=s.limits.gap / 2.0, time_limit_s=max(s.left, 0.1), threads=1),
        phase="proof",
        start=start,
        listener=lambda progress: s.tighten(sign * progress.bound) if progress.bound is not None else None,
        stop=s,
        options=SEEKING if start is None else PROVING,
    )
    s.tighten(sign * answer.bound, f"proof, {answer.nodes} nodes in {answer.seconds:.1f} s")
    return answer


def _start(s: Search, futures: Priced) -> Floats | None:
    """The integers of the best plan so far, in the small program; what it does not know is left to the solver."""
    if s.plan is None:
        return None
    known = np.full(s.strong.shape[1], np.nan)
    known[: len(s.plan)] = np.where(s.matrix.integer, np.round(s.plan), np.nan)
    return np.append(known[futures.kept], np.full(futures.width - len(futures.kept), np.nan))


def _priced(s: Search, alone: Matrix, loose: Answer) -> Priced | None:
    """The whole program with all priced out that is not decided or likely; None where prices prove nothing."""
    assert loose.duals is not None and loose.values is not None
    roads, duals, chosen = roads_of(s.formulation, s.strong), sense(s.strong) * loose.duals, loose.values
    many = len(s.formulation.scenarios) > 1
    if many and len(roads.kept) > WIDE:
        return _approached(s, Priced.of(roads.matrix, _unlikely(s), roads.most), _chosen(s, alone, chosen))
    if not roads.price(_spread(s, roads, alone, duals)):
        return None
    if not many:
        return roads
    found = _rounds(s, roads, _chosen(s, alone, chosen))
    if found is None:
        return None
    futures = Priced.of(roads.matrix, _unlikely(s), roads.most)
    return futures if futures.price(roads.duals(found)) else roads


def _approached(s: Search, futures: Priced, chosen: Floats) -> Priced | None:
    """Futures priced at what is chosen, then half the way from the best so far to what the prices ask for, and again.

    What a point is worth and what the prices prove close in on the relaxation from both sides; it ends when they are
    as near as half the gap asked for. W. Ben-Ameur and J. Neto (2007), Acceleration of cutting-plane algorithms.
    """
    best, at_best, tried = -float("inf"), chosen, chosen
    for _ in range(APPROACHES):
        priced = s.operate(_pinned(futures, tried), s.left, "proof", says="silence")
        if s.over or priced.duals is None or not futures.price(priced.duals):
            break
        if priced.objective > best:
            best, at_best = priced.objective, tried
        loose = s.solve(relaxed(futures.without()), s.left, "proof", says="silence")
        if loose.values is None or loose.objective - best <= s.limits.gap / 2.0 * abs(best):
            break
        ahead = at_best.copy()
        ahead[futures.kept] = loose.values[: len(futures.kept)]
        tried = (at_best + ahead) / 2.0
    return futures if futures.prices else None


def _spread(s: Search, roads: Priced, alone: Matrix, duals: Floats) -> Floats:
    """The likely future's prices for every future, each as much as its futures weigh."""
    known = {
        (label[0], label[1][:-1]): dual
        for label, dual in zip(alone.rows, duals.tolist(), strict=True)
        if label is not None
    }
    whole = {label: dual for label, dual in zip(alone.rows, duals.tolist(), strict=True) if label is not None}
    share, more = _shares(s.formulation)
    spread = np.zeros(s.strong.shape[0])
    for r in roads.rows.tolist():
        label = s.strong.rows[r]
        if label is None:
            continue
        if label[0] == "worth_counted":
            spread[r] = more[label[1]]
        elif s.formulation.rules[label[0]].pooled:
            spread[r] = whole.get(label, 0.0)
        else:
            name, (*index, t, w) = label
            spread[r] = share[t, w] * known.get((name, (*index, t)), 0.0)
    return spread


def _shares(f: Formulation) -> tuple[Shares, Shares]:
    """What the futures that one speaks for weigh in a period: in all, and as far as the worst weigh more."""
    weights = weights_of(f.case)
    odds = np.array([s.probability for s in f.case.scenarios])
    whole, sure = (odds, odds) if weights is None else (weights.fair, weights.sure)
    return _spoken(f, whole), _spoken(f, whole - sure)


def _spoken(f: Formulation, weights: Floats) -> Shares:
    by = dict(zip(f.scenarios, weights.tolist(), strict=True))
    return {(t, w): sum(by[s.name] for s in f.spoken_for(t, w)) for t in f.periods for w in f.told_apart[t]}


def _chosen(s: Search, alone: Matrix, values: Floats) -> Floats:
    """What a relaxation of the likely future builds, as columns of the whole."""
    known = {label: value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is not None}
    counts = iter([value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is None])
    return np.array([next(counts) if label is None else known.get(label, 0.0) for label in s.strong.columns])


def _rounds(s: Search, roads: Priced, chosen: Floats) -> Floats | None:
    """Price the shipments until the relaxation falls no more; the duals of the last program without them."""
    before, found = float("inf"), None
    for _ in range(ROUNDS):
        priced = s.operate(_pinned(roads, chosen), s.left, "proof", says="silence")
        if s.over or priced.duals is None or not roads.price(priced.duals):
            return found
        small = roads.without()
        loose = s.solve(relaxed(small), s.left, "proof", says="silence", **RELAXING)
        if loose.duals is None or loose.values is None:
            return found
        found = loose.duals
        s.tighten(sense(s.strong) * dual_bound(small, found), "relaxation")
        if before - loose.objective <= ENOUGH * abs(loose.objective):
            return found
        before = loose.objective
        chosen = np.zeros(len(chosen))
        chosen[roads.kept] = loose.values[: len(roads.kept)]
    return found


def _pinned(priced: Priced, chosen: Floats) -> Matrix:
    """The relaxation of the whole with its units at what was chosen, fractions and all."""
    m = priced.matrix
    return held(m, np.where(m.integer, np.clip(chosen, m.col_lower, m.col_upper), np.nan))


def _unlikely(s: Search) -> npt.NDArray[np.bool_]:
    """Columns of shipments, and of all operation of futures other than the likely one of their period."""
    f = s.formulation
    kept = {(t, max(f.told_apart[t], key=lambda w: sum(x.probability for x in f.spoken_for(t, w)))) for t in f.periods}
    return np.array(
        [
            label is not None
            and label[0] not in (*DECIDED_ONCE, *RISK)
            and (label[0] == "ship" or label[1][-2:] not in kept)
            for label in s.strong.columns
        ]
    )


def _most(formulation: Formulation) -> float:
    """More than any flow can be in a period: all finite supplies together [kt/y]."""
    periods = formulation.network.supply
    return max(sum(v for v in supply.values() if np.isfinite(v)) for supply in periods) / T_PER_KT + 1.0
