"""The sheet Cash flow of a financed plan in LibreOffice: it ties in every future, follows the pick, shows a break."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from financed import financed
from office import NEEDS_OFFICE, recalculate, verdicts

from khovor.finance import Returns
from khovor.report import Content
from khovor.report.sheets.cash_grid import FACTS, FIRST, Grid
from khovor.report.sheets.cash_sheet import LABEL
from khovor.report.sheets.results import write_results

pytestmark = [*NEEDS_OFFICE, pytest.mark.slow]

CLOSE = 1e-6


def _edited(whole: Path, name: str, cell: tuple[int, int], value: object) -> Path:
    """The same workbook with one cell of the sheet Cash flow changed, its formulas kept."""
    book = openpyxl.load_workbook(whole)
    book["Cash flow"].cell(*cell).value = value
    book.save(whole.with_name(f"{name}.xlsx"))
    return whole.with_name(f"{name}.xlsx")


def _priced_line(grid: Grid, term: str) -> int:
    """Row of the first line of a term in the ledger."""
    return grid.ledger + next(k for k, row in enumerate(grid.rows) if row.line.term == term)


@pytest.fixture(scope="module")
def content() -> Content:
    """The plan and khovor's own figures."""
    return financed()


@pytest.fixture(scope="module")
def books(content: Content, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As written; with bad times picked; with the price of a sale, or the debt served in a year, 1% or 0.1 off."""
    folder, grid = tmp_path_factory.mktemp("office"), Grid(content)
    whole = folder / "whole.xlsx"
    write_results(whole, content)
    sale, debt = _priced_line(grid, "revenue"), _priced_line(grid, "repayment")
    served = FIRST + next(k for k, amount in enumerate(grid.rows[debt - grid.ledger].quantity) if amount)
    line = grid.rows[sale - grid.ledger].line
    label = openpyxl.utils.cell.coordinate_from_string(LABEL.replace("$", ""))
    paths = [
        whole,
        _edited(whole, "picked", (label[1], openpyxl.utils.column_index_from_string(label[0])), "Bad times"),
        _edited(whole, "price", (sale, 5), line.price * 1.01),
        _edited(whole, "debt", (debt, served), grid.rows[debt - grid.ledger].quantity[served - FIRST] - 0.1),
    ]
    return recalculate(paths, folder)


def _figures(sheet: Any, grid: Grid, flow: str, place: int) -> tuple[Any, ...]:
    """NPV, IRR, payback, discounted payback of a case as its row tells them."""
    return tuple(sheet.cell(grid.top(flow) + place, column).value for column in (3, 4, 5, 6))


def _own(found: Returns) -> tuple[Any, ...]:
    late = "not within the horizon"
    return (
        pytest.approx(found.npv, rel=CLOSE, abs=CLOSE),
        "none" if found.irr is None else pytest.approx(found.irr, rel=CLOSE),
        found.payback_year or late,
        found.discounted_payback_year or late,
    )


def test_every_future_ties(content: Content, books: dict[str, Any]) -> None:
    """NPV, IRR and paybacks of project and equity, expected and in each future, are khovor's to 1e-6."""
    sheet, grid = books["whole"]["Cash flow"], Grid(content)
    assert grid.by_future
    assert [w for w, _ in grid.cases] == ["", "good", "bad"]
    for flow, own in (("project", content.finance.project), ("equity", content.finance.equity)):
        for place, (w, _) in enumerate(grid.cases):
            assert _figures(sheet, grid, flow, place) == _own(own[w]), (flow, w)
    assert content.finance.equity[""].irr != pytest.approx(content.finance.project[""].irr)
    assert content.finance.equity[""].npv == pytest.approx(content.solution.objective)


def test_cover_ties_by_year(content: Content, books: dict[str, Any]) -> None:
    """The cover ratio of every year that serves debt, and the least of each future, are khovor's; other years blank."""
    sheet, grid = books["whole"]["Cash flow"], Grid(content)
    for place, (w, _) in enumerate(grid.cases):
        row, own = grid.top("cover") + place, content.finance.cover[w]
        told = {y: sheet.cell(row, FIRST + k).value for k, y in enumerate(grid.years)}
        assert {y: v for y, v in told.items() if v not in (None, "")} == pytest.approx(own, rel=CLOSE)
        assert sheet.cell(row, 3).value == pytest.approx(min(own.values()), rel=CLOSE)
    # 100 t x (20,000 or 10,000 - 1,000) USD less 0.05 MUSD of upkeep, over what is served
    assert content.finance.cover["good"] == pytest.approx({2032: 1.85 / 0.4, 2033: 1.85 / 0.5, 2034: 1.85 / 0.3})
    assert content.finance.cover["bad"][2035] == pytest.approx(0.85 / 0.45)


@pytest.mark.parametrize(("book", "w"), [("whole", ""), ("picked", "bad")])
def test_what_is_shown_is_what_is_picked(book: str, w: str, content: Content, books: dict[str, Any]) -> None:
    """The facts and every term of the case picked are khovor's figures of it, and the master check stays OK."""
    sheet, grid, flow = books[book]["Cash flow"], Grid(content), content.finance.flow
    facts = [sheet.cell(FACTS + k, 2).value for k in range(10)]
    npv, irr, late, later = _own(content.finance.project[w])
    assert [facts[0], *facts[2:5]] == [npv, irr, late, later]
    npv, irr, late, later = _own(content.finance.equity[w])
    assert [facts[5], *facts[7:10]] == [npv, irr, late, later]
    for term in grid.terms:
        told = [sheet.cell(grid.shown(term), FIRST + k).value for k in range(len(grid.years))]
        assert told == pytest.approx(flow.term(term, w).tolist(), rel=CLOSE, abs=CLOSE), term
    assert books[book]["Checks"]["B4"].value == "OK"


@pytest.mark.parametrize("book", ["price", "debt"])
def test_one_cell_changed_turns_the_master_check_red(book: str, books: dict[str, Any]) -> None:
    """A single price 1% off, or a year's debt service 0.1 MUSD off, breaks the tie to the plan's value."""
    assert books["whole"]["Checks"]["B4"].value == "OK"
    assert set(verdicts(books["whole"]).values()) == {"OK"}
    assert books[book]["Checks"]["B4"].value == "BROKEN"
    found = verdicts(books[book])
    assert found["The cash flow discounts back to the expected value"] == "BROKEN"
    assert found["The internal rates of return of the equity flow are khovor's"] == "BROKEN"
    assert found["The least debt-service cover ratios are khovor's"] == "BROKEN"
