"""The master's bound is a bound whatever the prices, tight with the right ones; counting integers change nothing."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from test_brute_force import World, best_by_enumeration, random_world, tables_of

from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.solve import Limits, Matrix, compile_model
from khovor.solve.counts import with_counts
from khovor.solve.highs import relaxed, run
from khovor.solve.master import Master
from khovor.solve.split import split
from support import Rows, case_of, one_mine, solve_and_check

EXACT = Limits(1e-9, 60.0, threads=1, seed=1)
SEEDS = range(12)


def one_process(world: World) -> dict[str, Rows]:
    """The world's mines as sizes of one process, so that their units can be counted together."""
    tables = tables_of(world)
    sizes = [
        {"process": "mine", "size": f"s{i}", "capacity_t_y": mine.capacity, "capex_musd": mine.capex}
        for i, mine in enumerate(world.mines)
    ]
    return {
        **tables,
        "processes": [{"process": "mine"}],
        "recipes": [{"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1}],
        "sizes": sizes,
        "sites": [{"node": f"D{i}", "process": "mine", "sizes": f"s{i}"} for i in range(len(world.mines))],
    }


def program(seed: int, **settings: object) -> tuple[World, Formulation, Matrix]:
    """A random world of two futures as formulation and matrix."""
    world = random_world(seed)
    case = case_of(one_process(world), discount_rate=world.rate, **settings)
    formulation = build(case, derive(case))
    return world, formulation, compile_model(formulation)


def master_of(formulation: Formulation, matrix: Matrix) -> Master:
    return Master.of(formulation, matrix, split(formulation, matrix))


def value(matrix: Matrix) -> float:
    answer = run(matrix, EXACT)
    assert answer.status == "optimal"
    return answer.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_change_no_optimum(seed: int) -> None:
    """With counting integers the value is still what the enumeration finds, and the relaxation is the same."""
    world, formulation, matrix = program(seed)
    counted = with_counts(formulation, matrix)
    assert value(counted) == pytest.approx(best_by_enumeration(world), abs=1e-7, rel=1e-6)
    assert value(relaxed(counted)) == pytest.approx(value(relaxed(matrix)), abs=1e-7, rel=1e-6)
    if len(world.mines) > 1:
        assert counted.integer.sum() > matrix.integer.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_bound_the_program(seed: int) -> None:
    """Weak duality: with prices drawn at random the master never falls below the true optimum."""
    world, formulation, matrix = program(seed)
    dice = np.random.default_rng(seed)
    prices = dice.uniform(-60.0, 60.0, matrix.shape[0])
    roomy = replace(matrix, col_upper=np.minimum(matrix.col_upper, 1.0))  # 1 kt/y: more than any world moves
    master = master_of(formulation, roomy)
    assert master.cut(prices)
    assert value(master.matrix()) >= best_by_enumeration(world) - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_prices_keep_the_relaxation(seed: int) -> None:
    """With the prices of the relaxation master and whole relax to the same value, and the master bounds the plan."""
    world, formulation, matrix = program(seed)
    loose = run(relaxed(matrix), EXACT)
    master = master_of(formulation, matrix)
    assert loose.duals is not None
    assert master.cut(loose.duals)
    assert value(relaxed(master.matrix())) == pytest.approx(loose.objective, abs=1e-7, rel=1e-6)
    assert value(master.matrix()) >= best_by_enumeration(world) - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_of_the_whole_starts_the_master(seed: int) -> None:
    """The integers of the best plan are feasible in the master, whose value of them is at least the plan's."""
    _, formulation, matrix = program(seed)
    loose, best = run(relaxed(matrix), EXACT), run(matrix, EXACT)
    assert loose.duals is not None and best.values is not None
    master = master_of(formulation, matrix)
    master.cut(loose.duals)
    whole = master.matrix()
    start = master.start(best.values, len(whole.cost))
    known = ~np.isnan(start)
    fixed = replace(
        relaxed(whole),
        col_lower=np.where(known, start, whole.col_lower),
        col_upper=np.where(known, start, whole.col_upper),
    )
    assert value(fixed) >= best.objective - 1e-7


def test_futures_part_when_decisions_are_fixed() -> None:
    """Two years of two futures are four parts of operation; the likely future of each year is kept whole."""
    seed = next(s for s in range(100) if random_world(s).futures[0][0] != 0.5 and random_world(s).futures[1][1] == 0.5)
    _, formulation, matrix = program(seed)
    parts = split(formulation, matrix)
    told = {c[1][-2:] for c, part in zip(matrix.columns, parts.column, strict=True) if part >= 0}
    assert len(told) == 4
    likely = max(formulation.case.scenarios, key=lambda s: s.probability).name
    for column, part in zip(matrix.columns, parts.column, strict=True):
        if part >= 0:
            assert parts.likely[part] == (column[1][-1] == likely)


def test_cost_is_proved_as_value_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of least cost, searched in parts, has the optimum that HiGHS finds for it whole."""
    tables = one_mine(
        markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 60, "shortfall_usd_t": 30000}],
        scenarios=[{"scenario": "calm", "probability": 0.7}, {"scenario": "shut", "probability": 0.3}],
        events=[{"scenario": "shut", "target_type": "lane", "target": "D-M", "capacity_factor": 0}],
    )
    whole, _ = solve_and_check(case_of(tables, objective="cost"))
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", 0)
    parts, verification = solve_and_check(case_of(tables, objective="cost"))
    assert verification.passed
    assert parts.objective == pytest.approx(whole.objective, rel=1e-6)
    assert parts.objective == pytest.approx(1.0 + 0.7 * 60 * 1000 / 1e6 + 0.3 * 60 * 30000 / 1e6)
