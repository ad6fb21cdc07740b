"""What happens in each round of hedging beside hedging itself: a Lagrangian bound, and decisions to value.

A bound is what the futures' programs can do at most at the present prices W, each by its *proved* bound, never by the
plan it stopped with; and only for prices that add up to nothing over all futures, which is made sure of each time.
All ranks do the same here, each for its own futures; the first keeps the ledger and says when to stop.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from mpisppy.extensions.extension import Extension
from mpisppy.utils.sputils import nonant_cost_coeffs
from pyomo.opt import TerminationCondition

from khovor.solve.arrays import Floats
from khovor.solve.hedging.ledger import Ledger
from khovor.solve.progress import Limits

Known = tuple[float, Floats]
"""Probability of a future and its decisions."""

NOTHING: Final = float("-inf")
"""The bound of a program of which nothing is known."""

SHARE: Final = 0.5
"""Share of the time left that one pass over the futures of a rank may take."""

AGREED: Final = 1e-7
"""Mean distance of the futures' decisions from their mean below which they agree."""

LEAST_S: Final = 0.5
"""Seconds that a future's program is always given."""


class Rounds(Extension):
    """Called by mpi-sppy around every solve and every round; `over` once there is nothing left to do."""

    def __init__(self, hedging: Any, limits: Limits, ledger: Ledger | None) -> None:
        super().__init__(hedging)
        self._ledger, self._limits = ledger, limits
        self._began = time.monotonic()
        self._tried: set[bytes] = set()
        self.over = False

    def pre_solve(self, subproblem: Any) -> None:
        """A program that comes back without an answer must not keep the bound of the solve before it."""
        subproblem._mpisppy_data.outer_bound = NOTHING
        left = self._limits.time_limit_s - (time.monotonic() - self._began)
        subproblem._solver_plugin.options["time_limit"] = max(SHARE * left / len(self._futures), LEAST_S)

    def post_solve(self, subproblem: Any, results: Any) -> Any:
        """Keep only what is proved: a linear program cut short tells the value of its plan as a bound."""
        data = subproblem._mpisppy_data
        if data.outer_bound is None or (data.solution_available and not _proved(results) and _met(data)):
            data.outer_bound = NOTHING
        return results

    def post_iter0(self) -> None:
        """Every future's own best plan is known: a first bound, how hard to pull on each decision, first plans."""
        self._set_pull()
        self._tell_bound(float(self.opt.Ebound()))
        self._try_decisions(self._known())

    def miditer(self) -> None:
        """New prices: what they prove, and the decisions that are best at them or were in the round before, valued."""
        if self.over:
            return
        agreeing = self._known()
        self._centre_prices()
        least, free = self._solved(dis_prox=True)
        self._tell_bound(least)
        self._try_decisions(agreeing)
        self._try_decisions(free)
        if self.opt.conv < AGREED:
            self._step(least, free)
        if self._ledger is not None:
            self._ledger.close_round()
        self._agree()

    @property
    def _futures(self) -> list[Any]:
        return list(self.opt.local_scenarios.values())

    def _solved(self, **without: bool) -> tuple[float, list[Known]]:
        """Proved expected least [MUSD] of the futures' programs at this moment, and the decisions found for it.

        Leaves every decision as it was: hedging goes on from there.
        """
        before = [[v._value for v in _decided(s)] for s in self._futures]
        options = self.opt._effective_solver_options(self.opt._PHIter)
        self.opt.solve_loop(solver_options=options, need_solution=False, **without)
        least, known = float(self.opt.Ebound()), self._known()
        for s, values in zip(self._futures, before, strict=True):
            for v, value in zip(_decided(s), values, strict=True):
                v._value = value
        return least, known

    def _centre_prices(self) -> None:
        """Take from every future's prices what they add up to: rounding must not make a bound of none."""
        mean = self._summed([s._mpisppy_probability * _read(s, "W") for s in self._futures])
        for s in self._futures:
            _write(s, "W", _read(s, "W") - mean)

    def _step(self, least: float, free: list[Known]) -> None:
        """Where all futures agree, hedging changes no price any more, but the bound may: a Polyak step from it.

        Each decision's price moves by its distance from the mean, as in hedging, all by one factor.
        """
        apart = np.array([x for _, x in free]) - sum(p * x for p, x in free)
        pull = _read(self._futures[0], "rho")
        size = sum(p * float(pull @ x**2) for (p, _), x in zip(free, apart, strict=True))
        goal = self.opt.mpicomm.bcast(None if self._ledger is None else self._ledger.least, root=0)
        if goal is None or not np.isfinite(least) or size <= 0:
            return
        first = self.opt.all_scenario_names.index(self.opt.local_scenario_names[0])
        for place, s in enumerate(self._futures, first):
            moved = _read(s, "W") + (goal - least) / size * pull * apart[place]
            _write(s, "W", moved)

    def _set_pull(self) -> None:
        """rho = mean cost of a decision / (how far the futures are apart on it, at least 1), the same in all futures.

        The same, or prices would not add up to nothing. Decisions that cost nothing get the mean of the others.
        """
        costs = [s._mpisppy_probability * np.array(list(nonant_cost_coeffs(s).values())) for s in self._futures]
        cost = np.abs(self._summed(costs))
        values = np.array([x for _, x in self._known()])
        pull = cost / np.maximum(np.ptp(values, axis=0), 1.0)
        paid = pull > 0
        pull = np.where(paid, pull, pull[paid].mean() if paid.any() else 1.0)
        for s in self._futures:
            _write(s, "rho", pull)

    def _try_decisions(self, known: list[Known]) -> None:
        """Value decisions in all futures: of the one nearest to the mean, of the likeliest, and the rounded mean."""
        whole = np.array([v.is_integer() for v in _decided(self._futures[0])])
        mean = sum((p * x for p, x in known), np.zeros(len(whole)))
        spread = np.maximum(np.ptp(np.array([x for _, x in known]), axis=0), 1.0)
        nearest = min(known, key=lambda future: float((np.abs(future[1] - mean) / spread).sum()))[1]
        likeliest = max(known, key=lambda future: future[0])[1]
        for decisions in (nearest, likeliest, mean):
            self._try(np.where(whole, np.round(decisions) + 0.0, np.nan))  # -0 is 0

    def _try(self, integers: Floats) -> None:
        """What integers can be worth at most, each future with bookings of its own; and what they are, if promising."""
        if self.over or integers.tobytes() in self._tried:
            return
        self._tried.add(integers.tobytes())
        with self._held(integers):
            least, _ = self._solved(dis_W=True, dis_prox=True)
        possible = self.opt.incumbent_prob() == self.opt.E1
        if self._ledger is not None and possible and self._ledger.promises(least):
            self._ledger.offer(integers)
        self._agree()

    @contextmanager
    def _held(self, integers: Floats) -> Iterator[None]:
        """Every future with these integers, the rest (NaN) free."""
        held = [(v, v.lower, v.upper, x) for s in self._futures for v, x in zip(_decided(s), integers, strict=True)]
        held = [entry for entry in held if not np.isnan(entry[3])]
        for v, _, _, x in held:
            v.setlb(x)
            v.setub(x)
        try:
            yield
        finally:
            for v, lower, upper, _ in held:
                v.setlb(lower)
                v.setub(upper)

    def _tell_bound(self, least: float) -> None:
        if self._ledger is not None:
            self._ledger.tighten(least, self.opt._PHIter)
        self._agree()

    def _agree(self) -> None:
        """All ranks stop together, when the first says so."""
        self.over = self.opt.mpicomm.bcast(self._ledger is not None and self._ledger.over, root=0)

    def _known(self) -> list[Known]:
        """Probability and present decisions of every future, in the order of the futures."""
        own = [(s._mpisppy_probability, np.array([v._value for v in _decided(s)])) for s in self._futures]
        return [future for part in self.opt.mpicomm.allgather(own) for future in part]

    def _summed(self, own: list[Floats]) -> Floats:
        parts = [array for part in self.opt.mpicomm.allgather(own) for array in part]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


class Agreed:
    """mpi-sppy's question after each round whether to stop."""

    def __init__(self, hedging: Any) -> None:
        self._rounds = hedging.extobject

    def is_converged(self) -> bool:
        """Whether the rounds are over."""
        return bool(self._rounds.over)


def _proved(results: Any) -> bool:
    return bool(results.solver.termination_condition == TerminationCondition.optimal)


def _met(data: Any) -> bool:
    return bool(data.outer_bound >= data.inner_bound)


def _decided(subproblem: Any) -> list[Any]:
    return list(subproblem._mpisppy_data.nonant_indices.values())


def _read(subproblem: Any, parameter: str) -> Floats:
    """A parameter of hedging, in the order of the decisions; its own order is another one in every process."""
    values = getattr(subproblem._mpisppy_model, parameter)
    return np.array([values[key].value for key in subproblem._mpisppy_data.nonant_indices])


def _write(subproblem: Any, parameter: str, values: Floats) -> None:
    """Set a parameter of hedging, given in the order of the decisions."""
    held = getattr(subproblem._mpisppy_model, parameter)
    for key, value in zip(subproblem._mpisppy_data.nonant_indices, values, strict=True):
        held[key] = float(value)
