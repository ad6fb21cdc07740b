"""A first plan in seconds: the plan of the most probable future alone, valued in all of them."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import Formulation, build
from khovor.solve.arrays import Floats, Matrix, compile_model
from khovor.solve.highs import Answer, run, with_fixed_integers
from khovor.solve.progress import Limits, Listener

SHARE_OF_TIME = 0.25
"""How much of the time limit the single future may take."""


def first_plan(
    formulation: Formulation,
    matrix: Matrix,
    limits: Limits,
    progress: Listener | None,
    stop: threading.Event | None,
) -> tuple[Floats | None, list[str]]:
    """A complete plan (one value per column) to offer the solver, or None with one future; and lines for the log."""
    if len(formulation.case.scenarios) < 2 or not matrix.integer.any():
        return None, []
    began = time.monotonic()
    likely = max(formulation.case.scenarios, key=lambda s: s.probability)
    decisions, single = _single_future(formulation, likely.name, limits, progress, stop)
    notes = [
        f"first plan: future {likely.name} alone, {single.status}, {single.objective:.6g} MUSD, {single.nodes} nodes"
    ]
    if decisions is None:
        return None, notes
    values = np.array([_decided(decisions, column) for column in matrix.columns])
    whole = run(
        with_fixed_integers(matrix, np.nan_to_num(values)),
        Limits(0.0, limits.time_limit_s * SHARE_OF_TIME, limits.threads, limits.seed),
        phase="first plan",
        listener=progress,
        stop=stop,
    )
    notes.append(
        f"first plan in all futures: {whole.status}, {whole.objective:.6g} MUSD, {time.monotonic() - began:.1f} s"
    )
    return whole.values, notes


def _single_future(
    formulation: Formulation, name: str, limits: Limits, progress: Listener | None, stop: threading.Event | None
) -> tuple[dict[tuple[Any, ...], float] | None, Answer]:
    alone = build(with_scenario(formulation.case, name), formulation.network)
    matrix = compile_model(alone.model)
    answer = run(
        matrix,
        Limits(limits.gap, limits.time_limit_s * SHARE_OF_TIME, limits.threads, limits.seed),
        phase="first plan",
        listener=progress,
        stop=stop,
    )
    if answer.values is None:
        return None, answer
    pairs = zip(matrix.columns, answer.values, matrix.integer, strict=True)
    return {_name(column): round(value) for column, value, whole in pairs if whole}, answer


def _name(column: Any) -> tuple[Any, ...]:
    return (column.parent_component().name, column.index())


def _decided(decisions: dict[tuple[Any, ...], float], column: Any) -> float:
    return decisions.get(_name(column), float("nan"))
