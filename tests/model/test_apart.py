"""Futures apart: searched without ever being held whole, a case has the same optimum and the same proof."""

from __future__ import annotations

import sys

import pytest
from random_worlds import eventful, random_world

from khovor.case import Case
from khovor.errors import InfeasibleError
from khovor.formulation import build
from khovor.network import derive
from khovor.solution import Solution
from khovor.solve import Limits, optimize
from khovor.solve.apart.search import called_for
from support import PATIENCE_S, case_of, one_mine, solve_and_check


def whole_and_apart(case: Case, monkeypatch: pytest.MonkeyPatch) -> tuple[Solution, Solution]:
    """The same case solved whole, and with each future in a program of its own; both pass the checker."""
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(sys.modules["khovor.solve.apart.search"], "APART", least)
        solution, verdict = solve_and_check(case)
        assert verdict.passed, verdict.failures[:3]
        found.append(solution)
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(30))
def test_random_worlds_have_the_same_optimum(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """What is proved apart is what is proved whole."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    whole, apart = whole_and_apart(case, monkeypatch)
    assert "each with a program of its own" in apart.log[0]
    assert apart.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    assert apart.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)
    assert apart.size.columns >= apart.size.integers > 0
