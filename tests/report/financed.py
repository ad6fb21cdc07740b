"""A financed plan in two futures: a solved case with a loan told year by year, in the shape of the table `support`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from report_cases import SECONDS

from khovor.case import Case, build_case
from khovor.report import Content, summarise
from khovor.solution import Solution
from khovor.workbook import from_tables
from support import SETTINGS, Rows, one_mine, solve_and_check

LOAN: tuple[tuple[str, str, int, float], ...] = (
    ("loan_drawn", "", 2030, 0.6),
    ("loan_drawn", "", 2031, 0.6),
    ("repayment", "", 2032, -0.4),
    ("repayment", "good", 2033, -0.5),
    ("repayment", "good", 2034, -0.3),
    ("repayment", "bad", 2033, -0.2),
    ("repayment", "bad", 2034, -0.2),
    ("repayment", "bad", 2035, -0.45),
)
"""(term, future or "" for each, year, MUSD): drawn while the mine is built, served sooner in good times."""


def two_futures() -> dict[str, Rows]:
    """A mine built for 2 MUSD in 2030 and 2031; from 2032 on 100 t a year at 20,000 USD/t or, in bad times, at half."""
    return one_mine(
        periods=[
            {"period": "early", "start_year": 2032, "years": 2},
            {"period": "late", "start_year": 2034, "years": 3},
        ],
        processes=[{"process": "mine", "build_years": 2}],
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 2, "fixed_opex_musd_y": 0.05}],
        scenarios=[
            {"scenario": "good", "name": "Good times", "probability": 0.6},
            {"scenario": "bad", "name": "Bad times", "probability": 0.4},
        ],
        events=[{"scenario": "bad", "target_type": "product", "target": "ore", "price_factor": 0.5}],
    )


def with_yearly(case: Case, solution: Solution, **tables: tuple[tuple[str, str, int, float], ...]) -> Solution:
    """A plan with terms told by year in tables of its own, counted in its terms and its objective."""
    horizon, odds = case.horizon, {s.name: s.probability for s in case.scenarios} | {"": 1.0}
    rows = [row for told in tables.values() for row in told]
    period = {year: p.name for p in horizon.periods for year in p.span}
    first = horizon.periods[0].name
    terms = [(term, w, period.get(year, first), musd * horizon.worth(year)) for term, w, year, musd in rows]
    worth = sum(odds[w] * musd for _, w, _, musd in terms)
    frames: dict[str, Any] = {
        name: pd.DataFrame(told, columns=["term", "scenario", "year", "musd"]) for name, told in tables.items()
    }
    added = pd.DataFrame(terms, columns=list(solution.terms.columns))
    frames["terms"] = pd.concat([solution.terms, added], ignore_index=True)
    whole, bound = solution.objective + worth, solution.bound + worth
    return replace(solution, objective=whole, bound=bound, tables={**solution.tables, **frames})


def financed() -> Content:
    """The two futures solved, checked, then financed."""
    workbook = from_tables(two_futures(), {"home_territory": "MN", **SETTINGS, "discount_rate": 0.08})
    case = build_case(workbook)
    plan, verification = solve_and_check(case)
    assert verification.passed, verification.failures[:3]
    solution = with_yearly(case, plan, support=LOAN)
    verification = replace(verification, objective=solution.objective)  # the loan is made up: no checker knows it
    summary = summarise(case, workbook, solution, verification, SECONDS)
    return Content(case, workbook, solution, verification, summary)
