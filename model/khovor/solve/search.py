"""How a large program is searched: a relaxation that bounds it, then small programs around what the relaxation uses.

HiGHS alone, on a model of this kind, spends its time on the root relaxation and finds poor plans. Here the
relaxation is solved once by interior point (its value is the proved bound), and the plan is searched in the program
restricted to the plants, projects and shipments that the relaxation or an earlier plan uses. Nothing found there is a
bound: the bound comes from the whole program only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import Formulation, build
from khovor.solve.arrays import Floats, Matrix, compile_model
from khovor.solve.highs import Answer, relaxed, run, with_fixed_integers
from khovor.solve.progress import Limits, Listener, Progress

LARGE = 20_000
"""Columns from which a program is searched in parts; smaller ones go to HiGHS whole."""

USED = 1e-7
"""What counts as used in a relaxation (kt/y, units)."""

SINGLE_SHARE = 0.25
"""Share of the time limit that one future alone may take."""

WORTHWHILE = 10.0
"""The whole program goes to HiGHS when this many times its relaxation's seconds are left."""


@dataclass(slots=True)
class Search:
    """One search under way: the program, its limits, the best plan and bound so far, and what happened."""

    formulation: Formulation
    matrix: Matrix
    limits: Limits
    listener: Listener | None
    stop: threading.Event | None
    began: float = field(default_factory=time.monotonic)
    plan: Floats | None = None
    value: float | None = None
    bound: float | None = None
    relaxation_s: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.limits.time_limit_s - (time.monotonic() - self.began)

    @property
    def worth_going_on(self) -> bool:
        """Whether there is time for HiGHS to do something with the whole program."""
        return self.left > WORTHWHILE * self.relaxation_s

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

    def solve(
        self,
        matrix: Matrix,
        seconds: float,
        phase: str,
        *,
        start: Floats | None = None,
        says: str = "nothing",
        **options: Any,
    ) -> Answer:
        """Run HiGHS on a matrix for at most `seconds`; `says` what its own progress says of the whole program.

        "nothing" (another program), "plans" (the whole program in part: its plans count, its bound does not), "all".
        """
        limits = replace(self.limits, time_limit_s=max(min(seconds, self.left), 0.1))
        listener = None if self.listener is None else self._telling(self.listener, says)
        return run(matrix, limits, phase=phase, start=start, listener=listener, stop=self.stop, options=options)

    def _telling(self, listener: Listener, says: str) -> Listener:
        """A listener that hears the best plan and the tightest proved bound of the whole program."""
        best, least = (max, min) if self.matrix.maximise else (min, max)

        def tell(progress: Progress) -> None:
            plans = [self.value, progress.incumbent if says != "nothing" else None]
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
        self.notes.append(f"{source}: {objective:.6g} MUSD after {time.monotonic() - self.began:.1f} s")
        if better:
            self.plan, self.value = values, objective


def search(
    formulation: Formulation, matrix: Matrix, limits: Limits, listener: Listener | None, stop: threading.Event | None
) -> Search:
    """Search a large program for a good plan and a proved bound within the limits."""
    s = Search(formulation, matrix, limits, listener, stop)
    if len(formulation.case.scenarios) > 1:
        _single_future(s)
    relaxation = None if s.stopped else _relaxation(s)
    if relaxation is not None and not s.stopped and not s.proved:
        _around(s, relaxation)
    return s


def _single_future(s: Search) -> None:
    """The plan of the most probable future alone, valued in all of them."""
    likely = max(s.formulation.case.scenarios, key=lambda scenario: scenario.probability)
    alone = build(with_scenario(s.formulation.case, likely.name), s.formulation.network)
    matrix = compile_model(alone.model)
    seconds = s.limits.time_limit_s * SINGLE_SHARE
    loose = s.solve(relaxed(matrix), seconds, "first plan", solver="ipm")
    if loose.values is None or s.stopped:
        return
    answer = s.solve(_restricted(alone, matrix, [loose.values]), seconds / 2, "first plan")
    if answer.values is None:
        return
    decisions = {
        _name(c): round(v) for c, v, whole in zip(matrix.columns, answer.values, matrix.integer, strict=True) if whole
    }
    units = np.array([decisions.get(_name(column), 0.0) for column in s.matrix.columns])
    whole = s.solve(with_fixed_integers(s.matrix, units), s.left, "first plan")
    s.offer(whole.values, whole.objective, f"plan of future {likely.name}, valued in all")


def _relaxation(s: Search) -> Floats | None:
    """The bound of the whole program, by interior point."""
    loose = s.solve(relaxed(s.matrix), s.left, "relaxation", solver="ipm")
    s.relaxation_s = loose.seconds
    if loose.status != "optimal" or loose.values is None:
        s.notes.append(f"relaxation: {loose.status} after {loose.seconds:.1f} s")
        return None
    s.bound = loose.objective
    s.notes.append(f"relaxation: bound {loose.objective:.6g} MUSD after {time.monotonic() - s.began:.1f} s")
    return loose.values


def _around(s: Search, relaxation: Floats) -> None:
    """The best plan among what the relaxation and the plan so far use."""
    guides = [relaxation] if s.plan is None else [relaxation, s.plan]
    answer = s.solve(_restricted(s.formulation, s.matrix, guides), s.left, "solve", start=s.plan, says="plans")
    s.offer(answer.values, answer.objective, "best around the relaxation")


def _restricted(formulation: Formulation, matrix: Matrix, guides: Sequence[Floats]) -> Matrix:
    """The program without the plants, projects and shipments that none of the guides uses."""
    use = np.max(np.vstack(guides), axis=0) > USED
    kinds = [_kind(formulation, column) for column in matrix.columns]
    used = {kind for kind, on in zip(kinds, use, strict=True) if on and kind is not None}
    keep = np.array([kind is None or kind in used for kind in kinds])
    return replace(matrix, col_upper=np.where(keep, matrix.col_upper, np.minimum(matrix.col_lower, matrix.col_upper)))


def _kind(formulation: Formulation, column: Any) -> tuple[str, object] | None:
    """What a column is kept with: a process at a node, a project, a commodity on a leg; None = always kept."""
    name, index = _name(column)
    if name == "build":
        key = formulation.case.options[index[0]].key
        return "plant", (key.node, key.process)
    if name in ("project", "ship"):
        return name, index[0]
    return None


def _name(column: Any) -> tuple[str, Any]:
    return column.parent_component().name, column.index()
