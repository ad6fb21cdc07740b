"""Limits that rows imply for columns, and what prices prove with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from test_priced import EXACT, SEEDS, program

from khovor.solve import Matrix
from khovor.solve.arrays import INFINITY, Floats
from khovor.solve.highs import relaxed, run
from khovor.solve.implied import implied_upper
from khovor.solve.priced import dual_bound


def program_of(a: Floats, lower: Floats, upper: Floats) -> Matrix:
    """A maximisation of nothing over rows lower <= a x <= upper, x >= 0."""
    entries, (rows, columns) = sp.csc_matrix(a), a.shape
    return Matrix(
        cost=np.zeros(columns),
        offset=0.0,
        maximise=True,
        start=entries.indptr.astype(np.int32),
        index=entries.indices.astype(np.int32),
        value=entries.data.astype(np.float64),
        row_lower=lower,
        row_upper=upper,
        col_lower=np.zeros(columns),
        col_upper=np.full(columns, INFINITY),
        integer=np.zeros(columns, dtype=np.bool_),
        columns=[None] * columns,
        rows=[None] * rows,
    )


def test_limits_follow_from_rows_and_from_one_another() -> None:
    """x + 2y <= 8 leaves y no more than 4, z <= 3y then z no more than 12, v >= 1 and x - w <= 2 nothing."""
    a = np.array([[1.0, 2, 0, 0, 0], [0, -3, 1, 0, 0], [0, 0, 0, 1, 0], [1, 0, 0, 0, -1], [0, 0, 0, 0, 1]])
    least = np.array([-INFINITY, -INFINITY, 1.0, -INFINITY, 0.0])
    most = np.array([8.0, 0.0, INFINITY, 2.0, INFINITY])
    assert implied_upper(program_of(a, least, most)).tolist() == [8.0, 4.0, 12.0, INFINITY, INFINITY]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_more_than_its_limit(seed: int) -> None:
    """Of random rows of both kinds HiGHS finds no column above the limit that was implied, and some have one."""
    dice = np.random.default_rng(seed)
    a = dice.integers(-2, 4, (6, 8)).astype(float) * (dice.random((6, 8)) < 0.5)
    a[0], right = dice.integers(0, 2, 8), dice.integers(1, 9, 6).astype(float)
    p = program_of(a, np.where(dice.random(6) < 0.3, 0.0, -INFINITY), right)
    implied = implied_upper(p)
    assert np.isfinite(implied).any()
    for j in np.flatnonzero(np.isfinite(implied)):
        most = run(replace(p, cost=np.eye(8)[j]), EXACT)
        assert most.status == "optimal"
        assert most.objective <= implied[j] + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_that_leave_a_gain_prove_something(seed: int) -> None:
    """Prices a millionth off prove nothing of columns without limits; with those implied, the relaxation's value."""
    _, _, matrix = program(seed)
    loose = run(relaxed(matrix), EXACT)
    assert loose.duals is not None
    off = loose.duals * (1.0 - 1e-6)
    assert dual_bound(matrix, off) == INFINITY
    proved = dual_bound(matrix, off, implied_upper(matrix))
    assert loose.objective - 1e-9 <= proved <= loose.objective + 1e-3 * max(1.0, abs(loose.objective))
