"""A first plan in seconds: units that a relaxation on few roads builds, told before anything is proved."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from test_priced import EXACT, SEEDS, program

from khovor.case import with_scenario
from khovor.formulation import Formulation, build
from khovor.solve import Matrix, compile_model
from khovor.solve.branching import USED
from khovor.solve.first_plan import first_plan
from khovor.solve.highs import Answer, relaxed, run
from khovor.solve.search import Search, search
from khovor.solve.strengthen import strengthened

LIMITS = replace(EXACT, gap=1e-6)


def alone(seed: int) -> tuple[Formulation, Matrix, Matrix]:
    """The first future of a random world alone: its formulation, its program, and that with whole plants."""
    _, both, _ = program(seed)
    formulation = build(with_scenario(both.case, both.case.scenarios[0].name), both.network)
    matrix = compile_model(formulation)
    return formulation, matrix, strengthened(formulation, matrix)


def test_few_roads_are_worth_what_all_are() -> None:
    """The point keeps every rule but whole units, and on most worlds is worth what the relaxation with all roads is."""
    same = list[bool]()
    for seed in SEEDS:
        formulation, matrix, strong = alone(seed)
        point, _ = first_plan(Search(formulation, matrix, strong, LIMITS, None, None), formulation, strong)
        body = strong.sparse @ point
        assert (body <= strong.row_upper + 1e-6).all() and (body >= strong.row_lower - 1e-6).all()
        assert (point <= strong.col_upper + 1e-6).all() and (point >= strong.col_lower - 1e-6).all()
        most, worth = run(relaxed(strong), EXACT).objective, strong.offset + float(strong.cost @ point)
        assert worth <= most + 1e-4 * abs(most) + 1e-6
        same.append(worth >= most - 1e-2 * abs(most) - 1e-6)
    assert sum(same) >= 2 * len(SEEDS) / 3


def test_the_first_plan_is_made_of_units_that_the_relaxation_builds() -> None:
    """What is decided is built at the point, in part or whole, and some world has anything to decide."""
    decided_any = False
    for seed in SEEDS:
        formulation, matrix, strong = alone(seed)
        point, decided = first_plan(Search(formulation, matrix, strong, LIMITS, None, None), formulation, strong)
        assert decided is not None
        places = strong.places
        assert all(point[places[label]] > USED for label in decided)
        decided_any |= bool(decided)
    assert decided_any


@pytest.mark.parametrize("futures", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_the_first_plan_is_told_before_anything_is_proved(futures: int, seed: int) -> None:
    """Whoever heeds plans has one while there is no bound yet; it is worth no more than the best, which is proved."""
    formulation, matrix, _ = alone(seed)
    if futures == 2:
        _, formulation, matrix = program(seed)
    told = list[Answer]()

    found = search(formulation, matrix, LIMITS, None, None, heed=told.append)
    best = run(matrix, EXACT).objective
    assert found.notes[0].startswith("plan of future") and "bound" not in found.notes[0]
    assert told and told[0].objective <= best + 1e-6 * abs(best) + 1e-6
    assert found.value == pytest.approx(best, abs=1e-6, rel=1e-6)
    assert found.bound == pytest.approx(best, abs=1e-5, rel=1e-5)


def test_no_plan_without_prices() -> None:
    """Where whole units cannot keep the rules there is a point, and no plan: a site that must have half a unit."""
    formulation, matrix, strong = alone(0)
    build_column = next(j for j, label in enumerate(strong.columns) if label is not None and label[0] == "build")
    lower, upper = strong.col_lower.copy(), strong.col_upper.copy()
    lower[build_column] = upper[build_column] = 0.5
    half = replace(strong, col_lower=lower, col_upper=upper)
    point, decided = first_plan(Search(formulation, matrix, half, LIMITS, None, None), formulation, half)
    assert point[build_column] == pytest.approx(0.5)
    assert decided is None
    assert np.isfinite(point).all()


@pytest.mark.parametrize("futures", [1, 2])
def test_the_proof_is_heard_of_on_one_thread(monkeypatch: pytest.MonkeyPatch, futures: int) -> None:
    """Whoever listens hears of the proof while it lasts, with one thread as with more."""
    monkeypatch.setattr(sys.modules["khovor.solve.search"], "POLL_S", 1e-4)
    formulation, matrix, _ = alone(0)
    if futures == 2:
        _, formulation, matrix = program(0)
    phases = list[str]()
    search(formulation, matrix, LIMITS, lambda progress: phases.append(progress.phase), None)
    assert LIMITS.threads == 1 and "proof" in phases
