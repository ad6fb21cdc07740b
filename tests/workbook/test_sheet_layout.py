"""How a table may lie on its sheet: headers in rows 1 to 10, columns in any order, notes, gaps, and other programs."""

from __future__ import annotations

import warnings

import pytest
from faults import issues, with_xml
from openpyxl import Workbook as Excel
from sound import HEADER, SETTINGS, TABLES, Broken

from khovor.workbook import TABLES as DECLARED
from khovor.workbook import inspect


def test_every_optional_table_may_be_missing(book: Broken) -> None:
    """Without any optional table the workbook is a case, if a poor one: blank tables are no fault."""
    for name, table in DECLARED.items():
        if not table.required:
            del book.excel[name]
    assert issues(book.save()) == ()


@pytest.mark.parametrize("shift", [-2, -1, 1, 7])
def test_a_header_elsewhere(book: Broken, shift: int) -> None:
    """The header is found in rows 1 to 10, with its data; cells are named as they stand."""
    for name in DECLARED:
        sheet = book.excel[name]
        if shift > 0:
            sheet.insert_rows(1, shift)
        else:
            sheet.delete_rows(1, -shift)
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    assert workbook.rows["gates"][0].where.cells["gate"] == f"A{HEADER + shift + 1}"


def test_a_bare_workbook(book: Broken) -> None:
    """Sheets of nothing but a header in row 1 and rows, in any order of columns, with blank columns between."""
    excel = Excel()
    excel.remove(excel.active)
    bare = {**TABLES, "settings": [{"value": value, "key": key} for key, value in SETTINGS.items()]}
    for name, rows in bare.items():
        sheet = excel.create_sheet(name)
        titles = sorted({column for row in rows for column in row}, reverse=True)
        for place, title in enumerate(titles):
            for number, value in enumerate([title, *(row.get(title) for row in rows)], 1):
                sheet.cell(number, 2 + 3 * place).value = value
    excel.save(book.path)
    assert issues(book.path) == ()
    workbook, pretty = inspect(book.path).workbook, inspect(Broken(book.path.parent).save()).workbook
    assert workbook is not None
    assert pretty is not None
    for name, rows in workbook.rows.items():
        values = [[row.model_dump(exclude={"where"}) for row in found] for found in (rows, pretty.rows[name])]
        assert values[0] == values[1]


def test_what_is_the_analysts_own(book: Broken) -> None:
    """Sheets and columns that start with _ are left alone whatever they hold; a hidden sheet is a sheet."""
    book.excel.create_sheet("_nodes").cell(1, 1, "=1/0")
    sheet = book.excel["gates"]
    place = sheet.max_column + 1
    for row, value in enumerate(["_lane", "anything", "=2*2"], HEADER):
        sheet.cell(row, place).value = value
    sheet.merge_cells(start_row=HEADER + 1, end_row=HEADER + 3, start_column=place, end_column=place)
    sheet.merge_cells("A1:E1")
    sheet.sheet_state = "hidden"
    book.excel["lanes"].row_dimensions[HEADER + 1].hidden = True
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    assert [len(workbook.rows[name]) for name in ("gates", "lanes")] == [1, 3]


def test_blank_rows_within_a_table(book: Broken) -> None:
    """Nineteen blank rows, some with a space, are a gap in the table, not its end."""
    sheet = book.excel["gates"]
    sheet.cell(HEADER + 10, 1).value = "\u00a0 "
    sheet.cell(HEADER + 21, 1).value = "G2"
    workbook = inspect(book.save()).workbook
    assert workbook is not None
    assert [gate.gate for gate in workbook.rows["gates"]] == ["G1", "G2"]


def test_empty_and_wide_sheets(book: Broken) -> None:
    """A sheet with nothing on it is an empty table; a format or a value in the last column of Excel is no trouble."""
    book.excel["stockpiles"].delete_rows(1, 10)
    lanes = book.excel["lanes"]
    lanes.cell(HEADER, 16384).value = "_far"
    lanes.cell(HEADER + 1, 16384).number_format = "0.00"
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    assert (workbook.rows["stockpiles"], len(workbook.rows["lanes"])) == ((), 3)


def test_a_required_table_without_rows(book: Broken) -> None:
    """A header alone is an empty table: an error where a row is required, at the first free cell."""
    book.excel["periods"].delete_rows(HEADER + 1, 5)
    book.excel["overrides"].delete_rows(HEADER + 1, 5)
    (issue,) = issues(book.save())
    assert (issue.sheet, issue.cell, issue.message) == ("periods", "A4", "The table periods is empty.")


def test_a_wrong_dimension(book: Broken) -> None:
    """Some programs write that a sheet ends at A1: its cells are read all the same."""
    path = with_xml(book, "lanes", '<dimension ref="[^"]*"', '<dimension ref="A1"')
    assert issues(path) == ()
    workbook = inspect(path).workbook
    assert workbook is not None
    assert [lane.mode for lane in workbook.rows["lanes"]] == ["road", "road", "road"]


def test_extensions_of_excel(book: Broken) -> None:
    """What Excel keeps beside the cells (lists of other sheets, rules of format) is passed over without a warning."""
    kept = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><a/></ext></extLst></worksheet>'
    path = with_xml(book, "lanes", "</worksheet>", kept)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert issues(path) == ()


def test_rows_and_cells_without_address(book: Broken) -> None:
    """Addresses are optional in the format: cells then follow one another."""
    row = "<row>" + "".join(f'<c t="str"><v>{text}</v></c>' for text in ("north", "in")) + "</row></sheetData>"
    workbook = inspect(with_xml(book, "groups", "</sheetData>", row)).workbook
    assert workbook is not None
    assert [(row.group, row.where.cells["group"]) for row in workbook.rows["groups"]] == [
        ("south", "A4"),
        ("north", "A5"),
    ]
