"""A program solved block by block has the plan, the objective and the prices of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_worlds import random_world
from test_brute_force import random_world as plain_world
from test_brute_force import tables_of

from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Matrix, Progress, blocks, compile_model
from khovor.solve.highs import Answer, held, run, with_fixed_integers
from support import PATIENCE_S, case_of

EXACT = Limits(1e-9, PATIENCE_S, threads=2, seed=1)


@pytest.fixture
def smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block is a batch by itself."""
    monkeypatch.setattr(blocks, "BATCH", 1)


def decided(seed: int) -> Matrix:
    """What the best units of a random world with many features leave to operate."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    matrix = compile_model(build(case, derive(case)))
    best = run(matrix, EXACT)
    units = np.zeros(matrix.shape[1]) if best.values is None else best.values
    return with_fixed_integers(matrix, units)


def plain(seed: int) -> Matrix:
    """What mines built in the first year leave to operate in a plain world, in which nothing ties years or futures."""
    case = case_of(tables_of(plain_world(seed)))
    matrix = compile_model(build(case, derive(case)))
    first = [label is not None and label[0] == "build" and label[1][-1] == 0 for label in matrix.columns]
    return with_fixed_integers(matrix, np.array(first, dtype=float))


def check_optimal(matrix: Matrix, answer: Answer) -> None:
    """The values keep every limit, the prices have the right signs, and each stands only where its limit is met."""
    assert answer.values is not None and answer.duals is not None
    sign = 1.0 if matrix.maximise else -1.0
    x, y = answer.values, sign * answer.duals
    left = sign * matrix.cost - matrix.sparse.T @ y
    sides = (
        (matrix.sparse @ x, matrix.row_lower, matrix.row_upper, y),
        (x, matrix.col_lower, matrix.col_upper, left),
    )
    for values, lower, upper, price in sides:
        assert (values >= lower - 1e-6).all() and (values <= upper + 1e-6).all()
        assert (values[price > 1e-6] >= upper[price > 1e-6] - 1e-6).all()
        assert (values[price < -1e-6] <= lower[price < -1e-6] + 1e-6).all()


@pytest.mark.usefixtures("smallest")
@pytest.mark.parametrize("seed", range(30))
def test_blocks_agree_with_the_whole(seed: int) -> None:
    """Value, plan and prices of the blocks together are an optimum of the whole, or both say there is none."""
    matrix = decided(seed)
    whole, parts = run(matrix, EXACT), blocks.run_in_blocks(matrix, EXACT)
    assert parts.status == whole.status
    if whole.status == "optimal":
        assert parts.objective == pytest.approx(whole.objective, rel=1e-8, abs=1e-8)
        check_optimal(matrix, parts)


@pytest.mark.usefixtures("smallest")
@pytest.mark.parametrize("seed", range(12))
def test_engines_that_are_kept_say_the_same(seed: int) -> None:
    """One after the other from the last basis (all units, half of them, none, all again), each has its optimum."""
    matrix, kept = decided(seed), blocks.Engines()
    units = np.where(matrix.col_lower == matrix.col_upper, matrix.col_lower, np.nan)
    for share in (1.0, 0.5, 0.0, 1.0):
        program = held(matrix, share * units)
        fresh, warm = run(program, EXACT), blocks.run_in_blocks(program, EXACT, engines=kept)
        assert warm.status == fresh.status
        if fresh.status == "optimal":
            assert warm.objective == pytest.approx(fresh.objective, rel=1e-8, abs=1e-8)
            check_optimal(program, warm)


@pytest.mark.usefixtures("smallest")
def test_futures_and_periods_are_solved_apart() -> None:
    """Where nothing ties two years and two futures, there are four blocks with all operation between them."""
    matrix = plain(3)
    answer = blocks.run_in_blocks(matrix, EXACT)
    sizes = [len(batch.columns) for batch in blocks.batches(matrix)]
    assert len(sizes) == 4
    assert sum(sizes) == sum(label is not None and label[0] != "build" for label in matrix.columns)
    check_optimal(matrix, answer)


def test_small_programs_are_solved_whole() -> None:
    """What one batch can hold is handed over as it is: the answer is HiGHS's own."""
    matrix = plain(3)
    assert len(blocks.batches(matrix)) == 1
    whole, same = run(matrix, EXACT), blocks.run_in_blocks(matrix, EXACT)
    assert same.values is not None and whole.values is not None
    assert np.array_equal(same.values, whole.values)


@pytest.mark.usefixtures("smallest")
def test_one_block_without_a_plan_leaves_none() -> None:
    """A row that no value of its block can keep makes the whole infeasible, as it is without blocks."""
    matrix = plain(3)
    free = matrix.shape[1] - 1
    row = matrix.index[matrix.start[free]]
    lower, upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    lower[row], upper[row] = 1e6, np.inf
    broken = replace(matrix, row_lower=lower, row_upper=upper, col_upper=np.minimum(matrix.col_upper, 10.0))
    answer = blocks.run_in_blocks(broken, EXACT)
    assert answer.status == run(broken, EXACT).status == "infeasible"
    assert answer.values is None


@pytest.mark.usefixtures("smallest")
def test_rows_of_held_columns_alone_are_still_rules() -> None:
    """A row over held columns only, which they break, is noticed though no block has it."""
    matrix = plain(3)
    units = np.flatnonzero(matrix.col_lower == matrix.col_upper)
    broken = replace(matrix, col_lower=matrix.col_lower.copy(), col_upper=matrix.col_upper.copy())
    broken.col_lower[units] = broken.col_upper[units] = 5.0
    assert blocks.run_in_blocks(broken, EXACT).status == run(broken, EXACT).status == "infeasible"


@pytest.mark.usefixtures("smallest")
def test_a_listener_hears_of_the_phase() -> None:
    """A listener hears at least once where the blocks are, under the name of the phase."""
    heard = list[Progress]()
    blocks.run_in_blocks(plain(5), EXACT, phase="polish", listener=heard.append)
    assert heard and {progress.phase for progress in heard} == {"polish"}
