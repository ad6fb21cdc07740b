"""Names found elsewhere: every reference column, made to the spelling of the table that defines the name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from khovor.errors import Issue
from khovor.workbook.column import Column
from khovor.workbook.names import folded, imitates, lookalike, nearest
from khovor.workbook.tables import DEFINING, TABLES, setting_columns
from khovor.workbook.typed import TypedBook, TypedRow


def resolve_references(book: TypedBook) -> None:
    """Check and canonicalise every name; what is dangling becomes an issue with the nearest name.

    Where a table that is referred to has no names at all, that is said once for each column that refers to it.
    """
    _spell_alike(book)
    known = _Known(book)
    for name, table in TABLES.items():
        for column in table.columns:
            if column.ref or column.ref_by:
                _resolve_column(book, known, column, book.tables.get(name, ()))
    _resolve_settings(book, known)


def valid_names(book: TypedBook, column: Column, row: TypedRow) -> tuple[str, ...]:
    """The names that may stand in a column of this row, where only such names may; empty where any text may."""
    known, shared = _Known(book), str(row.values.get(column.within) or "") if column.within else ""
    if column.beyond:
        return ()
    return tuple(n for target in _targets(column, row) for n in known.names(target, column.within, shared).values())


def _spell_alike(book: TypedBook) -> None:
    """A name that stands in several rows of the column that defines it is spelt as in the first of them."""
    for place in DEFINING:
        table, _, column = place.partition(".")
        first: dict[str, str] = {}
        for row in book.tables.get(table, ()):
            value = row.values.get(column)
            if isinstance(value, str):
                row.values[column] = first.setdefault(folded(value), value)
            elif isinstance(value, tuple):
                row.values[column] = tuple(first.setdefault(folded(v), v) for v in value)


def _match(name: str) -> str:
    """What two names, or two `node:product` pairs, are compared by."""
    return ":".join(map(folded, name.split(":")))


class _Known:
    """Valid names by `table.column` (and the value of the shared column, where asked), folded -> spelling."""

    def __init__(self, book: TypedBook) -> None:
        self._book = book
        self._cache: dict[tuple[str, str, str], dict[str, str]] = {}

    def names(self, target: str, within: str = "", shared: str = "") -> Mapping[str, str]:
        key = (target, within, folded(shared))
        if key not in self._cache:
            self._cache[key] = {_match(v): v for v in self._values(target, within, shared)}
        return self._cache[key]

    def _values(self, target: str, within: str, shared: str) -> Iterable[str]:
        table, _, column = target.partition(".")
        parts = column.split(":")
        for row in self._book.tables.get(table, ()):
            elsewhere = shared and folded(str(row.values.get(within) or "")) != folded(shared)
            if elsewhere or row.bad.intersection(parts):
                continue
            values = [row.values.get(part) for part in parts]
            if isinstance(values[0], tuple):
                yield from values[0]
            elif all(values):
                yield ":".join(map(str, values))


def _targets(column: Column, row: TypedRow) -> tuple[str, ...]:
    if not column.by:
        return column.ref
    chosen = row.values.get(column.by)
    return next((targets for choice, targets in column.ref_by if choice == chosen), ())


def _resolve_column(book: TypedBook, known: _Known, column: Column, rows: Iterable[TypedRow]) -> None:
    lost: dict[str, list[TypedRow]] = {}
    spelt: dict[tuple[object, ...], object] = {}
    for row in rows:
        value, targets = row.values.get(column.name), _targets(column, row)
        if not targets or value in (None, ()) or column.name not in row.given or row.bad & {column.name, column.within}:
            continue
        empty = tuple(target for target in targets if not known.names(target))
        if empty and not column.beyond and not _elsewhere(known, value, targets):
            lost.setdefault(_tables(empty), []).append(row)
            row.bad.add(column.name)
            continue
        met = value, targets, row.values.get(column.within) if column.within else None
        if met in spelt:
            row.values[column.name] = spelt[met]
            continue
        issues = len(book.issues)
        _resolve(book, known, column, row, targets)
        if len(book.issues) == issues:
            spelt[met] = row.values[column.name]
    for where, unresolved in lost.items():
        _say_lost(book, column, where, unresolved)


def _elsewhere(known: _Known, value: Any, targets: tuple[str, ...]) -> bool:
    """Whether every name is in one of the tables that do have names."""
    valid = {name for target in targets for name in known.names(target)}
    return all(_match(name) in valid for name in (value if isinstance(value, tuple) else (value,)))


def _resolve(book: TypedBook, known: _Known, column: Column, row: TypedRow, targets: tuple[str, ...]) -> None:
    value = row.values[column.name]
    shared = str(row.values.get(column.within) or "") if column.within else ""
    valid: dict[str, str] = {}
    for target in targets:
        valid |= known.names(target, column.within, shared)
    scope = f" for {column.within} {shared}" if shared else ""
    given = value if isinstance(value, tuple) else (value,)
    for name in given:
        if _match(name) not in valid:
            _say_dangling(book, column, row, name, valid, f"{_tables(targets)}{scope}")
    spelt = tuple(valid.get(_match(name), name) for name in given)
    row.values[column.name] = spelt if isinstance(value, tuple) else spelt[0]


def _tables(targets: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(target.partition(".")[0] for target in targets))


def _say_dangling(
    book: TypedBook, column: Column, row: TypedRow, name: str, valid: Mapping[str, str], where: str
) -> None:
    wrong, near = imitates(name, valid.values()), nearest(name, valid.values())
    wrong = wrong or (lookalike(name) if column.beyond else "")
    message = f"{column.name}: '{name}' is not in {where}" + (f": {wrong}" if wrong else "") + "."
    place = (row.where.sheet, row.cell(column.name), name, column.expected)
    if not column.beyond or wrong:
        book.issues.append(Issue(*place, message, near))
        row.bad.add(column.name)
    elif near := nearest(name, valid.values(), _MEANT):
        book.issues.append(Issue(*place, f"{message[:-1]}, and is taken for another name.", near, severity="warning"))


_MEANT = 0.75
"""How alike a name from beyond the list and one of it must be for a word of warning."""


def _say_lost(book: TypedBook, column: Column, where: str, rows: list[TypedRow]) -> None:
    value: Any = rows[0].values[column.name]
    name = "; ".join(value) if isinstance(value, tuple) else str(value)
    others = f" (and {len(rows) - 1} other cell(s))" if len(rows) > 1 else ""
    message = f"{column.name}: '{name}'{others} is not in {where}, which holds no name: is its sheet there?"
    book.issues.append(Issue(rows[0].where.sheet, rows[0].cell(column.name), name, column.expected, message))


def _resolve_settings(book: TypedBook, known: _Known) -> None:
    for key, column in setting_columns().items():
        value = book.settings.get(key)
        if not column.ref or not value:
            continue
        valid = {k: v for target in column.ref for k, v in known.names(target).items()}
        if _match(value) in valid:
            book.settings[key] = valid[_match(value)]
            continue
        wrong, near = imitates(value, valid.values()), nearest(value, valid.values())
        message = f"{key}: '{value}' is not a territory of any node" + (f": {wrong}" if wrong else "") + "."
        cell = book.places[key].cells.get("value", "") if key in book.places else ""
        book.issues.append(Issue("settings", cell, value, column.expected, message, near))
