"""Raw tables to typed values: cells parsed, required cells asked for, defaults noted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from khovor.errors import Issue
from khovor.workbook.column import Column
from khovor.workbook.names import clean, folded, imitates, lookalike, nearest
from khovor.workbook.parse import Bad, parse
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.row import PROVENANCE, Where
from khovor.workbook.tables import DEFINING, TABLES, Table, setting_columns


@dataclass(slots=True)
class TypedRow:
    """A row of parsed values by column name (blank = the default); `bad` are columns that could not be read."""

    where: Where
    values: dict[str, Any]
    given: frozenset[str]
    bad: set[str] = field(default_factory=set)

    def cell(self, column: str) -> str:
        """The cell of a column, or of the row's first cell."""
        return self.where.cells.get(column) or next(iter(self.where.cells.values()), f"row {self.where.row}")


@dataclass(slots=True)
class TypedBook:
    """All tables typed, the settings (values, places, provenance by key), and every issue and default met so far."""

    tables: dict[str, list[TypedRow]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    provenance: dict[str, dict[str, object]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    defaults: list[Issue] = field(default_factory=list)
    known: dict[tuple[str, str], dict[object, tuple[type, object]]] = field(default_factory=lambda: defaultdict(dict))
    """What cells without a fault were read as, by table and column: most values stand in many rows."""

    def refuse(self, row: TypedRow, column: str, found: str, expected: str, message: str) -> None:
        """Note an error at the cell of a column of a row."""
        self.say(row, column, found, expected, message)

    def say(self, row: TypedRow, column: str, found: str, expected: str, message: str, near: str = "") -> None:
        """Note an error, with the nearest valid name."""
        self.issues.append(Issue(row.where.sheet, row.cell(column), found, expected, message, near))


def typed(book: RawBook) -> TypedBook:
    """Parse every cell; nothing is dropped in silence."""
    found = TypedBook(issues=list(book.issues))
    for name, table in TABLES.items():
        raw = book.tables.get(name)
        rows = raw.rows if raw else []
        if table.required and not rows and not _explained(name, book):
            found.issues.append(_missing(table, raw))
        if name == "settings":
            _settings(rows, found, told=not rows)
        else:
            found.tables[name] = [_row(table.columns, row, name, found) for row in rows]
            _note_defaults(table, raw, found)
    return found


def _explained(name: str, book: RawBook) -> bool:
    """Whether it is said already why a table is not there: no header was found, or its sheet is misspelt."""
    return any(i.sheet == name or (not i.cell and i.nearest == name) for i in book.issues)


def _missing(table: Table, raw: RawTable | None) -> Issue:
    if raw is None:
        return Issue(table.name, "", "no such sheet", table.name, f"The table {table.name} is missing.")
    return Issue(table.name, f"A{raw.header + 1}", "no rows", "at least one row", f"The table {table.name} is empty.")


def _row(columns: Sequence[Column], raw: RawRow, sheet: str, found: TypedBook) -> TypedRow:
    row = TypedRow(Where(sheet, raw.number, dict(raw.cells)), {}, frozenset(raw.values))
    for column in columns:
        if column.name in raw.values:
            _cell(column, raw.values[column.name], row, found)
            continue
        row.values[column.name] = column.default
        if column.required:
            row.bad.add(column.name)
            if column.name in raw.cells:
                message = f"{column.name} is blank: {column.help}"
                found.issues.append(Issue(sheet, row.cell(column.name), "blank", column.expected, message))
    return row


def _cell(column: Column, value: object, row: TypedRow, found: TypedBook) -> None:
    known = found.known[row.where.sheet, column.name] if isinstance(value, (str, int, float)) else {}
    if value in known and known[value][0] is type(value):
        row.values[column.name] = known[value][1]
        return
    sheet, cell = row.where.sheet, row.cell(column.name)
    issues = len(found.issues)
    result = parse(column, value)
    row.values[column.name] = column.default if isinstance(result, Bad) else result
    if isinstance(result, Bad):
        found.issues.append(_misread(column, result, sheet, cell))
        row.bad.add(column.name)
    elif f"{sheet}.{column.name}" in DEFINING and not column.ref:
        for name in result if isinstance(result, tuple) else (str(result),):
            if wrong := lookalike(name):
                message = f"The name '{name}' cannot be told from another by eye: {wrong}."
                found.issues.append(Issue(sheet, cell, name, "letters of one alphabet in a word", message))
    if len(found.issues) == issues and isinstance(value, (str, int, float)):
        known[value] = type(value), result


def _misread(column: Column, bad: Bad, sheet: str, cell: str) -> Issue:
    near = nearest(bad.found, column.choices) if column.choices else ""
    return Issue(sheet, cell, bad.found, column.expected, f"{column.name}: {bad.message}.", near)


def _note_defaults(table: Table, raw: RawTable | None, found: TypedBook) -> None:
    """One line per column whose default stands in for blank cells."""
    for column in table.columns:
        if raw is None or not column.blank_means:
            continue
        blank = [row for row in raw.rows if column.name not in row.values]
        if blank:
            many = f"{len(blank)} blank cell(s)" if column.name in raw.columns else "no such column"
            cell = f"{raw.columns[column.name]}{blank[0].number}" if column.name in raw.columns else ""
            message = f"{column.name} = {column.blank_means} where it is blank."
            found.defaults.append(Issue(table.name, cell, many, column.blank_means, message, severity="warning"))


def _settings(rows: Sequence[RawRow], found: TypedBook, told: bool) -> None:
    """Settings: keys matched, values parsed by each key's own declaration; `told` when their absence is said."""
    declared = setting_columns()
    for row in rows:
        key = _setting_key(row, declared, found)
        if key:
            _setting(declared[key], row, found)
    for key, column in declared.items():
        cell = found.places[key].cells.get("value", "") if key in found.places else ""
        if key in found.settings:
            continue
        if column.required and not told:
            message = f"The setting {key} is {'blank' if cell else 'missing'}: {column.help}"
            found.issues.append(Issue("settings", cell, "blank", f"{key} = {column.expected}", message))
        elif column.blank_means:
            message = f"{key} = {column.blank_means}, as no value is given."
            found.defaults.append(Issue("settings", cell, "blank", column.blank_means, message, severity="warning"))


def _setting_key(row: RawRow, declared: dict[str, Column], found: TypedBook) -> str:
    given = clean(str(row.values.get("key", "")))
    cell = row.cells.get("key", "")
    match = next((key for key in declared if folded(key) == folded(given)), "")
    if not match:
        wrong = imitates(given, declared)
        message = f"There is no setting '{given}'" + (f": {wrong}" if wrong else "") + "."
        near = nearest(given, declared)
        found.issues.append(Issue("settings", cell, given or "blank", "the key of a setting", message, near))
    elif match in found.places:
        first = found.places[match].row
        message = f"The setting {match} stands twice (first in row {first})."
        found.issues.append(Issue("settings", cell, match, "each setting once", message))
        return ""
    return match


def _setting(column: Column, row: RawRow, found: TypedBook) -> None:
    place = Where("settings", row.number, dict(row.cells))
    found.places[column.name] = place
    kept = [c for c in TABLES["settings"].columns if c.name in PROVENANCE]
    known = _row(kept, row, "settings", found)
    found.provenance[column.name] = {c.name: known.values[c.name] for c in kept if c.name in known.given}
    if "value" not in row.values:
        return
    result = parse(column, row.values["value"])
    found.settings[column.name] = column.default if isinstance(result, Bad) else result
    if isinstance(result, Bad):
        found.issues.append(_misread(column, result, "settings", row.cells.get("value", "")))
