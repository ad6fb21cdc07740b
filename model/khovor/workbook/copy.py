"""A copy of a workbook in which other futures stand: the analyst's own file is never written to.

It is written from the declaration, as a new workbook is, with every cell khovor reads as it was typed. What khovor
does not read cannot be carried over, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from khovor.workbook.change import Change, apply_changes
from khovor.workbook.guide import Section
from khovor.workbook.headers import GUIDE
from khovor.workbook.names import folded
from khovor.workbook.raw import RawBook
from khovor.workbook.read import FUTURES
from khovor.workbook.row import PROVENANCE
from khovor.workbook.sheets import raw_from_excel
from khovor.workbook.tables import TABLES, setting_columns
from khovor.workbook.write import write

Rows = Sequence[Mapping[str, object]]


def write_with_futures(
    path: Path,
    name: str,
    data: bytes,
    changes: Sequence[Change],
    futures: Mapping[str, Rows],
    guide: Sequence[Section],
) -> tuple[str, ...]:
    """Write a sound workbook (its bytes, after changes) with `scenarios` and `events` replaced by `futures`.

    Returns in words what of it does not stand in the copy. Raises WriteError when `path` exists or cannot be written.
    """
    book = raw_from_excel(name, data)
    apply_changes(book, changes)
    rows: dict[str, Rows] = {table: [row.values for row in raw.rows] for table, raw in book.tables.items()}
    settings = {key: row for row in rows.pop("settings") if (key := _setting(row))}
    sweeps = [row for row in rows.get("sweeps", ()) if folded(str(row.get("table"))) not in FUTURES]
    left = (*_replaced(name, rows), *_unread(book, len(rows.get("sweeps", ())) - len(sweeps)))
    write(
        path,
        {**rows, "sweeps": sweeps, **futures},
        {key: row.get("value") for key, row in settings.items()},
        {key: {column: row.get(column) for column in PROVENANCE} for key, row in settings.items()},
        str(settings.get("title", {}).get("value") or ""),
        guide,
        only=[*book.tables, *FUTURES],
    )
    return left


def _setting(row: Mapping[str, object]) -> str:
    """The setting a row gives, spelt as it is declared."""
    return next((key for key in setting_columns() if folded(key) == folded(str(row.get("key", "")))), "")


def _replaced(name: str, rows: Mapping[str, Rows]) -> list[str]:
    counts = [f"{len(rows[table])} {table}" for table in FUTURES if rows.get(table)]
    return [f"The {' and '.join(counts)} of {name} are replaced by those that were drawn."] if counts else []


def _unread(book: RawBook, sweeps: int) -> list[str]:
    """What of a workbook is nowhere in the copy."""
    sheets = [sheet for sheet in book.sheets if sheet not in TABLES and folded(sheet) != folded(GUIDE)]
    columns = [f"{table}.{title}" for table, raw in book.tables.items() for title in raw.unread]
    found = []
    if sheets:
        found.append(f"Sheets that are not tables stay behind: {', '.join(sheets)}.")
    if columns:
        found.append(f"Columns that khovor does not read stay behind: {', '.join(columns)}.")
    if sweeps:
        found.append(f"{sweeps} row(s) of sweeps that change {' or '.join(FUTURES)} stay behind.")
    return [*found, "Formulas are copied as their values; the Guide, comments, charts and formats are made anew."]
