"""`khovor sample`: a copy of the workbook whose futures are drawn; the analyst's own is left as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import khovor, process, written
from openpyxl import load_workbook

from khovor.workbook import Workbook, read
from support import Rows, one_mine

OLD: dict[str, Rows] = {
    "scenarios": [{"scenario": "calm", "probability": 0.5}, {"scenario": "shut", "probability": 0.5}],
    "events": [{"scenario": "shut", "target_type": "group", "target": "g", "capacity_factor": 0}],
}


def world(**changes: Rows) -> dict[str, Rows]:
    """A mine with six years, a gate of its own, two hazards on it, and futures of old."""
    tables = one_mine(
        periods=[
            {"period": "p1", "start_year": 2030, "years": 2},
            {"period": "p2", "start_year": 2032, "years": 4},
        ],
        gates=[{"gate": "G", "capacity_t_y": 80}],
        lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"}],
        groups=[{"group": "g", "member": "G"}],
        hazards=[
            {"group": "g", "annual_probability": 0.3, "mean_years": 2, "capacity_factor": 0.5, "cost_factor": 1.5},
            {
                "group": "g",
                "hazard": "severe",
                "annual_probability": 0.1,
                "mean_years": 0.5,
                "capacity_factor": 0,
                "price_factor": 1.4,
                "markets": "M:ore",
            },
        ],
        **OLD,
    )
    return {**tables, **changes}


def sampled(*arguments: object, code: int = 0) -> dict[str, Any]:
    """The document of a sample."""
    answer = khovor("sample", *arguments, "--json")
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def but_futures(workbook: Workbook) -> dict[str, Any]:
    """All that a workbook says beside its futures, wherever it stands."""
    rows = {name: [row.model_dump(exclude={"where"}) for row in found] for name, found in workbook.rows.items()}
    return {name: found for name, found in rows.items() if name not in OLD} | {
        "settings": workbook.settings.model_dump(exclude={"where"}),
        "provenance": {key: dict(known) for key, known in workbook.provenance.items() if known},
    }


def test_a_copy_with_drawn_futures(tmp_path: Path) -> None:
    """The copy is sound for `khovor check`, holds what was told and all of the rest; the workbook stays as it was."""
    path = written(tmp_path, world())
    before = path.read_bytes()
    answer = process("sample", path, "--futures", "100", "--seed", "3", "--reduce", "6", "--json")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    copy = Path(document["workbook"])
    assert copy == tmp_path / "case-sampled.xlsx"
    assert path.read_bytes() == before
    assert json.loads(khovor("check", copy, "--json").stdout)["errors"] == []
    old, new = read(path), read(copy)
    assert but_futures(new) == but_futures(old)
    rows = new.rows["scenarios"]
    assert [(r.scenario, r.name) for r in rows] == [(s["scenario"], s["name"]) for s in document["scenarios"]]
    assert [r.probability for r in rows] == pytest.approx([s["probability"] for s in document["scenarios"]])
    assert (len(rows), document["kept"], len(new.rows["events"])) == (6, 6, document["events"])
    assert {row.scenario for row in new.rows["events"]} <= {row.scenario for row in rows}
    assert sum(row.probability for row in rows) == pytest.approx(1.0)


def test_the_distance_is_told_and_stands_in_the_workbook(tmp_path: Path) -> None:
    """Keeping more leaves less; the Guide of the copy gives seed, draws, method and distance."""
    path = written(tmp_path, world())
    few, many = (sampled(path, "--futures", 100, "--reduce", keep) for keep in (1, 8))
    assert 0.0 < many["distance"] < few["distance"]
    assert (few["distance_share"], many["distance_share"]) == (1.0, many["distance"] / few["distance"])
    sheet = load_workbook(many["workbook"])["Guide"]
    told = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    for said in ("100 futures, seed 1", "8 are kept", f"{many['distance']:.4g}", "fast forward selection"):
        assert said in told


def test_all_that_differ_are_kept_without_reduce(tmp_path: Path) -> None:
    """Without --reduce, and with more than there are, nothing is lost: distance 0."""
    path = written(tmp_path, world())
    for options in ((), ("--reduce", 1000)):
        document = sampled(path, "--futures", 40, *options)
        assert document["kept"] == document["different"] == len(document["scenarios"])
        assert (document["drawn"], document["distance"]) == (40, 0.0)


def test_same_seed_same_futures(tmp_path: Path) -> None:
    """A seed says all: the same futures again under the next free name, and others by another seed."""
    path = written(tmp_path, world())
    first, again = (sampled(path, "--futures", 20, "--seed", 5) for _ in range(2))
    other = sampled(path, "--futures", 20, "--seed", 6)
    assert Path(again["workbook"]).name == "case-sampled-2.xlsx"
    assert again["scenarios"] == first["scenarios"] != other["scenarios"]


def test_what_stays_behind_is_said(tmp_path: Path) -> None:
    """Old futures, the analyst's sheets and columns, and what-ifs on old futures are named, on stderr and in JSON."""
    sweeps = [
        {"study": "s", "name": "a", "table": "events", "row": "shut", "column": "capacity_factor", "value": 0.5},
        {"study": "s", "name": "a", "table": "gates", "row": "G", "column": "capacity_t_y", "value": 90},
    ]
    path = written(tmp_path, world(sweeps=sweeps))
    excel = load_workbook(path)
    excel.create_sheet("_notes")["A1"] = "mine"
    excel["gates"].cell(3, excel["gates"].max_column + 1).value = "_why"
    excel.save(path)
    answer = khovor("sample", path, "--futures", 5, "--json")
    document = json.loads(answer.stdout)
    left = document["left_behind"]
    assert left[0] == "The 2 scenarios and 1 events of case.xlsx are replaced by those that were drawn."
    for said in ("_notes", "gates._why", "1 row(s) of sweeps", "Formulas are copied as their values"):
        assert [sentence for sentence in left if said in sentence]
    assert all(sentence in answer.stderr for sentence in left)
    assert [row.table for row in read(document["workbook"]).rows["sweeps"]] == ["gates"]


def test_changes_stand_in_the_copy(tmp_path: Path) -> None:
    """What --set changes is drawn from, and stands changed in the copy alone."""
    path = written(tmp_path, world())
    certain = sampled(
        path, "--futures", 5, "--set", "hazards[g].annual_probability=1", "--set", "gates[G].capacity_t_y=70"
    )
    assert [h["drawn_share"] for h in certain["hazards"]] == [1.0, 1.0]
    assert [row.capacity_t_y for row in read(certain["workbook"]).rows["gates"]] == [70.0]
    assert [row.capacity_t_y for row in read(path).rows["gates"]] == [80.0]


def test_a_plan_is_valued_in_drawn_futures(tmp_path: Path) -> None:
    """`khovor value` takes the copy as its futures, each of them once."""
    path = written(tmp_path, world())
    assert khovor("solve", path, "--out", tmp_path / "run", "--json").returncode == 0
    drawn = sampled(path, "--futures", 30, "--reduce", 7)
    answer = khovor("value", tmp_path / "run", "--futures", drawn["workbook"], "--out", tmp_path / "value", "--json")
    assert answer.returncode == 0, answer.stderr
    found = {f["scenario"]: f["probability"] for f in json.loads(answer.stdout)["futures"]}
    assert found == pytest.approx({s["scenario"]: s["probability"] for s in drawn["scenarios"]})


def test_words_without_json(tmp_path: Path) -> None:
    """Each hazard has a line with its long-run, drawn and kept share; counts, distance and the new file follow."""
    answer = process("sample", written(tmp_path, world()), "--futures", "50", "--reduce", "4")
    assert answer.returncode == 0, answer.stderr
    assert "severe" in answer.stdout
    assert "10.00%" in answer.stdout
    assert "4 kept." in answer.stdout
    assert "Kantorovich distance" in answer.stdout
    assert f"Written: {tmp_path / 'case-sampled.xlsx'}" in answer.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--futures", "0"], "--futures"),
        (["--futures", "5", "--reduce", "0"], "--reduce"),
        ([], "--futures"),
        (["--futures", "5", "--out", "x.csv"], "A workbook's name ends in .xlsx"),
        (["--futures", "5", "--set", "hazards[h].mean_years=1"], "no row of hazards has this key"),
    ],
)
def test_usage(options: list[str], says: str, tmp_path: Path) -> None:
    """What cannot be asked for leaves with 2, says why, and writes nothing."""
    answer = khovor("sample", written(tmp_path, world()), *options)
    assert answer.returncode == 2
    assert says in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["case.xlsx"]


def test_no_hazards(tmp_path: Path) -> None:
    """Without hazards there is nothing to draw from: exit code 2."""
    answer = khovor("sample", written(tmp_path, world(hazards=[])), "--futures", 5)
    assert answer.returncode == 2
    assert "no rows in hazards" in answer.stderr


def test_errors_of_the_workbook(tmp_path: Path) -> None:
    """A hazard on a group that is not there: exit code 3, with its cell and the nearest name; nothing is written."""
    hazards = [{"group": "gg", "annual_probability": 0.1, "mean_years": 1, "capacity_factor": 0}]
    answer = process("sample", written(tmp_path, world(hazards=hazards)), "--futures", "5", "--json")
    (error,) = json.loads(answer.stdout)["errors"]
    assert answer.returncode == 3
    assert (error["sheet"], error["cell"], error["nearest"]) == ("hazards", "A4", "g")
    assert [path.name for path in tmp_path.iterdir()] == ["case.xlsx"]


def test_a_file_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    """--out names a file that is there, the workbook itself above all: exit code 7, and no byte is changed."""
    path = written(tmp_path, world())
    before = path.read_bytes()
    answer = process("sample", path, "--futures", "5", "--out", path)
    assert answer.returncode == 7
    assert "exists" in answer.stderr
    assert path.read_bytes() == before
