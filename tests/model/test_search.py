"""Searching in parts: the plan is feasible, the bound is a bound, and both agree with HiGHS on the whole program."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from test_brute_force import best_by_enumeration, random_world, tables_of

from khovor.errors import InfeasibleError, InterruptedRun
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Progress, optimize
from support import PATIENCE_S, case_of, one_mine, solve_and_check


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every program counts as large."""
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", 0)
    yield


@pytest.mark.parametrize("seed", range(15))
def test_in_parts_agrees_with_enumeration(in_parts: None, seed: int) -> None:
    """On random tiny worlds the search in parts proves the same optimum as the enumeration."""
    world = random_world(seed)
    solution, verification = solve_and_check(case_of(tables_of(world), discount_rate=world.rate))
    assert verification.passed
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(best_by_enumeration(world), abs=1e-7, rel=1e-6)


def test_in_parts_says_infeasible(in_parts: None) -> None:
    """Two contracts that cannot both be met leave no plan, however the program is searched."""
    tables = one_mine(
        markets=[{"node": "M", "product": "ore", "tier": tier, "price_usd_t": 5000, "min_t_y": 60} for tier in (1, 2)]
    )
    with pytest.raises(InfeasibleError):
        solve_and_check(case_of(tables))


@pytest.mark.parametrize("large", [0, 10**9])
def test_stop_before_any_plan(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    """A stop that comes before any plan raises InterruptedRun, or ends with a plan that is marked as interrupted."""
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", large)
    stop = threading.Event()
    stop.set()
    case = case_of(tables_of(random_world(3)))
    formulation = build(case, derive(case))
    try:
        outcome = optimize(formulation, Limits(1e-9, PATIENCE_S, 1, 1), None, stop)
    except InterruptedRun:
        return
    assert outcome.status in ("optimal", "interrupted")


def test_progress_tells_plan_and_bound() -> None:
    """The listener hears phases, and the last word carries plan and bound on the right sides of each other."""
    heard: list[Progress] = []
    case = case_of(tables_of(random_world(5)))
    formulation = build(case, derive(case))
    outcome = optimize(formulation, Limits(1e-9, PATIENCE_S, 1, 1), heard.append)
    last = heard[-1]
    assert last.incumbent is not None and last.bound is not None
    assert last.bound >= last.incumbent - 1e-9
    assert last.incumbent == pytest.approx(outcome.objective)


def test_alike_futures_are_decided_once_and_told_for_each() -> None:
    """Three futures alike in the first period share one decision there; every future still has its own rows."""
    tables = one_mine(
        periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
        scenarios=[{"scenario": name, "probability": p} for name, p in (("x", 0.5), ("y", 0.3), ("z", 0.2))],
        events=[
            {"scenario": name, "target_type": "product", "target": "ore", "price_factor": f, "first_year": 2031}
            for name, f in (("y", 0.5), ("z", 2.0))
        ],
    )
    case = case_of(tables)
    formulation = build(case, derive(case))
    assert formulation.told_apart == (("x",), ("x", "y", "z"))
    solution, verification = solve_and_check(case)
    assert verification.passed
    assert sorted(set(solution.sales["scenario"])) == ["x", "y", "z"]
    # a: 1.9; b: 0.5 x 1.9 + 0.3 x 0.9 + 0.2 x 3.9; capital 1
    assert solution.objective == pytest.approx(1.9 + 0.95 + 0.27 + 0.78 - 1)


def test_a_reserve_that_can_run_out_keeps_futures_apart() -> None:
    """With 150 t in the ground the first period may be used differently in each future: nothing is shared."""
    tables = one_mine(
        periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
        deposits=[{"node": "D", "product": "ore", "reserve_t": 150}],
        scenarios=[{"scenario": "x", "probability": 0.5}, {"scenario": "y", "probability": 0.5}],
        events=[{"scenario": "y", "target_type": "product", "target": "ore", "price_factor": 0.5, "first_year": 2031}],
    )
    case = case_of(tables)
    formulation = build(case, derive(case))
    assert formulation.told_apart == (("x", "y"), ("x", "y"))
    solution, _ = solve_and_check(case)
    # x: 150 t x 0.019; y: 100 t at 0.019 in a, 50 t at 0.009 in b
    assert solution.objective == pytest.approx(0.5 * 2.85 + 0.5 * (1.9 + 0.45) - 1)
