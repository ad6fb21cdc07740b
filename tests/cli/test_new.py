"""`khovor new`, `--version`, help and usage errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import khovor, process
from openpyxl import load_workbook

import khovor as package


def sheets(path: Path) -> list[str]:
    """The sheets of a workbook."""
    return load_workbook(path, read_only=True).sheetnames


def test_version() -> None:
    """`--version` prints the version on stdout and leaves with 0."""
    answer = process("--version")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"khovor {package.__version__}\n", "")


@pytest.mark.parametrize("command", ["new", "check", "solve"])
def test_help_shows_an_example(command: str) -> None:
    """Each command's help shows a line that can be copied."""
    answer = khovor(command, "--help")
    assert answer.returncode == 0
    assert f"Example: khovor {command} " in answer.stdout


def test_blank_and_minimal(tmp_path: Path) -> None:
    """A blank workbook has every table, a minimal one only those that are required."""
    assert khovor("new", tmp_path / "blank.xlsx").returncode == 0
    assert khovor("new", tmp_path / "minimal.xlsx", "--minimal").returncode == 0
    blank, minimal = sheets(tmp_path / "blank.xlsx"), sheets(tmp_path / "minimal.xlsx")
    assert "scenarios" in blank
    assert "periods" in minimal
    assert set(minimal) < set(blank)


def test_example_is_a_copy_that_checks(tmp_path: Path) -> None:
    """The shipped example is copied and has no error."""
    path = tmp_path / "mine.xlsx"
    answer = khovor("new", path, "--example", "mongolia", "--json")
    assert (answer.returncode, json.loads(answer.stdout)) == (0, {"workbook": str(path)})
    assert khovor("check", path, "--quiet").returncode == 0


def test_suffix(tmp_path: Path) -> None:
    """A name without suffix gets .xlsx; another suffix is a usage error that writes nothing."""
    assert khovor("new", tmp_path / "case").returncode == 0
    assert khovor("new", tmp_path / "case.csv").returncode == 2
    assert [p.name for p in tmp_path.iterdir()] == ["case.xlsx"]


def test_never_overwrites(tmp_path: Path) -> None:
    """A file that exists is left as it is, with exit code 7."""
    path = tmp_path / "case.xlsx"
    path.write_text("precious")
    answer = khovor("new", path)
    assert answer.returncode == 7
    assert "exists" in answer.stderr
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "x.xlsx", "--example", "mongollia"],
        ["new", "x.xlsx", "--example", "mongolia", "--minimal"],
        ["new", "x.xlsx", "--sampel"],
        ["solve", "x.xlsx", "--time-limt", "5"],
        ["solve", "x.xlsx", "--gap", "-1"],
        ["solve"],
        ["slove", "x.xlsx"],
        ["check", "x.xlsx", "--set", "settings.discount_rate"],
    ],
)
def test_usage_errors(arguments: list[str], tmp_path: Path) -> None:
    """What cannot be asked for leaves with 2, says so on stderr, and writes neither file nor stdout."""
    answer = khovor(*arguments, cwd=tmp_path)
    assert answer.returncode == 2, answer.stderr
    assert answer.stdout == ""
    assert answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_misspelt_option_of_the_real_command(tmp_path: Path) -> None:
    """The installed command itself leaves with 2 on a misspelt option."""
    assert process("solve", tmp_path / "x.xlsx", "--time-limt", "5").returncode == 2


def test_unknown_example_names_the_known(tmp_path: Path) -> None:
    """A misspelt example is answered with those there are."""
    assert "mongolia" in khovor("new", tmp_path / "x.xlsx", "--example", "mongollia").stderr
