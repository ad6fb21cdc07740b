"""Raw tables to typed values: cells parsed, required cells asked for, defaults noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from khovor.errors import Issue
from khovor.workbook.column import Column
from khovor.workbook.names import clean, folded, imitates, lookalike, nearest
from khovor.workbook.parse import Bad, parse
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.row import Where
from khovor.workbook.tables import TABLES, Table, setting_columns


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
    """All tables typed, the settings, and every issue and default met so far."""

    tables: dict[str, list[TypedRow]]
    settings: dict[str, Any]
    places: dict[str, Where]
    issues: list[Issue]
    defaults: list[Issue]


def typed(book: RawBook) -> TypedBook:
    """Parse every cell; nothing is dropped in silence."""
    found = TypedBook({}, {}, {}, list(book.issues), [])
    for name, table in TABLES.items():
        raw = book.tables.get(name)
        if name == "settings":
            _settings(raw, found)
            continue
        if raw is None or not raw.rows:
            if table.required and not any(i.sheet == name for i in found.issues):
                found.issues.append(_missing(table, raw))
            found.tables[name] = []
            continue
        found.tables[name] = [_row(table, row, found) for row in raw.rows]
        _note_defaults(table, raw, found)
    return found


def _missing(table: Table, raw: RawTable | None) -> Issue:
    if raw is None:
        return Issue(table.name, "", "no such sheet", table.name, f"The table {table.name} is missing.")
    return Issue(table.name, f"A{raw.header + 1}", "no rows", "at least one row", f"The table {table.name} is empty.")


def _row(table: Table, raw: RawRow, found: TypedBook) -> TypedRow:
    row = TypedRow(Where(table.name, raw.number, dict(raw.cells)), {}, frozenset(raw.values))
    for column in table.columns:
        if column.name not in raw.values:
            row.values[column.name] = column.default
            if column.required and column.name in raw.cells:
                message = f"{column.name} is blank: {column.help}"
                found.issues.append(Issue(table.name, row.cell(column.name), "blank", column.expected, message))
                row.bad.add(column.name)
            elif column.required:
                row.bad.add(column.name)
            continue
        _cell(column, raw.values[column.name], row, found)
    return row


def _cell(column: Column, value: object, row: TypedRow, found: TypedBook) -> None:
    result = parse(column, value)
    if isinstance(result, Bad):
        message = f"{column.name}: {result.message}."
        near = nearest(result.found, column.choices) if column.choices else ""
        issue = Issue(row.where.sheet, row.cell(column.name), result.found, column.expected, message, near)
        found.issues.append(issue)
        row.bad.add(column.name)
        row.values[column.name] = column.default
        return
    row.values[column.name] = result
    if (
        column.key
        and not column.ref
        and not column.choices
        and isinstance(result, str)
        and (wrong := lookalike(result))
    ):
        message = f"The name '{result}' cannot be told from another by eye: {wrong}."
        found.issues.append(Issue(row.where.sheet, row.cell(column.name), result, "letters of one alphabet", message))


def _note_defaults(table: Table, raw: RawTable, found: TypedBook) -> None:
    """One line per column whose default stands in for blank cells."""
    for column in table.columns:
        if column.required or column.default in (None, ()):
            continue
        blank = [row for row in raw.rows if column.name not in row.values]
        if blank:
            shown = "no" if column.default is False else column.default
            many = f"{len(blank)} blank cell(s)" if column.name in raw.columns else "no such column"
            cell = f"{raw.columns[column.name]}{blank[0].number}" if column.name in raw.columns else ""
            message = f"{column.name} = {shown} where it is blank."
            found.defaults.append(Issue(table.name, cell, many, str(shown), message, severity="warning"))


def _settings(raw: RawTable | None, found: TypedBook) -> None:
    """Settings: keys matched, values parsed by each key's own declaration."""
    declared = setting_columns()
    for row in raw.rows if raw else []:
        key = _setting_key(row, declared, found)
        if key:
            _setting(declared[key], row, found)
    for key, column in declared.items():
        if key in found.settings:
            continue
        if column.required:
            if raw is not None or not any(i.sheet == "settings" for i in found.issues):
                message = f"The setting {key} is missing: {column.help}"
                found.issues.append(Issue("settings", "", "no such row", f"{key} = {column.expected}", message))
        elif column.default is not None:
            message = f"{key} = {column.default}, as no value is given."
            found.defaults.append(Issue("settings", "", "blank", str(column.default), message, severity="warning"))


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
        message = f"The setting {match} stands twice."
        found.issues.append(Issue("settings", cell, match, "each setting once", message))
        return ""
    return match


def _setting(column: Column, row: RawRow, found: TypedBook) -> None:
    found.places[column.name] = Where("settings", row.number, {**row.cells, "value": row.cells.get("value", "")})
    if "value" not in row.values:
        return
    result = parse(column, row.values["value"])
    if isinstance(result, Bad):
        message = f"{column.name}: {result.message}."
        near = nearest(result.found, column.choices) if column.choices else ""
        cell = row.cells.get("value", "")
        found.issues.append(Issue("settings", cell, result.found, column.expected, message, near))
        found.settings[column.name] = column.default
    else:
        found.settings[column.name] = result
