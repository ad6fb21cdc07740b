"""Reading a workbook: raw cells, changes, types, references, rules; every fault reported together."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from khovor.errors import InputError, Issue
from khovor.workbook.archive import sound_bytes
from khovor.workbook.change import Change, apply_changes
from khovor.workbook.raw import RawBook, Rows, add_rows, raw_from_python
from khovor.workbook.references import resolve_references
from khovor.workbook.row import Row, field_of
from khovor.workbook.rules import check_rules
from khovor.workbook.settings import Settings
from khovor.workbook.sheets import raw_from_excel
from khovor.workbook.sweeps import check_sweeps
from khovor.workbook.tables import TABLES
from khovor.workbook.typed import TypedBook, TypedRow, typed


@dataclass(frozen=True, slots=True)
class Workbook:
    """A sound workbook: settings, the typed rows of every table, what was odd, and which defaults stand in."""

    path: Path | None
    sha256: str
    settings: Settings
    rows: Mapping[str, tuple[Any, ...]]
    warnings: tuple[Issue, ...] = ()
    defaults: tuple[Issue, ...] = ()
    changes: tuple[Change, ...] = ()
    provenance: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Basis, low, high, source and note of each setting, by key."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look at a workbook found; `workbook` is None when there are errors."""

    workbook: Workbook | None
    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...]
    defaults: tuple[Issue, ...]


def read(path: str | Path, changes: Sequence[Change] = ()) -> Workbook:
    """Read and validate a workbook.

    Raises InputError carrying every error and warning, in sheet order; UsageError for a change that matches nothing.
    """
    return _sound(inspect(path, changes))


def from_bytes(
    name: str,
    data: bytes,
    changes: Sequence[Change] = (),
    futures: bytes = b"",
    more: Rows | None = None,
    *,
    without: Collection[str] = (),
) -> Workbook:
    """The same of a workbook's bytes, read before or elsewhere; with the futures of another workbook, if given.

    Changes to what `futures` replaces are left out; `more` are rows that are added to tables, checked like the others;
    tables to do `without` are as if they were empty. Raises as `read` does.
    """
    book = raw_from_excel(name, data, without)
    if futures:
        _replace_futures(book, raw_from_excel("the workbook of futures", futures))
        changes = [change for change in changes if change.table not in FUTURES]
    add_rows(book, more or {})
    return _sound(_inspected(book, Path(name), hashlib.sha256(data).hexdigest(), changes))


def _replace_futures(book: RawBook, other: RawBook) -> None:
    """Take scenarios and events, and what was wrong with their sheets, from another workbook."""
    book.issues = [i for i in book.issues if i.sheet not in FUTURES] + [i for i in other.issues if i.sheet in FUTURES]
    for table in FUTURES:
        book.tables.pop(table, None)
        if table in other.tables:
            book.tables[table] = other.tables[table]


FUTURES = ("scenarios", "events")
"""The tables that say what may come."""


def inspect(path: str | Path, changes: Sequence[Change] = ()) -> Inspection:
    """Read and validate a workbook, reporting instead of raising. Raises UsageError only for a change."""
    path = Path(path)
    try:
        data = sound_bytes(path)
        book = raw_from_excel(path.name, data)
    except InputError as refusal:
        return Inspection(None, refusal.issues, (), ())
    return _inspected(book, path, hashlib.sha256(data).hexdigest(), changes)


def from_tables(
    tables: Rows,
    settings: Mapping[str, object],
    changes: Sequence[Change] = (),
) -> Workbook:
    """The workbook of Python rows, validated the same way. Raises InputError; cells are those of a bare sheet."""
    rows = [{"key": key, "value": value} for key, value in settings.items()]
    book = raw_from_python({"settings": rows, **tables})
    return _sound(_inspected(book, None, "", changes))


def _sound(inspection: Inspection) -> Workbook:
    if inspection.workbook is None:
        raise InputError((*inspection.errors, *inspection.warnings))
    return inspection.workbook


def _inspected(book: RawBook, path: Path | None, digest: str, changes: Sequence[Change]) -> Inspection:
    apply_changes(book, changes)
    found = typed(book)
    resolve_references(found)
    check_rules(found)
    check_sweeps(book, found)
    ordered = sorted(found.issues, key=lambda issue: _place(issue, book.sheets))
    errors = tuple(i for i in ordered if i.severity == "error")
    warnings = tuple(i for i in ordered if i.severity == "warning")
    defaults = tuple(found.defaults)
    if errors:
        return Inspection(None, errors, warnings, defaults)
    workbook = Workbook(
        path=path,
        sha256=digest,
        settings=_settings(found),
        rows={name: tuple(_row(name, row) for row in rows) for name, rows in found.tables.items()},
        warnings=warnings,
        defaults=defaults,
        changes=tuple(changes),
        provenance=found.provenance,
    )
    return Inspection(workbook, (), warnings, defaults)


def _place(issue: Issue, sheets: Sequence[str]) -> tuple[int, int, int, str]:
    """Sheets as they lie in the workbook, those that are missing last; then row by row, cell by cell."""
    sheet = sheets.index(issue.sheet) if issue.sheet in sheets else len(sheets)
    digits = "".join(c for c in issue.cell if c.isdigit())
    return sheet, int(digits or 0), len(issue.cell), issue.cell


def _row(table: str, row: TypedRow) -> Row:
    values = {field_of(name): value for name, value in row.values.items()}
    try:
        return TABLES[table].row(**values, where=row.where)
    except ValidationError as error:  # pragma: no cover - the parser has said it first; this is the second lock
        issue = Issue(table, row.cell(""), "", "", f"{error.errors()[0]['msg']}.")
        raise InputError([issue]) from error


def _settings(found: TypedBook) -> Settings:
    return Settings(**found.settings, where=found.places)
