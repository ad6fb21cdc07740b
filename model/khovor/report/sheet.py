"""A results sheet: title, notes, formatted tables and native charts. Text from the input is always written as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

DARK, MID, LIGHT = "1F3864", "8EA9DB", "F2F5FB"
HEAD = PatternFill("solid", fgColor=DARK)
BAND = PatternFill("solid", fgColor=LIGHT)
LINE = Border(bottom=Side(style="thin", color="D9D9D9"))

TONNES, MONEY, SHARE, YEAR, PLAIN, SMALL = "#,##0", "#,##0.0", "0.0%", "0", "General", "0.0E+00"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table: its title (unit in it), number format and width."""

    title: str
    format: str = PLAIN
    width: float = 14.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a table was put: first and last data row, first and last column."""

    top: int
    bottom: int
    left: int
    right: int


class Page:
    """One sheet being written from the top down."""

    def __init__(self, excel: Any, name: str, title: str, note: str = "") -> None:
        self.sheet = excel.create_sheet(name)
        self.sheet.sheet_view.showGridLines = False
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToWidth, self.sheet.page_setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.row = 1
        self.line(title, Font(bold=True, size=15, color=DARK))
        if note:
            self.line(note, Font(italic=True, color="595959"))
        self.row += 1

    def line(self, text: str, font: Font | None = None, column: int = 1) -> int:
        """A line of text; returns its row."""
        self._write(self.row, column, text).font = font or Font()
        self.row += 1
        return self.row - 1

    def heading(self, text: str) -> None:
        """A section heading."""
        self.row += 1
        self.line(text, Font(bold=True, size=12, color=DARK))

    def fact(self, name: str, value: object, number_format: str = PLAIN, bold: bool = False) -> int:
        """A name and its value side by side; returns the row."""
        self._write(self.row, 1, name).font = Font(color="595959")
        cell = self._write(self.row, 2, value)
        cell.number_format, cell.alignment = number_format, Alignment(horizontal="left")
        cell.font = Font(bold=bold)
        self.row += 1
        return self.row - 1

    def table(self, heads: Sequence[Head], rows: Sequence[Sequence[object]], freeze: bool = False) -> Placed:
        """A table with a header; with `freeze` the panes above and a filter are set for it."""
        top = self.row
        for i, head in enumerate(heads, 1):
            cell = self._write(top, i, head.title)
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            letter = get_column_letter(i)
            self.sheet.column_dimensions[letter].width = max(
                head.width, self.sheet.column_dimensions[letter].width or 0
            )
        for r, row in enumerate(rows, top + 1):
            for i, (head, value) in enumerate(zip(heads, row, strict=True), 1):
                cell = self._write(r, i, value)
                cell.border = LINE
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    cell.number_format = head.format
        bottom = top + max(len(rows), 1)
        if not rows:
            self._write(top + 1, 1, "none").font = Font(italic=True, color="7F7F7F")
        if freeze:
            self.sheet.freeze_panes = self.sheet.cell(top + 1, 2)
            self.sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(heads))}{bottom}"
        self.row = bottom + 2
        return Placed(top + 1, bottom, 1, len(heads))

    def formula(self, row: int, column: int, formula: str, number_format: str = PLAIN) -> Any:
        """A live formula of our own."""
        cell = self.sheet.cell(row, column, formula)
        cell.number_format = number_format
        return cell

    def _write(self, row: int, column: int, value: object) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            value = "unknown"
        cell = self.sheet.cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        return cell

    def bars(
        self,
        placed: Placed,
        columns: Sequence[int],
        title: str,
        unit: str,
        at: str,
        stacked: bool = False,
        flat: bool = False,
    ) -> None:
        """A native bar chart of some columns of a table, the first column being the categories."""
        chart = BarChart()
        chart.type = "bar" if flat else "col"
        chart.grouping, chart.overlap = ("stacked", 100) if stacked else ("clustered", 0)
        self._chart(chart, placed, columns, title, unit, at)

    def lines(self, placed: Placed, columns: Sequence[int], title: str, unit: str, at: str) -> None:
        """A native line chart."""
        self._chart(LineChart(), placed, columns, title, unit, at)

    def _chart(self, chart: Any, placed: Placed, columns: Sequence[int], title: str, unit: str, at: str) -> None:
        chart.title, chart.y_axis.title = title, unit
        chart.height, chart.width = 8.5, 17
        chart.x_axis.delete, chart.y_axis.delete = False, False
        for column in columns:
            chart.add_data(
                Reference(self.sheet, min_col=column, min_row=placed.top - 1, max_row=placed.bottom),
                titles_from_data=True,
            )
        chart.set_categories(Reference(self.sheet, min_col=placed.left, min_row=placed.top, max_row=placed.bottom))
        if len(columns) == 1:
            chart.legend = None
        self.sheet.add_chart(chart, at)
