"""What a plan tells of its tax is not believed: a little less of any part of it, and the checker fails the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from khovor.verify import verify
from support import case_of, one_mine, solve_and_check

FISCAL = [
    {"key": "royalty", "value": 0.05},
    {"key": "export_duty", "value": 0.02},
    {"key": "vat", "value": 0.01},
    {"key": "income_tax", "value": 0.25},
    {"key": "depreciation_years", "value": 2},
    {"key": "loss_carry_forward_years", "value": 1},
    {"key": "state_participation", "applies_to": "carried", "value": 0.1},
]
PERIODS = [{"period": str(year), "start_year": year, "years": 1} for year in range(2030, 2034)]
SIZES = [{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 5}]
CASE = case_of(one_mine(periods=PERIODS, sizes=SIZES, fiscal=FISCAL), home_territory="MN")
PLAN, VERDICT = solve_and_check(CASE)


def test_the_plan_is_good() -> None:
    """Told as it is, the plan passes."""
    assert VERDICT.passed, VERDICT.failures[:3]


@pytest.mark.parametrize("name", ["royalty", "export_duty", "vat", "income_tax", "state_participation"])
def test_a_percent_less_tax_fails(name: str) -> None:
    """A term of tax lowered by 1% is found, and the objective that goes with it."""
    terms = PLAN.terms.copy()
    terms.loc[terms["term"] == name, "musd"] *= 0.99
    gained = float(terms["musd"].sum() - PLAN.terms["musd"].sum())
    lie = replace(PLAN, objective=PLAN.objective + gained, tables={**PLAN.tables, "terms": terms})
    broken = {failure.rule for failure in verify(CASE, lie).failures}
    assert gained > 0
    assert "every money term is what case and plan make it" in broken


@pytest.mark.parametrize(
    "line", ["result", "depreciation", "losses_used", "losses_left", "income_tax", "state_participation"]
)
def test_a_year_told_wrong_fails(line: str) -> None:
    """Any line of a year changed by 1% is found."""
    told = PLAN.tables["fiscal"].copy()
    assert (told["term"] == line).any()
    told.loc[told["term"] == line, "musd"] *= 0.99
    verdict = verify(CASE, replace(PLAN, tables={**PLAN.tables, "fiscal": told}))
    assert {failure.rule for failure in verdict.failures} == {"every year's tax is what case and plan make it"}


def test_a_year_left_out_fails() -> None:
    """A plan that tells nothing of its years is found out."""
    verdict = verify(CASE, replace(PLAN, tables={**PLAN.tables, "fiscal": PLAN.tables["fiscal"].head(0)}))
    assert not verdict.passed
