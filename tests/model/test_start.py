"""A plan to begin from, in a program searched in parts: the proof goes on from it, and ends where it would without."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
import random_worlds
from test_brute_force import best_by_enumeration, random_world, tables_of
from test_random_policies import policies

from khovor.case import Case, with_scenario
from khovor.errors import InfeasibleError
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Outcome, Prices, Start, optimize
from khovor.solve.arrays import Label, Matrix
from support import PATIENCE_S, case_of, one_mine

LIMITS = Limits(1e-7, PATIENCE_S, threads=1, seed=1)
SOLVE: Any = sys.modules["khovor.solve.optimize"]
SEARCH: Any = sys.modules["khovor.solve.search"]


def matrix_of(rows: list[Label | None], upper: list[float]) -> Matrix:
    """Rows with upper limits and one column that is in none of them."""
    size = len(rows)
    none, one = np.array([], dtype=np.float64), np.zeros(1)
    return Matrix(
        cost=one,
        offset=0.0,
        maximise=True,
        start=np.zeros(2, dtype=np.int32),
        index=np.array([], dtype=np.int32),
        value=none,
        row_lower=np.full(size, -np.inf),
        row_upper=np.array(upper),
        col_lower=one,
        col_upper=one,
        integer=np.zeros(1, dtype=np.bool_),
        columns=[None],
        rows=rows,
    )


WORLDS = [seed for seed in range(60) if random_worlds.random_world(seed)[0].get("scenarios")][:10]


def solved(case: Case, start: Mapping[Label, float] | None = None, prices: Prices | None = None) -> Outcome:
    """What is found for a case from a plan, and from prices of a proof."""
    begin = None if start is None else Start(start, prices)
    return optimize(build(case, derive(case)), LIMITS, None, None, begin)


def units(outcome: Outcome) -> dict[Label, float]:
    """What a plan builds, as a plan to begin from."""
    m = outcome.matrix
    return {
        label: value
        for label, value, whole in zip(m.columns, outcome.values.tolist(), m.integer.tolist(), strict=True)
        if label is not None and whole and value
    }


def unlikely(case: Case) -> Mapping[Label, float]:
    """The plan of the least probable future alone, or nothing built where that one has none."""
    least = min(case.scenarios, key=lambda scenario: scenario.probability)
    try:
        return units(solved(with_scenario(case, least.name)))
    except InfeasibleError:
        return {}


@pytest.mark.parametrize("seed", range(15))
def test_from_nothing_built_to_the_optimum(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """From nothing built at all the enumerated optimum is proved, and the likely future is never built by itself."""
    world = random_world(seed)
    case = case_of(tables_of(world), discount_rate=world.rate)
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    monkeypatch.delattr(SEARCH, "build")
    outcome = solved(case, {})
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(best_by_enumeration(world), abs=1e-7, rel=1e-6)


@pytest.mark.parametrize("averse", [0.0, 0.6])
@pytest.mark.parametrize("seed", WORLDS)
def test_a_start_changes_neither_plan_nor_proof(monkeypatch: pytest.MonkeyPatch, seed: int, averse: float) -> None:
    """From nothing, or the plan of an unlikely future, averse or not, under policies in each future and on average,
    a program in parts has the optimum and the bound of the whole."""
    tables, settings = random_worlds.random_world(seed)
    case = case_of(tables, **{**settings, "home_territory": "MN"})
    terms = replace(case.terms, risk_weight=averse, risk_tail=0.4)
    case = replace(case, terms=terms, policies=policies(case, Random(seed)))
    whole, poor = solved(case), unlikely(case)
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    for start in ({}, poor):
        parts = solved(case, start)
        assert parts.status == "optimal"
        assert parts.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
        assert parts.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)


def test_a_start_that_breaks_a_rule_is_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ore must be sold nothing built is no plan: the search goes the usual way, to the optimum."""
    tables = one_mine(
        markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 60}],
        scenarios=[{"scenario": "calm", "probability": 0.7}, {"scenario": "dear", "probability": 0.3}],
        events=[{"scenario": "dear", "target_type": "product", "target": "ore", "price_factor": 2}],
    )
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    outcome = solved(case_of(tables), {})
    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(0.7 * 1.9 + 0.3 * 3.9 - 1)


@pytest.mark.parametrize(("seed", "averse"), [(77, 0.0), (86, 0.0), (91, 0.6), (118, 0.0), (134, 0.0)])
def test_programs_of_small_differences_of_prices_are_bounded_truly(
    monkeypatch: pytest.MonkeyPatch, seed: int, averse: float
) -> None:
    """Worlds of which presolve told false optima: in parts they end at the optimum, and no bound is below it."""
    tables, settings = random_worlds.random_world(seed)
    case = case_of(tables, **{**settings, "home_territory": "MN"})
    terms = replace(case.terms, risk_weight=averse, risk_tail=0.4)
    case = replace(case, terms=terms, policies=policies(case, Random(seed)))
    whole = solved(case)
    tolerance = 2e-6 * max(1.0, abs(whole.objective))
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    found: list[Any] = []
    search = SEARCH.search
    monkeypatch.setattr(SOLVE, "search", lambda *given: found.append(search(*given)) or found[-1])
    for start in (None, {}, units(whole)):
        outcome = solved(case, start)
        sign = 1.0 if outcome.matrix.maximise else -1.0
        assert outcome.status == "optimal"
        assert outcome.objective == pytest.approx(whole.objective, abs=tolerance)
        assert found[-1].bound is None or sign * (found[-1].bound - whole.objective) >= -tolerance


@pytest.mark.parametrize("seed", WORLDS)
def test_prices_of_another_proof_change_neither_plan_nor_proof(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """From the prices of the same world at another rate, and from prices that are nonsense, with a plan or with one
    that breaks a rule, a program in parts has the optimum of the whole, and no bound is below it."""
    tables, settings = random_worlds.random_world(seed)
    case = case_of(tables, **{**settings, "home_territory": "MN"})
    whole, plan = solved(case), unlikely(case)
    broken = {label: 50.0 for label in whole.matrix.columns if label is not None and label[0] == "build"}
    sign = 1.0 if whole.matrix.maximise else -1.0
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    found: list[Any] = []
    search = SEARCH.search
    monkeypatch.setattr(SOLVE, "search", lambda *given: found.append(search(*given)) or found[-1])
    other = solved(replace(case, horizon=replace(case.horizon, rate=case.horizon.rate + 0.1)), {})
    rows, dice = other.matrix.rows, np.random.default_rng(seed)
    nonsense = Prices.of(other.matrix, [dice.normal(size=len(rows)), 100.0 * dice.normal(size=len(rows))])
    for prices in (nonsense, other.prices or nonsense):
        for begin in (plan, broken):
            outcome = solved(case, begin, prices)
            assert outcome.status == "optimal"
            assert outcome.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
            assert found[-1].bound is None or sign * (found[-1].bound - whole.objective) >= -1e-5 * abs(whole.objective)


def test_prices_find_their_rows_again() -> None:
    """A set of prices is that of the same rows in another order; rows that are not there, or of no name, cost nothing.

    Rows that a method added are told apart by their order as long as there are as many of them.
    """
    rows = [("a", (1,)), None, ("b", ()), None]
    bare = matrix_of(rows, [1.0, 2.0, 0.0, 4.0])
    prices = Prices.of(bare, [np.array([1.0, 2.0, 0.0, 4.0])])
    assert prices.rows == (("a", (1,)), ("", (0, 2)), ("", (1, 2)))
    assert prices.on([None, ("c", ()), None, ("a", (1,))])[0].tolist() == [2.0, 0.0, 4.0, 1.0]
    assert prices.on([None, ("a", (1,))])[0].tolist() == [0.0, 1.0]


def test_limits_find_their_rows_again() -> None:
    """Limits are those of the first program where both have one that is not 0 there, else the second's own."""
    prices = Prices.of(matrix_of([("a", (1,)), ("b", ()), ("c", ())], [1.0, 0.0, np.inf]), [np.array([0.0, 0.0, 3.0])])
    lower, upper = prices.limits_on(matrix_of([("c", ()), ("b", ()), ("a", (1,))], [7.0, 8.0, 9.0]))
    assert upper.tolist() == [7.0, 8.0, 1.0]
    assert lower.tolist() == [-np.inf] * 3
