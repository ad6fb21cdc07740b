"""`khovor check`: every error, warning and default, of the workbook and of its network."""

from __future__ import annotations

import json
from pathlib import Path

from command import changed, khovor, process, written

from support import one_mine

FIELDS = {"sheet", "cell", "found", "expected", "nearest", "message"}


def test_sound_workbook(tmp_path: Path) -> None:
    """A sound workbook leaves with 0; the document has three lists and nothing else is on stdout."""
    answer = process("check", written(tmp_path), "--json")
    document = json.loads(answer.stdout)
    assert answer.returncode == 0
    assert set(document) == {"errors", "warnings", "defaults"}
    assert document["errors"] == []
    assert all(set(issue) >= FIELDS for issue in document["defaults"])


def test_every_error_is_told_at_once(tmp_path: Path) -> None:
    """Two faults in one workbook are both in the document, with cell and nearest name; exit code 3."""
    tables = one_mine()
    tables["sites"] = changed(tables["sites"], 0, process="mime")
    tables["sizes"] = changed(tables["sizes"], 0, capacity_t_y=-5)
    answer = khovor("check", written(tmp_path, tables), "--json")
    errors = {error["sheet"]: error for error in json.loads(answer.stdout)["errors"]}
    assert answer.returncode == 3
    assert errors["sites"]["nearest"] == "mine"
    assert "-5" in errors["sizes"]["found"]
    assert all(error["cell"] for error in errors.values())


def test_errors_as_a_table(tmp_path: Path) -> None:
    """Without --json each error is a line with its cell, on stdout, unbroken in a pipe."""
    tables = one_mine()
    tables["sites"] = changed(tables["sites"], 0, process="mime")
    answer = khovor("check", written(tmp_path, tables))
    line = next(line for line in answer.stdout.splitlines() if "mime" in line)
    assert answer.returncode == 3
    assert line.split()[0] == "sites"
    assert "mine" in line
    assert "errors: 1," in answer.stdout


def test_network_warning(tmp_path: Path) -> None:
    """A market that no lane reaches is a warning with its cell: only the whole network shows it."""
    tables = one_mine()
    tables["nodes"] = [*tables["nodes"], {"node": "Far", "kind": "market"}]
    tables["markets"] = [*tables["markets"], {"node": "Far", "product": "ore", "price_usd_t": 1}]
    answer = khovor("check", written(tmp_path, tables), "--json")
    warnings = json.loads(answer.stdout)["warnings"]
    assert answer.returncode == 0
    assert any(w["sheet"] == "markets" and "Far" in w["found"] and w["cell"] for w in warnings)


def test_network_error(tmp_path: Path) -> None:
    """A hard contract above all that can arrive is an input error."""
    tables = one_mine()
    tables["markets"] = changed(tables["markets"], 0, min_t_y=101)
    answer = khovor("check", written(tmp_path, tables), "--json")
    assert answer.returncode == 3
    assert [e["sheet"] for e in json.loads(answer.stdout)["errors"]] == ["markets"]


def test_set_changes_a_cell(tmp_path: Path) -> None:
    """A change of `--set` is checked like the cell it replaces, and the workbook stays as it is."""
    path = written(tmp_path)
    before = path.read_bytes()
    answer = khovor("check", path, "--set", "settings[discount_rate].value=8", "--json")
    assert answer.returncode == 3
    assert khovor("check", path).returncode == 0
    assert path.read_bytes() == before


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is an input error in words."""
    answer = khovor("check", tmp_path / "none.xlsx", "--json")
    assert answer.returncode == 3
    assert len(json.loads(answer.stdout)["errors"]) == 1
    assert "Traceback" not in answer.stderr


def test_solve_refuses_a_bad_workbook(tmp_path: Path) -> None:
    """`solve` tells the same errors: as a table on stderr, as a document on stdout."""
    tables = one_mine()
    tables["sites"] = changed(tables["sites"], 0, process="mime")
    answer = khovor("solve", written(tmp_path, tables), "--out", tmp_path / "run", "--json")
    document = json.loads(answer.stdout)
    assert answer.returncode == 3
    assert document["status"] == "input_errors"
    assert document["errors"][0]["nearest"] == "mine"
    assert "mime" in answer.stderr
    assert not (tmp_path / "run").exists()
