"""Sheets and headers at fault: missing, misspelt, doubled, shifted, merged; and what lies beside and below a table."""

from __future__ import annotations

import pytest
from faults import Edit, Fault, Place
from sound import HEADER, SETTINGS, TABLES, Broken

from khovor.errors import InputError
from khovor.workbook import from_tables


def delete(sheet: str, at: Place) -> Edit:
    """Delete a sheet; the fault shows `at` a place."""

    def edit(book: Broken) -> Place:
        del book.excel[sheet]
        return at

    return edit


def rename(sheet: str, name: str) -> Edit:
    """Rename a sheet."""

    def edit(book: Broken) -> Place:
        book.excel[sheet].title = name
        return Place(name)

    return edit


def extra_sheet(name: str, table: str = "") -> Edit:
    """Add a sheet of one's own; the fault shows at the table it doubles, or at the sheet."""

    def edit(book: Broken) -> Place:
        book.excel.create_sheet(name).cell(1, 1, "mine")
        return Place(table or name)

    return edit


def retitle(table: str, column: str, title: object) -> Edit:
    """Write something else in a cell of the header."""

    def edit(book: Broken) -> Place:
        cell = book.cell(table, -1, column)
        cell.value = title
        return Place(table, cell.coordinate)

    return edit


def drop(table: str, column: str) -> Edit:
    """Delete a column; the fault shows at the start of the header."""

    def edit(book: Broken) -> Place:
        book.excel[table].delete_cols(book.cell(table, -1, column).column)
        return Place(table, f"A{HEADER}")

    return edit


def merge(table: str, row: int, column: str) -> Edit:
    """Merge a cell with the one below it."""

    def edit(book: Broken) -> Place:
        top, bottom = (book.cell(table, r, column).coordinate for r in (row, row + 1))
        book.excel[table].merge_cells(f"{top}:{bottom}")
        return Place(table, top)

    return edit


def untitled(table: str) -> Edit:
    """A value beside the table, under no header."""

    def edit(book: Broken) -> Place:
        cell = book.excel[table].cell(HEADER + 1, book.excel[table].max_column + 2)
        cell.value = "seen in 2024"
        return Place(table, cell.coordinate)

    return edit


def far_below(table: str) -> Edit:
    """A row after twenty blank ones."""

    def edit(book: Broken) -> Place:
        row = book.append(table) + 20
        book.excel[table].cell(HEADER + 1 + row, 2).value = "total"
        return Place(table, f"A{HEADER + 1 + row}")

    return edit


def one_cell_right(book: Broken) -> Place:
    """The header, but not the data, moved one column to the right."""
    sheet = book.excel["stockpiles"]
    sheet.move_range(f"A{HEADER}:{sheet.cell(HEADER, sheet.max_column).coordinate}", cols=1)
    return Place("stockpiles", f"B{HEADER + 1}")


def no_header(book: Broken) -> Place:
    """A sheet whose header is gone."""
    book.excel["deposits"].delete_rows(HEADER)
    return Place("deposits", "A1")


def header_too_low(book: Broken) -> Place:
    """A header below the tenth row."""
    book.excel["deposits"].insert_rows(1, 10)
    return Place("deposits", "A1")


def second_header(book: Broken) -> Place:
    """Units in a second header row, below the first."""
    sheet = book.excel["utility_supply"]
    sheet.insert_rows(HEADER + 1)
    sheet.cell(HEADER + 1, 3).value = "USD/unit"
    return Place("utility_supply", f"C{HEADER + 1}")


def twice(book: Broken) -> Place:
    """A column that stands twice."""
    sheet = book.excel["gates"]
    cell = sheet.cell(HEADER, sheet.max_column + 1)
    cell.value = " Capacity_t_y"
    return Place("gates", cell.coordinate)


FAULTS = [
    Fault(
        "required table deleted",
        delete("periods", Place("periods")),
        "The table periods is missing",
        follows=True,
        alone=True,
    ),
    Fault("settings deleted", delete("settings", Place("settings")), "The table settings is missing", alone=True),
    Fault(
        "optional table deleted",
        delete("modes", Place("lanes", "D4")),
        "other cell(s)) is not in modes, which holds no name",
        follows=True,
    ),
    Fault("sheet misspelt", rename("deposits", "desposits"), "There is no table 'desposits'", nearest="deposits"),
    Fault(
        "required sheet misspelt", rename("settings", "setings"), "There is no table 'setings'", "settings", alone=True
    ),
    Fault(
        "Cyrillic in a sheet's name",
        rename("utility_use", "utility_us\u0435"),
        "There is no table 'utility_us\u0435': it contains the Cyrillic letter '\u0435' (U+0435)",
        nearest="utility_use",
        alone=True,
    ),
    Fault("sheet twice", extra_sheet("Lanes ", "lanes"), "The sheets 'lanes' and 'Lanes ' both hold the table lanes"),
    Fault("sheet of one's own", extra_sheet("Backup"), "is not a table of khovor and is not read", severity="warning"),
    Fault(
        "column misspelt",
        retitle("utility_supply", "price_usd", "prise_usd"),
        "There is no column 'prise_usd' in utility_supply",
        nearest="price_usd",
    ),
    Fault(
        "column cut short",
        retitle("markets", "price_usd_t", "price"),
        "There is no column 'price' in markets",
        nearest="price_usd_t",
        alone=True,
    ),
    Fault(
        "column in other signs",
        retitle("markets", "max_t_y", "Max t/y"),
        "There is no column 'Max t/y' in markets",
        nearest="max_t_y",
        alone=True,
    ),
    Fault(
        "Cyrillic in a column's name",
        retitle("projects", "build_years", "build_y\u0435ars"),
        "There is no column 'build_y\u0435ars' in projects: it contains the Cyrillic letter",
        nearest="build_years",
    ),
    Fault(
        "column of one's own",
        retitle("utilities", "source", "colour"),
        "The column 'colour' is not one of utilities and is not read; start its name with _",
        severity="warning",
    ),
    Fault("column twice", twice, "The column capacity_t_y stands twice"),
    Fault("required column deleted", drop("deposits", "product"), "The column product is missing", alone=True),
    Fault("merged cells", merge("scenarios", 0, "name"), "The cells B4:B5 are merged"),
    Fault("merged header", merge("profiles", -1, "note"), "are merged: a table needs one value in each cell"),
    Fault("beside the table", untitled("purchases"), "has values but no header in row 3", severity="warning"),
    Fault("far below", far_below("nodes"), "stands 20 blank rows or more below the table", severity="warning"),
    Fault("header moved off the data", one_cell_right, "node: 'conc' is not in nodes", follows=True, alone=True),
    Fault("no header", no_header, "No header row was found in the first 10 rows", alone=True),
    Fault("header too low", header_too_low, "No header row was found in the first 10 rows", alone=True),
    Fault("second header", second_header, "price_usd: 'USD/unit' is text where a number is", follows=True, alone=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(book: Broken, fault: Fault) -> None:
    """The fault is reported at its sheet or cell, in its words, and nothing else but what follows from it."""
    fault.check_alone(book)


def test_a_missing_table_is_said_once_by_those_who_name_it() -> None:
    """Groups of gates and lanes without the table lanes: one issue for all the lanes, none for the gate."""
    members = [{"group": "south", "member": name} for name in ("G1", "in", "out", "rail")]
    tables = {**TABLES, "groups": members, "lanes": [], "project_effects": [], "events": []}
    with pytest.raises(InputError) as caught:
        from_tables(tables, SETTINGS)
    (issue,) = [i for i in caught.value.issues if i.sheet == "groups"]
    assert (issue.cell, issue.found) == ("B3", "in")
    assert "(and 2 other cell(s)) is not in lanes, which holds no name: is its sheet there?" in issue.message
