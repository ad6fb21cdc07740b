"""Names of sheets and columns: which table and which column is meant, and what is misspelt, doubled or missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from openpyxl.utils import get_column_letter

from khovor.errors import Issue
from khovor.workbook.names import clean, folded, imitates, nearest
from khovor.workbook.tables import TABLES, Table

HEADER_WITHIN: Final = 10
"""The header is one of the first so many rows."""

SIMILAR: Final = 0.75
"""How alike an unknown name and a known one must be for the one to be taken as a misspelling of the other."""

GUIDE: Final = "Guide"

Titles = Mapping[int, object]
"""Place (1 = A) -> what stands in the header."""


def table_of(title: str, issues: list[Issue]) -> str:
    """The table a sheet holds, or empty; says so when the name is close to one or unknown."""
    if clean(title).startswith("_") or folded(title) == folded(GUIDE):
        return ""
    for name in TABLES:
        if folded(name) == folded(title):
            return name
    wrong, meant = imitates(title, TABLES), nearest(title, TABLES, SIMILAR)
    if wrong or meant:
        message = f"There is no table '{title}'" + (f": {wrong}" if wrong else "") + "."
        issues.append(Issue(title, "", title, "a table of the contract, or a name starting with _", message, meant))
    else:
        message = f"The sheet '{title}' is not a table of khovor and is not read; start its name with _ to keep it."
        issues.append(Issue(title, "", title, "a table of the contract", message, severity="warning"))
    return ""


def find_header(table: Table, rows: Mapping[int, Titles]) -> int:
    """The row that names most of the table's columns, its keys above all; 0 when no row names any."""
    known = {folded(c.name): 10 if c.key or c.required else 1 for c in table.columns}
    best, found = 0, 0
    for number in sorted(number for number in rows if number <= HEADER_WITHIN):
        named = {folded(cell) for cell in rows[number].values() if isinstance(cell, str)}
        score = sum(weight for name, weight in known.items() if name in named)
        if score > best:
            best, found = score, number
    return found


def columns_in(table: Table, row: int, titles: Titles, issues: list[Issue]) -> dict[int, str]:
    """Place -> column of the header, with what is unknown, misspelt, doubled or missing noted."""
    known = {folded(c.name): c.name for c in table.columns}
    present = {folded(str(title)) for title in titles.values()}
    found: dict[int, str] = {}
    misspelt: set[str] = set()
    for place, title in sorted(titles.items()):
        given = clean(str(title))
        cell, name = f"{get_column_letter(place)}{row}", known.get(folded(given))
        if given.startswith("_"):
            continue
        if name is None:
            absent = [c.name for c in table.columns if folded(c.name) not in present]
            misspelt.add(_unknown_column(table, cell, given, absent, issues))
        elif name in found.values():
            issues.append(Issue(table.name, cell, name, "each column once", f"The column {name} stands twice."))
        else:
            found[place] = name
    for column in table.columns:
        if column.required and column.name not in found.values() and column.name not in misspelt:
            message = f"The column {column.name} is missing."
            issues.append(Issue(table.name, f"A{row}", "no such column", column.name, message))
    return found


def _unknown_column(table: Table, cell: str, title: str, absent: list[str], issues: list[Issue]) -> str:
    """Say that a column is unknown; returns the one that was probably meant, or empty.

    A column that is not there is meant sooner than one that is, and also by its beginning: `price` or `max t/y`.
    """
    valid = [c.name for c in table.columns]
    wrong, meant = imitates(title, valid), _begun(title, absent) or nearest(title, valid, SIMILAR)
    if wrong or meant:
        message = f"There is no column '{title}' in {table.name}" + (f": {wrong}" if wrong else "") + "."
        expected = "a column of the table, or a name starting with _"
        issues.append(Issue(table.name, cell, title, expected, message, meant))
    else:
        message = f"The column '{title}' is not one of {table.name} and is not read; start its name with _ to keep it."
        issues.append(Issue(table.name, cell, title, "a column of the table", message, severity="warning"))
    return meant


def _begun(title: str, absent: list[str]) -> str:
    """The absent column that a title spells out, or begins with three letters or more, its signs aside."""
    plain = re.sub(r"[^0-9a-z]+", "_", folded(title)).strip("_")
    begun = [name for name in absent if name == plain or (len(plain) > 2 and name.startswith(f"{plain}_"))]
    return begun[0] if len(begun) == 1 or plain in begun else ""
