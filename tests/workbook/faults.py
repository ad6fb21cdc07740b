"""Faults as data: an edit that makes one, and what must be said of it and where."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sound import Broken

from khovor.errors import Issue
from khovor.workbook import inspect


class Place(NamedTuple):
    """Where a fault is to be reported; the cell is empty for a whole sheet."""

    sheet: str
    cell: str = ""


Edit = Callable[[Broken], Place]


@dataclass(frozen=True)
class Fault:
    """An edit, a telling part of its message, and the nearest valid name where there is one.

    `follows` says that other cells depend on it and are reported too; `alone`, that it would hide other faults and is
    left out of the workbook that holds them all.
    """

    name: str
    edit: Edit
    says: str
    nearest: str = ""
    follows: bool = False
    alone: bool = False
    severity: str = "error"

    def check(self, place: Place, issues: Iterable[Issue]) -> None:
        """The fault is among the issues, once: at its place, in its words, with all that is due."""
        issues = list(issues)
        here = [i for i in issues if (i.sheet, i.cell) == place and self.says in i.message]
        assert len(here) == 1, (place, self.says, [str(i) for i in issues])
        (issue,) = here
        assert (issue.nearest, issue.severity) == (self.nearest, self.severity)
        assert issue.found
        assert issue.expected

    def check_alone(self, book: Broken) -> None:
        """Made on a sound workbook, the fault is reported, and nothing else unless something follows from it."""
        place = self.edit(book)
        found = issues(book.save())
        self.check(place, found)
        assert (len(found) > 1) == self.follows, [str(i) for i in found]


def put(table: str, row: int, column: str, value: object) -> Edit:
    """Set one cell of the sound workbook."""

    def edit(book: Broken) -> Place:
        cell = book.cell(table, row, column)
        cell.value = value
        return Place(table, cell.coordinate)

    return edit


def setting(key: str, value: object) -> Edit:
    """Set the value of one setting."""

    def edit(book: Broken) -> Place:
        cell = book.setting(key)
        cell.value = value
        return Place("settings", cell.coordinate)

    return edit


def add(table: str, at: str, /, **values: object) -> Edit:
    """Add a row whose fault is in the column `at`."""

    def edit(book: Broken) -> Place:
        row = book.append(table, **values)
        return Place(table, book.cell(table, row, at).coordinate)

    return edit


def seen(edit: Edit, sheet: str, cell: str) -> Edit:
    """The same edit, whose fault shows in another cell."""

    def edit_there(book: Broken) -> Place:
        edit(book)
        return Place(sheet, cell)

    return edit_there


def issues(path: Path) -> tuple[Issue, ...]:
    """All errors and warnings of a workbook."""
    found = inspect(path)
    assert (found.workbook is None) == bool(found.errors)
    return (*found.errors, *found.warnings)


def with_xml(book: Broken, table: str, old: str, new: str) -> Path:
    """The workbook with the first match of `old` in a sheet's XML replaced, as another program may have written it."""
    path, sheet = book.save(), book.excel.sheetnames.index(table) + 1
    patched = path.with_name("patched.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(patched, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            text = before.read(part)
            if part == f"xl/worksheets/sheet{sheet}.xml":
                assert re.search(old.encode(), text), text
                text = re.sub(old.encode(), new.encode(), text, count=1)
            after.writestr(part, text)
    return patched
