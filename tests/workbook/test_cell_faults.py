"""Every way a cell can be mistyped: each alone, and all in one workbook, with sheet, cell and sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sound import Broken, sound

from khovor.workbook import inspect


@dataclass(frozen=True)
class Fault:
    """An edit, and what must be said of it."""

    name: str
    edit: Callable[[Broken], None]
    sheet: str
    cell: str
    says: str
    nearest: str = ""


def put(table: str, row: int, column: str, value: object) -> Callable[[Broken], None]:
    """An edit that sets one cell."""

    def edit(book: Broken) -> None:
        book.cell(table, row, column).value = value

    return edit


def setting(key: str, value: object) -> Callable[[Broken], None]:
    """An edit that sets one setting."""

    def edit(book: Broken) -> None:
        book.setting(key).value = value

    return edit


FAULTS = [
    Fault("text", put("sizes", 0, "capacity_t_y", "lots"), "sizes", "C4", "'lots' is text where a number is expected"),
    Fault("n/a", put("sizes", 0, "capex_musd", "n/a"), "sizes", "D4", "'n/a' is text where a number is expected"),
    Fault("thousands", put("sizes", 1, "capacity_t_y", "1,000"), "sizes", "C5", "a thousands separator: type 1000"),
    Fault("decimal comma", put("sizes", 1, "capex_musd", "1,5"), "sizes", "D5", "a decimal comma: type 1.5"),
    Fault("percent", setting("discount_rate", "8%"), "settings", "B7", "a percent sign: type 0.08"),
    Fault(
        "unit",
        put("processes", 0, "build_years", "70 weeks"),
        "processes",
        "C4",
        "a unit typed into the cell: type the number alone, in years",
    ),
    Fault(
        "unit in t",
        put("gates", 0, "capacity_t_y", "500 t/y"),
        "gates",
        "B4",
        "a unit typed into the cell: type the number alone, in t/y",
    ),
    Fault("stored as text", put("lanes", 1, "usd_t", "30"), "lanes", "F5", "a number stored as text"),
    Fault("blank", put("nodes", 1, "kind", None), "nodes", "C5", "kind is blank"),
    Fault(
        "negative capacity",
        put("stockpiles", 0, "capacity_t", -5),
        "stockpiles",
        "C4",
        "-5 is below the least allowed, 0",
    ),
    Fault(
        "negative price", put("purchases", 0, "price_usd_t", -1), "purchases", "C4", "-1 is below the least allowed, 0"
    ),
    Fault(
        "negative probability", put("scenarios", 0, "probability", -0.1), "scenarios", "C4", "-0.1 is below the least"
    ),
    Fault("rate of 800%", setting("risk_tail", 8), "settings", "B16", "8 is above the most allowed, 1"),
    Fault("NaN", put("lanes", 0, "distance_km", "NaN"), "lanes", "E4", "'NaN' is not a number"),
    Fault("inf", put("utility_supply", 0, "limit_y", "inf"), "utility_supply", "D4", "'inf' is not a number"),
    Fault("date", put("markets", 0, "max_t_y", dt.datetime(2030, 1, 5)), "markets", "E4", "a date is not expected"),
    Fault("boolean", put("markets", 0, "price_usd_t", True), "markets", "D4", "a TRUE/FALSE value is not expected"),
    Fault("half a unit", put("overrides", 0, "units", 0.5), "overrides", "F4", "a whole number is expected"),
    Fault("Excel error", put("profiles", 0, "factor", "#REF!"), "profiles", "C4", "Excel's error #REF!"),
    Fault("formula", put("deposits", 0, "reserve_t", "=1+1"), "deposits", "C4", "no calculated value"),
    Fault("not a choice", put("nodes", 2, "kind", "markt"), "nodes", "C6", "'markt' is not one of", "market"),
    Fault("yes or no", put("products", 2, "traced", "maybe"), "products", "D6", "write yes or no"),
    Fault(
        "unknown setting",
        lambda b: setattr(b.excel["settings"].cell(18, 1), "value", "disount_rate"),
        "settings",
        "A18",
        "There is no setting 'disount_rate'",
        "discount_rate",
    ),
]


def check(path: Path, fault: Fault) -> None:
    """The fault is among the errors, at its cell, with its sentence and nearest name."""
    errors = inspect(path).errors
    said = [e for e in errors if e.sheet == fault.sheet and e.cell == fault.cell and fault.says in e.message]
    assert said, [str(e) for e in errors]
    assert fault.nearest in said[0].nearest
    assert said[0].found and said[0].expected


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(tmp_path: Path, fault: Fault) -> None:
    """The fault alone is reported, and nothing is reported elsewhere than its row or what depends on it."""
    book = Broken(sound(tmp_path))
    fault.edit(book)
    path = book.save()
    check(path, fault)
    assert inspect(path).workbook is None


def test_all_faults_in_one_workbook(tmp_path: Path) -> None:
    """All faults at once are all reported, together and in sheet order."""
    book = Broken(sound(tmp_path))
    for fault in FAULTS:
        fault.edit(book)
    path = book.save()
    for fault in FAULTS:
        check(path, fault)
    errors = inspect(path).errors
    sheets = list(dict.fromkeys(e.sheet for e in errors))
    order = [s for s in book.excel.sheetnames if s in sheets]
    assert sheets == order


def test_the_sound_workbook_is_sound(tmp_path: Path) -> None:
    """Before it is broken the workbook has no error and no warning."""
    found = inspect(sound(tmp_path))
    assert found.errors == () and found.warnings == ()
    assert found.workbook is not None
