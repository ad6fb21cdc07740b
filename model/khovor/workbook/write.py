"""Writing a workbook an analyst can edit: titles, units, help, drop-downs and a guide, all from the declaration."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Excel
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table as ListObject
from openpyxl.worksheet.table import TableStyleInfo

from khovor.errors import WriteError
from khovor.workbook.column import Column
from khovor.workbook.guide import Section, write_guide
from khovor.workbook.lists import add_drop_downs, name_lists
from khovor.workbook.look import fit_for_print, font
from khovor.workbook.row import PROVENANCE
from khovor.workbook.tables import TABLES, Table, setting_columns

TITLE_ROW, UNIT_ROW, HEADER_ROW = 1, 2, 3
SPARE_ROWS = 500
"""Rows below the data that still get drop-downs."""

INPUT = font(color="0000FF")
HEAD_FILL = PatternFill("solid", fgColor="1F3864")
REQUIRED_FILL = PatternFill("solid", fgColor="7B2C2C")


def write(
    path: str | Path,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    settings: Mapping[str, object],
    settings_meta: Mapping[str, Mapping[str, object]] | None = None,
    title: str = "",
    guide: Sequence[Section] = (),
    only: Sequence[str] | None = None,
) -> None:
    """Write a complete workbook: guide, settings, and every table (or those in `only`, and whichever has rows).

    `tables` maps a table to rows (column -> value); `settings_meta` gives basis, low, high, source, note by key.
    Raises WriteError when the file exists already or cannot be written, ValueError for a table, column or setting that
    is not declared: it would be lost.
    """
    path = Path(path)
    rows = {**tables, "settings": _setting_rows(settings, settings_meta or {})}
    _refuse_undeclared(rows)
    if path.exists():
        raise WriteError(f"{path} exists already: choose another name, or remove it first.")
    excel = Excel()
    sheets = [name for name in TABLES if only is None or name in only or rows.get(name)]
    write_guide(excel.active, title, guide, sheets)
    for name in sheets:
        _sheet(excel, TABLES[name], rows.get(name, ()))
    name_lists(excel, sheets)
    _save(excel, path)


def _save(excel: Excel, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        excel.save(temporary)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise WriteError(f"{path} cannot be written: {error.strerror or error}.") from error


def _setting_rows(settings: Mapping[str, object], meta: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """Every declared setting, in order; what is not given is left blank, with its default in the help."""
    rows = []
    declared = setting_columns()
    if unknown := sorted({*settings, *meta} - set(declared)):
        raise ValueError(f"There is no setting {', '.join(unknown)}.")
    for key, column in declared.items():
        default = f" Default {column.blank_means}." if column.blank_means else ""
        row = {"key": key, "value": settings.get(key), "unit": column.unit, "help": column.help + default}
        rows.append({**row, **meta.get(key, {})})
    return rows


def _refuse_undeclared(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    for name, rows in tables.items():
        if name not in TABLES:
            raise ValueError(f"There is no table {name}.")
        declared = {column.name for column in TABLES[name].columns}
        if unknown := sorted({column for row in rows for column in row} - declared):
            raise ValueError(f"There is no column {', '.join(unknown)} in {name}.")


def _sheet(excel: Excel, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    sheet = excel.create_sheet(table.name)
    sheet.cell(TITLE_ROW, 1, f"{table.title}. {table.purpose}").font = font(bold=True, size=12)
    sheet.cell(TITLE_ROW, 1).alignment = Alignment(wrap_text=False)
    styles: dict[str, Any] = {}
    for i, column in enumerate(table.columns, 1):
        _head(sheet, i, column)
        for number, row in enumerate(rows, HEADER_ROW + 1):
            _value(sheet, number, i, column, row.get(column.name), styles)
        sheet.column_dimensions[get_column_letter(i)].width = _width(column, rows)
    last = HEADER_ROW + max(len(rows), 1)
    area = f"A{HEADER_ROW}:{get_column_letter(len(table.columns))}{last}"
    listed = ListObject(displayName=table.name, name=table.name, ref=area)
    listed.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(listed)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 2)
    sheet.sheet_view.zoomScale = 90
    fit_for_print(sheet)
    add_drop_downs(sheet, table, HEADER_ROW + 1, last + SPARE_ROWS)


def _head(sheet: Any, i: int, column: Column) -> None:
    sheet.cell(UNIT_ROW, i, column.unit or None).font = font(italic=True, color="7F7F7F")
    head = sheet.cell(HEADER_ROW, i, column.name)
    head.font = font(bold=True, color="FFFFFF")
    head.fill = REQUIRED_FILL if column.required else HEAD_FILL
    note = Comment(_help(column), "khovor")
    note.width, note.height = 320, 40 + 18 * (len(_help(column)) // 44 + 1)
    head.comment = note


def _help(column: Column) -> str:
    blank = f"Blank = {column.blank_means}." if column.blank_means else "May be blank."
    return f"{column.help}\nExpected: {column.expected}.\n{'Required.' if column.required else blank}"


def _value(sheet: Any, row: int, i: int, column: Column, value: object, styles: dict[str, Any]) -> None:
    if value is None or value == "" or value == ():
        return
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, (list, tuple, set, frozenset)):
        value = "; ".join(str(v) for v in value)
    elif isinstance(value, float) and not math.isfinite(value):
        value = str(value)  # Excel has no such number, and openpyxl would leave the cell blank: the reader refuses it
    cell = sheet.cell(row, i, value)
    if isinstance(value, str):
        cell.data_type = "s"
    _style(cell, _number_format(column, float(value)) if isinstance(value, (int, float)) else "General", styles)


def _style(cell: Any, number_format: str, styles: dict[str, Any]) -> None:
    """The look of an input. openpyxl looks a style up anew for each cell, most of the time of a large table."""
    if number_format not in styles:
        cell.font, cell.number_format = INPUT, number_format
        styles[number_format] = cell._style
    cell._style = styles[number_format]


def _number_format(column: Column, value: float) -> str:
    if column.kind == "integer" or column.unit == "year":
        return "0"
    if abs(value) >= 100:
        return "#,##0.##" if value != int(value) else "#,##0"
    return "General"


def _width(column: Column, rows: Sequence[Mapping[str, object]]) -> float:
    longest = max((len(str(row.get(column.name) or "")) for row in rows), default=0)
    most = 40 if column.name in PROVENANCE else 34
    return float(min(max(len(column.name) + 4, longest + 2, 9), most))
