"""A workbook that is read again: the file is opened once in a process, and no reading sees another's changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from khovor import workbook
from khovor.workbook import sheets
from khovor.workbook.change import parse_change
from support import SETTINGS, one_mine


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    """The bytes of a sound workbook."""
    cell = {"table": "markets", "row": "M:ore", "column": "price_usd_t"}
    whatifs = [{"study": "prices", "name": "half", **cell, "factor": 0.5}]
    workbook.write(tmp_path / "mine.xlsx", one_mine(sweeps=whatifs), SETTINGS)
    return (tmp_path / "mine.xlsx").read_bytes()


def test_changes_and_added_rows_are_of_one_reading(data: bytes) -> None:
    """A changed cell, a setting that was not there and a row that was added are gone in the next reading."""
    plain = workbook.from_bytes("mine.xlsx", data)
    changes = [parse_change("markets[M:ore].price_usd_t=7"), parse_change("settings[mip_gap].value=0.5")]
    more = {"products": [{"product": "slag"}]}
    changed = workbook.from_bytes("mine.xlsx", data, changes, more=more)
    assert changed.rows["markets"][0].price_usd_t == 7
    assert changed.settings.mip_gap == 0.5
    assert len(changed.rows["products"]) == len(plain.rows["products"]) + 1
    again = workbook.from_bytes("mine.xlsx", data)
    assert (again.rows, again.settings, again.warnings) == (plain.rows, plain.settings, plain.warnings)


def test_a_file_is_opened_once(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reading of the same bytes opens no file; other bytes are opened."""
    opened: list[object] = []
    usual = sheets.load_workbook
    monkeypatch.setattr(sheets, "load_workbook", lambda *given, **how: opened.append(1) or usual(*given, **how))
    for _ in range(3):
        workbook.from_bytes("again.xlsx", data)
    assert len(opened) == 1


def test_a_table_that_is_done_without_is_empty(data: bytes) -> None:
    """It is neither read nor checked; the others are as they are, and the next reading has it again."""
    plain = workbook.from_bytes("mine.xlsx", data)
    less = workbook.from_bytes("mine.xlsx", data, without=("sweeps",))
    assert plain.rows["sweeps"] and not less.rows["sweeps"]
    assert {**less.rows, "sweeps": plain.rows["sweeps"]} == plain.rows
    assert workbook.from_bytes("mine.xlsx", data).rows == plain.rows
