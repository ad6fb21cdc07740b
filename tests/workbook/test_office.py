"""A workbook that LibreOffice has opened and saved says the same as before."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults import issues
from openpyxl import load_workbook
from sound import HEADER, sound
from test_round_trip import told

from khovor.workbook import blank, inspect
from support import PATIENCE_S

SOFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not on this machine"),
]


def edited(folder: Path, name: str, edit: Callable[[Any], None]) -> Path:
    """The sound workbook after an edit."""
    path = sound(folder, name)
    excel = load_workbook(path)
    edit(excel)
    excel.save(path)
    return path


def with_formulas(excel: Any) -> None:
    """Formulas that give what stood there before: a capacity, and a blank distance."""
    excel["gates"].cell(HEADER + 1, 2).value = "=250*2"
    excel["lanes"].cell(HEADER + 2, 5).value = '=IF(1=1,"",5)'


def with_an_error(excel: Any) -> None:
    """A division by nothing."""
    excel["gates"].cell(HEADER + 1, 2).value = "=1/0"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three workbooks: `formulas`, `error` and `blank`."""
    folder = tmp_path_factory.mktemp("before")
    edited(folder, "formulas.xlsx", with_formulas)
    edited(folder, "error.xlsx", with_an_error)
    blank(folder / "blank.xlsx")
    return folder


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three as LibreOffice saves them, formulas calculated."""
    folder = tmp_path_factory.mktemp("after")
    command = [str(SOFFICE), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), *map(str, sorted(before.glob("*.xlsx")))]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    return folder


def test_formulas(before: Path, after: Path, tmp_path: Path) -> None:
    """Formulas without value are refused; calculated, they are their values, and an empty one is a blank."""
    assert {(i.sheet, i.cell) for i in issues(before / "formulas.xlsx")} == {("gates", "B4"), ("lanes", "E5")}
    found, plain = inspect(after / "formulas.xlsx").workbook, inspect(sound(tmp_path)).workbook
    assert found is not None
    assert plain is not None
    assert told(found) == told(plain)


def test_an_error(after: Path) -> None:
    """A division by nothing is reported as the error it is."""
    (issue,) = issues(after / "error.xlsx")
    assert (issue.sheet, issue.cell, issue.found) == ("gates", "B4", "#DIV/0!")


def test_a_blank_workbook_keeps_its_lists(before: Path, after: Path) -> None:
    """Drop-downs and the named lists they show survive, and the workbook asks for the same as before."""
    assert inspect(after / "blank.xlsx").errors == inspect(before / "blank.xlsx").errors
    excel, saved = load_workbook(before / "blank.xlsx"), load_workbook(after / "blank.xlsx")
    assert set(saved.defined_names) >= set(excel.defined_names)
    assert all("#REF!" not in name.attr_text for name in saved.defined_names.values())
    for name in excel.sheetnames[1:]:
        lists = [len(book[name].data_validations.dataValidation) for book in (excel, saved)]
        assert lists[0] == lists[1], name
