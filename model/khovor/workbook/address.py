"""Where a cell stands: `table[key].column`, for `--set` and for sweeps, understood the same way."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from khovor.workbook.column import Column
from khovor.workbook.names import clean, folded, nearest
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.tables import TABLES, setting_columns

Part = Literal["table", "row", "column", "value", "factor"]


@dataclass(eq=False)
class Misdirected(Exception):
    """A part of a change that leads nowhere: what was found there, what belongs there, and the nearest valid name."""

    part: Part
    found: str
    expected: str
    message: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A cell, or several where the key has a `*` or leaves its last parts off."""

    table: str
    key: tuple[str, ...]
    column: str

    @property
    def declared(self) -> Column:
        """What is declared of the cell: of a setting's value, that is its key's own declaration."""
        if self.table == "settings" and self.column == "value":
            return setting_columns()[self.key[0]]
        return TABLES[self.table].column(self.column)

    @property
    def is_number(self) -> bool:
        """Whether numbers stand there."""
        return self.declared.kind in ("number", "integer")

    def __str__(self) -> str:
        return f"{self.table}[{':'.join(self.key)}].{self.column}"


def address(table: str, key: str, column: str) -> Address:
    """The address of these names as they were typed. Raises Misdirected with the nearest valid name."""
    table = _known("table", table, TABLES, "table")
    column = _known("column", column, [c.name for c in TABLES[table].columns], f"column of {table}")
    parts = tuple(clean(part) for part in key.split(":"))
    if table == "settings":
        parts = (_known("row", key, setting_columns(), "setting"),)
    return Address(table, parts, column)


def rows_at(book: RawBook, at: Address) -> list[RawRow]:
    """The rows an address matches; none for a setting the workbook does not hold. Raises Misdirected for any other."""
    table = book.tables.get(at.table)
    rows = [row for row in table.rows if _matches(at, row)] if table else []
    if not rows and (at.table != "settings" or table is None):
        raise _unmatched(at, table)
    return rows


def _known(part: Part, name: str, valid: Iterable[str], what: str) -> str:
    match = next((candidate for candidate in valid if folded(candidate) == folded(name)), "")
    if match:
        return match
    message = f"there is no {what} '{clean(name)}'"
    raise Misdirected(part, clean(name), f"the name of a {what}", message, nearest(name, valid))


def _parts(table: str, row: RawRow) -> list[str]:
    return [_shown(row.values.get(key)) for key in TABLES[table].keys]


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean(str(value))


def _matches(at: Address, row: RawRow) -> bool:
    """Part by part; a target such as `node:product` may also be written as the two parts it looks like."""
    parts = _parts(at.table, row)
    return _alike(at.key, parts) or _alike(at.key, ":".join(parts).split(":"))


def _alike(key: Sequence[str], parts: Sequence[str]) -> bool:
    pairs = zip(parts, key, strict=False)
    return len(key) <= len(parts) and all(fnmatch.fnmatchcase(folded(p), _literal(folded(k))) for p, k in pairs)


def _literal(pattern: str) -> str:
    """Only `*` is a wildcard."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _unmatched(at: Address, table: RawTable | None) -> Misdirected:
    keys = [":".join(_parts(at.table, row)).rstrip(":") for row in table.rows] if table else []
    near = nearest(":".join(at.key), keys, 0.3)
    form = ":".join(TABLES[at.table].keys)
    return Misdirected("row", ":".join(at.key), f"a key {form}", f"no row of {at.table} has this key", near)
