"""results.xlsx in a real spreadsheet program: LibreOffice opens it, recalculates it, and agrees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from office import NEEDS_OFFICE, recalculate, verdicts
from report_cases import content_of, everything, two_ways

from khovor.report.sheets.results import write_results
from support import one_mine

pytestmark = NEEDS_OFFICE


def _row(sheet: Any, place: int, header: str) -> int:
    """The first row below a header."""
    return next(row for row in range(1, sheet.max_row) if sheet.cell(row, place).value == header) + 1


def edit(book: Any) -> None:
    """What a careless hand may do: raise a money term, move tonnes, change odds, type a word over a number."""
    book["Money"]["B5"].value += 1.0
    book["Flows by corridor"]["B5"].value += 1.0
    book["Cash flow"]["B4"].value += 0.01
    production, checks = book["Production"], book["Checks"]
    production.cell(_row(production, 2, "Made [t]"), 2).value += 1000.0
    checks.cell(_row(checks, 1, "Rule"), 4).value = 0.01
    book["Scenarios"]["C5"].value += 0.1
    book["Scenarios"]["D5"].value = "n/a"


BROKEN = {
    "The sum of all money terms is the expected value",
    "Exports by corridor are exports by corridor, product and buyer",
    "Nothing is left over of any product",
    "every result table has its columns",
    "The futures' probabilities add up to 1",
    "Every future's money adds up to its value",
    "The cash flow discounts back to the expected value",
}
"""What those edits must show as broken, one for each."""


def nothing_pays() -> Any:
    """A mine whose ore brings less than its freight: the best plan is to do nothing."""
    return one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 10}])


CASES: tuple[Callable[[], Any], ...] = (nothing_pays, everything, two_ways)


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each case, and the last one edited, as LibreOffice computes them: values, no formulas."""
    folder = tmp_path_factory.mktemp("office")
    paths = [folder / f"{case.__name__}.xlsx" for case in CASES]
    for path, case in zip(paths, CASES, strict=True):
        write_results(path, content_of(case(), discount_rate=0.1))
    book = openpyxl.load_workbook(paths[-1])
    edit(book)
    book.save(folder / "edited.xlsx")
    return recalculate([*folder.glob("*.xlsx")], folder)


@pytest.mark.parametrize("case", CASES)
def test_master_check_is_ok(case: Callable[[], Any], recalculated: dict[str, Any]) -> None:
    """Master check, ties and rules say OK, here and on the summary; no cell of the workbook is an error."""
    book = recalculated[case.__name__]
    assert book["Checks"]["B4"].value == "OK"
    assert any(row[1].value == "OK" for row in book["Summary"].iter_rows(max_col=2))
    assert len(verdicts(book)) > (15 if case is nothing_pays else 30)
    assert set(verdicts(book).values()) == {"OK"}
    texts = [c for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert [c.coordinate for c in texts if c.value.startswith(("#", "Err:"))] == []


def test_cash_flow_is_live(recalculated: dict[str, Any]) -> None:
    """Net present value, internal rate of return and payback are computed in the sheet, and right.

    Two ways: the mine costs 1 MUSD in 2030; each year 100 t are sold at 20,000 USD/t, 60 t travel for 30 and 40 t for
    500 USD/t, and 50 t of acid cost 110 USD/t: 1.9727 MUSD a year for ten years, at the end of each.
    """
    sheet = recalculated["two_ways"]["Cash flow"]
    facts = {row[0]: row[1] for row in sheet.iter_rows(min_row=4, max_row=14, max_col=2, values_only=True)}
    yearly = 100 * 0.02 - 60 * 30e-6 - 40 * 500e-6 - 50 * 110e-6
    value = yearly * sum(1.1**-n for n in range(1, 11)) - 1 / 1.1
    interest = facts["Net present value [MUSD]"] - value
    assert abs(interest) < 0.01  # on goods in transit
    assert facts["Net present value at the other rate [MUSD]"] == pytest.approx(facts["Net present value [MUSD]"])
    assert facts["Internal rate of return"] == "none"  # it never costs more than it brings in a year
    assert facts["Payback: year in which all outlays are recovered"] == "at once"


def test_changed_cells_break_the_master_check(recalculated: dict[str, Any]) -> None:
    """Numbers changed by hand show at the tie they belong to, and turn the master cell, here and on the summary."""
    book = recalculated["edited"]
    found = verdicts(book)
    assert {name for name in BROKEN if found[name] != "BROKEN"} == set()
    assert found["The corridors' shares of exports add up to 1"] == "OK"
    assert book["Checks"]["B4"].value == "BROKEN"
    assert any(row[1].value == "BROKEN" for row in book["Summary"].iter_rows(max_col=2))
