"""Native Excel charts of tables on the sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties

from khovor.report.sheets.page import Page, Placed

COLOURS: Final = ("1F4E79", "C55A11", "548235", "7F6000", "7030A0", "2E75B6", "A6A6A6")
"""One colour a series; the last is for what is left over."""

ROW_CM: Final = 0.53
"""Height of a sheet row."""


def bars(
    page: Page,
    placed: Placed,
    columns: Sequence[int],
    title: str,
    unit: str,
    at: str,
    *,
    stacked: bool = False,
    flat: bool = False,
    size: tuple[float, float] = (18.0, 9.0),
) -> int:
    """A bar chart of some columns of a table, its first column being the categories; returns the rows it covers.

    `flat` bars lie, the first row on top; `size` is width and height in cm.
    """
    chart: Any = BarChart()
    chart.type = "bar" if flat else "col"
    chart.grouping, chart.overlap = ("stacked", 100) if stacked else ("clustered", 0)
    chart.gapWidth = 50
    chart.width, chart.height = size
    for column in columns:
        data = Reference(page.sheet, min_col=column, min_row=placed.top - 1, max_row=placed.bottom)
        chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(page.sheet, min_col=1, min_row=placed.top, max_row=placed.bottom))
    _coloured(chart)
    _titled(chart, f"{title} [{unit}]")
    _axes(chart, flat)
    chart.legend = None if len(columns) == 1 else chart.legend
    if chart.legend is not None:
        chart.legend.position = "b" if len(columns) <= 3 else "r"
    page.sheet.add_chart(chart, at)
    return int(size[1] / ROW_CM) + 2


def years_across(page: Page, head: int, rows: Sequence[tuple[int, str]], columns: tuple[int, int], at: str) -> int:
    """Bars of some rows (row, title) over the years that stand in row `head`; returns the rows it covers."""
    chart: Any = BarChart()
    chart.type, chart.grouping, chart.overlap = "col", "clustered", 0
    chart.gapWidth, chart.width, chart.height = 50, 26.0, 9.0
    first, last = columns
    for row, title in rows:
        data = Reference(page.sheet, min_col=first, max_col=last, min_row=row, max_row=row)
        chart.series.append(Series(data, title=title))
    chart.set_categories(Reference(page.sheet, min_col=first, max_col=last, min_row=head, max_row=head))
    _coloured(chart)
    _titled(chart, "Cash flow by year [MUSD]")
    _axes(chart, False)
    chart.legend = None if len(rows) == 1 else chart.legend
    page.sheet.add_chart(chart, at)
    return int(9.0 / ROW_CM) + 2


def curve(page: Page, placed: Placed, x: int, y: int, titles: tuple[str, str], at: str) -> None:
    """A curve of one column of a table against another (1 = first), marked at each row that has both."""
    chart: Any = ScatterChart()
    chart.style, chart.scatterStyle = 13, "lineMarker"
    chart.width, chart.height = 24.0, 11.0
    across, up = (Reference(page.sheet, min_col=column, min_row=placed.top, max_row=placed.bottom) for column in (x, y))
    series = Series(up, across, title=titles[1])
    series.smooth = False  # a smoothed line rises and falls between points where nothing was solved
    series.marker.symbol, series.marker.size = "circle", 7
    series.marker.graphicalProperties = GraphicalProperties(solidFill=COLOURS[0])
    series.graphicalProperties.line.solidFill = COLOURS[0]
    chart.series.append(series)
    _titled(chart, f"{titles[1]} against {titles[0]}")
    _axes(chart, flat=False)
    head = page.sheet.cell(placed.top, x)
    chart.x_axis.number_format, chart.x_axis.numFmt.sourceLinked = head.number_format, False
    chart.x_axis.title, chart.y_axis.title = titles
    chart.legend = None
    page.sheet.add_chart(chart, at)


def _coloured(chart: Any) -> None:
    for series, colour in zip(chart.series, COLOURS, strict=False):
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.graphicalProperties.line.solidFill = colour
        series.invertIfNegative = False


def _titled(chart: Any, title: str) -> None:
    chart.title = title
    style = CharacterProperties(sz=1200, b=True, solidFill="1F3864")
    for paragraph in chart.title.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=style)
        for run in paragraph.r or ():
            run.rPr = style
    chart.title.overlay = False


def _axes(chart: Any, flat: bool) -> None:
    small = RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=CharacterProperties(sz=900)), endParaRPr=None)])
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete, axis.txPr = False, small
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.number_format, chart.y_axis.numFmt.sourceLinked = "#,##0", False
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
    if flat:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"
