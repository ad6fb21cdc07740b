"""What no better plan builds is left out before a branching, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_priced import EXACT, SEEDS, futures_of, program, value

from khovor.solve.arrays import Floats, Matrix
from khovor.solve.branching import bounded
from khovor.solve.highs import relaxed, run
from khovor.solve.reduced import Reduced
from khovor.solve.search import Search

CLOSE = 1e-6


def small_program(seed: int) -> tuple[Search, Matrix, Floats]:
    """A search of a random world, its program at prices of the relaxation, and the best plan of that."""
    _, formulation, matrix = program(seed)
    s = Search(formulation, matrix, matrix, replace(EXACT, gap=1e-9), None, None)
    futures, loose = futures_of(matrix, formulation.case.scenarios[0].name), run(relaxed(matrix), EXACT)
    assert loose.duals is not None and futures.price(loose.duals)
    small = futures.without()
    best = run(small, EXACT)
    assert best.values is not None
    return s, small, np.where(small.integer, np.round(best.values), np.nan)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_nothing_that_is_worth_more_is_left_out(seed: int, share: float) -> None:
    """With as much called enough as lies between no plan and the relaxation, the best of what is worth more is left."""
    _, small, plan = small_program(seed)
    idle = np.where(np.isnan(plan), np.nan, np.clip(0.0, small.col_lower, small.col_upper))
    loose, best = run(relaxed(small), EXACT), value(small)
    assert loose.values is not None and loose.duals is not None
    enough = best - share * max(abs(best), 1.0)
    left = Reduced.of(small, loose.values, loose.duals, enough, idle)
    found = run(left.left, EXACT)
    assert found.objective <= best + CLOSE * max(abs(best), 1.0)
    assert max(found.objective, enough) == pytest.approx(best, rel=CLOSE, abs=CLOSE)
    if found.values is not None:
        whole = left.spread(found.values)
        body = small.sparse @ whole
        assert (body <= small.row_upper + 1e-5).all() and (body >= small.row_lower - 1e-5).all()
        assert small.offset + float(small.cost @ whole) == pytest.approx(found.objective, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_at_hand_stays_one(seed: int) -> None:
    """However much is called enough, the plan is among what is left, and worth the same."""
    _, small, plan = small_program(seed)
    loose, best = run(relaxed(small), EXACT), value(small)
    assert loose.values is not None and loose.duals is not None
    left = Reduced.of(small, loose.values, loose.duals, loose.objective + 1.0, plan)
    assert value(left.left) == pytest.approx(best, rel=CLOSE, abs=CLOSE)


def test_much_is_left_out() -> None:
    """With the best plan at hand half of the integers of random worlds are gone, and rows with them."""
    before, after, rows_before, rows_after = 0, 0, 0, 0
    for seed in SEEDS:
        _, small, plan = small_program(seed)
        loose, best = run(relaxed(small), EXACT), value(small)
        assert loose.values is not None and loose.duals is not None
        left = Reduced.of(small, loose.values, loose.duals, best, plan).left
        before, after = before + int(small.integer.sum()), after + int(left.integer.sum())
        rows_before, rows_after = rows_before + small.shape[0], rows_after + left.shape[0]
    assert after <= before / 2 and rows_after < rows_before


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_branched_is_bounded_all_the_same(seed: int) -> None:
    """From a plan or from none, of whatever worth it is said to be, the bound is the worth of the best or of that."""
    s, small, plan = small_program(seed)
    best = value(small)
    fresh = bounded(s, small, None, 1e-9)
    assert fresh.bound == pytest.approx(best, rel=CLOSE, abs=CLOSE)
    for worth in (best, best - 0.2 * abs(best), best + 0.2 * abs(best)):
        s.value, s.bound = worth, None
        assert bounded(s, small, plan, 1e-9).bound == pytest.approx(max(best, worth), rel=1e-5, abs=1e-5)
