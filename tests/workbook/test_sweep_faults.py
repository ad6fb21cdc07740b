"""What-ifs: every way a row of `sweeps` can be wrong is told at its own cell, as if it were typed where it points."""

from __future__ import annotations

import pytest
from faults import Edit, Fault, add, issues
from sound import SETTINGS, TABLES, Broken

from khovor.errors import InputError
from khovor.workbook import Change, from_tables, studies


def sweep(at: str, **cells: object) -> Edit:
    """A what-if on the capacity of gate G1 with some cells changed; its fault is in the column `at`."""
    cell = {"table": "gates", "row": "G1", "column": "capacity_t_y", "value": 5}
    return add("sweeps", at, **{"study": "s", "name": f"n {cells}", **cell, **cells})


FAULTS = [
    Fault("sweep of no table", sweep("table", table="gate"), "table: there is no table 'gate'.", "gates"),
    Fault("sweep of no column", sweep("column", column="capacity"), "no column of gates 'capacity'.", "capacity_t_y"),
    Fault("sweep of no row", sweep("row", row="G2"), "row: no row of gates has this key.", "G1"),
    Fault(
        "sweep of no setting",
        sweep("row", table="settings", row="discount", column="value", value=0.1),
        "row: there is no setting 'discount'.",
        "discount_rate",
    ),
    Fault("sweep to nothing", sweep("value", value=None), "value: neither a value nor a factor is given."),
    Fault("sweep to both", sweep("factor", factor=2), "factor: both a value and a factor are given."),
    Fault("sweep by text", sweep("factor", value=None, factor="half"), "'half' is text where a number is expected"),
    Fault("sweep below the least", sweep("value", value=-1), "-1 is below the least allowed, 0 in gates[G1]"),
    Fault(
        "sweep above the most",
        sweep("value", table="settings", row="discount_rate", column="value", value=8),
        "8 is above the most allowed, 1 (a share: write 8% as 0.08)",
    ),
    Fault(
        "sweep by a factor below the least",
        sweep("factor", value=None, factor=-1),
        "factor: -500 is below the least allowed, 0 in gates[G1].capacity_t_y.",
    ),
    Fault(
        "sweep of a blank cell",
        sweep("factor", column="booking_usd_t_y", value=None, factor=2),
        "factor: the cell gates!C4 is blank, which cannot be multiplied.",
    ),
    Fault(
        "sweep of half a unit",
        sweep("factor", table="sites", row="D1:mill", column="existing_units", value=None, factor=0.5),
        "factor: a whole number is expected here",
    ),
    Fault("sweep to text", sweep("value", value="much"), "value: 'much' is text where a number is expected"),
    Fault(
        "sweep to no choice",
        sweep("value", table="lanes", row="rail", column="status", value="opened"),
        "'opened' is not one of open, project",
        "open",
    ),
    Fault(
        "sweep to no name",
        sweep("value", table="lanes", row="in", column="mode", value="raod"),
        "value: 'raod' is not a name that may stand in lanes[in].mode.",
        "road",
    ),
    Fault("sweep named base", sweep("name", name=" BASE"), "name: 'base' is the run in which nothing is changed"),
    Fault(
        "sweep of sweeps",
        sweep("table", table="sweeps", row="gate", column="value"),
        "table: a what-if cannot change the what-ifs.",
    ),
    Fault("sweep of nothing named", sweep("table", table=None), "table is blank"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(book: Broken, fault: Fault) -> None:
    """The fault is reported at its cell, in its words, with the nearest name, and nothing else."""
    fault.check_alone(book)


def test_a_sound_sweep_is_no_fault(book: Broken) -> None:
    """Stars, settings that the workbook leaves at their default, and names of other tables are all understood."""
    for number, cells in enumerate(
        (
            {"table": "Markets", "row": "m1:*", "column": "PRICE_usd_t", "factor": 0.9, "value": None},
            {"table": "settings", "row": "objective", "column": "value", "value": "cost"},
            {"table": "settings", "row": "mip_gap", "column": "value", "factor": 10, "value": None},
            {"table": "lanes", "row": "out", "column": "gate", "value": "g1"},
            {"table": "lanes", "row": "out", "column": "over", "value": "KZ; RU"},
        )
    ):
        sweep("table", name=f"sound {number}", **cells)(book)
    assert issues(book.save()) == ()


def test_rows_of_one_name_are_one_run() -> None:
    """The rows of a study are grouped by name, in the order of the sheet, each as `--set` would change it."""
    workbook = from_tables(TABLES, SETTINGS)
    assert studies(workbook.rows["sweeps"]) == {
        "gate": {
            "half": (
                Change("sizes", ("mine",), "capex_musd", 0.5, is_factor=True),
                Change("lanes", ("in",), "usd_t", 40.0),
            ),
            "wide": (Change("gates", ("G1",), "capacity_t_y", 900.0),),
        }
    }


def test_the_same_cell_twice_in_one_run() -> None:
    """A what-if that changes one cell twice is refused: which of the two holds?"""
    row = {"study": "s", "name": "n", "table": "gates", "row": "G1", "column": "capacity_t_y"}
    with pytest.raises(InputError, match="stands twice in sweeps"):
        from_tables({**TABLES, "sweeps": [{**row, "value": 1}, {**row, "value": 2}]}, SETTINGS)
