"""The proof: prices of what is not decided, found in rounds, and a small program of decisions that they bound.

1. Of one future the shipments are priced out, at the prices of its relaxation. Of many, all operation is but that of
   the likely future of each period, at prices found in rounds: the relaxation of what is left says what to build, and
   the whole program's, with that built, prices it again. Worth and bound close in on the relaxation from both sides.
2. What the rounds found is put together in one set of prices, beside those of the best plan. What is left is a program
   of decisions; its bound is proved by branching. What it decides is valued in all futures, which is a plan and prices
   the futures again; it ends when plan and bound meet.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.carried import Line, Proved
from khovor.solve.given_up import DEAR, DEAREST
from khovor.solve.highs import Answer, held, relaxed, run, with_fixed_integers
from khovor.solve.priced import Priced, dual_bound
from khovor.solve.progress import Limits
from khovor.solve.risk import RISK
from khovor.solve.start import Prices
from khovor.units import T_PER_KT

RELAXING: dict[str, Any] = {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-4}
"""Prices need no vertex, and no more digits than the bound they give is worth: it is valid whatever they are."""

PROVING: dict[str, Any] = {
    "presolve": "off",
    "mip_allow_restart": False,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""A restart solves the root again, and heuristics look for what a plan at hand says: both cost more than all else.
Presolve has told false optima of these programs, whose costs and cuts are differences of prices, some as small as 1e-7.
"""

SEEKING: dict[str, Any] = PROVING | {"mip_heuristic_effort": 0.05, "mip_heuristic_run_rens": True}
"""Without a plan at hand one heuristic, at the root, halves the branching."""

ROUNDS = 8
"""Rounds of prices before branching, at most: the shipped case, with its ten futures, needs three or four of some 5 s,
from no plan at all (51 s instead of 58 with prices of shipments first) as from one (50 s on one thread instead of 105).
"""

PATIENCE = 0.25
"""How long branching waits for the first plan, as a share of the time that the search has taken."""

STEP = 0.2
"""Share of the way to it after which it is seen what a step along the way gains."""

SAME = 1e-9
"""Limits that are worth no more than this are the same [MUSD]."""

BRANCHED = 2
"""Sets of prices with which branching begins (see `_together`); what follows was called for by it."""


class Search(Protocol):
    """What the proof needs of the search it is part of."""

    formulation: Formulation
    matrix: Matrix
    strong: Matrix
    limits: Limits
    plan: Floats | None
    value: float | None
    prices: Floats | None
    proving: Sequence[Floats]
    proved_by: Proved | None
    dear: float
    first_tried: threading.Event

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or no time to do it."""

    @property
    def spent(self) -> float:
        """Seconds since the search began."""

    @property
    def left(self) -> float:
        """Seconds left."""

    def is_set(self) -> bool:
        """Whether a running solve should stop."""

    def solve(
        self, matrix: Matrix, seconds: float, phase: str, *, start: Floats | None = None, says: str = "", **options: Any
    ) -> Answer:
        """Run HiGHS within the limits."""

    def operate(self, matrix: Matrix, seconds: float, phase: str, *, says: str = "", lacking: bool = False) -> Answer:
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
    return Priced.of(maximised(strong), ships, largest_flow(formulation))


def prices_of(strong: Matrix, duals: Floats) -> Floats:
    """Prices of the rows of `strong` as a maximisation, from duals of the program it strengthens by rows of its own."""
    return np.append(sense(strong) * duals, np.zeros(len(strong.rows) - len(duals)))


def prove(s: Search, alone: Matrix, loose: Answer) -> None:
    """Tighten the bound, and find plans, until the two meet or time is up.

    `alone` is the program of the likely future, `loose` its relaxation: where it cannot keep the rules alone, nothing
    is what it builds. Branching waits a while for the first plan: with it at hand there is less of it to do.
    """
    if len(s.formulation.scenarios) == 1:
        assert loose.duals is not None
        roads = roads_of(s.formulation, s.strong)
        if roads.price(sense(s.strong) * loose.duals):
            s.first_tried.wait(s.left)
            _branch(s, roads)
        return
    futures = _futures(s)
    chosen = np.zeros(s.strong.shape[1]) if loose.values is None else _chosen(s, alone, loose.values)
    pinned = _priced_at(s, futures, chosen)
    found = None if pinned.duals is None else _rounds(s, futures, [pinned.duals], pinned.objective)
    s.first_tried.wait(min(PATIENCE * s.spent, s.left))
    _branch(s, _together(s, futures, found))


def prove_from(s: Search, before: Prices | None) -> None:
    """The same from the best plan so far, and from the prices `before`, of the proof of a program like this.

    What was proved there may prove enough here. If not they begin the rounds, and no future is solved alone. Prices of
    a plan say little of what it does not build: the first relaxation is loose, and the rounds mend it; those of a
    proof leave the rounds little to do. What is branched then is proved for all programs between the two as well.
    """
    futures = _futures(s)
    handed = [] if before is None else before.on(s.strong.rows)
    good = [duals for duals in handed if futures.price(duals)]
    if before is not None and before.proved is not None and good:
        s.proving, s.proved_by = [*futures.prices], before.proved
        s.tighten(sense(s.strong) * before.proved.of(futures.without()), "proof of another program")
        if s.over:
            return
    own = [] if s.prices is None else [s.prices]
    worth = -np.inf if s.value is None else sense(s.strong) * s.value
    found = _rounds(s, futures, own, worth)
    _branch(s, _together(s, futures, found, good[BRANCHED:]), before)


def _branch(s: Search, priced: Priced, before: Prices | None = None) -> None:
    """Bound what is left by branching, value what it decides, price that, and again; without prices, nothing."""
    known, broken = list[dict[Label, float]](), list[dict[Label, float]]()
    while priced.prices and not s.over:
        small, begin = priced.without(), _start(s, priced)
        line, branched = None if before is None else _line(s, priced, small, before), small
        if line is not None:
            branched, begin = line.with_steps(small), None if begin is None else np.append(begin, 0.0)
        answer = bounded(s, branched, begin, s.limits.gap / 2.0)
        s.proving, s.proved_by = [*priced.prices], _proved(priced, small, answer.bound, line)
        if answer.values is None or s.over:
            return
        if line is not None and answer.values[-1] > 0.0:
            before = None  # another program on the way is what bounds this one: one proof of all asks too much
        decided = priced.decided(answer.values)
        if decided in known or s.dear > DEAREST:
            return
        if decided in broken:
            s.dear *= DEAR
        valued = s.value_decisions(decided, "proof", "decisions of the proof, valued in all futures", says="silence")
        (known if valued.values is not None else broken).append(decided)
        if valued.duals is None or s.over or not priced.price(prices_of(s.strong, valued.duals)):
            return


def _proved(priced: Priced, small: Matrix, bound: float, line: Line | None = None) -> Proved:
    """What is left of a program at its prices so far, with its bound."""
    return Proved(small, len(priced.prices) - 1, priced.parts, priced.most, bound, line)


def _line(s: Search, priced: Priced, small: Matrix, before: Prices) -> Line | None:
    """From this program to the one `before`, at the prices of this one; None where they are the same.

    Its price is what the best plan gains on the way, where its own prices are those of one side of a kink or the other.
    Balances stay as they are: what is left states their sums.
    """
    m = priced.matrix
    there = _towards(m, before, 1.0, priced.balances | (priced.part < 0))
    same = np.array_equal(there.row_lower, m.row_lower) and np.array_equal(there.row_upper, m.row_upper)
    if same or s.plan is None or s.value is None:
        return None
    other = replace(priced, matrix=there).without()
    first = small.shape[0] - (len(priced.prices) - 1) * priced.parts
    moved = other.row_upper[first:] - small.row_upper[first:]
    if max(abs(other.offset - small.offset), np.abs(moved).max(initial=0.0)) <= SAME:
        return None
    on = with_fixed_integers(_towards(s.matrix, before, STEP), np.where(s.matrix.integer, np.round(s.plan), 0.0))
    gained = s.operate(on, s.left, "proof", says="silence").objective - s.value
    slope = sense(s.strong) * gained / STEP
    return Line(other.offset - small.offset, moved, slope, 0.0, 1.0) if np.isfinite(slope) else None


def _towards(matrix: Matrix, before: Prices, share: float, kept: npt.NDArray[np.bool_] | None = None) -> Matrix:
    """A program with its limits a share of the way to those before; rows that are `kept` stay as they are.

    So does what is shut: its price is whatever lets nothing gain, and says nothing of what more would be worth.
    """
    moved = []
    for own, other in zip((matrix.row_lower, matrix.row_upper), before.limits_on(matrix), strict=True):
        away = (own != other) & (own != 0.0)
        if kept is not None:
            away &= ~kept
        moved.append(own.copy())
        moved[-1][away] += share * (other[away] - own[away])
    return replace(matrix, row_lower=moved[0], row_upper=moved[1])


def bounded(s: Search, small: Matrix, start: Floats | None, gap: float, **options: Any) -> Answer:
    """A small program, a maximisation, branched to a gap; every bound on the way is told of the whole."""
    sign = sense(s.strong)
    answer = run(
        small,
        replace(s.limits, gap=gap, time_limit_s=max(s.left, 0.1), threads=1),
        phase="proof",
        start=start,
        listener=lambda progress: s.tighten(sign * progress.bound) if progress.bound is not None else None,
        stop=s,
        options=(SEEKING if start is None else PROVING) | options,
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


def _futures(s: Search) -> Priced:
    """The whole program with all to be priced out that is neither decided nor likely."""
    return Priced.of(maximised(s.strong), _unlikely(s), largest_flow(s.formulation))


def _rounds(s: Search, futures: Priced, begin: Sequence[Floats], worth: float) -> Floats | None:
    """Price the futures, from their prices and those to `begin` with, until the relaxation is known to half the gap.

    Returns what all prices come to together. `worth` is that of the point they price. The points that follow are
    central ones, by interior point: they settle, where vertices leap from one end to another. J. Gondzio,
    P. Gonzalez-Brevis and P. Munari (2013), New developments in the primal-dual column generation technique.
    """
    found, more = None, begin
    for turn in range(ROUNDS):
        told = any([futures.price(duals) for duals in more]) or (turn == 0 and bool(futures.prices))
        if s.over or not told:
            break
        small = futures.without()
        loose = s.solve(relaxed(small), s.left, "proof", says="silence", **RELAXING)
        if loose.duals is None or loose.values is None:
            break
        s.proving, s.proved_by = [*futures.prices], _proved(futures, small, dual_bound(small, loose.duals))
        s.tighten(sense(s.strong) * s.proved_by.bound, "relaxation")
        found = futures.duals(loose.duals)
        if _near(s, loose.objective, worth):
            break
        asked = np.zeros(len(futures.matrix.columns))
        asked[futures.kept] = loose.values[: len(futures.kept)]
        pinned = _priced_at(s, futures, asked)
        if pinned.duals is None:
            break
        more, worth = [pinned.duals], max(worth, pinned.objective)
        if _near(s, loose.objective, worth):
            break
    return found


def _near(s: Search, asked: float, worth: float) -> bool:
    """Whether prices ask for no more, by half the gap, than a point is worth."""
    return bool(np.isfinite(worth)) and asked - worth <= s.limits.gap / 2.0 * abs(worth)


def _together(s: Search, futures: Priced, found: Floats | None, further: Sequence[Floats] = ()) -> Priced:
    """The futures at what the rounds found and at the prices of the best plan: branching is slow with more.

    But what branching has called for in the proof of a program like this (`further`), it would call for again. Where
    none is any good, at what there is.
    """
    fresh = replace(futures, prices=[], slack=[])
    for duals in (found, s.prices, *further):
        if duals is not None:
            fresh.price(duals)
    return fresh if fresh.prices else futures


def _chosen(s: Search, alone: Matrix, values: Floats) -> Floats:
    """What a relaxation of the likely future builds, as columns of the whole."""
    known = {label: value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is not None}
    counts = iter([value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is None])
    return np.array([next(counts) if label is None else known.get(label, 0.0) for label in s.strong.columns])


def _priced_at(s: Search, priced: Priced, chosen: Floats) -> Answer:
    """The relaxation of the whole with its units at what was chosen, fractions and all."""
    m = priced.matrix
    pinned = held(m, np.where(m.integer, np.clip(chosen, m.col_lower, m.col_upper), np.nan))
    return s.operate(pinned, s.left, "proof", says="silence", lacking=True)


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


def largest_flow(formulation: Formulation) -> float:
    """More than any flow can be in a period: all finite supplies together [kt/y]."""
    periods = formulation.network.supply
    return max(sum(v for v in supply.values() if np.isfinite(v)) for supply in periods) / T_PER_KT + 1.0
