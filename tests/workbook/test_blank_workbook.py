"""The blank workbook: every declared table and column, with unit, help, colours and drop-downs that resolve."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from sound import HEADER, TABLES, sound

from khovor.errors import UsageError
from khovor.workbook import TABLES as DECLARED
from khovor.workbook import Table, blank, example, examples, inspect, reference
from khovor.workbook.column import Column
from khovor.workbook.tables import setting_columns


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blank workbook."""
    path = tmp_path_factory.mktemp("blank") / "blank.xlsx"
    blank(path)
    return path


@pytest.fixture(scope="module")
def excel(path: Path) -> Any:
    """The same, opened."""
    return load_workbook(path)


EACH_TABLE = pytest.mark.parametrize("table", DECLARED.values(), ids=lambda table: table.name)


def test_a_blank_workbook_asks_for_what_is_required(path: Path) -> None:
    """Its errors are that the required settings are blank and the required tables empty, and nothing else."""
    found = inspect(path)
    assert [(i.sheet, i.cell, i.found) for i in found.errors] == [
        ("settings", "B5", "blank"),
        ("settings", "B7", "blank"),
        ("periods", "A4", "no rows"),
        ("products", "A4", "no rows"),
        ("nodes", "A4", "no rows"),
    ]
    assert found.warnings == ()


def test_a_minimal_workbook(tmp_path: Path) -> None:
    """It has the required tables alone, and asks for the same."""
    path = tmp_path / "minimal.xlsx"
    blank(path, minimal=True)
    assert load_workbook(path).sheetnames == ["Guide", "settings", "periods", "products", "nodes"]
    assert [i.sheet for i in inspect(path).errors] == ["settings", "settings", "periods", "products", "nodes"]


def test_every_table_in_the_contracts_order(excel: Any) -> None:
    """The guide comes first, then every declared table."""
    assert excel.sheetnames == ["Guide", *DECLARED]


@EACH_TABLE
def test_every_column_is_explained(excel: Any, table: Table) -> None:
    """Title above, unit over each header, and a comment with help, what is expected, and what a blank means."""
    sheet = excel[table.name]
    assert table.title in sheet["A1"].value
    assert table.purpose in sheet["A1"].value
    assert [cell.value for cell in sheet[HEADER]] == [column.name for column in table.columns]
    for column, unit, head in zip(table.columns, sheet[HEADER - 1], sheet[HEADER], strict=True):
        assert unit.value == (column.unit or None)
        assert column.help in head.comment.text
        assert column.expected in head.comment.text
        assert ("Required." in head.comment.text) == column.required


@EACH_TABLE
def test_a_table_is_an_excel_table(excel: Any, table: Table) -> None:
    """The range is an Excel Table of the sheet's name, with a filter, its header frozen."""
    sheet = excel[table.name]
    listed = sheet.tables[table.name]
    assert listed.autoFilter is not None
    assert range_boundaries(listed.ref)[:2] == (1, HEADER)
    assert sheet.freeze_panes == f"B{HEADER + 1}"


def lists(sheet: Any) -> dict[str, Any]:
    """The drop-down of each first data cell."""
    return {
        f"{get_column_letter(area.min_col)}{area.min_row}": rule
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
    }


@EACH_TABLE
def test_drop_downs(excel: Any, table: Table) -> None:
    """A list on every enumerated, yes-or-no and reference column, and on no other, well below the data."""
    found = lists(excel[table.name])
    for place, column in enumerate(table.columns, 1):
        rule = found.get(f"{get_column_letter(place)}{HEADER + 1}")
        chosen = column.choices or column.ref or column.ref_by or column.kind == "yesno"
        assert (rule is not None) == bool(chosen), column.name
        if rule is not None:
            assert rule.type == "list"
            assert not rule.formula1.startswith("=")
            assert max(area.max_row for area in rule.sqref.ranges) > HEADER + 400
            assert_resolves(excel, table, column, rule.formula1)


def assert_resolves(excel: Any, table: Table, column: Column, formula: str) -> None:
    """A list holds the choices, or is the live column of the other table."""
    if column.choices or column.kind == "yesno":
        assert formula.strip('"').split(",") == list(column.choices or ("yes", "no"))
        assert len(formula) <= 255  # Excel's limit
        return
    if column.by:
        by = next(i for i, c in enumerate(table.columns, 1) if c.name == column.by)
        assert formula == f'INDIRECT("pick_"&${get_column_letter(by)}{HEADER + 1})'
        for choice, targets in column.ref_by:
            assert_live(excel, f"pick_{choice}", targets[0])
        return
    assert_live(excel, formula, column.ref[0])


def assert_live(excel: Any, name: str, target: str) -> None:
    """A defined name is the column of an Excel Table that is there."""
    table, column = target.split(".")
    assert excel.defined_names[name].attr_text == f"{table}[{column}]"
    assert column in [cell.value for cell in excel[table][HEADER]]
    assert table in excel[table].tables


def test_settings_have_their_own_lists(excel: Any) -> None:
    """Every setting stands in a row with its unit, help and default; a choice or reference has a list of its own."""
    sheet = excel["settings"]
    found = lists(sheet)
    for row, (key, column) in enumerate(setting_columns().items(), HEADER + 1):
        assert sheet.cell(row, 1).value == key
        assert sheet.cell(row, 2).value is None
        assert (sheet.cell(row, 3).value or "") == column.unit
        assert column.help in sheet.cell(row, 4).value
        assert (f"Default {column.blank_means}." in sheet.cell(row, 4).value) == (column.default is not None)
        rule = found.get(f"B{row}")
        assert (rule is not None) == bool(column.choices or column.ref)
        if rule is not None:
            assert_resolves(excel, DECLARED["settings"], column, rule.formula1)


def test_lists_of_a_minimal_workbook(tmp_path: Path) -> None:
    """No list names a table that is not there."""
    path = tmp_path / "minimal.xlsx"
    blank(path, minimal=True)
    excel = load_workbook(path)
    for name in excel.sheetnames[1:]:
        for rule in lists(excel[name]).values():
            if not rule.formula1.startswith('"'):
                assert rule.formula1 in excel.defined_names
    tables = {re.sub(r"\[.*", "", name.attr_text) for name in excel.defined_names.values()}
    assert tables <= set(excel.sheetnames)


def test_inputs_are_blue(tmp_path: Path) -> None:
    """Input cells are blue; required headers have a colour of their own."""
    sheet = load_workbook(sound(tmp_path))["sizes"]
    columns = DECLARED["sizes"].columns
    filled = [i for i, column in enumerate(columns, 1) if column.name in TABLES["sizes"][0]]
    assert {sheet.cell(HEADER + 1, i).font.color.rgb for i in filled} == {"000000FF"}
    fills = {column.required: sheet.cell(HEADER, i).fill.fgColor.rgb for i, column in enumerate(columns, 1)}
    assert fills[True] != fills[False]


def test_the_guide(excel: Any) -> None:
    """The guide names every table with its purpose and a link."""
    guide = excel["Guide"]
    shown = {row[0].value: row[1].value for row in guide.iter_rows(max_col=2) if row[0].hyperlink}
    links = {row[0].value: row[0].hyperlink.location for row in guide.iter_rows(max_col=2) if row[0].hyperlink}
    assert list(shown) == list(DECLARED)
    for name, table in DECLARED.items():
        assert table.purpose in shown[name]
        assert name in links[name]


def test_the_reference_page() -> None:
    """The page has a heading for every table and a line for every column and setting."""
    page = reference()
    for name, table in DECLARED.items():
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        columns = setting_columns().values() if name == "settings" else table.columns[:-5]
        for column in columns:
            (line,) = [line for line in section.splitlines()[4:] if re.match(rf"\| \**{column.name}\**\*? \|", line)]
            assert column.help in line
            assert (f" {column.unit} |" in line) if column.unit else True


def test_examples(tmp_path: Path) -> None:
    """The shipped example is copied byte for byte by its name in any case; a wrong name is told the right one."""
    example("Mongolia", tmp_path / "copy.xlsx")
    assert (tmp_path / "copy.xlsx").read_bytes() == examples()["mongolia"].read_bytes()
    with pytest.raises(UsageError, match="Did you mean mongolia"):
        example("mongola", tmp_path / "other.xlsx")


def test_every_column_is_declared_with_care() -> None:
    """Each column has help that is a sentence; each number says its unit or is a plain count or range."""
    for table in DECLARED.values():
        for column in table.columns:
            assert column.help.rstrip().endswith("."), (table.name, column.name)
