"""Rows that cut fractions of plants off cut no plan off; they follow the chain from the mine to the buyer."""

from __future__ import annotations

import pytest
from random_worlds import random_world
from test_priced import program
from test_throughput import chain

from khovor.formulation import Formulation, build
from khovor.network import Missing, chains, derive
from khovor.solve import Limits, Matrix, compile_model
from khovor.solve.highs import relaxed, run
from khovor.solve.strengthen import strengthened
from support import PATIENCE_S, case_of

EXACT = Limits(1e-9, PATIENCE_S, threads=1, seed=1)
SEEDS = range(60)


def compiled(seed: int) -> tuple[Formulation, Matrix]:
    """A random world with stocks, reserves, events and projects."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    formulation = build(case, derive(case))
    return formulation, compile_model(formulation)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_is_cut_off(seed: int) -> None:
    """With the rows and counts the optimum is what it was without, in worlds where many features meet."""
    formulation, matrix = compiled(seed)
    before, after = run(matrix, EXACT), run(strengthened(formulation, matrix), EXACT)
    assert after.status == before.status
    if before.status == "optimal":
        assert after.objective == pytest.approx(before.objective, abs=1e-6, rel=1e-6)


def test_they_are_there_and_bite() -> None:
    """In many of the worlds rows are added, and in some of them the relaxation is worth less with them."""
    lower = 0
    for seed in range(30):
        formulation, matrix = compiled(seed)
        strong = strengthened(formulation, matrix)
        before, after = run(relaxed(matrix), EXACT), run(relaxed(strong), EXACT)
        if before.status == after.status == "optimal":
            fall = (before.objective - after.objective) * (1 if matrix.maximise else -1)
            assert fall >= -1e-6 * max(abs(before.objective), 1.0)
            lower += fall > 1e-4
    assert lower >= 3


@pytest.mark.parametrize("seed", range(12))
def test_units_are_counted(seed: int) -> None:
    """Counting integers are added where several sites hold a process, one per size and period."""
    world, formulation, matrix = program(seed)
    counted = strengthened(formulation, matrix)
    assert (counted.integer.sum() > matrix.integer.sum()) == (len(world.mines) > 1)


def missing(**changes: object) -> dict[str, Missing]:
    """What the chain of a mine and two mills lacks without each process."""
    case = case_of(chain(**changes))  # type: ignore[arg-type]
    (found,) = chains(case, derive(case).reached)
    return found


def test_without_a_mine_nothing_runs() -> None:
    """Both mills stop without the mine, and ore and concentrate are nowhere; without one mill the other goes on."""
    found = missing()
    assert {step.process for step in found["mine"].steps} == {"mill_a", "mill_b"}
    assert {c.product for c in found["mine"].goods} == {"ore", "conc"}
    assert found["mill_a"] == Missing(frozenset(), frozenset())


def test_what_can_be_bought_needs_no_process() -> None:
    """Where ore can be bought the mills do not hang on the mine."""
    found = missing(purchases=[{"node": "D", "product": "ore", "price_usd_t": 1}])
    assert found["mine"] == Missing(frozenset(), frozenset())


def test_without_an_outlet_nothing_upstream_runs() -> None:
    """With one mill only, the mine has no use without it."""
    found = missing(sites=[{"node": "D", "process": process} for process in ("mine", "mill_a")])
    assert {step.process for step in found["mill_a"].steps} == {"mine"}
