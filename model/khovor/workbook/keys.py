"""What keys must satisfy: each stands once, is told from the others by eye, and fits into the lists that name it."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.workbook.names import folded, skeleton
from khovor.workbook.tables import DEFINING, TABLES
from khovor.workbook.typed import TypedBook, TypedRow


def _keys_are_unique(book: TypedBook) -> None:
    """A key stands once: said whether the two rows are equal or differ."""
    for name, table in TABLES.items():
        first: dict[tuple[str, ...], TypedRow] = {}
        for row in book.tables.get(name, ()):
            if row.bad & set(table.keys):
                continue
            parts = [_shown(row.values.get(key)) for key in table.keys]
            earlier = first.setdefault(tuple(map(folded, parts)), row)
            if earlier is row:
                continue
            same = "with equal values" if earlier.values == row.values else "with different values"
            shown = ":".join(filter(None, parts))
            message = f"The row {shown} stands twice in {name}, {same} (first in row {earlier.where.row})."
            book.refuse(row, table.keys[0], shown, "each key once", message)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    return "" if value is None else str(value)


def _names_are_told_apart(book: TypedBook) -> None:
    """Two names that differ only in letters of two alphabets are one to the eye."""
    for place in DEFINING:
        first: dict[str, str] = {}
        for row, column, name in _defined(book, place):
            other = first.setdefault(skeleton(name), name)
            if folded(other) != folded(name):
                message = f"The name '{name}' looks the same as '{other}', but is written in another alphabet."
                book.refuse(row, column, name, f"'{other}', or a name that looks different", message)


def _names_can_be_listed(book: TypedBook) -> None:
    for place, users in DEFINING.items():
        lists = [user for user in users if _lists(user)]
        for row, column, name in _defined(book, place):
            if lists and any(separator in name for separator in ",;"):
                message = f"The name '{name}' holds a comma or semicolon, which separates names in {lists[0]}."
                book.refuse(row, column, name, "a name without , or ;", message)


def _lists(place: str) -> bool:
    """Whether cells of `table.column` hold several names."""
    table, _, column = place.partition(".")
    return table in TABLES and TABLES[table].column(column).kind == "names"


def _defined(book: TypedBook, place: str) -> Iterator[tuple[TypedRow, str, str]]:
    table, _, column = place.partition(".")
    for row in book.tables.get(table, ()):
        value = row.values.get(column)
        for name in value if isinstance(value, tuple) else (value,):
            if isinstance(name, str) and column not in row.bad:
                yield row, column, name


KEY_RULES = (_keys_are_unique, _names_are_told_apart, _names_can_be_listed)
"""The rules, in the order in which they are tried."""
