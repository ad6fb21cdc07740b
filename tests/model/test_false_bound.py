"""A bound that a plan beats proves nothing: it is dropped, and said, never lifted to the plan."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from khovor.case import Case
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, optimize
from support import PATIENCE_S, case_of, one_mine


@pytest.mark.parametrize("case", [case_of(one_mine()), case_of(one_mine(), objective="cost")], ids=["npv", "cost"])
def test_a_plan_better_than_its_bound_is_not_called_proved(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its bound half a million on the wrong side a plan is feasible, without a bound, and the log says why."""
    module: Any = sys.modules["khovor.solve.optimize"]
    whole: Callable[..., Any] = module._whole
    wrong = -0.5 if case.terms.objective == "npv" else 0.5
    monkeypatch.setattr(module, "_whole", lambda *given: _moved(whole(*given), wrong))
    outcome = optimize(build(case, derive(case)), Limits(1e-4, PATIENCE_S, 1, 1))
    assert outcome.status == "feasible"
    assert outcome.bound == (float("inf") if wrong < 0 else float("-inf"))
    assert any("nothing is proved" in line for line in outcome.log)


def _moved(found: Any, by: float) -> Any:
    return replace(found, bound=found.bound + by)
