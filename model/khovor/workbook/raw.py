"""Tables before they mean anything: cells with their addresses, from Excel or from Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from openpyxl.utils import get_column_letter

from khovor.errors import Issue
from khovor.workbook.headers import columns_in, table_of
from khovor.workbook.names import is_blank
from khovor.workbook.tables import TABLES

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows by table, as Python has them."""

ADDED: Final = "(added)"
"""The cell of a value in a row that stands on no sheet."""


@dataclass(slots=True)
class RawRow:
    """One row of cells by column name; blank cells are left out. `number` is the row on the sheet."""

    number: int
    values: dict[str, object]
    cells: Mapping[str, str]


@dataclass(slots=True)
class RawTable:
    """A table as found: the columns that are there (name -> letter), its rows, its header's row, titles not read."""

    name: str
    columns: dict[str, str]
    rows: list[RawRow]
    header: int = 1
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class RawBook:
    """All tables found, and what was wrong on the way to them; `sheets` names tables and other sheets as they lie."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def copied(book: RawBook, without: Collection[str] = ()) -> RawBook:
    """A book whose tables (but some), rows and issues may be changed without changing those of the first."""
    tables = {
        name: replace(
            table, columns=dict(table.columns), rows=[replace(row, values=dict(row.values)) for row in table.rows]
        )
        for name, table in book.tables.items()
        if name not in without
    }
    return RawBook(tables, list(book.sheets), list(book.issues))


def raw_from_python(tables: Rows) -> RawBook:
    """Tables given as Python rows, addressed as on a bare sheet: header in row 1, data from row 2.

    Whatever is not known is an error here: nobody keeps notes in a Python table.
    """
    book = RawBook()
    for title, rows in tables.items():
        name = table_of(title, book.issues)
        book.sheets.append(name or title)
        if name:
            book.tables[name] = _raw_table(name, rows, book.issues)
    book.issues = [replace(issue, severity="error") for issue in book.issues]
    return book


def add_rows(book: RawBook, more: Rows) -> None:
    """Put rows given in Python below those of a book."""
    for name, extra in raw_from_python(more).tables.items():
        table = book.tables.setdefault(name, RawTable(name, {}, []))
        last = max((row.number for row in table.rows), default=table.header)
        for number, row in enumerate(extra.rows, last + 1):
            table.rows.append(RawRow(number, row.values, dict.fromkeys(row.cells, ADDED)))


def _raw_table(name: str, rows: Sequence[Mapping[str, object]], issues: list[Issue]) -> RawTable:
    titles = dict(enumerate(dict.fromkeys(column for row in rows for column in row), 1))
    columns = columns_in(TABLES[name], 1, titles, issues) if rows else {}
    letters = {column: get_column_letter(place) for place, column in columns.items()}
    table = RawTable(name, letters, [])
    for number, row in enumerate(rows, 2):
        given = {columns[place]: row.get(title) for place, title in titles.items() if place in columns}
        joined = {column: _joined(value) for column, value in given.items()}
        values = {column: value for column, value in joined.items() if not is_blank(value)}
        table.rows.append(RawRow(number, values, {c: f"{letter}{number}" for c, letter in letters.items()}))
    return table


def _joined(value: object) -> object:
    return "; ".join(str(v) for v in value) if isinstance(value, (list, tuple, set, frozenset)) else value
