"""HiGHS, and the only file that names it: arrays in, a proved answer out; stops cleanly, never prints."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from khovor.solve.arrays import Floats, Matrix
from khovor.solve.progress import Limits, Listener, Progress, Stop

POLL_S = 0.2

FEASIBILITY = "primal_feasibility_tolerance"

START_NODES = 500
"""Nodes that completing a first plan may take."""

_SILENT = threading.Lock()
"""One construction at a time: two that swap the process's stdout together would leave it swapped."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver says. `values` is None without a plan; `duals` is None for an integer program.

    `objective` and `bound` in the sense of the matrix, offset included.
    """

    status: str
    objective: float
    bound: float
    values: Floats | None
    duals: Floats | None
    nodes: int
    seconds: float
    log: tuple[str, ...]


def run(
    matrix: Matrix,
    limits: Limits,
    *,
    phase: str = "solve",
    start: Floats | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
    options: dict[str, Any] | None = None,
) -> Answer:
    """Solve a matrix within limits; `start` (one value per column, NaN = unknown) is offered as a first plan.

    Sets no tolerance: HiGHS's own 1e-6 is what the model is scaled for.
    """
    if start is not None and np.isnan(start).any():
        start = _completed(matrix, limits, start, phase, stop)
    highs, log = loaded(matrix, limits, options)
    if start is not None:
        _offer(highs, start)
    watch = _Watch(phase, listener, stop)
    highs.cbMipInterrupt += watch.on_mip
    highs.cbMipImprovingSolution += watch.on_mip
    highs.cbSimplexInterrupt += watch.on_lp
    highs.cbIpmInterrupt += watch.on_lp
    began = time.monotonic()
    worker = threading.Thread(target=highs.run, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(POLL_S)
        watch.say()
    answer = _answer(highs, matrix, time.monotonic() - began, tuple(log), watch.stopped)
    if start is None or not _misjudged(matrix, answer):
        return answer
    left = replace(limits, time_limit_s=max(limits.time_limit_s - answer.seconds, 0.1))
    return run(matrix, left, phase=phase, listener=listener, stop=stop, options=options)


def _misjudged(matrix: Matrix, answer: Answer) -> bool:
    """Whether a plan is not worth what is told: HiGHS 1.16 may judge a first plan by a presolved program not its own.

    What it then calls optimal is the first plan, at a worth that no plan may have.
    """
    if answer.values is None:
        return False
    worth = matrix.offset + float(matrix.cost @ answer.values)
    return abs(worth - answer.objective) > 1e-4 * max(abs(worth), 1.0)


def _completed(matrix: Matrix, limits: Limits, start: Floats, phase: str, stop: Stop | None) -> Floats | None:
    """A first plan with what it leaves open filled in; None where it breaks a rule.

    HiGHS would do it by a program within the program, and tell the bounds of that one as bounds of the whole.
    """
    lower = np.where(np.isnan(start), matrix.col_lower, start)
    upper = np.where(np.isnan(start), matrix.col_upper, start)
    left = replace(matrix, col_lower=lower, col_upper=upper)
    return run(left, limits, phase=phase, stop=stop, options={"mip_max_nodes": START_NODES}).values


class Session:
    """An engine that is kept: a program like the last one is changed in place and solved from the last basis.

    Programs are alike when they have the same columns, rows, nonzeros, integers and sense; any other is loaded anew.
    Not for two threads at once.
    """

    def __init__(self, limits: Limits, options: Mapping[str, Any] | None = None) -> None:
        self._limits = limits
        self._highs, self._log = _engine(limits, options or {})
        self._loaded: Matrix | None = None
        self._feasibility = self._highs.getOptionValue(FEASIBILITY)[1]
        self._watch: _Watch | None = None
        self.reloads = 0

    def run(
        self, matrix: Matrix, *, start: Floats | None = None, seconds: float | None = None, stop: Stop | None = None
    ) -> Answer:
        """Solve a matrix, in this thread, within `seconds` (None: the limit of the session).

        `start` is offered as a first plan, as in `run`.
        """
        self._change(matrix)
        self._heed(stop)
        allowed = self._limits.time_limit_s if seconds is None else seconds
        if start is not None:
            _offer(self._highs, start)
        # The engine counts its seconds over all runs, and leaves a looser tolerance behind after an integer program.
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(allowed, 0.1))
        self._highs.setOptionValue(FEASIBILITY, self._feasibility)
        del self._log[:]
        began = time.monotonic()
        self._highs.run()
        stopped = self._watch is not None and self._watch.stopped
        return _answer(self._highs, matrix, time.monotonic() - began, tuple(self._log), stopped)

    def _heed(self, stop: Stop | None) -> None:
        """Have the engine ask whether to stop, once there is anyone to ask."""
        if self._watch is None and stop is not None:
            self._watch = _Watch("", None, stop)
            self._highs.cbSimplexInterrupt += self._watch.on_lp
            self._highs.cbIpmInterrupt += self._watch.on_lp
        elif self._watch is not None:
            self._watch.heed(stop)

    def _change(self, matrix: Matrix) -> None:
        """Make the loaded program this one, by what differs where the two are alike."""
        before, self._loaded = self._loaded, matrix
        if before is None or not _alike(before, matrix):
            self.reloads += 1
            _pass(self._highs, matrix)
            return
        h, where = self._highs, _differing(before.cost, matrix.cost)
        if len(where):
            h.changeColsCost(len(where), where, matrix.cost[where])
        where = _differing(before.col_lower, matrix.col_lower, before.col_upper, matrix.col_upper)
        if len(where):
            h.changeColsBounds(len(where), where, matrix.col_lower[where], matrix.col_upper[where])
        where = _differing(before.row_lower, matrix.row_lower, before.row_upper, matrix.row_upper)
        if len(where):
            h.changeRowsBounds(len(where), where, matrix.row_lower[where], matrix.row_upper[where])
        for k in _differing(before.value, matrix.value).tolist():
            column = int(np.searchsorted(matrix.start, k, side="right")) - 1
            h.changeCoeff(int(matrix.index[k]), column, float(matrix.value[k]))
        h.changeObjectiveOffset(matrix.offset)


def _alike(a: Matrix, b: Matrix) -> bool:
    same = a.shape == b.shape and a.maximise == b.maximise
    return same and all(np.array_equal(getattr(a, k), getattr(b, k)) for k in ("start", "index", "integer"))


def _differing(*pairs: Floats) -> Any:
    """The places where any of (before, after), (before, after), ... differ, as HiGHS takes them."""
    differ = np.zeros(len(pairs[0]), dtype=np.bool_)
    for before, after in zip(pairs[::2], pairs[1::2], strict=True):
        differ |= before != after
    return np.flatnonzero(differ).astype(np.int32)


def loaded(matrix: Matrix, limits: Limits, options: dict[str, Any] | None = None) -> tuple[highspy.Highs, list[str]]:
    """HiGHS holding a matrix, ready to run, and the log it will write."""
    highs, log = _engine(limits, options or {})
    _pass(highs, matrix)
    return highs, log


def relaxed(matrix: Matrix) -> Matrix:
    """The same matrix with integrality dropped."""
    return replace(matrix, integer=np.zeros_like(matrix.integer))


def held(matrix: Matrix, values: Floats) -> Matrix:
    """The linear program that is left when columns take the values given (NaN = free)."""
    lower = np.where(np.isnan(values), matrix.col_lower, values)
    upper = np.where(np.isnan(values), matrix.col_upper, values)
    return replace(relaxed(matrix), col_lower=lower, col_upper=upper)


def with_fixed_integers(matrix: Matrix, values: Floats) -> Matrix:
    """The linear program that is left when every integer takes the (rounded) value given."""
    return held(matrix, np.where(matrix.integer, np.round(values), np.nan))


def _engine(limits: Limits, options: Mapping[str, Any]) -> tuple[highspy.Highs, list[str]]:
    with _SILENT, quiet_stdout():
        highs = highspy.Highs()
    log: list[str] = []
    highs.setOptionValue("log_to_console", False)
    highs.cbLogging += lambda event: log.extend(line for line in event.message.splitlines() if line.strip())
    settings: dict[str, Any] = {"mip_rel_gap": limits.gap, "time_limit": max(limits.time_limit_s, 0.1)}
    if limits.threads is not None:
        settings["threads"] = limits.threads
    if limits.seed is not None:
        settings["random_seed"] = limits.seed
    for name, value in {**settings, **options}.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS does not know the option {name} = {value!r}")
    return highs, log


def forget_threads() -> None:
    """HiGHS keeps the number of threads of the first solve in a thread, and fails in it when asked for another."""
    highspy.Highs.resetGlobalScheduler(True)


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Constructing HiGHS prints a banner on the process's stdout, which belongs to the result alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(null)


def _pass(highs: highspy.Highs, matrix: Matrix) -> None:
    """Hand over the arrays as they lie in memory: a `HighsLp` would take each of them number by number."""
    rows, columns = matrix.shape
    sense = highspy.ObjSense.kMaximize if matrix.maximise else highspy.ObjSense.kMinimize
    highs.passModel(
        columns,
        rows,
        len(matrix.value),
        int(highspy.MatrixFormat.kColwise),
        int(sense),
        matrix.offset,
        matrix.cost,
        matrix.col_lower,
        matrix.col_upper,
        matrix.row_lower,
        matrix.row_upper,
        matrix.start,
        matrix.index,
        matrix.value,
        np.where(matrix.integer, int(highspy.HighsVarType.kInteger), 0).astype(np.int32),
    )


def _offer(highs: highspy.Highs, start: Floats) -> None:
    known = np.flatnonzero(~np.isnan(start)).astype(np.int32)
    highs.setSolution(len(known), known, start[known])


class _Watch:
    """Listens to the solver from its own thread, and speaks from ours, at most a few times a second."""

    def __init__(self, phase: str, listener: Listener | None, stop: Stop | None) -> None:
        self._phase, self._listener, self._stop = phase, listener, stop
        self._began = time.monotonic()
        self._latest = Progress(phase, 0.0)
        self.stopped = False

    def heed(self, stop: Stop | None) -> None:
        """Ask another, or nobody, whether to stop."""
        self._stop, self.stopped = stop, False

    def on_mip(self, event: Any) -> None:
        """Note incumbent and bound, and pass a stop on."""
        out = event.data_out
        self._latest = Progress(
            self._phase,
            time.monotonic() - self._began,
            _finite(out.mip_primal_bound),
            _finite(out.mip_dual_bound),
            _finite(out.mip_gap),
            int(out.mip_node_count),
        )
        self.on_lp(event)

    def on_lp(self, event: Any) -> None:
        """Pass a stop on."""
        asked = self._stop is not None and self._stop.is_set()
        # An engine that is kept would remember the stop of an earlier run.
        event.interrupt(asked)
        self.stopped = self.stopped or asked

    def say(self) -> None:
        """Tell the listener where we are."""
        if self._listener is not None:
            self._listener(replace(self._latest, seconds=time.monotonic() - self._began))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


_STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible or unbounded",
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
    highspy.HighsModelStatus.kSolutionLimit: "limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
}


def _answer(highs: highspy.Highs, matrix: Matrix, seconds: float, log: tuple[str, ...], stopped: bool) -> Answer:
    status = _STATUS.get(highs.getModelStatus(), "error")
    info, solution = highs.getInfo(), highs.getSolution()
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    discrete = bool(matrix.integer.any())
    values = np.asarray(solution.col_value, dtype=np.float64) if has_plan else None
    objective = float(info.objective_function_value)
    bound = float(info.mip_dual_bound) if discrete else objective
    return Answer(
        status="interrupted" if stopped and status == "limit" else status,
        objective=objective,
        bound=objective if discrete and status == "optimal" and not np.isfinite(bound) else bound,
        values=values,
        duals=np.asarray(solution.row_dual, dtype=np.float64) if has_plan and not discrete else None,
        nodes=int(info.mip_node_count) if discrete else 0,
        seconds=seconds,
        log=log,
    )
