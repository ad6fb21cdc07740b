"""Tables before they mean anything: cells with their addresses, from Excel or from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from khovor.errors import Issue


@dataclass(slots=True)
class RawRow:
    """One row of cells by column name; blank cells are left out. `number` is the row on the sheet."""

    number: int
    values: dict[str, object]
    cells: Mapping[str, str]


@dataclass(slots=True)
class RawTable:
    """A table as found: the columns that are there (name -> letter), its rows, and its header's row."""

    name: str
    columns: dict[str, str]
    rows: list[RawRow]
    header: int = 1


@dataclass(slots=True)
class RawBook:
    """All tables found, and what was wrong on the way to them."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def raw_from_python(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> RawBook:
    """Tables given as Python rows, addressed as on a bare sheet: header in row 1, data from row 2."""
    book = RawBook()
    for name, rows in tables.items():
        found = list(dict.fromkeys(column for row in rows for column in row))
        columns = {column: get_column_letter(i + 1) for i, column in enumerate(found)}
        table = RawTable(name, columns, [])
        for i, row in enumerate(rows):
            values = {c: _joined(v) for c, v in row.items() if v is not None and v != "" and v != ()}
            cells = {c: f"{letter}{i + 2}" for c, letter in columns.items()}
            table.rows.append(RawRow(i + 2, values, cells))
        book.tables[name] = table
    return book


def _joined(value: object) -> object:
    return "; ".join(str(v) for v in value) if isinstance(value, (list, tuple, set, frozenset)) else value
