"""The worst odds of a box, and the least of the greatest regret, as objectives: by enumeration, whole and in parts."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from unittest import mock

import pytest
from random_worlds import random_world
from test_brute_force import YEARS, World, tables_of, value_of
from test_brute_force import random_world as random_mines

from khovor.case import Case, with_regret, with_worst_odds
from khovor.errors import KhovorError
from khovor.verify import verify
from support import case_of, one_mine, solve_and_check


def plans(world: World) -> list[dict[str, float]]:
    """What each plan there is (first years of all mines, or never) is worth in each future [MUSD]."""
    alone = {f"w{k}": replace(world, futures=((1.0, *future[1:]),)) for k, future in enumerate(world.futures)}
    choices = itertools.product(*[(*YEARS, None)] * len(world.mines))
    return [{w: value_of(one, first) for w, one in alone.items()} for first in choices]


def mines(seed: int) -> tuple[Case, list[dict[str, float]]]:
    """A case of a few mines, and what each of its plans is worth, the futures named as the case names them."""
    world = random_mines(seed)
    case = case_of(tables_of(world), discount_rate=world.rate)
    names = dict(zip((f"w{k}" for k in range(len(world.futures))), (s.name for s in case.scenarios), strict=True))
    return case, [{names[w]: worth for w, worth in plan.items()} for plan in plans(world)]


@pytest.mark.parametrize("seed", range(12))
def test_least_regret_by_enumeration(seed: int) -> None:
    """Of all plans of some mines the objective finds the one whose greatest regret is least."""
    case, worths = mines(seed)
    best = {w: max(plan[w] for plan in worths) for w in worths[0]}
    least = min(max(best[w] - plan[w] for w in best) for plan in worths)
    mean = sum(s.probability * best[s.name] for s in case.scenarios)
    solution, verdict = solve_and_check(with_regret(case, best))
    assert verdict.passed, verdict.failures[:3]
    assert mean - solution.objective == pytest.approx(least, abs=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_worst_odds_by_enumeration(seed: int) -> None:
    """Of all plans of some mines the objective finds the one whose worst case over two probabilities is best."""
    case, worths = mines(seed)
    a, b = (s.name for s in case.scenarios)
    low, high = {a: 0.2, b: 0.1}, {a: 0.6, b: 0.7}
    best = max(min(p * plan[a] + (1 - p) * plan[b] for p in (0.3, 0.6)) for plan in worths)
    solution, verdict = solve_and_check(with_worst_odds(case, low, high))
    assert verdict.passed, verdict.failures[:3]
    assert solution.objective == pytest.approx(best, abs=1e-7)


WORLDS = [seed for seed in range(40) if len(random_world(seed)[0].get("scenarios", ())) > 1][:8]


@pytest.mark.parametrize("seed", WORLDS)
def test_in_parts_as_whole(seed: int) -> None:
    """Searched in parts, least regret has the plan and the bound of the whole program, under value and cost alike."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    case = with_regret(case, {s.name: 0.1 * k for k, s in enumerate(case.scenarios)})
    try:
        whole, _ = solve_and_check(case)
    except KhovorError:
        pytest.skip("a world without a plan")
    with mock.patch.object(sys.modules["khovor.solve.optimize"], "LARGE", 0):
        parts, verdict = solve_and_check(case)
    assert verdict.passed, verdict.failures[:3]
    assert parts.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    assert parts.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)


def test_the_checker_recomputes_regret() -> None:
    """A plan whose objective is its expected value, or a regret too small, is refused."""
    tables = one_mine(
        scenarios=[{"scenario": "good", "probability": 0.5}, {"scenario": "bad", "probability": 0.5}],
        events=[{"scenario": "bad", "target_type": "product", "target": "ore", "price_factor": 0.4}],
    )
    case = with_regret(case_of(tables), {"good": 0.9, "bad": 0.0})
    solution, verdict = solve_and_check(case)
    assert verdict.passed
    assert 0.45 - solution.objective == pytest.approx(0.3)
    for wrong in (0.3, solution.objective + 0.01):
        forged = replace(solution, objective=wrong, bound=wrong, gap=0.0)
        assert "the objective is the expected sum" in verify(case, forged).failures[0].rule
