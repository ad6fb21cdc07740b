"""The guide sheet: what the workbook is, how to edit it, what each table is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink

from khovor.workbook.look import fit_for_print, font
from khovor.workbook.tables import TABLES


class Section(NamedTuple):
    """A heading and its paragraphs, each a row of the guide."""

    heading: str
    paragraphs: Sequence[str]


EDITING = Section(
    "How to edit",
    (
        "One workbook is one case; each sheet is a table of the same name. Type in blue cells; headers in dark red are "
        "required, the others may stay blank. Hover over a header to read what the column means.",
        "Units stand above each header and are never typed into a cell. Money is real US dollars of the base year. "
        "Blank capacity means unlimited; 0 means shut.",
        "Cells with a list offer the names of the other table as it stands. To add rows, type below the last one.",
        "A sheet or column whose name starts with _ is yours: khovor leaves it alone.",
        "basis, low, high, source and note say how a figure is known; they are carried to the results.",
    ),
)

COMMANDS = Section(
    "Commands",
    (
        "khovor check WORKBOOK          lists every error, warning and default in use; never solves",
        "khovor solve WORKBOOK          checks, solves, verifies, writes the results folder",
        "khovor solve WORKBOOK --set settings[discount_rate].value=0.10      the same with one cell changed",
        "khovor solve --help            all options",
    ),
)


def write_guide(sheet: Any, title: str, sections: Sequence[Section], tables: Sequence[str]) -> None:
    """Fill the guide sheet: the case's own sections first, then how to edit, commands, tables and colours."""
    sheet.title = "Guide"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 120
    sheet.sheet_view.showGridLines = False
    fit_for_print(sheet)
    row = _line(sheet, 1, title or "A khovor case", font(bold=True, size=16)) + 1
    for section in (*sections, EDITING, COMMANDS):
        row = _line(sheet, row, section.heading, font(bold=True, size=12, color="1F3864"))
        for paragraph in section.paragraphs:
            row = _paragraph(sheet, row, paragraph)
        row += 1
    row = _line(sheet, row, "Tables", font(bold=True, size=12, color="1F3864"))
    for name in tables:
        cell = sheet.cell(row, 1, name)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
        cell.font = font(color="0563C1", underline="single")
        row = _paragraph(sheet, row, TABLES[name].purpose)
    row = _line(sheet, row + 1, "Colours", font(bold=True, size=12, color="1F3864"))
    for colour, meaning in (("0000FF", "blue: an input you may change"), ("000000", "black: a formula")):
        row = _paragraph(sheet, row, meaning)
        sheet.cell(row - 1, 2).font = font(color=colour)
    row = _paragraph(sheet, row, "dark red header: required; dark blue header: may be blank")
    sheet.cell(row - 1, 1).fill = PatternFill("solid", fgColor="7B2C2C")


def _line(sheet: Any, row: int, text: str, style: Font) -> int:
    cell = sheet.cell(row, 1, text)
    cell.font, cell.data_type = style, "s"
    return row + 1


def _paragraph(sheet: Any, row: int, text: str) -> int:
    cell = sheet.cell(row, 2, text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[row].height = 15.0 * (len(text) // 125 + 1)
    return row + 1
