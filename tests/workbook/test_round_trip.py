"""From tables to a workbook and back: nothing is lost, changed or invented on the way."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sound import SETTINGS, TABLES, sound

from khovor.errors import InputError, WriteError
from khovor.workbook import TABLES as DECLARED
from khovor.workbook import Workbook, from_tables, inspect, read, write
from khovor.workbook.row import field_of

META: dict[str, dict[str, object]] = {
    "discount_rate": {"basis": "assumption", "low": 0.06, "high": 0.12, "source": "the ministry, 2024", "note": "real"}
}


def told(workbook: Workbook) -> dict[str, Any]:
    """All that a workbook says, wherever it stands."""
    rows = {name: [row.model_dump(exclude={"where"}) for row in found] for name, found in workbook.rows.items()}
    settings = workbook.settings.model_dump(exclude={"where"})
    return {**rows, "settings": settings, "provenance": {k: dict(v) for k, v in workbook.provenance.items() if v}}


def tables_of(workbook: Workbook) -> dict[str, list[dict[str, object]]]:
    """The rows of a workbook as they are written."""
    return {
        name: [{column.name: getattr(row, field_of(column.name)) for column in DECLARED[name].columns} for row in rows]
        for name, rows in workbook.rows.items()
    }


def there_and_back(path: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> Workbook:
    """Write tables and read them."""
    write(path, tables, SETTINGS, META, only=())
    return read(path)


def test_tables_to_workbook_to_tables(tmp_path: Path) -> None:
    """What is written is read; written again from the rows that were read, it is the same once more."""
    first = there_and_back(tmp_path / "first.xlsx", TABLES)
    second = there_and_back(tmp_path / "second.xlsx", tables_of(first))
    assert told(first) == told(second)
    assert told(first) == {**told(from_tables(TABLES, SETTINGS)), "provenance": META}
    assert first.provenance["discount_rate"] == META["discount_rate"]


def test_every_row_knows_its_cells(tmp_path: Path) -> None:
    """Each row remembers its sheet, row and the cell of every column."""
    workbook = read(sound(tmp_path))
    lane = workbook.rows["lanes"][1]
    assert (lane.where.sheet, lane.where.row) == ("lanes", 5)
    assert (lane.where.cells["lane"], lane.where.cells["to"], lane.where.cells["note"]) == ("A5", "C5", "W5")
    assert workbook.settings.where["discount_rate"].cells["value"] == "B7"


def test_numbers_are_not_rounded(tmp_path: Path) -> None:
    """Sixteen digits survive, however the cell is formatted; so do very large and very small numbers."""
    amounts = [1 / 3, 1234567.891, 1e15 + 0.3, 1e-300, 1e300, 2.0**53 + 2, 0.1]
    gates = [{"gate": f"h{i}", "capacity_t_y": amount} for i, amount in enumerate(amounts)]
    workbook = there_and_back(tmp_path / "case.xlsx", {**TABLES, "gates": [*TABLES["gates"], *gates]})
    assert [gate.capacity_t_y for gate in workbook.rows["gates"][1:]] == pytest.approx(amounts, rel=5e-16)


@pytest.mark.parametrize(
    "text", ["=1+1", "=cmd|' /C calc'!A0", "+5", "-", "@sum", "'quoted'", "1e5", "007", "TRUE", "₮ 5 & <b>", "a\nb"]
)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    """A text that looks like a formula, a number or a tag is written and read as the text it is."""
    tables = {**TABLES, "gates": [{**TABLES["gates"][0], "note": text}]}
    assert there_and_back(tmp_path / "case.xlsx", tables).rows["gates"][0].note == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_excel_cannot_hold(tmp_path: Path, value: float) -> None:
    """It is not written as a blank, which would mean unlimited: reading refuses it at its cell."""
    tables = {**TABLES, "gates": [{**TABLES["gates"][0], "capacity_t_y": value}]}
    with pytest.raises(InputError) as refused:
        there_and_back(tmp_path / "case.xlsx", tables)
    (issue,) = refused.value.issues
    assert (issue.sheet, issue.cell, issue.found) == ("gates", "B4", str(value))


@pytest.mark.parametrize(
    ("tables", "settings", "says"),
    [
        ({"gate": []}, {}, "There is no table gate"),
        ({"gates": [{"gate": "g", "capacity": 5}]}, {}, "There is no column capacity in gates"),
        ({}, {"discount": 0.1}, "There is no setting discount"),
    ],
)
def test_nothing_is_lost_in_writing(tmp_path: Path, tables: Any, settings: Any, says: str) -> None:
    """A table, column or setting that is not declared is refused rather than left out."""
    with pytest.raises(ValueError, match=says):
        write(tmp_path / "case.xlsx", tables, settings)
    assert list(tmp_path.iterdir()) == []


def test_python_tables_are_checked_alike() -> None:
    """Rows from Python meet the same faults, all together, with cells as on a bare sheet."""
    tables: dict[str, Any] = {**TABLES, "gats": [], "gates": [{"gate": "G1", "capcity_t_y": 5}], "extra": [{"a": 1}]}
    tables["sizes"] = [{**TABLES["sizes"][0], "capex_musd": -1}, {**TABLES["sizes"][1], "capacity_t_y": None}]
    with pytest.raises(InputError) as refused:
        from_tables(tables, SETTINGS)
    found = {(i.sheet, i.cell): (i.message, i.nearest) for i in refused.value.issues if i.severity == "error"}
    assert found["gats", ""] == ("There is no table 'gats'.", "gates")
    assert found["gates", "B1"] == ("There is no column 'capcity_t_y' in gates.", "capacity_t_y")
    assert found["sizes", "D2"][0] == "capex_musd: -1 is below the least allowed, 0."
    assert found["sizes", "C3"][0].startswith("capacity_t_y is blank")
    assert ("extra", "") in found
    assert len(found) == 5


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """Writing over a file that is there is refused, and leaves it as it is."""
    path = sound(tmp_path)
    before = path.read_bytes()
    with pytest.raises(WriteError, match="exists already"):
        write(path, TABLES, SETTINGS)
    assert path.read_bytes() == before


def test_nowhere_to_write(tmp_path: Path) -> None:
    """A folder that is not there is an error in words, and leaves nothing behind."""
    with pytest.raises(WriteError, match="cannot be written"):
        write(tmp_path / "none" / "case.xlsx", TABLES, SETTINGS)
    assert list(tmp_path.iterdir()) == []


def test_the_stamp_is_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    """The checksum of a workbook is that of its file."""
    path = sound(tmp_path)
    found = inspect(path).workbook
    assert found is not None
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
