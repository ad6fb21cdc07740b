"""A results sheet: title, notes, sentences and formatted tables. Text from the input is always written as text."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname

from khovor.workbook.look import fit_for_print, font

DARK: Final = "1F3864"
GREY: Final = "595959"
HEAD: Final = PatternFill("solid", fgColor=DARK)
RED: Final = PatternFill("solid", bgColor="FFC7CE")
GREEN: Final = PatternFill("solid", bgColor="C6EFCE")
LINE: Final = Border(bottom=Side(style="thin", color="D9D9D9"))
TOP: Final = Border(top=Side(style="thin", color=DARK))

TONNES: Final = '#,##0;-#,##0;"-"'
MONEY: Final = '#,##0.0;-#,##0.0;"-"'
SHARE: Final = '0.0%;-0.0%;"-"'
YEAR: Final = "0"
PLAIN: Final = "General"
SMALL: Final = "0.0E+00"

WIDEST: Final = 75.0
"""Characters beyond which a column does not grow with its text."""

TEXT_HEIGHT: Final = 15.0

LETTER: Final = 0.97
"""Mean width of a letter in the unit of column widths, which is a digit."""

LONGEST: Final = 160
"""Letters of a line of text that runs over the columns."""

TALLEST: Final = 3
"""Lines of a wrapped cell that are shown; the rest can be read in the formula bar."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table: its title (unit in it), number format (PLAIN = text) and least width.

    `spills`: the last column of a table, whose text may run on beyond it. `wraps`: text goes on several lines.
    """

    title: str
    format: str = PLAIN
    width: float = 12.0
    spills: bool = False
    wraps: bool = False

    @property
    def numeric(self) -> bool:
        """Whether numbers stand in it."""
        return self.format != PLAIN


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a table was put: its sheet, first and last data row, number of columns."""

    sheet: str
    top: int
    bottom: int
    columns: int

    def column(self, place: int) -> str:
        """The data cells of a column (1 = first), as a formula names them."""
        letter = get_column_letter(place)
        return f"{quote_sheetname(self.sheet)}!${letter}${self.top}:${letter}${self.bottom}"

    def block(self, first: int, last: int) -> str:
        """The data cells of several columns, as a formula names them."""
        a, b = get_column_letter(first), get_column_letter(last)
        return f"{quote_sheetname(self.sheet)}!${a}${self.top}:${b}${self.bottom}"


class Page:
    """One sheet being written from the top down."""

    def __init__(self, sheet: Any, title: str, note: str = "") -> None:
        self.sheet = sheet
        sheet.sheet_view.showGridLines = False
        fit_for_print(sheet)
        sheet.freeze_panes = "A2"
        self.row = 1
        self._looks: dict[Hashable, Any] = {}
        self.line(title, font(bold=True, size=15, color=DARK))
        if note:
            self.paragraph(note, font(italic=True, color=GREY))
        self.row += 1

    def line(self, text: str, style: Font | None = None) -> int:
        """A line of text; returns its row."""
        self.write(self.row, 1, text).font = style or font()
        self.row += 1
        return self.row - 1

    def paragraph(self, text: str, style: Font | None = None) -> None:
        """A long text in lines that run over the columns, none longer than can be read at a glance or printed."""
        for line in textwrap.wrap(text, LONGEST):
            self.line(line, style)

    def heading(self, text: str) -> None:
        """A section heading."""
        self.line(text, font(bold=True, size=12, color=DARK))

    def sentence(self, text: str, columns: int, bold: bool = False) -> None:
        """A sentence across some columns, on as many lines as it needs; column widths must be set before."""
        cell = self.write(self.row, 1, text)
        cell.font, cell.alignment = font(bold=bold), Alignment(wrap_text=True, vertical="top")
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=columns)
        room = sum(self._width(column) for column in range(1, columns + 1))
        self.sheet.row_dimensions[self.row].height = TEXT_HEIGHT * math.ceil(LETTER * len(text) / room)
        self.row += 1

    def fact(self, name: str, value: object, number_format: str = PLAIN, bold: bool = False) -> int:
        """A name and its value side by side; returns the row."""
        self.write(self.row, 1, name).font = font(color=GREY)
        cell = self.write(self.row, 2, value)
        cell.number_format, cell.alignment, cell.font = number_format, Alignment(horizontal="left"), font(bold=bold)
        self.row += 1
        return self.row - 1

    def table(
        self, heads: Sequence[Head], rows: Sequence[Sequence[object]], main: bool = False, total: str = ""
    ) -> Placed:
        """A table with a header; `main`: panes are frozen above it and it has a filter; `total`: a live last line."""
        top = self.row
        for place, head in enumerate(heads, 1):
            self._widen(place, head, (row[place - 1] for row in rows))
        self.header(heads)
        for r, row in enumerate(rows, top + 1):
            for place, (head, value) in enumerate(zip(heads, row, strict=True), 1):
                self._body(r, place, head, value)
            self._raise(r, heads, row)
        bottom = top + max(len(rows), 1)
        if not rows:
            self.write(top + 1, 1, "none").font = font(italic=True, color=GREY)
        if main:
            self.sheet.freeze_panes = self.sheet.cell(top + 1, 2)
            self.sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(heads))}{bottom}"
            self.sheet.print_title_rows = f"{top}:{top}"
        placed = Placed(self.sheet.title, top + 1, bottom, len(heads))
        self.row = bottom + 1
        if total and rows:
            self._total(total, heads, placed)
        self.row += 1
        return placed

    def header(self, heads: Sequence[Head]) -> None:
        """The header of a table in the row that comes next, which stays the next."""
        lines = 1
        for place, head in enumerate(heads, 1):
            look = "header", head.numeric, place > 1
            self._dress(self.write(self.row, place, head.title), look, partial(_titled, head=head, place=place))
            lines = max(lines, math.ceil(LETTER * len(head.title) / self._width(place)))
        self.sheet.row_dimensions[self.row].height = TEXT_HEIGHT * lines + 3

    def _body(self, row: int, place: int, head: Head, value: object) -> None:
        cell = self.write(row, place, value)
        kind = "text" if isinstance(value, str) else "number" if _is_number(value) else ""
        look = head.format, head.wraps, place > 1, kind
        self._dress(cell, look, partial(_ruled, head=head, place=place, kind=kind))

    def _dress(self, cell: Any, look: Hashable, dressed: Callable[[Any], None]) -> None:
        """Give a cell a look: openpyxl compares every style set with all it knows, so what is known is copied."""
        if look in self._looks:
            cell._style = copy(self._looks[look])
        else:
            dressed(cell)
            self._looks[look] = copy(cell._style)

    def _raise(self, row: int, heads: Sequence[Head], values: Sequence[object]) -> None:
        """Make a row as tall as its wrapped texts need, within reason."""
        texts = [(h, v) for h, v in zip(heads, values, strict=True) if h.wraps and isinstance(v, str)]
        lines = max((math.ceil(LETTER * len(text) / head.width) for head, text in texts), default=0)
        if lines > 1:
            self.sheet.row_dimensions[row].height = TEXT_HEIGHT * min(lines, TALLEST)

    def _total(self, name: str, heads: Sequence[Head], placed: Placed) -> None:
        self.write(self.row, 1, name).font = font(bold=True)
        for place, head in enumerate(heads, 1):
            self.sheet.cell(self.row, place).border = TOP
            if head.format in (TONNES, MONEY):
                self.formula(self.row, place, f"=SUM({placed.column(place)})", head.format).font = font(bold=True)
        self.row += 1

    def _widen(self, place: int, head: Head, values: Iterable[object]) -> None:
        longest = 0 if head.spills or head.wraps else max((len(v) for v in values if isinstance(v, str)), default=0)
        wanted = max(head.width, min(longest + 2.0, WIDEST))
        self.sheet.column_dimensions[get_column_letter(place)].width = max(wanted, self._width(place))

    def _width(self, place: int) -> float:
        """The width of a column in characters, as far as it has been set."""
        letter = get_column_letter(place)
        return float(self.sheet.column_dimensions[letter].width) if letter in self.sheet.column_dimensions else 1.0

    def widths(self, by_letter: Mapping[str, float]) -> None:
        """Set columns to widths of their own, before anything stands in them."""
        for letter, width in by_letter.items():
            self.sheet.column_dimensions[letter].width = width

    def formula(self, row: int, column: int, formula: str, number_format: str = PLAIN) -> Any:
        """A live formula of our own."""
        cell = self.sheet.cell(row, column, formula)
        _plain(cell, number_format)
        return cell

    def across(self, row: int, first: int, values: Iterable[object], number_format: str, bold: bool = False) -> None:
        """Numbers and formulas of our own side by side, all of one look; None leaves a cell empty."""
        look, dressed = ("plain", number_format, bold), partial(_plain, number_format=number_format, bold=bold)
        for place, value in enumerate(values, first):
            if value is not None:
                self._dress(self.sheet.cell(row, place, value), look, dressed)

    def verdicts(self, cells: str) -> None:
        """Colour check cells by their word: red unless OK."""
        rules = self.sheet.conditional_formatting
        rules.add(cells, CellIsRule(operator="notEqual", formula=['"OK"'], fill=RED))
        rules.add(cells, CellIsRule(operator="equal", formula=['"OK"'], fill=GREEN))

    def write(self, row: int, column: int, value: object) -> Any:
        """A value; whatever begins like a formula stays text, and what is no number is told so."""
        if isinstance(value, float) and not math.isfinite(value):
            value = "unknown"
        cell = self.sheet.cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        return cell


def _plain(cell: Any, number_format: str, bold: bool = False) -> None:
    """Format and typeface; border and alignment stay as they are."""
    cell.number_format, cell.font = number_format, font(bold=bold)


def _titled(cell: Any, head: Head, place: int) -> None:
    cell.font, cell.fill = font(bold=True, color="FFFFFF"), HEAD
    cell.alignment = _side(head, place, vertical="center", wrap_text=True)


def _ruled(cell: Any, head: Head, place: int, kind: str) -> None:
    """A cell of a table: `kind` is number, text or neither."""
    cell.border = LINE
    if kind == "number":
        cell.number_format, cell.alignment = head.format, Alignment(horizontal="right", vertical="top")
    if kind == "text":
        cell.alignment = _side(head, place)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _side(head: Head, place: int, **style: Any) -> Alignment:
    """Text to the left, off the numbers before it; what stands in a column of numbers to the right."""
    style = {"wrap_text": head.wraps, "vertical": "top"} | style
    if head.numeric:
        return Alignment(horizontal="right", **style)
    return Alignment(horizontal="left", indent=int(place > 1), **style)
