"""How a large program is searched and bounded: a relaxation, small programs around it, and a master that proves.

HiGHS alone, on a model of this kind, spends its time on the root relaxation and finds poor plans. Here the relaxation
is solved once by interior point, the plan is searched in the program restricted to what the relaxation or an earlier
plan uses, and the bound is proved by the master (`master.py`), at the same time on a second core where there is one.
Nothing found in a restricted program is a bound: bounds come from the whole program or a relaxation of it only.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import Formulation, build
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.highs import POLL_S, Answer, relaxed, run, with_fixed_integers
from khovor.solve.priced import Roads
from khovor.solve.progress import Limits, Listener, Progress
from khovor.solve.restrict import restricted
from khovor.solve.stamp import compile_model
from khovor.solve.strengthen import strengthened
from khovor.units import T_PER_KT

LARGE = 20_000
"""Columns from which a program is searched in parts; smaller ones go to HiGHS whole."""

SINGLE_SHARE = 0.5
"""Share of the time left that the relaxation of one future alone may take, and then its plan."""

RELAXING = {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-4}
"""Prices need no vertex, and no more digits than the bound they give is worth: it is valid whatever they are."""

PROVING = {"mip_allow_restart": False, "mip_lp_solver": "ipm"}
"""A restart solves the root again, and roots are what is dear here."""


@dataclass(slots=True)
class Search:
    """One search under way: the program, its limits, the best plan and bound so far, and what happened."""

    formulation: Formulation
    matrix: Matrix
    strong: Matrix
    limits: Limits
    listener: Listener | None
    stop: threading.Event | None
    began: float = field(default_factory=time.monotonic)
    plan: Floats | None = None
    value: float | None = None
    bound: float | None = None
    valuing_s: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds left, less what the last linear program of a plan will take."""
        return self.limits.time_limit_s - self.valuing_s - self.spent

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.stop is not None and self.stop.is_set()

    @property
    def proved(self) -> bool:
        """Whether plan and bound meet within the gap asked for."""
        if self.value is None or self.bound is None:
            return False
        return abs(self.bound - self.value) <= self.limits.gap * max(abs(self.value), 1e-9)

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or no time to do it."""
        return self.stopped or self.proved or self.left <= 0

    def is_set(self) -> bool:
        """What a running solve asks: stop when told to, or when the gap is closed meanwhile."""
        return self.stopped or self.proved

    def solve(
        self, matrix: Matrix, seconds: float, phase: str, *, start: Floats | None = None, says: str = "", **options: Any
    ) -> Answer:
        """Run HiGHS on a matrix for at most `seconds`. What its own progress `says` of the whole program:

        "" nothing (another program), "plans" (a part of the whole: its plans count, its bound does not), "all",
        "silence" (a solve beside another: it is not told).
        """
        limits = replace(self.limits, time_limit_s=max(min(seconds, self.left), 0.1), threads=1)
        listener = None if self.listener is None or says == "silence" else self._telling(self.listener, says)
        return run(matrix, limits, phase=phase, start=start, listener=listener, stop=self, options=options)

    def _telling(self, listener: Listener, says: str) -> Listener:
        """A listener that hears the best plan and the tightest proved bound of the whole program."""
        best, least = (max, min) if self.matrix.maximise else (min, max)

        def tell(progress: Progress) -> None:
            plans = [self.value, progress.incumbent if says in ("plans", "all") else None]
            bounds = [self.bound, progress.bound if says == "all" else None]
            plan = best((p for p in plans if p is not None), default=None)
            bound = least((b for b in bounds if b is not None), default=None)
            gap = None if plan is None or bound is None else abs(bound - plan) / max(abs(plan), 1e-9)
            listener(replace(progress, incumbent=plan, bound=bound, gap=gap))

        return tell

    def offer(self, values: Floats | None, objective: float, source: str) -> None:
        """Keep a plan if it is the best so far."""
        if values is None:
            return
        better = self.value is None or (objective > self.value if self.matrix.maximise else objective < self.value)
        self.notes.append(f"{source}: {objective:.6g} MUSD after {self.spent:.1f} s")
        if better:
            self.plan, self.value = values, objective

    def tighten(self, bound: float, source: str = "") -> None:
        """Keep a proved bound if it is the tightest so far."""
        if not np.isfinite(bound):
            return
        tighter = self.bound is None or (bound < self.bound if self.matrix.maximise else bound > self.bound)
        if tighter:
            self.bound = bound
        if source:
            self.notes.append(f"{source}: bound {self.bound:.6g} MUSD after {self.spent:.1f} s")

    def padded(self, plan: Floats | None) -> Floats | None:
        """A plan as a start of the strengthened program: its own columns are left to the solver."""
        if plan is None:
            return None
        return np.append(plan, np.full(self.strong.shape[1] - len(plan), np.nan))

    def value_decisions(self, decided: Mapping[Label, float], phase: str, source: str, says: str = "") -> Answer:
        """Value what is decided, by label (what is not named is not built), in all futures, and offer the plan."""
        chosen = np.array([0.0 if label is None else decided.get(label, 0.0) for label in self.matrix.columns])
        return self.offer_valued(chosen, phase, source, says)

    def offer_valued(self, decisions: Floats, phase: str, source: str, says: str = "") -> Answer:
        """Value decisions in all futures, and offer the plan."""
        valued = self.value_of(decisions, phase, says)
        self.offer(valued.values, valued.objective, source)
        return valued

    def value_of(self, decisions: Floats, phase: str, says: str = "") -> Answer:
        """What these integers are worth in all futures, the rest chosen at its best."""
        valued = self.solve(with_fixed_integers(self.matrix, decisions), self.left, phase, says=says)
        self.valuing_s = max(self.valuing_s, valued.seconds)
        return valued


def search(
    formulation: Formulation, matrix: Matrix, limits: Limits, listener: Listener | None, stop: threading.Event | None
) -> Search:
    """Search a large program for a good plan and a proved bound within the limits."""
    s = Search(formulation, matrix, strengthened(formulation, matrix), limits, listener, stop)
    with _Beside(limits) as beside:
        relaxation = beside(_relaxation, s)
        if len(formulation.case.scenarios) > 1:
            _single_future(s)
        loose = _told(s, relaxation, "relaxation")
        if loose is None or s.over:
            return s
        proof = beside(_prove, s, loose)
        _around(s, loose)
        _told(s, proof, "proof")
    return s


def cores(limits: Limits) -> int:
    """Cores a search may use: as many as asked for, else all there are."""
    return limits.threads or os.cpu_count() or 1


class _Beside:
    """Runs a step beside the others on a second core; where there is none, or one was asked for, when it is needed."""

    def __init__(self, limits: Limits) -> None:
        self._pool = ThreadPoolExecutor(1) if cores(limits) > 1 else None

    def __enter__(self) -> _Beside:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def __call__(self, step: Any, *given: Any) -> Any:
        return self._pool.submit(step, *given) if self._pool is not None else _Later(step, given)


@dataclass(slots=True)
class _Later:
    step: Any
    given: tuple[Any, ...]

    def done(self) -> bool:
        return True

    def result(self) -> Any:
        return self.step(*self.given)


def _told(s: Search, step: Future[Any] | _Later, phase: str) -> Any:
    """The result of a step beside; while it lasts the listener is told where the search is."""
    tell = None if s.listener is None else s._telling(s.listener, "")
    while not step.done():
        if tell is not None:
            tell(Progress(phase, s.spent))
        time.sleep(POLL_S)
    return step.result()


def _single_future(s: Search) -> None:
    """The plan of the most probable future alone, valued in all of them."""
    likely = max(s.formulation.case.scenarios, key=lambda scenario: scenario.probability)
    alone = build(with_scenario(s.formulation.case, likely.name), s.formulation.network)
    strong = strengthened(alone, compile_model(alone))
    loose = s.solve(relaxed(strong), SINGLE_SHARE * s.left, "first plan", **RELAXING)
    if loose.duals is None or s.stopped:
        return
    roads = _roads(alone, strong, loose.duals)
    answer = None if roads is None else s.solve(roads.without(), SINGLE_SHARE * s.left, "first plan", **PROVING)
    if roads is None or answer is None or answer.values is None:
        return
    s.value_decisions(roads.decided(answer.values), "first plan", f"plan of future {likely.name}, valued in all")


def _roads(formulation: Formulation, strong: Matrix, duals: Floats) -> Roads | None:
    """The roads of a program priced by its relaxation; None where its prices bound nothing."""
    sign = 1.0 if strong.maximise else -1.0
    whole = replace(strong, cost=sign * strong.cost, offset=sign * strong.offset, maximise=True)
    finite = [v for supply in formulation.network.supply for v in supply.values() if np.isfinite(v)]
    roads = Roads.of(whole, most=sum(finite) / T_PER_KT + 1.0)
    return roads if roads.price(sign * duals) else None


def _relaxation(s: Search) -> Answer | None:
    """The relaxation of the whole program, by interior point: a bound, prices, and a guide."""
    loose = s.solve(relaxed(s.strong), s.left, "relaxation", says="silence", **RELAXING)
    if loose.values is None or loose.duals is None:
        s.notes.append(f"relaxation: {loose.status} after {loose.seconds:.1f} s")
        return None
    s.notes.append(f"relaxation: {loose.objective:.6g} MUSD after {s.spent:.1f} s")
    return loose


def _around(s: Search, relaxation: Answer) -> None:
    """The best plan among what the relaxation and the plan so far use."""
    guides = [g for g in (relaxation.values, s.padded(s.plan)) if g is not None]
    small = restricted(s.formulation, s.strong, guides)
    answer = s.solve(small, s.left, "solve", start=s.padded(s.plan), says="plans")
    if answer.values is not None and not s.stopped:
        s.offer_valued(answer.values[: len(s.matrix.cost)], "solve", "best around the relaxation")


def _prove(s: Search, relaxation: Answer) -> None:
    """Tighten the bound by the program without its roads until it meets the plan, time is up, or it repeats itself.

    Its own decisions are plans as well, and what they are worth in all futures prices the roads again.
    """
    sign = 1.0 if s.matrix.maximise else -1.0
    roads = None if relaxation.duals is None else _roads(s.formulation, s.strong, relaxation.duals)
    before: dict[Label, float] | None = None
    while roads is not None and not s.over:
        limits = replace(s.limits, time_limit_s=max(s.left, 0.1), threads=1)
        answer = run(
            roads.without(),
            limits,
            phase="proof",
            listener=lambda progress: s.tighten(sign * progress.bound) if progress.bound is not None else None,
            stop=s,
            options=PROVING,
        )
        s.tighten(sign * answer.bound, "without roads")
        if answer.values is None or s.over:
            return
        decided = roads.decided(answer.values)
        if decided == before:
            return
        before = decided
        valued = s.value_decisions(decided, "proof", "decisions without roads, valued in all", says="silence")
        if valued.duals is None or not roads.price(
            sign * np.append(valued.duals, np.zeros(s.strong.shape[0] - len(valued.duals)))
        ):
            return
