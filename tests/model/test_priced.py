"""The program without its roads bounds the whole whatever the prices, and tightly with the right ones."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from test_brute_force import World, best_by_enumeration, random_world, tables_of

from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.network import derive
from khovor.solve import Limits, Matrix, compile_model
from khovor.solve.highs import held, relaxed, run
from khovor.solve.priced import Priced, dual_bound
from support import PATIENCE_S, Rows, case_of, one_mine, solve_and_check

EXACT = Limits(1e-9, PATIENCE_S, threads=1, seed=1)
SEEDS = range(12)
MOST = 10.0
"""kt/y: more than any world moves."""


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


def roads_of(matrix: Matrix) -> Priced:
    """The program with its shipments to be priced out."""
    return Priced.of(matrix, np.array([label is not None and label[0] == "ship" for label in matrix.columns]), MOST)


def futures_of(matrix: Matrix, kept: str) -> Priced:
    """The program with all shipments, and the operation of every future but one, to be priced out."""
    out = [
        label is not None and label[0] not in DECIDED_ONCE and (label[0] == "ship" or label[1][-1] != kept)
        for label in matrix.columns
    ]
    return Priced.of(matrix, np.array(out), MOST)


def value(matrix: Matrix) -> float:
    answer = run(matrix, EXACT)
    assert answer.status == "optimal"
    return answer.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_bound_the_program(seed: int) -> None:
    """Weak duality: with prices drawn at random, one vector or three, the bound never falls below the true optimum."""
    world, _, matrix = program(seed)
    dice = np.random.default_rng(seed)
    roomy = replace(matrix, col_upper=np.minimum(matrix.col_upper, MOST))
    roads = roads_of(roomy)
    assert all(roads.price(dice.uniform(-60.0, 60.0, matrix.shape[0])) for _ in range(3))
    best = best_by_enumeration(world)
    assert value(roads.without()) >= best - 1e-7
    roads.prices, roads.slack = roads.prices[:1], roads.slack[:1]
    assert value(roads.without()) >= best - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_prices_keep_the_relaxation(seed: int) -> None:
    """With the prices of the relaxation the program without roads relaxes to the same value, and bounds the plan."""
    world, _, matrix = program(seed)
    loose = run(relaxed(matrix), EXACT)
    assert loose.duals is not None
    roads = roads_of(matrix)
    assert roads.price(loose.duals)
    assert value(relaxed(roads.without())) == pytest.approx(loose.objective, abs=1e-6, rel=1e-6)
    assert value(roads.without()) >= best_by_enumeration(world) - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prices_of_the_best_plan_close_the_bound_at_it(seed: int) -> None:
    """Priced by the best plan as well, the program without roads values its units at just what they are worth."""
    _, _, matrix = program(seed)
    loose, best = run(relaxed(matrix), EXACT), run(matrix, EXACT)
    assert loose.duals is not None and best.values is not None
    units = np.where(matrix.integer, np.round(best.values), np.nan)
    duals = run(held(matrix, units), EXACT).duals
    roads = roads_of(matrix)
    assert duals is not None and roads.price(loose.duals) and roads.price(duals)
    at_plan = held(roads.without(), np.append(units[roads.kept], np.full(roads.width - len(roads.kept), np.nan)))
    assert value(at_plan) == pytest.approx(best.objective, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_prices_come_to_together_prices_futures_out(seed: int) -> None:
    """The duals of the program without roads, put together, price the other future out at the same relaxation."""
    world, formulation, matrix = program(seed)
    loose = run(relaxed(matrix), EXACT)
    assert loose.duals is not None
    roads = roads_of(matrix)
    dice = np.random.default_rng(seed)
    crooked = loose.duals * dice.uniform(0.5, 1.5, len(loose.duals))
    assert roads.price(crooked) and roads.price(loose.duals)
    rest = run(relaxed(roads.without()), EXACT)
    assert rest.duals is not None
    futures = futures_of(matrix, formulation.case.scenarios[0].name)
    assert futures.price(roads.duals(rest.duals))
    assert value(relaxed(futures.without())) == pytest.approx(loose.objective, abs=1e-6, rel=1e-6)
    assert value(futures.without()) >= best_by_enumeration(world) - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_duals_prove_what_the_relaxation_is_worth(seed: int) -> None:
    """By weak duality the optimal duals prove the relaxation's value, and crooked ones nothing below it."""
    _, _, matrix = program(seed)
    roomy = relaxed(replace(matrix, col_upper=np.minimum(matrix.col_upper, MOST)))
    loose = run(roomy, EXACT)
    assert loose.duals is not None
    assert dual_bound(roomy, loose.duals) == pytest.approx(loose.objective, abs=1e-6, rel=1e-6)
    assert dual_bound(roomy, loose.duals * 0.7) >= loose.objective - 1e-6


def test_what_is_bought_to_its_limit_is_counted_up_to_it() -> None:
    """Bought ore earns up to its 30 t in both futures: prices that leave it this gain prove the relaxation's value."""
    case = case_of(
        one_mine(
            purchases=[{"node": "D", "product": "ore", "price_usd_t": 500, "max_t_y": 30}],
            scenarios=[{"scenario": "calm", "probability": 0.7}, {"scenario": "dear", "probability": 0.3}],
            events=[{"scenario": "dear", "target_type": "product", "target": "ore", "price_factor": 2}],
        )
    )
    matrix = compile_model(build(case, derive(case)))
    loose = run(relaxed(matrix), EXACT)
    futures = futures_of(matrix, "calm")
    assert loose.duals is not None and futures.price(loose.duals)
    assert futures.slack[0].sum() > 0.1
    assert value(relaxed(futures.without())) == pytest.approx(loose.objective, rel=1e-6)
    # 130 t sold at 20,000 USD (dear: 40,000), freight 1,000; 30 t of it bought at 500 (dear: 1,000); the mine 1 MUSD
    assert value(futures.without()) == pytest.approx(130 * (0.7 * 0.019 + 0.3 * 0.039) - 30 * 0.00065 - 1, rel=1e-6)


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
