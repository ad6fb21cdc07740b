"""One pass over a sheet's XML: rows that hold anything, formulas without value, merged cells, what stands far below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from khovor.workbook.names import is_blank
from khovor.workbook.parse import Uncached

BLANK_ROWS: Final = 20
"""Data end at the first run of so many blank rows."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What stands on a sheet: `rows` maps row number -> place (1 = A) -> value, blank cells left out.

    `merged` lists ranges such as A3:B4; `below` is the first row with values after the end of the data, or 0.
    """

    rows: Mapping[int, Mapping[int, object]]
    merged: tuple[str, ...]
    below: int


def read_cells(excel: Any, sheet: Any) -> Cells:
    """Read a worksheet of a read-only openpyxl workbook."""
    # The sheet's own <dimension> is not trusted: some programs write it wrong, and openpyxl then drops cells.
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=excel.epoch,
            date_formats=excel._date_formats,
            timedelta_formats=excel._timedelta_formats,
        )
        rows: dict[int, Mapping[int, object]] = {}
        below = last = 0
        for number, values in _filled(parser):
            if number - last <= BLANK_ROWS:
                rows[number], last = values, number
            elif not below:
                below = number
        merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
        return Cells(rows, tuple(area.ref for area in merged), below)


def _filled(parser: _Parser) -> Iterator[tuple[int, dict[int, object]]]:
    """Rows with at least one cell that is not blank; a text of spaces is blank."""
    for number, cells in parser.parse():
        values = {cell["column"]: cell["value"] for cell in cells if not is_blank(cell["value"])}
        if values:
            yield number, values


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser, which reads values only, told to notice formulas that have none."""

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        """A row's number and cells; formatted but empty cells, of which there may be a million, are passed over."""
        if not any(len(cell) for cell in row):
            del row[:]
        parsed: tuple[int, list[dict[str, Any]]] = super().parse_row(row)
        return parsed

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """A cell; a number that is none (a NaN written by another program) is kept as text, to be refused later."""
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except ValueError:
            return {"row": self.row_counter, "column": self.col_counter, "value": element.findtext(VALUE_TAG)}
        empty_text = element.get("t") == "str"
        if cell["value"] is None and not empty_text and (formula := element.find(FORMULA_TAG)) is not None:
            cell["value"] = Uncached("=" + (formula.text or ""))
        return cell
