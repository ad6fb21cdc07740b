"""The checker follows instruments by itself: a sound plan passes, and each way to break it fails the rule it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from khovor.case import Case
from khovor.solution import Solution
from khovor.verify import instruments, verify
from khovor.verify.money import OBJECTIVE, TERMS
from support import case_of, one_mine, solve_and_check

TABLES = {
    "periods": [{"period": "p1", "start_year": 2031, "years": 2}, {"period": "p2", "start_year": 2033, "years": 3}],
    "processes": [{"process": "mine", "build_years": 1}],
    "markets": [{"node": "M", "product": "ore", "price_usd_t": 2000, "max_t_y": 500}],
    "policies": [{"policy": "d", "measure": "delivered_t", "subject": "ore:US", "sense": "min", "limit": 80}],
    "scenarios": [{"scenario": "calm", "probability": 0.5}, {"scenario": "low", "probability": 0.5}],
    "events": [
        {"scenario": "low", "target_type": "market", "target": "M", "price_factor": 0.8, "first_year": 2034},
        {"scenario": "low", "target_type": "lane", "target": "D-M", "capacity_factor": 0.9, "first_year": 2033},
    ],
    "lanes": [{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 200}],
    "instruments": [
        {"instrument": "G", "kind": "grant", "share_max": 0.1, "budget_musd": 0.08},
        {"instrument": "L", "kind": "loan", "share_max": 0.5, "rate": 0.02, "tenor_years": 3, "grace_years": 1}
        | {"conditions": "min_delivery:ore:US:20; no_technology:US"},
        {"instrument": "F", "kind": "price_floor", "floor_usd_t": 2600, "covers": "ore:US; t_y:50; from:2032"},
        {"instrument": "P", "kind": "guarantee", "rate": 0.001, "covers": "lane:D-M", "share_max": 0.9},
    ],
}


def planned(**settings: object) -> tuple[Case, Solution]:
    """A plan that takes all four instruments."""
    case = case_of(one_mine(**TABLES), **{"discount_rate": 0.06, **settings})  # type: ignore[arg-type]
    solution, verification = solve_and_check(case)
    assert verification.passed, verification.failures[:3]
    assert set(solution.instruments["instrument"]) == {"G", "L", "F", "P"}
    return case, solution


def with_table(solution: Solution, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Solution:
    """The same plan with one table changed."""
    return replace(solution, tables={**solution.tables, name: change(solution.tables[name].copy())})


def scaled(column: str, factor: float, **where: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Multiply a column where others have these values."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        meant = pd.Series(True, index=frame.index)
        for name, value in where.items():
            meant &= frame[name] == value
        assert meant.any()
        frame.loc[meant, column] = frame.loc[meant, column].astype(float) * factor
        return frame

    return change


def renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Nobody offers this."""
    return frame.assign(instrument="Z")


BREAKS = [
    ("an unknown instrument", "financed", renamed, instruments.OFFERED),
    ("a floor of another kind", "topped", lambda x: x.assign(instrument="G"), instruments.OFFERED),
    ("more than its share", "financed", scaled("musd", 1.3, instrument="L"), instruments.SHARE),
    ("more than its budget", "financed", scaled("musd", 1.01, instrument="G"), instruments.BUDGET),
    ("more than there is", "financed", scaled("musd", 2.0, instrument="L"), instruments.CAPITAL),
    ("more than its tonnage", "topped", scaled("t_y", 30.0), instruments.TONNAGE),
    ("more than is sold", "topped", scaled("t_y", 60.0), instruments.SALES),
    ("a payout too high", "payouts", scaled("musd_y", 30000.0, scenario="low"), instruments.CLOSURE),
    ("a grant told too high", "terms", scaled("musd", 40.0, term="grant"), TERMS),
    ("service told 1% too low", "terms", scaled("musd", 0.99, term="repayment"), TERMS),
    ("a year told otherwise", "support", scaled("musd", 0.9, term="loan_drawn"), instruments.YEARS),
]


@pytest.mark.parametrize(("table", "change", "rule"), [b[1:] for b in BREAKS], ids=[b[0] for b in BREAKS])
def test_a_broken_plan_fails(table: str, change: Callable[[pd.DataFrame], pd.DataFrame], rule: str) -> None:
    """Each way to be wrong about support is seen."""
    case, solution = planned()
    verdict = verify(case, with_table(solution, table, change))
    assert rule in {failure.rule for failure in verdict.failures}


def test_a_condition_that_is_broken_fails() -> None:
    """A plan that takes the loan and breaks what it asks for is refused."""
    case, solution = planned()
    x = case.instruments[1]
    asked = tuple(replace(c, amount=150.0) if c.kind == "min_delivery" else c for c in x.conditions)
    harder = replace(case, instruments=(case.instruments[0], replace(x, conditions=asked), *case.instruments[2:]))
    assert instruments.CONDITIONS in {failure.rule for failure in verify(harder, solution).failures}


def test_a_target_that_is_missed_fails() -> None:
    """A plan of least support for 12% does not do for 12.5%, nor is its public money another."""
    wanted: dict[str, object] = {"objective": "support", "target_irr": 0.12, "discount_rate": 0.06}
    dear = [{"node": "M", "product": "ore", "price_usd_t": 3400, "max_t_y": 500}]
    case = case_of(one_mine(**{**TABLES, "markets": dear}), **wanted)  # type: ignore[arg-type]
    solution, verification = solve_and_check(case)
    assert verification.passed, verification.failures[:3]
    assert solution.objective > 0
    higher = replace(case, terms=replace(case.terms, target_irr=0.125))
    assert instruments.TARGET in {failure.rule for failure in verify(higher, solution).failures}
    cheaper = replace(solution, objective=solution.objective - 0.01)
    assert OBJECTIVE in {failure.rule for failure in verify(case, cheaper).failures}
