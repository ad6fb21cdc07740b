"""What is learnt before a branching: plans near the relaxation, and prices near a plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_priced import EXACT, SEEDS, futures_of, program, value

from khovor.solve.branching import bounded, price_near
from khovor.solve.highs import held, relaxed, run
from khovor.solve.search import Search, search

BRANCHING: Any = sys.modules["khovor.solve.branching"]


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_near_a_plan_say_as_much_of_it(seed: int) -> None:
    """Prices a little off the best plan bound the program, and at the plan they say what it is worth."""
    _, formulation, matrix = program(seed)
    loose, best = run(relaxed(matrix), EXACT), run(matrix, EXACT)
    assert loose.values is not None and loose.duals is not None and best.values is not None
    plan = run(held(matrix, np.where(matrix.integer, np.round(best.values), np.nan)), EXACT)
    assert plan.values is not None and plan.duals is not None
    s = Search(formulation, matrix, matrix, replace(EXACT, gap=1e-4), None, None)
    futures = futures_of(matrix, formulation.case.scenarios[0].name)
    assert futures.price(loose.duals) and price_near(s, futures, plan.duals, plan.values, loose.values)
    assert len(futures.prices) == 2
    assert best.objective - 1e-6 <= futures.worth(plan.values) <= best.objective + 1e-5 * abs(best.objective) + 1e-6
    assert best.objective - 1e-6 <= value(futures.without())


def test_plans_near_the_relaxation_are_found_before_branching(monkeypatch: pytest.MonkeyPatch) -> None:
    """On most random worlds the best plan is at hand when the first branching begins, without that of one future."""
    at_hand = list[bool]()
    monkeypatch.setattr(
        sys.modules["khovor.solve.search"], "first_plan", lambda s, alone, strong: (np.zeros(strong.shape[1]), None)
    )
    for seed in SEEDS:
        _, formulation, matrix = program(seed)
        known = list[float | None]()

        def noted(s: Search, *given: Any, known: list[float | None] = known, **options: Any) -> Any:
            known.append(s.value)
            return bounded(s, *given, **options)

        monkeypatch.setattr(BRANCHING, "bounded", noted)
        found = search(formulation, matrix, replace(EXACT, gap=1e-6), None, None)
        best = value(matrix)
        assert found.value == pytest.approx(best, abs=1e-6, rel=1e-6)
        assert found.bound == pytest.approx(best, abs=1e-5, rel=1e-5)
        at_hand.append(not known or (known[0] is not None and known[0] >= best - 1e-6 * abs(best) - 1e-6))
    assert sum(at_hand) >= 2 * len(SEEDS) / 3
