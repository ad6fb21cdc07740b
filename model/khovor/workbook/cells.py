"""One pass over a sheet's XML: rows that hold anything, formulas without value, merged cells, what stands far below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import iterparse
from xml.parsers import expat

from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import (
    FORMULA_TAG,
    INLINE_STRING,
    MERGE_TAG,
    ROW_TAG,
    SHEET_MAIN_NS,
    VALUE_TAG,
    WorkSheetParser,
    _cast_number,
)
from openpyxl.worksheet.merge import MergeCells

from khovor.workbook.names import is_blank
from khovor.workbook.parse import Uncached

BLANK_ROWS: Final = 20
"""Data end at the first run of so many blank rows."""

TEXT_TAG: Final = f"{{{SHEET_MAIN_NS}}}t"


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
        _refuse_entities(source)
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
        values = {column: value for column, value in cells if not is_blank(value)}
        if values:
            yield number, values


def _refuse_entities(source: Any) -> None:
    """Raises ValueError where a sheet declares entities, which stand before its first element and may grow for ever.

    What else is wrong with it is found when it is read, by the parser of the standard library that is written in C.
    """
    parser, begun = expat.ParserCreate(), []

    def refuse(*told: object) -> None:
        raise ValueError("it declares entities")

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda *told: begun.append(told)
    try:
        while not begun and (chunk := source.read(4096)):
            parser.Parse(chunk)
    except expat.ExpatError:
        return


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser, which reads values only, told to notice formulas that have none.

    A number, a text or a shared text that stands alone in its cell, nearly all there is, is read without it.
    """

    def parse(self) -> Iterator[tuple[int, list[tuple[int, object]]]]:
        """Each row's number and cells, as (place, value)."""
        self.columns: dict[str, int] = {}
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                row = self.parse_row(element)
                element.clear()
                yield row
            elif element.tag == MERGE_TAG:
                self.merged_cells = MergeCells.from_tree(element)

    def parse_row(self, row: Any) -> tuple[int, list[tuple[int, object]]]:
        """A row's number and cells; formatted but empty cells, of which there may be a million, are passed over."""
        cells = list(row) if any(len(cell) for cell in row) else []
        del row[:]
        number, _ = super().parse_row(row)
        return number, [self._plain(cell) or self._other(cell) for cell in cells]

    def _plain(self, element: Any) -> tuple[int, object] | None:
        """Place and value of a cell as most are; None for any other."""
        coordinate, kind = element.get("r"), element.get("t", "n")
        if coordinate is None or len(element) != 1:
            return None
        inner = element[0]
        if kind == "inlineStr" and inner.tag == INLINE_STRING and len(inner) == 1 and inner[0].tag == TEXT_TAG:
            return self._place(coordinate), inner[0].text
        if kind not in ("n", "s") or inner.tag != VALUE_TAG or not inner.text:
            return None
        if kind == "s":
            return self._place(coordinate), self.shared_strings[int(inner.text)]
        style = int(element.get("s", 0))
        if style in self.date_formats or style in self.timedelta_formats:
            return None
        try:
            return self._place(coordinate), _cast_number(inner.text)
        except ValueError:
            return None

    def _place(self, coordinate: str) -> int:
        letters = coordinate.rstrip("0123456789")
        if letters not in self.columns:
            self.columns[letters] = coordinate_to_tuple(coordinate)[1]
        self.col_counter: int = self.columns[letters]
        return self.col_counter

    def _other(self, element: Any) -> tuple[int, object]:
        """Place and value of any cell; what is no number (another program's NaN) is kept, to be refused."""
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except ValueError:
            return self.col_counter, element.findtext(VALUE_TAG)
        value = cell["value"]
        empty_text = element.get("t") == "str"
        if value is None and not empty_text and (formula := element.find(FORMULA_TAG)) is not None:
            value = Uncached("=" + (formula.text or ""))
        return cell["column"], value
