"""The run folder: what stands in it, and what happens when a file is open, the folder shut or the disk full."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from report_cases import content_of
from typer.testing import CliRunner

from khovor import run as run_module
from khovor import workbook
from khovor.cli import app
from khovor.errors import WriteError
from khovor.report import Content, Written, make_folder, write_run
from khovor.report import folder as folder_module
from khovor.run import Options, run
from support import SETTINGS, one_mine

USUAL = {"results.xlsx", "summary.json", "run.log", "input.xlsx"}
ORIGINAL = b"the workbook as it was read"


@pytest.fixture(scope="module")
def content() -> Content:
    """A small run."""
    return content_of(one_mine())


def names(folder: Path) -> set[str]:
    """The files of a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()}


def put(content: Content, folder: Path | None) -> Written:
    """Write the run."""
    return write_run(make_folder(folder, Path("case.xlsx")), ORIGINAL, content, ["one", "two"])


def test_four_files_and_nothing_else(content: Content, tmp_path: Path) -> None:
    """The folder holds the four files, the input byte for byte, and no temporary file."""
    done = put(content, tmp_path / "deep" / "run")
    assert names(done.folder) == USUAL
    assert (done.folder / "input.xlsx").read_bytes() == ORIGINAL
    assert (done.folder / "run.log").read_text() == "one\ntwo\n"
    assert json.loads((done.folder / "summary.json").read_text()) == content.summary
    assert done.renamed == ()


def test_seconds_of_writing_are_told(content: Content, tmp_path: Path) -> None:
    """The summary is written last, and tells how long writing the rest took."""
    put(content, tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text())["seconds"]["write"] > 0
    newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name == "summary.json"


def test_new_folders_never_collide(content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs within one second get folders of their own below outputs/<workbook>."""
    monkeypatch.chdir(tmp_path)
    folders = {put(content, None).folder for _ in range(3)}
    assert len(folders) == 3
    assert {path.parent for path in folders} == {Path("outputs/case")}


def test_a_file_open_in_excel_keeps_its_name(content: Content, tmp_path: Path) -> None:
    """Where Excel has results.xlsx open, the next free name is used and told; the open file is left alone."""
    (tmp_path / "results.xlsx").write_bytes(b"open")
    (tmp_path / "~$results.xlsx").write_bytes(b"owner")
    done = put(content, tmp_path)
    assert [path.name for path in done.renamed] == ["results (2).xlsx"]
    assert (tmp_path / "results.xlsx").read_bytes() == b"open"
    assert (tmp_path / "results (2).xlsx").stat().st_size > 1000


def test_a_locked_file_keeps_its_name(content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system refuses to replace a file, the next free name is used."""
    real = os.replace

    def locked(source: Path, target: Path) -> None:
        if Path(target).name == "results.xlsx":
            raise PermissionError(errno.EACCES, "in use by another process")
        real(source, target)

    monkeypatch.setattr(folder_module.os, "replace", locked)
    done = put(content, tmp_path)
    assert names(tmp_path) == USUAL - {"results.xlsx"} | {"results (2).xlsx"}
    assert [path.name for path in done.renamed] == ["results (2).xlsx"]


def test_a_full_disk_loses_only_what_does_not_fit(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the results do not fit, the other files are saved, the error says both, and nothing half-written stays."""

    def full(path: Path, _: Content) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("khovor.report.run_folder.write_results", full)
    with pytest.raises(
        WriteError, match=r"results\.xlsx cannot be written: No space left .* could be saved: .*run\.log"
    ):
        put(content, tmp_path)
    assert names(tmp_path) == USUAL - {"results.xlsx"}


def test_a_fault_in_a_sheet_loses_that_file_alone(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of khovor's own while writing the results is raised as it is, but summary, log and input are saved."""

    def faulty(*_: Any) -> None:
        raise KeyError("a name nobody knows")

    monkeypatch.setattr("khovor.report.run_folder.write_results", faulty)
    with pytest.raises(KeyError):
        put(content, tmp_path)
    assert names(tmp_path) == USUAL - {"results.xlsx"}


def test_the_command_tells_the_other_name(tmp_path: Path) -> None:
    """`khovor solve` says under which name it wrote what was open elsewhere, and tells the answer in sentences."""
    path, out = tmp_path / "case.xlsx", tmp_path / "run"
    workbook.write(path, one_mine(), SETTINGS)
    out.mkdir()
    for name in ("results.xlsx", "~$results.xlsx"):
        (out / name).write_bytes(b"open")
    answer = CliRunner().invoke(app, ["solve", str(path), "--out", str(out), "--quiet"])
    assert answer.exit_code == 0, answer.output
    assert "written as results (2).xlsx" in answer.stdout
    assert "Worth 0.900 MUSD" in answer.stdout


def test_a_shut_folder_is_told(content: Content, tmp_path: Path) -> None:
    """A folder that cannot be made is a WriteError with its name, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be made"):
        put(content, tmp_path / "file" / "run")


def test_nothing_can_be_written(content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a medium that takes nothing any more every file is named in the error; one that never did is known before."""
    place = make_folder(tmp_path, Path("case.xlsx"))

    def refused(*_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(folder_module.os, "replace", refused)
    with pytest.raises(WriteError) as caught:
        write_run(place, ORIGINAL, content, ["one", "two"])
    assert all(name in str(caught.value) for name in USUAL)
    with pytest.raises(WriteError, match="Read-only file system"):
        make_folder(tmp_path, Path("case.xlsx"))
    assert names(tmp_path) == set()


def test_input_is_what_was_read_not_what_stands_there_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook saved again while the run solves does not become the run's input: its copy fits the stamp."""
    path = tmp_path / "case.xlsx"
    workbook.write(path, one_mine(), SETTINGS)
    before = path.read_bytes()
    honest = run_module.verify

    def meanwhile(*arguments: Any) -> Any:
        path.write_bytes(b"edited meanwhile")
        return honest(*arguments)

    monkeypatch.setattr(run_module, "verify", meanwhile)
    done = run(path, Options(out=tmp_path / "run"))
    assert (tmp_path / "run" / "input.xlsx").read_bytes() == before
    assert done.written is not None
    assert done.summary["seconds"].keys() == {"read", "check", "build", "solve", "verify", "write"}
