"""Defaults: used only for blank cells whose column declares one, and every one in use is listed."""

from __future__ import annotations

from faults import issues
from sound import TABLES, Broken

from khovor.workbook import TABLES as DECLARED
from khovor.workbook import inspect
from khovor.workbook.tables import setting_columns


def test_every_default_in_use_is_listed_once(book: Broken) -> None:
    """One line for each column with a default that some row leaves blank, with the first such cell and how many."""
    found = inspect(book.save())
    listed = {(d.sheet, d.message.split(" = ")[0]): d for d in found.defaults}
    assert len(listed) == len(found.defaults)
    due = {
        (name, column.name)
        for name, rows in TABLES.items()
        for column in DECLARED[name].columns
        if column.default not in (None, ()) and any(row.get(column.name) is None for row in rows)
    }
    settings = {("settings", key) for key, column in setting_columns().items() if column.default is not None}
    assert set(listed) == due | settings
    loss = listed["lanes", "loss_share"]
    assert (loss.cell, loss.found, loss.expected) == ("I4", "3 blank cell(s)", "0")
    assert loss.message == "loss_share = 0 where it is blank."
    status = listed["sites", "status"]
    assert (status.cell, status.found) == ("C4", "1 blank cell(s)")
    assert status.message == "status = candidate where it is blank."
    assert listed["products", "traced"].message == "traced = no where it is blank."
    assert listed["settings", "mip_gap"].cell == "B11"


def test_a_column_that_is_not_there(book: Broken) -> None:
    """A column that was deleted is blank in every row: its default is said to stand for the column."""
    sheet = book.excel["lanes"]
    sheet.delete_cols(book.cell("lanes", -1, "loss_share").column)
    found = inspect(book.save())
    (loss,) = [d for d in found.defaults if "loss_share" in d.message]
    assert (loss.cell, loss.found) == ("", "no such column")
    assert found.workbook is not None
    assert [lane.loss_share for lane in found.workbook.rows["lanes"]] == [0.0, 0.0, 0.0]


def test_a_default_is_never_used_for_what_cannot_be_read(book: Broken) -> None:
    """A mistyped cell is an error, and is not counted among the blanks."""
    book.cell("lanes", 0, "loss_share").value = "none"
    found = inspect(book.save())
    assert found.workbook is None
    assert [(i.sheet, i.cell) for i in issues(book.path)] == [("lanes", "I4")]
    (loss,) = [d for d in found.defaults if "loss_share" in d.message]
    assert (loss.cell, loss.found) == ("I5", "2 blank cell(s)")


def test_a_blank_without_default_stays_blank(book: Broken) -> None:
    """No number is invented: an unlimited capacity, an absent penalty and an unknown distance are None."""
    workbook = inspect(book.save()).workbook
    assert workbook is not None
    rows = workbook.rows
    assert (rows["lanes"][0].capacity_t_y, rows["lanes"][1].distance_km) == (None, None)
    assert rows["markets"][0].shortfall_usd_t is None
