"""Drop-downs, and the named lists they show: the live column of the other table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook as Excel
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from khovor.workbook.column import Column
from khovor.workbook.tables import TABLES, Table, setting_columns


def add_drop_downs(sheet: Any, table: Table, first: int, last: int) -> None:
    """A list on rows `first` to `last` of every column that has one, and on the value of every setting that has one."""
    for place, column in enumerate(table.columns, 1):
        letter = get_column_letter(place)
        _add(sheet, table, column, f"{letter}{first}:{letter}{last}", first)
    if table.name == "settings":
        for row, column in enumerate(setting_columns().values(), first):
            _add(sheet, table, column, f"B{row}", row)


def _add(sheet: Any, table: Table, column: Column, area: str, first: int) -> None:
    formula = _formula(table, column, first)
    if formula is None:
        return
    strict = not column.by and not column.beyond and column.kind != "names" and len(column.ref) < 2
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=strict)
    rule.errorTitle, rule.error = column.name, f"Expected: {column.expected}."[:250]
    rule.add(area)
    sheet.add_data_validation(rule)


def _formula(table: Table, column: Column, first: int) -> str | None:
    if column.choices:
        return '"' + ",".join(column.choices) + '"'
    if column.kind == "yesno":
        return '"yes,no"'
    if column.by:
        chosen = next(place for place, c in enumerate(table.columns, 1) if c.name == column.by)
        return f'INDIRECT("pick_"&${get_column_letter(chosen)}{first})'
    return _list_name(column.ref[0]) if column.ref else None


def _list_name(target: str) -> str:
    """The defined name of a list: `nodes.node` is list_nodes_node."""
    return "list_" + target.replace(".", "_")


def name_lists(excel: Excel, sheets: Sequence[str]) -> None:
    """Name the columns that drop-downs show, and those that depend on a type (`pick_<type>`)."""
    wanted: dict[str, str] = {}
    for column in _columns(sheets):
        for target in column.ref:
            wanted[_list_name(target)] = target
        for choice, targets in column.ref_by:
            wanted.setdefault(f"pick_{choice}", targets[0])
    for listed, target in wanted.items():
        table, _, column_name = target.partition(".")
        if table in sheets:
            excel.defined_names[listed] = DefinedName(listed, attr_text=f"{table}[{column_name}]")


def _columns(sheets: Sequence[str]) -> Iterable[Column]:
    yield from (column for name in sheets for column in TABLES[name].columns)
    yield from setting_columns().values()
