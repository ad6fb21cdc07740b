"""A workbook with every fault that does not hide another: all are told, together, in the order of the sheets."""

from __future__ import annotations

import test_cell_faults
import test_name_faults
import test_row_faults
import test_sheet_faults
import test_sweep_faults
from faults import Fault, Place, issues
from sound import Broken

from khovor.workbook import TABLES, inspect

ALL: list[Fault] = [
    fault
    for group in (
        test_cell_faults.FAULTS,
        test_row_faults.FAULTS,
        test_name_faults.FAULTS,
        test_name_faults.DANGLING,
        test_sheet_faults.FAULTS,
        test_sweep_faults.FAULTS,
    )
    for fault in group
    if not fault.alone
]

HIDDEN = {
    "continental",
    "deposits.node",
    "deposits.product",
    "lanes.mode",
    "events.target of a mode",
    "sweep to no name",
}
"""What cannot show where the sheet deposits is misspelt and the table modes deleted."""


def test_every_fault_at_once(book: Broken) -> None:
    """Each of more than a hundred faults is reported once, at its place; none keeps another from being told."""
    places: list[tuple[Fault, Place]] = [(fault, fault.edit(book)) for fault in ALL if fault.name not in HIDDEN]
    found = issues(book.save())
    assert len(places) > 150
    for fault, place in places:
        fault.check(place, found)


def test_in_sheet_order(book: Broken) -> None:
    """All errors come in the order in which the sheets lie."""
    for fault in ALL:
        fault.edit(book)
    names = [
        next((name for name in TABLES if name == title.strip().casefold()), title) for title in book.excel.sheetnames
    ]
    places = [names.index(issue.sheet) for issue in inspect(book.save()).errors]
    assert places == sorted(places)
    assert len(set(places)) > 25


def test_deleted_and_headless_sheets_together(book: Broken) -> None:
    """Sheets that are gone or have no header are told beside one another, each once, those that are gone last."""
    faults = {fault.name: fault for fault in test_sheet_faults.FAULTS}
    chosen = [faults[f"{name} deleted"] for name in ("settings", "required table", "optional table")]
    chosen += [faults["no header"], faults["header moved off the data"], faults["second header"]]
    places = [(fault, fault.edit(book)) for fault in chosen]
    found = issues(book.save())
    for fault, place in places:
        fault.check(place, found)
    assert [issue.sheet for issue in inspect(book.path).errors][-2:] == ["settings", "periods"]
