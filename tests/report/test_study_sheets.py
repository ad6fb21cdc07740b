"""The sheets of the studies can be read: long texts on several lines, curves straight between points."""

from __future__ import annotations

from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.frontier_sheet import frontier_sheet, surface_sheet
from khovor.report.sheets.page import LONGEST
from khovor.report.sheets.stress_sheet import MOST_BARS, stress_sheet

SHARE = {"measure": "transit_share", "subject": "CN", "unit": ""}
CAPITAL = {"measure": "capex_musd", "subject": "", "unit": "MUSD"}
LONG = "; ".join(["+1 mine, s, at D (2030)"] * 40)


def point(limit: float, value: float, limit2: float | None = None) -> dict[str, Any]:
    """A point of a frontier as summary.json has it."""
    builds = [{"node": "D", "process": process} for process in ("mine", "mill", "mine")]
    known = {"name": f"at most {limit}", "limit": limit, "measured": limit, "limit2": limit2, "measured2": limit2}
    money = {"value": value, "objective": value, "bound": value, "gap": 0.0, "capital": 1.0, "seconds": 1.0}
    rest = {"status": "optimal", "price": None, "plan_of": "base", "dominated_by": None, "message": ""}
    return {**known, **money, **rest, "builds": builds}


def frontier(*measures: dict[str, str], points: list[dict[str, Any]]) -> Book:
    """The sheets of a frontier of these measures."""
    told = {"measures": measures, "how": LONG, "headline": [LONG], "price_unit": "USD per percentage point"}
    book = Book()
    frontier_sheet(book, {**told, "points": points})
    if len(measures) == 2:
        surface_sheet(book, {**told, "points": points})
    return book


def texts(sheet: Any) -> list[str]:
    """Every text of a sheet's first column."""
    return [cell.value for cell in sheet["A"] if isinstance(cell.value, str)]


def test_a_frontier_of_one_measure() -> None:
    """No line is longer than a page is wide and none of the text is lost; the curve is not smoothed; 0% is told."""
    sheet = frontier(SHARE, points=[point(0.5, 2.0), point(0.0, 1.0)]).excel["Frontier"]
    lines = texts(sheet)
    assert max(map(len, lines)) <= LONGEST
    assert " ".join(lines).count("+1 mine, s, at D (2030)") == 80
    (chart,) = sheet._charts
    assert [series.smooth for series in chart.series] == [False]
    row = next(cell.row for cell in sheet["A"] if cell.value == "at most 0.0")
    assert [sheet.cell(row, column).number_format for column in (2, 3)] == ["0.0%", "0.0%"]
    assert "D: mine, mill" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_surface_has_no_price() -> None:
    """Of two measures a step has no one price, so there is no column of it; the matrix names its limits."""
    points = [point(a, 1.0, b) for a in (0.5, 0.0) for b in (1313.817, 0.0)]
    book = frontier(SHARE, CAPITAL, points=points)
    heads = {str(cell.value) for row in book.excel["Frontier"].iter_rows() for cell in row}
    assert not any("Price" in head for head in heads)
    assert [cell.value for cell in book.excel["Surface"][4]] == ["Limit (share)", "1,313.8 MUSD", "0.0 MUSD"]


def test_a_stress_of_many_targets_has_a_chart_of_the_worst() -> None:
    """More targets than bars can be told apart: those that lose most are drawn."""
    empty = {"kind": "gate", "stranded_t": 0.0, "rescued_by": [], "taken_by": [], "what": "A - B", "also": []}
    closures = [{**empty, "target": f"G{n}", "period": p, "loss": 99.0 - n} for n in range(40) for p in (None, "p")]
    book = Book()
    stress_sheet(book, {"title": "", "how": LONG, "periods": ["p"], "unit": "MUSD", "closures": closures})
    sheet = book.excel["Stress"]
    (chart,) = sheet._charts
    top = next(cell.row for cell in sheet["A"] if cell.value == "G0")
    assert chart.series[0].cat.numRef.f.endswith(f"$A${top}:$A${top + MOST_BARS - 1}")
