"""What may be added to a plan: its decisions kept, those of some variables free to grow, the rest as they are."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.solve.arrays import Label, Matrix
from khovor.solve.highs import run
from khovor.solve.progress import Limits, Listener
from khovor.solve.search import LARGE
from khovor.solve.stamp import compile_model
from khovor.units import SMALL


@dataclass(frozen=True, slots=True)
class Grown:
    """A plan with what was added to it.

    `status` is optimal, limit, interrupted or infeasible; `objective` in the sense of the case [MUSD], None without a
    plan; `decided` has every decision that is not 0, by label [units, kt/y]; `exact` tells whether the additions are
    proved the best within the gap. `likeliest` is the future that integers were chosen for ("": for all of them); the
    value is always over all futures.
    """

    status: str
    objective: float | None
    decided: Mapping[Label, float]
    exact: bool
    likeliest: str = ""


def grow(
    f: Formulation,
    decided: Mapping[Label, float],
    may: Collection[str],
    limits: Limits,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Grown:
    """The best of the case where the decisions named in `may` are at least the plan's, and all others equal to it.

    A large program decides its integers for the likely future alone, and is then solved for all futures with these: its
    additions are good, and their value is exact, but there may be better ones.
    """
    matrix = kept(compile_model(f), decided, may)
    exact, likeliest = True, ""
    if _undecided(matrix) and len(matrix.columns) >= LARGE and len(f.case.scenarios) > 1:
        likeliest = max(f.case.scenarios, key=lambda scenario: scenario.probability).name
        alone = build(with_scenario(f.case, likeliest), f.network)
        chosen = _solved(kept(compile_model(alone), decided, may), decided, limits, listener, stop)
        if chosen.objective is None:
            return replace(chosen, likeliest=likeliest)
        whole = {label: value for label, value in chosen.decided.items() if label[0] != "book"}
        booked = {label: value for label, value in decided.items() if label[0] == "book"}
        decided, may, exact = whole | booked, [name for name in may if name == "book"], False
        matrix = kept(matrix, decided, may)
    grown = _solved(matrix, decided, limits, listener, stop)
    return replace(grown, exact=exact and grown.status == "optimal", likeliest=likeliest)


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


def _undecided(matrix: Matrix) -> bool:
    return bool(matrix.integer.any())


def _solved(
    matrix: Matrix,
    decided: Mapping[Label, float],
    limits: Limits,
    listener: Listener | None,
    stop: threading.Event | None,
) -> Grown:
    start = None
    if _undecided(matrix):
        known = [0.0 if label is None else decided.get(label, 0.0) for label in matrix.columns]
        start = np.where(matrix.integer, known, np.nan)
    answer = run(matrix, limits, start=start, listener=listener, stop=stop)
    if answer.values is None:
        return Grown(answer.status, None, {}, False)
    found = {
        label: float(np.round(value) if label[0] != "book" else value)
        for label, value in zip(matrix.columns, answer.values.tolist(), strict=True)
        if label is not None and label[0] in DECIDED_ONCE and value > SMALL
    }
    return Grown(answer.status, answer.objective, found, answer.status == "optimal")
