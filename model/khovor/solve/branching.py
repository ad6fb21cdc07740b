"""Branching: the program of decisions that prices leave, bounded and learnt from, in turns.

What is decided is valued in all futures, which is a plan, and prices the futures again. Much is learnt before anything
is branched: of the units that the relaxation builds, in part or whole, a small program chooses in a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from khovor.formulation import Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.carried import Line, Proved
from khovor.solve.given_up import DEAR, DEAREST
from khovor.solve.highs import Answer, held, relaxed, run, with_fixed_integers
from khovor.solve.priced import Priced
from khovor.solve.progress import Limits, Progress
from khovor.solve.reduced import Reduced
from khovor.solve.start import Prices

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

VERTEX: dict[str, Any] = {"solver": "simplex", "presolve": "off"}
"""Relaxations of such programs, which presolve hardly makes smaller."""

SEEKING: dict[str, Any] = PROVING | {"mip_heuristic_effort": 0.05, "mip_heuristic_run_rens": True}
"""Without a plan at hand one heuristic, at the root, halves the branching."""

STEP = 0.2
"""Share of the way to it after which it is seen what a step along the way gains."""

SAME = 1e-9
"""Limits that are worth no more than this are the same [MUSD]."""

NEAR = 0.1
"""How far off decisions their prices are taken, as a share of the way to the middle: of the shipped case with support
prices a hundredth off are the same, at 0.3 they say 0.05% too much of the plan.
"""

NEARBY = 8
"""Plans that are sought near the relaxation before a branching, at most; the shipped cases need two or three."""

NEARBY_SHARE = 0.1
"""Share of the time left that each of them may take, and the relaxation that tells what to leave out."""

USED = 1e-3
"""How much of a unit a relaxation builds where it does not just leave it open."""

AS_MUCH = 0.1
"""Share of the gap by which prices near a plan may say more of it than it is worth."""


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


def prices_of(strong: Matrix, duals: Floats) -> Floats:
    """Prices of the rows of `strong` as a maximisation, from duals of the program it strengthens by rows of its own."""
    return np.append(sense(strong) * duals, np.zeros(len(strong.rows) - len(duals)))


def branch(s: Search, priced: Priced, middle: Floats | None = None, before: Prices | None = None) -> None:
    """Bound what is left by branching, value what it decides, price that, and again; without prices, nothing.

    Before each branching what is near the relaxation, `middle`, is valued and priced: there is less of it to do then.
    """
    learnt = _Learnt(s, priced, middle)
    while priced.prices and not s.over:
        _nearby(s, priced, learnt)
        small, begin = priced.without(), _start(s, priced)
        line, branched = None if before is None else _line(s, priced, small, before), small
        if line is not None:
            branched, begin = line.with_steps(small), None if begin is None else np.append(begin, 0.0)
        answer = bounded(s, branched, begin, s.limits.gap / 2.0)
        s.proving, s.proved_by = [*priced.prices], proved(priced, small, answer.bound, line)
        if line is not None and answer.values is not None and answer.values[-1] > 0.0:
            before = None  # another program on the way is what bounds this one: one proof of all asks too much
        if not learnt.of(answer):
            return


@dataclass(slots=True)
class _Learnt:
    """Values what branching decides, and prices it."""

    s: Search
    priced: Priced
    middle: Floats | None
    known: list[dict[Label, float]] = field(default_factory=list)
    broken: list[dict[Label, float]] = field(default_factory=list)

    def knows(self, values: Floats) -> bool:
        """Whether what is decided was learnt of before."""
        return self.priced.decided(values) in (*self.known, *self.broken)

    def of(self, answer: Answer) -> bool:
        """Learn of what an answer decides; whether there was anything to learn."""
        if answer.values is None or self.s.over:
            return False
        s, decided = self.s, self.priced.decided(answer.values)
        if decided in self.known or s.dear > DEAREST:
            return False
        if decided in self.broken:
            s.dear *= DEAR
        valued = s.value_decisions(decided, "proof", "decisions of the proof, valued in all futures", says="silence")
        (self.known if valued.values is not None else self.broken).append(decided)
        if valued.duals is None or s.over:
            return False
        return price_near(s, self.priced, prices_of(s.strong, valued.duals), valued.values, self.middle)


def _nearby(s: Search, priced: Priced, learnt: _Learnt) -> None:
    """Learn of what is decided with only such units as the relaxation or the best plan builds, until nothing is new.

    That leaves one integer in ten and takes a hundredth of a branching; what it finds is hardly bettered by that. E.
    Danna, E. Rothberg and C. Le Pape (2005), Exploring relaxation induced neighborhoods.
    """
    if learnt.middle is None:
        return
    for _ in range(NEARBY):
        few = nearby(priced, learnt.middle, _start(s, priced))
        answer = s.solve(few, NEARBY_SHARE * s.left, "proof", says="silence")
        if answer.values is None or learnt.knows(answer.values) or not learnt.of(answer):
            return


def nearby(priced: Priced, middle: Floats, plan: Floats | None = None) -> Matrix:
    """What prices leave, with such units alone as `middle` builds, or a plan (by column of what is left)."""
    small = priced.without()
    used = np.append(middle[priced.kept] > USED, np.ones(priced.width - len(priced.kept), dtype=np.bool_))
    if plan is not None:
        used |= ~(plan < 0.5)
    return replace(small, col_upper=np.where(used | ~small.integer, small.col_upper, small.col_lower))


def proved(priced: Priced, small: Matrix, bound: float, line: Line | None = None) -> Proved:
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
    """A small program, a maximisation, branched to a gap; every bound on the way is told of the whole.

    From a plan, only what may be better by more than the gap is branched.
    """
    sign, left, enough = sense(s.strong), None, -np.inf
    if start is not None and s.value is not None:
        enough = sign * s.value + gap * abs(s.value)
        left = _reduced(s, small, start, enough)

    def tell(progress: Progress) -> None:
        if progress.bound is not None:
            s.tighten(sign * max(progress.bound, enough))

    answer = run(
        small if left is None else left.left,
        replace(s.limits, gap=gap, time_limit_s=max(s.left, 0.1), threads=1),
        phase="proof",
        start=start if left is None or start is None else start[left.kept],
        listener=tell,
        stop=s,
        options=(SEEKING if start is None else PROVING) | options,
    )
    if left is not None:
        values = None if answer.values is None else left.spread(answer.values)
        bound = min(answer.bound, left.bound)
        answer = replace(answer, values=values, bound=max(bound, enough) if np.isfinite(bound) else bound)
    s.tighten(sign * answer.bound, f"proof, {answer.nodes} nodes in {answer.seconds:.1f} s")
    return answer


def _reduced(s: Search, small: Matrix, start: Floats, enough: float) -> Reduced | None:
    """What is left of a small program for plans worth more than `enough`; None where its relaxation is not solved."""
    loose = s.solve(relaxed(small), NEARBY_SHARE * s.left, "proof", says="silence", **VERTEX)
    if loose.status != "optimal" or loose.values is None or loose.duals is None:
        return None
    left = Reduced.of(small, loose.values, loose.duals, enough, start)
    s.tighten(sense(s.strong) * left.bound, "relaxation")
    return left


def _start(s: Search, futures: Priced) -> Floats | None:
    """The integers of the best plan so far, in the small program; what it does not know is left to the solver."""
    if s.plan is None:
        return None
    known = np.full(s.strong.shape[1], np.nan)
    known[: len(s.plan)] = np.where(s.matrix.integer, np.round(s.plan), np.nan)
    return np.append(known[futures.kept], np.full(futures.width - len(futures.kept), np.nan))


def price_near(s: Search, priced: Priced, own: Floats, plan: Floats | None, middle: Floats | None) -> bool:
    """Price decisions by prices of their plan, `own`, or where these say too much by others that say as much of it.

    Of what a plan does not build its prices say what they like, up to all that anything is worth: they bound nothing
    else. Those a little off towards a point in the `middle` say what more of everything would be worth. T. Magnanti and
    R. Wong (1981), Accelerating Benders decomposition; N. Papadakos (2008), Practical enhancements to it.
    """
    if plan is None or middle is None:
        return priced.price(own)
    m = s.matrix
    off = np.clip((1.0 - NEAR) * np.round(plan) + NEAR * middle[: len(plan)], m.col_lower, m.col_upper)
    near = s.operate(held(m, np.where(m.integer, off, np.nan)), s.left, "proof", says="silence")
    if near.duals is None or not priced.price(prices_of(s.strong, near.duals)):
        return priced.price(own)
    worth = sense(m) * (m.offset + float(m.cost @ plan))
    if priced.worth(plan) - worth <= AS_MUCH * s.limits.gap * abs(worth):
        return True
    priced.drop()
    return priced.price(own)
