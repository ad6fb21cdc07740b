"""An engine that is kept: changed in place it says what a fresh one says, and keeps neither clock nor tolerance."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from khovor.solve import Limits, Matrix
from khovor.solve.highs import FEASIBILITY, Session, run
from support import PATIENCE_S

LIMITS = Limits(0.0, PATIENCE_S, threads=1, seed=1)


def program(seed: int, *, integer: bool = False, rows: int = 30, columns: int = 50) -> Matrix:
    """Sell what limited means allow: every program of one shape has the same nonzeros, and other numbers."""
    shape = np.random.default_rng(0).random((rows, columns)) < 0.3
    dice = np.random.default_rng(seed)
    a = sp.csc_matrix(np.where(shape, dice.uniform(0.5, 2.0, shape.shape), 0.0))
    a.sort_indices()
    return Matrix(
        cost=dice.uniform(1.0, 3.0, columns),
        offset=float(seed),
        maximise=True,
        start=a.indptr.astype(np.int32),
        index=a.indices.astype(np.int32),
        value=a.data,
        row_lower=np.full(rows, -np.inf),
        row_upper=dice.uniform(5.0, 9.0, rows),
        col_lower=np.zeros(columns),
        col_upper=dice.uniform(1.0, 4.0, columns),
        integer=np.full(columns, integer),
        columns=[None] * columns,
        rows=[None] * rows,
    )


@pytest.mark.parametrize("integer", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_changed_in_place_as_solved_afresh(integer: bool) -> None:
    """Costs, bounds, right-hand sides, coefficients and offset all change: same objective, and loaded only once."""
    session = Session(LIMITS)
    for seed in range(3 if integer else 8):
        matrix = program(seed, integer=integer)
        assert session.run(matrix).objective == pytest.approx(run(matrix, LIMITS).objective, rel=1e-6)
    assert session.reloads == 1


def test_another_program_is_loaded_anew() -> None:
    """Other columns, other nonzeros, integers or another sense: no change in place could make the one the other."""
    session = Session(LIMITS)
    first = program(1)
    other = first.with_entries(first.sparse + sp.csc_matrix(np.ones(first.shape)))
    sense = replace(first, maximise=False, cost=-first.cost)
    for matrix in (first, program(2, columns=40), other, replace(first, integer=~first.integer), sense):
        assert session.run(matrix).objective == pytest.approx(run(matrix, LIMITS).objective, rel=1e-6)
    assert session.reloads == 5


def test_an_infeasible_program_between() -> None:
    """A program that cannot be satisfied is said to be so, and the next is solved as if it had not been."""
    session = Session(LIMITS)
    good = program(1)
    bad = replace(good, row_upper=np.where(np.arange(30) == 3, -1.0, good.row_upper))
    assert [session.run(m).status for m in (good, bad, good)] == ["optimal", "infeasible", "optimal"]


def test_neither_clock_nor_tolerance_is_carried_over() -> None:
    """Each run has its own time limit, and an integer program leaves no looser tolerance for the next."""
    limit = 2.0
    session = Session(Limits(0.0, limit, threads=1))
    before = session._highs.getOptionValue(FEASIBILITY)
    while session._highs.getRunTime() <= limit:
        assert session.run(program(1, integer=True, rows=8, columns=12)).status == "optimal"
    assert session.run(program(1)).status == "optimal"
    assert session._highs.getOptionValue(FEASIBILITY) == before


def test_told_to_stop_it_stops_and_then_goes_on() -> None:
    """Told to stop, an engine that is kept says so without an answer; asked again, by one who does not, it ends."""
    session, stop, large = Session(LIMITS), threading.Event(), program(1, rows=200, columns=400)
    stop.set()
    assert session.run(large, stop=stop).status == "interrupted"
    assert session.run(large).status == "optimal"
    stop.clear()
    assert session.run(large, stop=stop).objective == pytest.approx(run(large, LIMITS).objective)
