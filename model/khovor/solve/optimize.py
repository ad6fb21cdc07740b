"""From a formulation to a proved plan: search, proof, then integers fixed and the linear program solved again."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from khovor.errors import InfeasibleError, InterruptedRun, KhovorError, NoPlanError
from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.benders.gather import gathered
from khovor.solve.benders.search import called_for, search_futures
from khovor.solve.blocks import run_in_blocks
from khovor.solve.conflicts import IMPOSSIBLE, conflicts
from khovor.solve.highs import Answer, held, run, with_fixed_integers
from khovor.solve.progress import Limits, Listener, Progress
from khovor.solve.reach import Reach
from khovor.solve.search import LARGE, search
from khovor.solve.settle import settled
from khovor.solve.stamp import compile_model
from khovor.solve.start import Prices, Start
from khovor.solve.tied import search_tied
from khovor.units import INTEGRALITY

ROUNDING = 1e-5
"""By how much, relatively, tolerances may let a plan be better than a true bound; by more, the bound is false."""

POLISH_LIMIT_S = 600.0
"""Time allowed for the last linear program: it decides nothing, and without it there are no prices."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan in the model's columns, its proof, and the prices of its rows.

    `values` one per column of `matrix`, `duals` one per row (change of the objective per unit of the right-hand side).
    `prices` are those of the proof, where it was one by prices. `size`: rows, columns, integers and entries of the
    program, where `matrix` is only what of it has a value.
    """

    status: str
    objective: float
    bound: float
    values: Floats
    duals: Floats
    matrix: Matrix
    nodes: int
    log: tuple[str, ...]
    prices: Prices | None = None
    size: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    status: str
    values: Floats
    bound: float
    nodes: int
    prices: Prices | None = None


def optimize(
    formulation: Formulation,
    limits: Limits,
    progress: Listener | None = None,
    stop: threading.Event | None = None,
    start: Start | None = None,
) -> Outcome:
    """Solve a formulation. `start` is what to begin from.

    Raises InfeasibleError (no plan exists, or value has no bound), NoPlanError (limit before any plan) or
    InterruptedRun (stopped before any plan).
    """
    if called_for(formulation):
        outcome = _decomposed(formulation, limits, progress, stop, start)
        if outcome is not None:
            return outcome
    began = time.monotonic()
    matrix = compile_model(formulation)
    log = [matrix.ranges(), f"compiled in {time.monotonic() - began:.2f} s"]
    limits = replace(limits, time_limit_s=max(limits.time_limit_s - (time.monotonic() - began), 1.0))
    if len(matrix.columns) < LARGE or not matrix.integer.any():
        offered = None if start is None else _offered(matrix, start.plan)
        answer = run(matrix, limits, start=offered, listener=progress, stop=stop)
        log += answer.log
        found = _whole(formulation, matrix, limits, answer, stop)
    else:
        found = _in_parts(formulation, matrix, limits, progress, stop, log, start)
    return _polished(formulation, matrix, found, limits, progress, log)


def _decomposed(
    formulation: Formulation,
    limits: Limits,
    progress: Listener | None,
    stop: threading.Event | None,
    start: Start | None,
) -> Outcome | None:
    """The plan of a program of too many futures to be held whole; None where no plan was found, and time is left."""
    a = search_futures(formulation, limits, progress, stop, start)
    s = a.s
    if s.plan is None:
        if s.stopped:
            raise InterruptedRun("Stopped before any plan was found.")
        if s.left <= 0:
            raise NoPlanError("The time limit was reached before any plan was found; raise time_limit_s.")
        return None
    told = gathered(formulation, a.pricing.operation, a.decided)
    worth = told.matrix.offset + float(told.matrix.cost @ told.values)
    bound = s.bound if s.bound is not None else _no_bound(told.matrix)
    found = _Found("interrupted" if s.stopped else "limit", told.values, bound, 0)
    log = [f"{len(formulation.scenarios)} futures, each with a program of its own", *s.notes]
    return _ended(told.matrix, told.values, told.duals, worth, found, limits, log, a.size)


def _offered(matrix: Matrix, start: Mapping[Label, float]) -> Floats:
    """The integers of a plan, one per column; what it ships and books is left to the solver (NaN)."""
    values = [start.get(label, 0.0) if label is not None else 0.0 for label in matrix.columns]
    return np.where(matrix.integer, values, np.nan)


def _in_parts(
    formulation: Formulation,
    matrix: Matrix,
    limits: Limits,
    progress: Listener | None,
    stop: threading.Event | None,
    log: list[str],
    start: Start | None,
) -> _Found:
    """A large program: searched first, then given to HiGHS whole with the plan found, if there is time."""
    searched = search_tied if _tied(formulation) else search
    s = searched(formulation, matrix, limits, progress, stop, start)
    log += s.notes
    bound = s.bound if s.bound is not None else _no_bound(matrix)
    if s.plan is not None and (s.over or _tied(formulation)):
        return _Found("interrupted" if s.stopped else "limit", s.plan, bound, 0, s.handed_on)
    answer = s.solve(matrix, s.left, "solve", start=s.plan, says="all")
    log += answer.log
    if answer.values is None and s.plan is not None:
        return _Found("limit", s.plan, bound, answer.nodes, s.handed_on)
    whole = _whole(formulation, matrix, limits, answer, stop)
    tightest = min(whole.bound, bound) if matrix.maximise else max(whole.bound, bound)
    return replace(whole, bound=tightest, prices=s.handed_on)


def _tied(formulation: Formulation) -> bool:
    """Whether rows tie all years and futures together: old losses, or the return of an investor."""
    return formulation.case.fiscal.ties or formulation.case.terms.objective == "support"


def _no_bound(matrix: Matrix) -> float:
    return float("inf") if matrix.maximise else float("-inf")


def _whole(
    formulation: Formulation, matrix: Matrix, limits: Limits, answer: Answer, stop: threading.Event | None
) -> _Found:
    """What HiGHS found for the whole program, or the error that says why there is no plan."""
    if answer.values is not None and answer.status in ("optimal", "limit", "interrupted"):
        return _Found(answer.status, answer.values, answer.bound, answer.nodes)
    status = _cleared(matrix, limits, stop) if answer.status == "infeasible or unbounded" else answer.status
    if status == "unbounded":
        raise InfeasibleError("The value has no bound: some sale, at these prices, pays without limit.", status=status)
    if status == "infeasible":
        why = conflicts(formulation, matrix, limits, stop)
        raise InfeasibleError(IMPOSSIBLE, conflicts=why)
    if status == "interrupted" or (stop is not None and stop.is_set()):
        raise InterruptedRun("Stopped before any plan was found.")
    if status == "limit":
        raise NoPlanError("The time limit was reached before any plan was found; raise time_limit_s.")
    raise KhovorError(f"The solver stopped without an answer (status {status}).")


def _cleared(matrix: Matrix, limits: Limits, stop: threading.Event | None) -> str:
    """Infeasible or unbounded: a program without costs is never unbounded, so it tells the two apart."""
    bare = run(replace(matrix, cost=np.zeros(len(matrix.cost))), limits, phase="why", stop=stop)
    return "unbounded" if bare.status == "optimal" else bare.status


def _polished(
    formulation: Formulation,
    matrix: Matrix,
    found: _Found,
    limits: Limits,
    progress: Listener | None,
    log: list[str],
) -> Outcome:
    """Integers rounded and fixed, flows and prices from the linear program that is left."""
    off = np.abs(found.values - np.round(found.values))[matrix.integer]
    if off.size and off.max() > INTEGRALITY:
        log.append(f"an integer was off by {off.max():.1e} before rounding")
    clean = _solved_again(formulation, _loosened(formulation, matrix, found.values), found.values, limits, progress)
    log += clean.log
    if clean.values is None or clean.duals is None:
        raise KhovorError(f"The plan could not be solved again with its integers fixed (status {clean.status}).")
    values, worth = settled(formulation, matrix, clean.values, limits)
    if abs(worth - clean.objective) > ROUNDING * max(abs(worth), 1.0):
        log.append(f"with the tax of the law the plan is worth {worth:.9g}, not {clean.objective:.9g} MUSD")
    duals = clean.duals
    outcome = _ended(matrix, values, duals, worth, found, limits, log)
    if progress is not None:
        progress(Progress("polish", clean.seconds, outcome.objective, outcome.bound))
    return outcome


def _ended(
    matrix: Matrix,
    values: Floats,
    duals: Floats,
    worth: float,
    found: _Found,
    limits: Limits,
    log: list[str],
    size: tuple[int, int, int, int] | None = None,
) -> Outcome:
    """The outcome of a plan that is worth so much, by the bound that was found."""
    beaten = (worth - found.bound) * (1.0 if matrix.maximise else -1.0)
    if beaten > ROUNDING * max(abs(worth), 1.0):
        log.append(f"the plan is better than the bound {found.bound:.9g} by {beaten:.3g} MUSD: nothing is proved")
        found = replace(found, bound=_no_bound(matrix))
    bound = max(found.bound, worth) if matrix.maximise else min(found.bound, worth)
    met = abs(bound - worth) <= limits.gap * max(abs(worth), 1e-9)
    return Outcome(
        status="optimal" if met else {"interrupted": "interrupted"}.get(found.status, "feasible"),
        objective=worth,
        bound=bound,
        values=np.where(matrix.integer, np.round(values), values),
        duals=duals,
        matrix=matrix,
        nodes=found.nodes,
        log=tuple(log),
        prices=found.prices,
        size=size,
    )


def _solved_again(
    formulation: Formulation, matrix: Matrix, values: Floats, limits: Limits, progress: Listener | None
) -> Answer:
    """The linear program that a plan's integers leave; of a large one that is tied, at a price of what ties it."""
    limits = Limits(0.0, POLISH_LIMIT_S, limits.threads, limits.seed)

    def operate(left: Matrix) -> Answer:
        return run_in_blocks(left, limits, phase="polish", listener=progress)

    if len(matrix.columns) < LARGE or formulation.case.terms.objective != "support":
        return operate(_with_decisions_held(formulation, matrix, values))
    return Reach(formulation, matrix).again(np.where(matrix.integer, np.round(values), values), limits, operate)


def _with_decisions_held(formulation: Formulation, matrix: Matrix, values: Floats) -> Matrix:
    """The linear program that a plan's integers leave; of a large one whose tax ties years, all that is decided once.

    Otherwise it would not fall apart: what is booked stays as the search left it.
    """
    if len(matrix.columns) < LARGE or not formulation.case.fiscal.ties:
        return with_fixed_integers(matrix, values)
    once = np.array([label is not None and label[0] in DECIDED_ONCE for label in matrix.columns])
    return held(with_fixed_integers(matrix, values), np.where(once & ~matrix.integer, values, np.nan))


def _loosened(formulation: Formulation, matrix: Matrix, values: Floats) -> Matrix:
    """The matrix with the true capacity of a plan's units: what no plan could use is no limit, and has no price."""
    integers = np.flatnonzero(matrix.integer).tolist()
    given = {matrix.columns[j]: round(values[j]) for j in integers}
    upper = matrix.row_upper.copy()
    for r, row in enumerate(matrix.rows):
        withheld = formulation.withheld(*row) if row is not None else ()
        upper[r] += sum(amount * given.get(unit, 0) for amount, unit in withheld)
    return replace(matrix, row_upper=upper)
