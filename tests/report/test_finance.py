"""The cash flow by year and what is read off it: worked out by hand, and tied to the plan's terms in random worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from financed import two_futures, with_yearly
from random_worlds import random_world
from taxed import CASES

from khovor.finance import KINDS, cash_flow, cover, finance, returns
from khovor.finance.measures import payback_year, rates_of_return
from khovor.report.terms import WORDS
from khovor.solution import Solution
from support import case_of, one_mine, solve_and_check


def test_every_term_has_a_kind() -> None:
    """No money term is without its kind."""
    assert set(WORDS) <= set(KINDS)


def test_a_mine_by_hand() -> None:
    """1 MUSD in 2030 and 2031, then 1.9 a year for two years: NPV at 10%, the IRR of a quadratic, payback in 2033."""
    tables = one_mine(
        periods=[{"period": "p", "start_year": 2032, "years": 2}],
        processes=[{"process": "mine", "build_years": 2}],
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 2}],
    )
    case = case_of(tables, discount_rate=0.1)
    found = finance(case, solve_and_check(case)[0])
    expected = found.project[""]
    assert found.flow.of(("revenue", "cost", "capital")).tolist() == pytest.approx([-1, -1, 1.9, 1.9])
    assert expected.npv == pytest.approx(-1 / 1.1 - 1 / 1.21 + 1.9 / 1.331 + 1.9 / 1.4641)
    assert expected.irr == pytest.approx(1.9**0.5 - 1.0)  # (1 + 1/(1+i)) (1.9/(1+i)^2 - 1) = 0
    assert (expected.irrs, expected.payback_year, expected.discounted_payback_year) == (1, 2033, 2033)


@pytest.mark.parametrize(
    ("flow", "rates"),
    [
        ([-1.0, 2.3, -1.32], [0.1, 0.2]),
        ([-1.0, 6.0, -11.0, 6.0], [0.0, 1.0, 2.0]),
        ([1.0, -1.0, 1.0], []),
        ([1.0, 2.0], []),
        ([-2.0, 1.0], [-0.5]),
    ],
)
def test_rates_of_return(flow: list[float], rates: list[float]) -> None:
    """All rates of a flow are found: two, three, none in spite of two changes of sign, none, a negative one."""
    assert rates_of_return(flow) == pytest.approx(rates, abs=1e-9)


def test_of_several_rates_the_nearest_is_told() -> None:
    """Of 10% and 20% the one nearest the discount rate is told, and that there are two."""
    found = returns(range(2030, 2033), np.array([-1.0, 2.3, -1.32]), np.ones(3), 0.18)
    assert (found.irr, found.irrs) == (pytest.approx(0.2), 2)


@pytest.mark.parametrize(
    ("flow", "year"),
    [([-2.0, 1.0, 1.0], 2032), ([-2.0, 1.0, 0.5], None), ([-1.0, 2.0, -2.0], None), ([0.0, 1.0, 1.0], 2031)],
)
def test_payback(flow: list[float], year: int | None) -> None:
    """Payback counts only where it lasts to the end; what is never behind pays back when money first moves."""
    assert payback_year(range(2030, 2033), np.array(flow)) == year


def test_cover_is_told_where_debt_is_served() -> None:
    """Cash over debt served, in the years that serve any."""
    assert cover(range(2030, 2033), np.array([3.0, 3.0, 1.0]), np.array([0.0, -2.0, -2.0])) == {2031: 1.5, 2032: 0.5}


def _tied(solution: Solution, flow: object) -> None:
    told = solution.terms.groupby(["term", "scenario"])["musd"].sum().to_dict()
    mine = {(t, w): float(a @ flow.factors) for t, by in flow.terms.items() for w, a in by.items()}  # type: ignore[attr-defined]
    for key in {*told, *mine}:
        if key[0] not in flow.left_out:  # type: ignore[attr-defined]
            assert mine.get(key, 0.0) == pytest.approx(told.get(key, 0.0), rel=1e-9, abs=1e-9), key


@pytest.mark.parametrize("seed", range(12))
def test_random_worlds_tie(seed: int) -> None:
    """The years of every term and future discount back to the term of the plan."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    solution, _ = solve_and_check(case)
    _tied(solution, cash_flow(case, solution))


@pytest.mark.parametrize("name", CASES)
def test_taxed_and_supported_plans_tie(name: str) -> None:
    """The same with tax, loans, grants, and a state that is carried or pays its share of everything but support."""
    case = case_of(CASES[name](), home_territory="MN", discount_rate=0.08)
    solution, _ = solve_and_check(case)
    _tied(solution, cash_flow(case, solution))


def test_a_term_told_by_year_in_one_future_is_level_in_another() -> None:
    """A support table that tells a premium of good times alone: bad times keep theirs, level in each period."""
    case = case_of(two_futures(), discount_rate=0.08)
    plan, _ = solve_and_check(case)
    told = (("guarantee_premium", "good", 2032, -0.02), ("guarantee_premium", "good", 2034, -0.03))
    whole = with_yearly(case, plan, support=told)
    late = pd.DataFrame(
        [("guarantee_premium", "bad", "late", -0.01 * case.horizon.annuity(1))], columns=list(plan.terms.columns)
    )
    terms = pd.concat([whole.terms, late], ignore_index=True)
    solution = replace(whole, tables={**whole.tables, "terms": terms})
    flow = cash_flow(case, solution)
    by_year = {w: dict(zip(flow.years, flow.terms["guarantee_premium"][w], strict=True)) for w in ("good", "bad")}
    assert {y: v for y, v in by_year["good"].items() if v} == {2032: -0.02, 2034: -0.03}
    assert {y: v for y, v in by_year["bad"].items() if v} == pytest.approx({2034: -0.01, 2035: -0.01, 2036: -0.01})
    _tied(solution, flow)
