"""The worst futures in the objective: by hand, and against the definition on random worlds, whole and in parts."""

from __future__ import annotations

import sys
from dataclasses import replace
from unittest import mock

import pytest
from random_worlds import random_world

from khovor.case import Case, Policy, Window
from khovor.errors import KhovorError
from support import Rows, case_of, one_mine, solve_and_check, solved

GOOD_OR_BAD: dict[str, Rows] = {
    "scenarios": [{"scenario": "good", "probability": 0.5}, {"scenario": "bad", "probability": 0.5}],
    "events": [{"scenario": "bad", "target_type": "product", "target": "ore", "price_factor": 0.4}],
}
"""The mine is worth 0.9 MUSD in one future and -0.3 in the other."""


@pytest.mark.parametrize(
    ("weight", "tail", "value"),
    [(0.0, 0.5, 0.3), (0.4, 0.5, 0.06), (0.6, 0.5, 0.0), (1.0, 0.5, 0.0), (0.6, 0.75, 0.18), (0.5, 1.0, 0.3)],
)
def test_the_mine_under_aversion(weight: float, tail: float, value: float) -> None:
    """(1 - w) x 0.3 + w x CVaR: of half the futures -0.3, of three quarters 0.1; below 0 nothing is built."""
    plan = solved(one_mine(**GOOD_OR_BAD), risk_weight=weight, risk_tail=tail)
    assert plan.objective == pytest.approx(value, abs=1e-9)


def test_least_cost_under_aversion() -> None:
    """A contract costs 1.1 MUSD when calm and 1.3 when freight trebles: 0.5 x 1.2 + 0.5 x 1.3 = 1.25."""
    tables = one_mine(
        scenarios=GOOD_OR_BAD["scenarios"],
        events=[{"scenario": "bad", "target_type": "lane", "target": "D-M", "cost_factor": 3}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 0, "min_t_y": 100}],
    )
    assert solved(tables, objective="cost", risk_weight=0.5, risk_tail=0.5).objective == pytest.approx(1.25)


def averse(case: Case, weight: float) -> Case:
    """The case with a weight on its worst third, and on average no more than half of exports through the first gate."""
    return replace(case, terms=replace(case.terms, risk_weight=weight, risk_tail=0.3))


WORLDS = [seed for seed in range(40) if len(random_world(seed)[0].get("scenarios", ())) > 1][:16]


@pytest.mark.parametrize("seed", WORLDS)
def test_the_checker_finds_the_same_objective(seed: int) -> None:
    """On random worlds the objective is what the checker makes of the values of the futures, by definition."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    for weight in (0.5, 1.0):
        try:
            _, verdict = solve_and_check(averse(case, weight))
        except KhovorError:
            pytest.skip("a world without a plan")
        assert verdict.passed, verdict.failures[:3]


@pytest.mark.parametrize("seed", WORLDS[:8])
def test_in_parts_as_whole(seed: int) -> None:
    """Searched in parts, an averse case with a policy on average has the plan and the bound of the whole program."""
    tables, settings = random_world(seed)
    case = averse(case_of(tables, **settings), 0.5)
    cap = Policy("cap", "co2_t", "", False, "max", 1e6, True, Window(), None, "policies!A1")
    case = replace(case, policies=(cap,))
    try:
        whole, _ = solve_and_check(case)
    except KhovorError:
        pytest.skip("a world without a plan")
    with mock.patch.object(sys.modules["khovor.solve.optimize"], "LARGE", 0):
        parts, verdict = solve_and_check(case)
    assert verdict.passed, verdict.failures[:3]
    assert parts.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    assert parts.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)
