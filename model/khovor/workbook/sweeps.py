"""The table `sweeps`: what-ifs as changes, each row refused at its own cells when it cannot be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from khovor.errors import Issue
from khovor.workbook.address import Misdirected, rows_at
from khovor.workbook.change import Change, changed_cell, new_change
from khovor.workbook.column import Column
from khovor.workbook.names import folded, nearest
from khovor.workbook.parse import Bad, parse
from khovor.workbook.raw import RawBook
from khovor.workbook.references import valid_names
from khovor.workbook.support import Sweep
from khovor.workbook.typed import TypedBook, TypedRow

BASE: Final = "base"
"""The run of every study in which nothing is changed: it comes first, and no what-if may have its name."""

WHATIFS: Final = ("sweeps",)
"""The table of what-ifs: no run needs it, for each is told the changes it is to make."""

Studies = Mapping[str, Mapping[str, tuple[Change, ...]]]
"""Study -> what-if -> the changes that make it, all in the order of the sheet."""


def studies(rows: Iterable[Sweep]) -> Studies:
    """The studies of the rows of a sound table `sweeps`."""
    found: dict[str, dict[str, tuple[Change, ...]]] = defaultdict(dict)
    for row in rows:
        told = (row.table, row.row, row.column)
        change = new_change(*told, _typed(row.value, row.factor), is_factor=row.factor is not None)
        found[row.study][row.name] = (*found[row.study].get(row.name, ()), change)
    return dict(found)


def check_sweeps(raw: RawBook, book: TypedBook) -> None:
    """Note every row of `sweeps` that could not be applied, as if its value were typed into the cell it names."""
    for row in book.tables["sweeps"]:
        try:
            _check(raw, book, row)
        except Misdirected as wrong:
            place = (row.where.sheet, row.cell(wrong.part), wrong.found, wrong.expected)
            message = f"{wrong.part}: {wrong.message}."
            if not row.bad & {wrong.part}:
                book.issues.append(Issue(*place, message, wrong.nearest))


def _check(raw: RawBook, book: TypedBook, row: TypedRow) -> None:
    values = row.values
    if values.get("name") and folded(values["name"]) == BASE:
        message = f"name: '{BASE}' is the run in which nothing is changed: give the what-if another name."
        book.refuse(row, "name", values["name"], f"a name other than {BASE}", message)
    value, factor = values.get("value"), values.get("factor")
    if not row.bad & {"value", "factor"}:
        _one_of_both(value, factor)
    if row.bad:
        return
    if folded(values["table"]) == "sweeps":
        raise Misdirected("table", values["table"], "another table", "a what-if cannot change the what-ifs")
    text = _typed(value, factor)
    change = new_change(values["table"], values["row"], values["column"], text, is_factor=factor is not None)
    for place in rows_at(raw, change.at):
        held = next((r for r in book.tables.get(change.table, ()) if r.where.row == place.number), None)
        if held is None or change.column not in held.bad:  # a cell that cannot be read has been told of itself
            _fits(change, change.at.declared, changed_cell(change, place))
            _is_known(book, change, held)
    if change.table == "settings" and not change.is_factor:
        _fits(change, change.at.declared, change.value)


def _one_of_both(value: str | None, factor: float | None) -> None:
    if value is None and factor is None:
        raise Misdirected("value", "blank", "a value, or a factor", "neither a value nor a factor is given")
    if value is not None and factor is not None:
        raise Misdirected("factor", f"{factor:g}", "blank", "both a value and a factor are given")


def _typed(value: str | None, factor: float | None) -> str:
    return repr(float(factor)) if factor is not None else str(value)


def _fits(change: Change, column: Column, value: object) -> None:
    """What a cell would hold is what its column takes."""
    result = parse(column, value)
    if isinstance(result, Bad):
        near = nearest(result.found, column.choices) if column.choices else ""
        where = f"{result.message} in {change.at}"
        raise Misdirected("factor" if change.is_factor else "value", result.found, column.expected, where, near)


def _is_known(book: TypedBook, change: Change, row: TypedRow | None) -> None:
    """A name that is put into a cell of names is one of those that may stand there."""
    column = change.at.declared
    if row is None or not (column.ref or column.ref_by):
        return
    given: Any = parse(column, change.value)
    valid = valid_names(book, column, row)
    for name in (given if isinstance(given, tuple) else (given,)) if valid else ():
        if folded(name) not in map(folded, valid):
            message = f"'{name}' is not a name that may stand in {change.at}"
            raise Misdirected("value", name, column.expected, message, nearest(name, valid))
