"""A first plan that leaves columns open: completed, and never taken for a bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from khovor.solve import Limits, Matrix
from khovor.solve import highs as engine
from support import PATIENCE_S

LIMITS = Limits(0.0, PATIENCE_S, threads=1, seed=1)


def sacks(seed: int, rows: int = 5, columns: int = 60) -> Matrix:
    """The best load of whole things within the limits of some sacks."""
    dice = np.random.default_rng(seed)
    a = sp.csc_matrix(dice.integers(1, 40, (rows, columns)).astype(float))
    return Matrix(
        cost=dice.integers(10, 60, columns).astype(float),
        offset=0.0,
        maximise=True,
        start=a.indptr.astype(np.int32),
        index=a.indices.astype(np.int32),
        value=a.data,
        row_lower=np.full(rows, -np.inf),
        row_upper=np.full(rows, 200.0),
        col_lower=np.zeros(columns),
        col_upper=np.ones(columns),
        integer=np.ones(columns, dtype=np.bool_),
        columns=[None] * columns,
        rows=[None] * rows,
    )


def poor(matrix: Matrix) -> Any:
    """Nothing of the first three quarters; the rest is left open."""
    columns = matrix.shape[1]
    return np.where(np.arange(columns) < 3 * columns // 4, 0.0, np.nan)


@pytest.mark.parametrize("seed", range(4))
def test_no_bound_told_cuts_off_the_optimum(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """From a poor first plan, no bound that is heard on the way lies below the best value."""
    matrix = sacks(seed)
    best = engine.run(matrix, LIMITS).objective
    heard: list[float] = []
    listened = engine._Watch.on_mip

    def on_mip(watch: Any, event: Any) -> None:
        listened(watch, event)
        if watch._listener is not None:
            heard.append(event.data_out.mip_dual_bound)

    monkeypatch.setattr(engine._Watch, "on_mip", on_mip)
    answer = engine.run(matrix, LIMITS, start=poor(matrix), listener=lambda _: None)
    assert answer.objective == pytest.approx(best)
    assert min(heard) >= best - 1e-6


def test_a_plan_that_breaks_a_rule_is_left_aside() -> None:
    """Everything taken breaks every sack: the search begins without it and finds the best all the same."""
    matrix = sacks(0)
    everything = np.where(np.isnan(poor(matrix)), np.nan, 1.0)
    answer = engine.run(matrix, LIMITS, start=everything)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(engine.run(matrix, LIMITS).objective)
