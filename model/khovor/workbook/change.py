"""Changes to cells before a workbook is checked: `--set table[key].column=value`, and factors."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from khovor.errors import UsageError
from khovor.workbook.names import clean, folded, nearest
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.tables import TABLES

FORM = re.compile(r"^\s*([^\[\].=]+)\[([^\]]*)\]\.([^=*]+?)\s*(\*?=)(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """One cell (or, with `*` in the key, several) that takes another value, or is multiplied by a factor."""

    table: str
    key: tuple[str, ...]
    column: str
    value: str | float | None
    is_factor: bool = False

    def __str__(self) -> str:
        sign = "*=" if self.is_factor else "="
        return f"{self.table}[{':'.join(self.key)}].{self.column}{sign}{'' if self.value is None else self.value}"


def parse_change(text: str) -> Change:
    """Read `table[key].column=value` (or `*=factor`).

    The key is the table's key columns joined by `:`; `*` matches any text; parts left off at the end match anything.
    An empty value clears the cell. Raises UsageError, with the nearest valid name, when it cannot be understood.

    >>> str(parse_change("settings[discount_rate].value=0.1"))
    'settings[discount_rate].value=0.1'
    """
    match = FORM.match(text)
    if not match:
        raise UsageError(f"--set takes table[key].column=value, not '{text}'; e.g. settings[discount_rate].value=0.10")
    table = _known(match[1], list(TABLES), "table", text)
    columns = [c.name for c in TABLES[table].columns]
    column = _known(match[3], columns, f"column of {table}", text)
    key = tuple(clean(part) for part in match[2].split(":"))
    is_factor = match[4] == "*="
    value = _value(match[5])
    if is_factor and not isinstance(value, float):
        raise UsageError(f"--set '{text}': a factor must be a number.")
    return Change(table, key, column, value, is_factor)


def apply_changes(book: RawBook, changes: Sequence[Change]) -> None:
    """Apply changes in order. Raises UsageError when a change matches no row."""
    for change in changes:
        table = book.tables.get(change.table)
        rows = [row for row in table.rows if _matches(change, row)] if table else []
        if not rows and change.table == "settings" and table is not None:
            rows = [_new_setting(table, change)]
        if not rows:
            raise UsageError(_unmatched(change, table))
        for row in rows:
            _change(change, row)


def _known(name: str, valid: list[str], what: str, text: str) -> str:
    for candidate in valid:
        if folded(candidate) == folded(name):
            return candidate
    near = nearest(name, valid)
    hint = f"; did you mean {near}?" if near else ""
    raise UsageError(f"--set '{text}': there is no {what} '{clean(name)}'{hint}")


def _value(text: str) -> str | float | None:
    text = clean(text)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _parts(table: str, row: RawRow) -> list[str]:
    return [_shown(row.values.get(key)) for key in TABLES[table].keys]


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else folded(str(value))


def _matches(change: Change, row: RawRow) -> bool:
    parts = _parts(change.table, row)
    if len(change.key) > len(parts):
        return False
    return all(fnmatch.fnmatchcase(part, _literal(folded(k))) for part, k in zip(parts, change.key, strict=False))


def _literal(pattern: str) -> str:
    """Only `*` is a wildcard."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _new_setting(table: RawTable, change: Change) -> RawRow:
    key = _known(change.key[0], list(TABLES["settings"].column("key").choices), "setting", str(change))
    row = RawRow(0, {"key": key}, {"key": "(--set)", "value": "(--set)"})
    table.rows.append(row)
    return row


def _unmatched(change: Change, table: RawTable | None) -> str:
    keys = [":".join(_parts(change.table, row)) for row in table.rows] if table else []
    near = nearest(":".join(change.key), keys, 0.3)
    hint = f"; nearest is [{near}]" if near else ""
    form = ":".join(TABLES[change.table].keys)
    return f"--set '{change}': no row of {change.table} has this key{hint}. Keys are {form}."


def _change(change: Change, row: RawRow) -> None:
    if change.is_factor:
        old = row.values.get(change.column)
        if not isinstance(old, (int, float)) or isinstance(old, bool):
            raise UsageError(f"--set '{change}': the cell holds '{old}', which cannot be multiplied.")
        row.values[change.column] = float(old) * float(change.value or 0.0)
    elif change.value is None:
        row.values.pop(change.column, None)
    else:
        row.values[change.column] = change.value
    row.cells = {**row.cells, change.column: row.cells.get(change.column, "(--set)")}
