"""What may be added to a plan: its decisions kept, those of some variables free to grow, the rest as they are."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.highs import run
from khovor.solve.progress import Limits, Listener
from khovor.solve.search import LARGE, search
from khovor.solve.stamp import compile_model
from khovor.solve.start import Start
from khovor.units import SMALL


@dataclass(frozen=True, slots=True)
class Grown:
    """A plan with what was added to it.

    `status` is optimal, limit, interrupted or infeasible; `objective` in the sense of the case [MUSD], None without a
    plan; `decided` has every decision that is not 0, by label [units, kt/y]; `exact` tells whether the additions are
    proved the best within the gap.
    """

    status: str
    objective: float | None
    decided: Mapping[Label, float]
    exact: bool


def grow(
    f: Formulation,
    decided: Mapping[Label, float],
    may: Collection[str],
    limits: Limits,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Grown:
    """The best of the case where the decisions named in `may` are at least the plan's, and all others equal to it.

    A large program is searched as that of a case is, from the plan: chosen and valued for all futures.
    """
    matrix = kept(compile_model(f), decided, may)
    if not matrix.integer.any() or len(matrix.columns) < LARGE:
        return _solved(matrix, decided, limits, listener, stop)
    s = search(f, matrix, limits, listener, stop, Start(decided))
    if s.plan is None or s.value is None:
        return _solved(matrix, decided, replace(limits, time_limit_s=max(s.left, 1.0)), listener, stop)
    status = "optimal" if s.proved else "interrupted" if s.stopped else "limit"
    return Grown(status, s.value, _decisions(matrix, s.plan), s.proved)


def kept(matrix: Matrix, decided: Mapping[Label, float], may: Collection[str]) -> Matrix:
    """The program in which what is decided once is at least the plan's where it is named in `may`, and else equal.

    What a policy with a price is missed by follows from the rest.
    """
    lower, upper = matrix.col_lower.copy(), matrix.col_upper.copy()
    for j, label in enumerate(matrix.columns):
        if label is not None and label[0] in DECIDED_ONCE and label[0] != "over":
            lower[j] = decided.get(label, 0.0)
            upper[j] = max(upper[j], lower[j]) if label[0] in may else lower[j]
    return replace(matrix, col_lower=lower, col_upper=upper, integer=matrix.integer & (lower < upper))


def _solved(
    matrix: Matrix,
    decided: Mapping[Label, float],
    limits: Limits,
    listener: Listener | None,
    stop: threading.Event | None,
) -> Grown:
    start = None
    if matrix.integer.any():
        known = [0.0 if label is None else decided.get(label, 0.0) for label in matrix.columns]
        start = np.where(matrix.integer, known, np.nan)
    answer = run(matrix, limits, start=start, listener=listener, stop=stop)
    if answer.values is None:
        return Grown(answer.status, None, {}, False)
    return Grown(answer.status, answer.objective, _decisions(matrix, answer.values), answer.status == "optimal")


def _decisions(matrix: Matrix, values: Floats) -> dict[Label, float]:
    return {
        label: float(np.round(value) if label[0] != "book" else value)
        for label, value in zip(matrix.columns, values.tolist(), strict=True)
        if label is not None and label[0] in DECIDED_ONCE and value > SMALL
    }
