"""What the first rank keeps: the best plan valued in all futures, the tightest bound, and when to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo

from khovor.errors import InterruptedRun, KhovorError, NoPlanError
from khovor.formulation import Formulation
from khovor.solve.arrays import Floats
from khovor.solve.hedging.scenarios import decisions
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener, Progress

VALUING_S = 600.0
"""Seconds that the linear program which values a plan may take: without it there is no plan."""

SAME = 1e-9
"""Relative difference below which two plans are worth the same."""

BEYOND = 1e-5
"""Relative difference by which a plan may be better than its bound before the bound is none: tolerances of solvers."""

STALLED = 20
"""Rounds in a row that bring nothing, after which no more are tried."""

NOTICED = 0.01
"""Share of the open gap that a round must close to have brought something."""


@dataclass(slots=True)
class Ledger:
    """Plan and bound so far, in the sense of the case's objective [MUSD]. `formulation` is the whole program."""

    formulation: Formulation
    limits: Limits
    listener: Listener | None = None
    stop: threading.Event | None = None
    began: float = field(default_factory=time.monotonic)
    plan: Outcome | None = None
    bound: float | None = None
    infeasible: str = ""
    idle: int = 0
    gap_before: float = float("inf")
    notes: list[str] = field(default_factory=list)

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.formulation.model.value.sense == pyo.maximize else -1.0

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.limits.time_limit_s - (time.monotonic() - self.began)

    @property
    def least(self) -> float | None:
        """The plan's value in the minimised program."""
        return None if self.plan is None else -self.sign * self.plan.objective

    @property
    def over(self) -> bool:
        """Whether plan and bound have met, nothing moves them any more, time is up, or Ctrl-C was pressed."""
        return self.left <= 0 or self._stopped or self.idle >= STALLED or self._met

    @property
    def open(self) -> float:
        """Distance between plan and bound [MUSD]; infinite while one of them is not known."""
        if self.plan is None or self.bound is None:
            return float("inf")
        return max(self.sign * (self.bound - self.plan.objective), 0.0)

    def tighten(self, least: float, iteration: int) -> None:
        """Keep a bound on the least of the minimised program, if it is the tightest so far; -inf says nothing."""
        bound = -self.sign * least
        if np.isfinite(bound) and (self.bound is None or self.sign * (self.bound - bound) > 0):
            self.bound = bound
        self.notes.append(f"round {iteration}: {self._told}")
        self._say(f"round {iteration}")

    def close_round(self) -> None:
        """Note whether the round brought plan and bound nearer to each other."""
        brought = self.open < self.gap_before * (1.0 - NOTICED) or np.isinf(self.open)
        self.idle = 0 if brought else self.idle + 1
        self.gap_before = self.open if brought else self.gap_before

    def promises(self, least: float) -> bool:
        """Whether decisions whose minimised program is at least this can be better than the plan so far."""
        if self.plan is None:
            return True
        value = self.plan.objective
        return self.sign * (-self.sign * least - value) > SAME * abs(value)

    def offer(self, integers: Floats) -> None:
        """Value integers (NaN: left free) in all futures at once, and keep the plan if it is the best so far."""
        held = {
            (v.parent_component().name, v.index()): (v, x)
            for v, x in zip(decisions(self.formulation.model), integers, strict=True)
            if not np.isnan(x)
        }
        limits = replace(self.limits, gap=0.0, time_limit_s=max(self.left, VALUING_S))
        try:
            with _fixed(held.values()):
                found = optimize(self.formulation, limits)
        except KhovorError as error:
            self.notes.append(f"decisions that could not be valued: {error}")
            return
        self.notes.append(f"plan worth {found.objective:.6g} MUSD after {self._spent:.1f} s")
        if self.plan is None or self.sign * (found.objective - self.plan.objective) > 0:
            integer = np.array([column in held for column in found.matrix.columns], dtype=np.bool_)
            self.plan = replace(found, matrix=replace(found.matrix, integer=integer))
        self._say("a plan valued")

    def outcome(self) -> Outcome:
        """The best plan with the tightest bound; where a future could not be solved, what `optimize` says of the whole.

        Raises what `optimize` raises, and KhovorError for a bound that its own plan belies.
        """
        if self.infeasible:
            whole = optimize(self.formulation, self.limits, self.listener, self.stop)
            return replace(whole, log=(f"solved whole: {self.infeasible}", *whole.log))
        if self.plan is None:
            if self._stopped:
                raise InterruptedRun("Stopped before any plan was found.")
            raise NoPlanError("The time limit was reached before any plan was found; raise time_limit_s.")
        value, bound = self.plan.objective, self.bound
        if bound is not None and self.sign * (value - bound) > BEYOND * max(abs(value), 1.0):
            raise KhovorError(f"Hedging says no plan is better than {bound:.9g} MUSD, but found one of {value:.9g}.")
        best = max if self.sign > 0 else min
        return replace(
            self.plan,
            status="optimal" if self._met else "interrupted" if self._stopped else "feasible",
            bound=self.sign * float("inf") if bound is None else best(bound, value),
            log=(*self.notes, *self.plan.log),
        )

    @property
    def _spent(self) -> float:
        return time.monotonic() - self.began

    @property
    def _stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    @property
    def _met(self) -> bool:
        return self.plan is not None and self.open <= self.limits.gap * max(abs(self.plan.objective), 1e-9)

    @property
    def _told(self) -> str:
        known = "no bound" if self.bound is None else f"bound {self.bound:.6g} MUSD"
        return f"{known} after {self._spent:.1f} s"

    def _say(self, message: str) -> None:
        if self.listener is None:
            return
        value = None if self.plan is None else self.plan.objective
        gap = None if value is None or self.bound is None else self.open / max(abs(value), 1e-9)
        self.listener(Progress("hedging", self._spent, value, self.bound, gap, message=message))


@contextmanager
def _fixed(held: Collection[tuple[Any, float]]) -> Iterator[None]:
    """The model with these variables at these values, as a linear program; as it was when left."""
    before = [(v, v.domain, v.lower, v.upper) for v, _ in held]
    for v, x in held:
        v.domain = pyo.Reals
        v.setlb(x)
        v.setub(x)
    try:
        yield
    finally:
        for v, domain, lower, upper in before:
            v.domain = domain
            v.setlb(lower)
            v.setub(upper)
