"""From a formulation to a proved plan: first plan, proof, then integers fixed and the linear program solved again."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from khovor.errors import InfeasibleError, InterruptedRun, KhovorError, NoPlanError
from khovor.formulation import Formulation
from khovor.solve.arrays import Floats, Matrix, compile_model
from khovor.solve.first_plan import first_plan
from khovor.solve.highs import Answer, run, with_fixed_integers
from khovor.solve.progress import Limits, Listener, Progress
from khovor.units import INTEGRALITY

POLISH_LIMIT_S = 600.0
"""Time allowed for the last linear program: it decides nothing, and without it there are no prices."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan in the model's columns, its proof, and the prices of its rows.

    `values` one per column of `matrix`, `duals` one per row (change of the objective per unit of the right-hand side).
    """

    status: str
    objective: float
    bound: float
    values: Floats
    duals: Floats
    matrix: Matrix
    nodes: int
    log: tuple[str, ...]


def optimize(
    formulation: Formulation,
    limits: Limits,
    progress: Listener | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Solve a formulation.

    Raises InfeasibleError (no plan exists, or value has no bound), NoPlanError (limit before any plan) or
    InterruptedRun (stopped before any plan).
    """
    began = time.monotonic()
    matrix = compile_model(formulation.model)
    log = [matrix.ranges(), f"compiled in {time.monotonic() - began:.2f} s"]
    start, notes = first_plan(formulation, matrix, limits, progress, stop)
    log += notes
    left = max(limits.time_limit_s - (time.monotonic() - began), 1.0)
    proof = run(
        matrix,
        Limits(limits.gap, left, limits.threads, limits.seed),
        start=start,
        listener=progress,
        stop=stop,
    )
    log += proof.log
    values = _plan(proof, stop)
    return _polished(matrix, proof, values, limits, progress, log)


def _plan(proof: Answer, stop: threading.Event | None) -> Floats:
    """The plan of the proof, or the error that says why there is none."""
    if proof.values is not None and proof.status in ("optimal", "limit", "interrupted"):
        return proof.values
    if proof.status in ("infeasible", "unbounded"):
        what = {
            "infeasible": "No plan satisfies every rule of this workbook.",
            "unbounded": "The value has no bound: some sale, at these prices, pays without limit.",
        }
        raise InfeasibleError(what[proof.status], status=proof.status)
    if proof.status == "interrupted" or (stop is not None and stop.is_set()):
        raise InterruptedRun("Stopped before any plan was found.")
    if proof.status == "limit":
        raise NoPlanError("The time limit was reached before any plan was found; raise time_limit_s.")
    raise KhovorError(f"The solver stopped without an answer (status {proof.status}).")


def _polished(
    matrix: Matrix, proof: Answer, values: Floats, limits: Limits, progress: Listener | None, log: list[str]
) -> Outcome:
    """Integers rounded and fixed, flows and prices from the linear program that is left."""
    off = np.abs(values - np.round(values))[matrix.integer]
    if off.size and off.max() > INTEGRALITY:
        log.append(f"an integer was off by {off.max():.1e} before rounding")
    clean = run(
        with_fixed_integers(matrix, values),
        Limits(0.0, POLISH_LIMIT_S, limits.threads, limits.seed),
        phase="polish",
        listener=progress,
    )
    log += clean.log
    if clean.values is None or clean.duals is None:
        raise KhovorError(f"The plan could not be solved again with its integers fixed (status {clean.status}).")
    status = {"optimal": "optimal", "limit": "feasible", "interrupted": "interrupted"}[proof.status]
    bound = max(proof.bound, clean.objective) if matrix.maximise else min(proof.bound, clean.objective)
    if progress is not None:
        progress(Progress("polish", clean.seconds, clean.objective, bound))
    return Outcome(
        status=status,
        objective=clean.objective,
        bound=bound,
        values=np.where(matrix.integer, np.round(values), clean.values),
        duals=clean.duals,
        matrix=matrix,
        nodes=proof.nodes,
        log=tuple(log),
    )
