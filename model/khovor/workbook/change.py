"""Changes to cells before a workbook is checked: `--set table[key].column=value`, and factors."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from khovor.errors import UsageError
from khovor.workbook.column import Column
from khovor.workbook.mistyped import NUMBER
from khovor.workbook.names import clean, folded, nearest
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.tables import TABLES, setting_columns

FORM: Final = re.compile(r"^\s*([^\[\].=]+)\[([^\]]*)\]\.([^=*]+?)\s*(\*?=)(.*)$", re.DOTALL)

NOT_IN_SHEET: Final = "(--set)"
"""The cell of a value that the workbook has no cell for."""


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
        value = "" if self.value is None else f"{self.value:.15g}" if isinstance(self.value, float) else self.value
        return f"{self.table}[{':'.join(self.key)}].{self.column}{sign}{value}"


def parse_change(text: str) -> Change:
    """Read `table[key].column=value` (or `*=factor`).

    The key is the table's key columns joined by `:`; `*` matches any text; parts left off at the end match anything.
    An empty value clears the cell. Raises UsageError, with the nearest valid name, when it cannot be understood.

    >>> str(parse_change("settings[discount_rate].value=0.1"))
    'settings[discount_rate].value=0.1'
    """
    match = FORM.match(_unquoted(text))
    if not match or match[3][-1] in "+-/":
        raise UsageError(
            f"--set takes table[key].column=value, not '{text}'; e.g. settings[discount_rate].value=0.10, "
            "or *= and a factor"
        )
    table = _known(match[1], TABLES, "table", text)
    column = _known(match[3], [c.name for c in TABLES[table].columns], f"column of {table}", text)
    key = tuple(clean(part) for part in match[2].split(":"))
    if table == "settings":
        key = (_known(match[2], setting_columns(), "setting", text),)
    is_factor = match[4] == "*="
    value = _value(clean(match[5]), is_factor or _declared(table, key, column).kind in ("number", "integer"))
    if is_factor and not isinstance(value, float):
        raise UsageError(f"--set '{text}': a factor must be a number.")
    return Change(table, key, column, value, is_factor)


def _unquoted(text: str) -> str:
    """The text without the quotes that some shells leave around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def apply_changes(book: RawBook, changes: Sequence[Change]) -> None:
    """Apply changes in order. Raises UsageError when a change matches no row, or a factor no number."""
    for change in changes:
        table = book.tables.get(change.table)
        rows = [row for row in table.rows if _matches(change, row)] if table else []
        if not rows and change.table == "settings" and table is not None:
            rows = [RawRow(0, {"key": change.key[0]}, {"key": NOT_IN_SHEET})]
            table.rows += rows
        if not rows:
            raise UsageError(_unmatched(change, table))
        for row in rows:
            _change(change, row)


def _known(name: str, valid: Iterable[str], what: str, text: str) -> str:
    match = next((candidate for candidate in valid if folded(candidate) == folded(name)), "")
    if match:
        return match
    near = nearest(name, valid)
    hint = f"; did you mean {near}?" if near else ""
    raise UsageError(f"--set '{text}': there is no {what} '{clean(name)}'{hint}")


def _declared(table: str, key: tuple[str, ...], column: str) -> Column:
    """What is declared of a cell: of a setting's value, that is its key's own declaration."""
    if table == "settings" and column == "value":
        return setting_columns()[key[0]]
    return TABLES[table].column(column)


def _value(text: str, is_number: bool) -> str | float | None:
    """A name stays as typed (a period 2030, a size 1e3); what is no number is left for the reader to refuse."""
    return float(text) if is_number and re.fullmatch(NUMBER, text) else text or None


def _parts(table: str, row: RawRow) -> list[str]:
    return [_shown(row.values.get(key)) for key in TABLES[table].keys]


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean(str(value))


def _matches(change: Change, row: RawRow) -> bool:
    """Part by part; a target such as `node:product` may also be written as the two parts it looks like."""
    parts = _parts(change.table, row)
    return _alike(change.key, parts) or _alike(change.key, ":".join(parts).split(":"))


def _alike(key: Sequence[str], parts: Sequence[str]) -> bool:
    pairs = zip(parts, key, strict=False)
    return len(key) <= len(parts) and all(fnmatch.fnmatchcase(folded(p), _literal(folded(k))) for p, k in pairs)


def _literal(pattern: str) -> str:
    """Only `*` is a wildcard."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _unmatched(change: Change, table: RawTable | None) -> str:
    keys = [":".join(_parts(change.table, row)).rstrip(":") for row in table.rows] if table else []
    near = nearest(":".join(change.key), keys, 0.3)
    hint = f"; nearest is [{near}]" if near else ""
    form = ":".join(TABLES[change.table].keys)
    return f"--set '{change}': no row of {change.table} has this key{hint}. Keys are {form}."


def _change(change: Change, row: RawRow) -> None:
    value = _product(change, row) if change.is_factor else change.value
    row.values = {name: old for name, old in row.values.items() if name != change.column}
    if value is not None:
        row.values[change.column] = value
    row.cells = {**row.cells, change.column: row.cells.get(change.column, NOT_IN_SHEET)}


def _product(change: Change, row: RawRow) -> float:
    """The cell times the factor; a blank cell is the default its column declares."""
    old = row.values.get(change.column, _declared(change.table, change.key, change.column).default)
    if isinstance(old, bool) or not isinstance(old, (int, float)):
        holds = f"holds '{old}'" if old not in (None, ()) else "is blank"
        cell = row.cells.get(change.column, NOT_IN_SHEET)
        raise UsageError(f"--set '{change}': the cell {change.table}!{cell} {holds}, which cannot be multiplied.")
    return float(old) * float(change.value or 0.0)
