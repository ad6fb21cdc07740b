"""Names found elsewhere: every reference column, made to the spelling of the table that defines the name."""

from __future__ import annotations

from collections.abc import Iterable

from khovor.errors import Issue
from khovor.workbook.column import Column
from khovor.workbook.names import folded, imitates, nearest
from khovor.workbook.tables import TABLES, setting_columns
from khovor.workbook.typed import TypedBook, TypedRow


def resolve_references(book: TypedBook) -> None:
    """Check and canonicalise every reference; what is dangling becomes an issue with the nearest name."""
    known = _Known(book)
    for name, table in TABLES.items():
        for row in book.tables.get(name, ()):
            for column in table.columns:
                _resolve(book, known, column, row)
    _resolve_settings(book, known)


class _Known:
    """Valid names by `table.column` (and the value of the shared column, where asked), folded -> spelling."""

    def __init__(self, book: TypedBook) -> None:
        self._book = book
        self._cache: dict[tuple[str, str, str], dict[str, str]] = {}

    def names(self, target: str, within: str, shared: str) -> dict[str, str]:
        key = (target, within, folded(shared))
        if key not in self._cache:
            self._cache[key] = {folded(v): v for v in self._values(target, within, shared)}
        return self._cache[key]

    def _values(self, target: str, within: str, shared: str) -> Iterable[str]:
        table, _, column = target.partition(".")
        parts = column.split(":")
        for row in self._book.tables.get(table, ()):
            if within and folded(str(row.values.get(within) or "")) != folded(shared):
                continue
            values = [row.values.get(part) for part in parts]
            if all(isinstance(v, str) and v for v in values):
                yield ":".join(str(v) for v in values)


def _targets(column: Column, row: TypedRow) -> tuple[str, ...]:
    if not column.by:
        return column.ref
    chosen = row.values.get(column.by)
    return next((targets for choice, targets in column.ref_by if choice == chosen), ())


def _resolve(book: TypedBook, known: _Known, column: Column, row: TypedRow) -> None:
    value, targets = row.values.get(column.name), _targets(column, row)
    if not targets or value in (None, ()) or column.name in row.bad or column.name not in row.given:
        return
    shared = str(row.values.get(column.within) or "") if column.within else ""
    valid: dict[str, str] = {}
    for target in targets:
        valid |= known.names(target, column.within, shared)
    given = value if isinstance(value, tuple) else (value,)
    spelt = tuple(_spelling(book, column, row, name, valid, targets) for name in given)
    row.values[column.name] = spelt if isinstance(value, tuple) else spelt[0]


def _spelling(
    book: TypedBook, column: Column, row: TypedRow, name: str, valid: dict[str, str], targets: tuple[str, ...]
) -> str:
    if folded(name) in valid:
        return valid[folded(name)]
    wrong = imitates(name, valid.values())
    where = " or ".join(dict.fromkeys(target.partition(".")[0] for target in targets))
    message = f"{column.name}: '{name}' is not in {where}" + (f": {wrong}" if wrong else "") + "."
    near = nearest(name, valid.values())
    book.issues.append(Issue(row.where.sheet, row.cell(column.name), name, column.expected, message, near))
    row.bad.add(column.name)
    return name


def _resolve_settings(book: TypedBook, known: _Known) -> None:
    for key, column in setting_columns().items():
        value = book.settings.get(key)
        if not column.ref or not value:
            continue
        valid = {k: v for target in column.ref for k, v in known.names(target, "", "").items()}
        if folded(value) in valid:
            book.settings[key] = valid[folded(value)]
            continue
        message = f"{key}: '{value}' is not a territory of any node."
        cell = book.places[key].cells.get("value", "") if key in book.places else ""
        near = nearest(value, valid.values())
        book.issues.append(Issue("settings", cell, value, column.expected, message, near))
