"""Changes to cells before a workbook is checked: `--set table[key].column=value`, and factors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from khovor.errors import UsageError
from khovor.workbook.address import Address, Misdirected, address, rows_at
from khovor.workbook.mistyped import NUMBER
from khovor.workbook.names import clean
from khovor.workbook.raw import RawBook, RawRow
from khovor.workbook.tables import TABLES

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

    @property
    def at(self) -> Address:
        """Where."""
        return Address(self.table, self.key, self.column)

    def __str__(self) -> str:
        sign = "*=" if self.is_factor else "="
        value = "" if self.value is None else f"{self.value:.15g}" if isinstance(self.value, float) else self.value
        return f"{self.at}{sign}{value}"


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
    try:
        change = new_change(match[1], match[2], match[3], match[5], is_factor=match[4] == "*=")
    except Misdirected as wrong:
        hint = f"; did you mean {wrong.nearest}?" if wrong.nearest else ""
        raise UsageError(f"--set '{text}': {wrong.message}{hint}") from wrong
    if change.is_factor and not isinstance(change.value, float):
        raise UsageError(f"--set '{text}': a factor must be a number.")
    return change


def new_change(table: str, key: str, column: str, value: str, *, is_factor: bool = False) -> Change:
    """A change of these names and this value as they were typed. Raises Misdirected with the nearest valid name."""
    at = address(table, key, column)
    return Change(at.table, at.key, at.column, _value(clean(value), is_factor or at.is_number), is_factor)


def _unquoted(text: str) -> str:
    """The text without the quotes that some shells leave around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def apply_changes(book: RawBook, changes: Sequence[Change]) -> None:
    """Apply changes in order. Raises UsageError when a change matches no row, or a factor no number."""
    for change in changes:
        try:
            for row in rows_at(book, change.at) or [_new_setting(book, change)]:
                _set(change, row, changed_cell(change, row))
        except Misdirected as wrong:
            raise UsageError(_told(change, wrong)) from wrong


def changed_cell(change: Change, row: RawRow) -> str | float | None:
    """What the cell of a row holds after a change. Raises Misdirected when it holds nothing that can be multiplied.

    A blank cell counts as the default its column declares.
    """
    if not change.is_factor:
        return change.value
    old = row.values.get(change.column, change.at.declared.default)
    if isinstance(old, bool) or not isinstance(old, (int, float)):
        holds = f"holds '{old}'" if old not in (None, ()) else "is blank"
        cell = row.cells.get(change.column, NOT_IN_SHEET)
        message = f"the cell {change.table}!{cell} {holds}, which cannot be multiplied"
        raise Misdirected("factor", f"{change.value:g}", "a factor on a number", message)
    return float(old) * float(change.value or 0.0)


def _new_setting(book: RawBook, change: Change) -> RawRow:
    """A row for a setting that the workbook does not hold."""
    row = RawRow(0, {"key": change.key[0]}, {"key": NOT_IN_SHEET})
    book.tables["settings"].rows.append(row)
    return row


def _told(change: Change, wrong: Misdirected) -> str:
    if wrong.part != "row":
        return f"--set '{change}': {wrong.message}."
    hint = f"; nearest is [{wrong.nearest}]" if wrong.nearest else ""
    return f"--set '{change}': {wrong.message}{hint}. Keys are {':'.join(TABLES[change.table].keys)}."


def _value(text: str, is_number: bool) -> str | float | None:
    """A name stays as typed (a period 2030, a size 1e3); what is no number is left for the reader to refuse."""
    return float(text) if is_number and re.fullmatch(NUMBER, text) else text or None


def _set(change: Change, row: RawRow, value: str | float | None) -> None:
    row.values = {name: old for name, old in row.values.items() if name != change.column}
    if value is not None:
        row.values[change.column] = value
    row.cells = {**row.cells, change.column: row.cells.get(change.column, NOT_IN_SHEET)}
