"""Any number of a good plan changed by a thousandth, any row lost, doubled or moved: the checker says no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from good_plan import SETTINGS, good, tables_in
from hypothesis import given, settings
from hypothesis import strategies as st

from khovor.case import Case
from khovor.solution import COLUMNS, Solution
from khovor.verify import verify
from khovor.verify.plan import ROWS, amount_column, columns
from support import case_of, solve_and_check

CASE, PLAN = good()
ROW = tuple((table, place) for table in ROWS for place in range(len(PLAN.tables[table])))


def changed(plan: Solution, table: str, frame: pd.DataFrame) -> Solution:
    """The plan with one table replaced."""
    return replace(plan, tables={**plan.tables, table: frame})


def numbers(plan: Solution) -> Iterator[tuple[str, int, str]]:
    """(table, row, column) of every number in every table the checker reads."""
    for table in ROWS:
        if column := amount_column(table):
            yield from ((table, place, column) for place in range(len(plan.tables[table])))


def times(plan: Solution, table: str, place: int, column: str, factor: float) -> Solution:
    """The plan with one number multiplied."""
    frame = plan.tables[table].copy()
    frame[column] = frame[column].astype(float)
    frame.loc[frame.index[place], column] *= factor
    return changed(plan, table, frame)


def missed(case: Case, plan: Solution, factor: float) -> list[tuple[str, int, str]]:
    """The numbers whose change nobody notices."""
    return [number for number in numbers(plan) if verify(case, times(plan, *number, factor)).passed]


@pytest.mark.parametrize("factor", [1.001, 0.999])
def test_a_thousandth_of_any_number_is_caught(factor: float) -> None:
    """Each number of the hand-made plan, one at a time, a thousandth up or down: none goes unnoticed."""
    assert verify(CASE, PLAN).passed
    assert missed(CASE, PLAN, factor) == []


@pytest.mark.parametrize("factor", [1.001, 0.999])
def test_a_thousandth_of_the_optimum_is_caught(factor: float) -> None:
    """The same for the plan the solver finds; a number nobody misses would be one that is worth and costs nothing."""
    case = case_of(tables_in(), **SETTINGS)
    plan, verdict = solve_and_check(case)
    assert verdict.passed
    assert missed(case, plan, factor) == []


def test_the_optimum_is_no_worse_than_the_plan_by_hand() -> None:
    """The hand-made plan is one the model allows: the solver finds it or a better one."""
    plan, _ = solve_and_check(case_of(tables_in(), **SETTINGS))
    assert plan.objective >= PLAN.objective


@pytest.mark.parametrize(("table", "place"), ROW)
def test_a_lost_row_is_caught(table: str, place: int) -> None:
    """No row of any table may be missing."""
    frame = PLAN.tables[table]
    assert not verify(CASE, changed(PLAN, table, frame.drop(index=frame.index[place]))).passed


@pytest.mark.parametrize(("table", "place"), ROW)
def test_a_doubled_row_is_caught(table: str, place: int) -> None:
    """No row of any table may stand twice."""
    frame = PLAN.tables[table]
    assert not verify(CASE, changed(PLAN, table, pd.concat([frame, frame.iloc[[place]]]))).passed


@settings(max_examples=150, deadline=None)
@given(
    number=st.sampled_from(list(numbers(PLAN))),
    factor=st.one_of(st.floats(-2, 0.999), st.floats(1.001, 1e6), st.just(float("nan")), st.just(float("inf"))),
)
def test_any_other_number_is_caught(number: tuple[str, int, str], factor: float) -> None:
    """Any number, changed by anything from a thousandth to a million times, its sign turned, or made no number."""
    assert not verify(CASE, times(PLAN, *number, factor)).passed


@settings(max_examples=150, deadline=None)
@given(row=st.sampled_from(ROW), data=st.data())
def test_any_other_name_is_caught(row: tuple[str, int], data: st.DataObject) -> None:
    """A row that names another thing, place, period or future than it should is caught, whatever it names."""
    table, place = row
    names = [c for c in columns(table) if c != amount_column(table)]
    column = data.draw(st.sampled_from(names))
    frame = PLAN.tables[table].copy()
    old = frame[column].iloc[place]
    seen = [value for value in frame[column].unique() if value != old]
    new = data.draw(st.sampled_from([*seen, "elsewhere"]))
    frame[column] = frame[column].astype(object)
    frame.loc[frame.index[place], column] = new
    assert not verify(CASE, changed(PLAN, table, frame)).passed


def test_the_checker_reads_every_table_of_the_solution() -> None:
    """Its own list of tables and columns is the solution's; prices are no part of a plan; years stand apart."""
    apart = ("duals", "fiscal", "support", "instruments")
    assert {name: columns(name) for name in ROWS} == {k: v for k, v in COLUMNS.items() if k not in apart}
