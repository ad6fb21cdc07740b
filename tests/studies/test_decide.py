"""`khovor decide`: thresholds and worst cases worked out by hand, against plain solves, files, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from futures_by_hand import demand, either, mines
from openpyxl import load_workbook

from cli.command import khovor, process, written
from khovor.case import with_odds
from khovor.run import read, solve
from khovor.studies.box import hardest_odds, worst_odds
from support import Rows

OWN = {"boom": 0.6, "flat": 0.2, "bust": 0.2}

BOX = {"boom": (0.4, 0.6), "flat": (0.2, 0.2), "bust": (0.2, 0.4)}


def told(folder: Path, tables: dict[str, Rows] | None, *options: object, code: int = 0) -> dict[str, Any]:
    """The document of a workbook in a folder, written first where there are tables."""
    if tables is not None:
        written(folder, tables, mip_gap=1e-7)
    answer = khovor("decide", folder / "case.xlsx", "--out", folder / "run", "--jobs", 1, "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def boxed(tables: dict[str, Rows], box: dict[str, tuple[float, float]]) -> dict[str, Rows]:
    """Tables whose scenarios have a low and a high."""
    rows = [
        {**row, "low": box[str(row["scenario"])][0], "high": box[str(row["scenario"])][1]}
        for row in tables["scenarios"]
    ]
    return {**tables, "scenarios": rows}


def test_thresholds_by_hand(tmp_path: Path) -> None:
    """None to one mine where 0.9 p = 11/30 (1 - p), one to three where 0.9 p = 1 - p; the others keep 1 : 2."""
    document = told(tmp_path, demand(), "--scenario", "BOOM")
    first, second = document["thresholds"]
    assert first["probability"] == pytest.approx([11 / 38] * 2, abs=1e-6)
    assert second["probability"] == pytest.approx([1 / 1.9] * 2, abs=1e-6)
    assert (first["value"], second["value"]) == pytest.approx((0.0, 0.9 / 1.9 - 11 / 30 * 0.9 / 1.9))
    assert (first["before"], [b["units"] for b in first["after"]]) == ([], [1])
    assert (first["changes"], second["changes"]) == (["+1 mine, s, at D (2030)"], ["+2 mine, s, at D (2030)"])
    places = [stretch["probability"] for stretch in document["stretches"]]
    assert places == [pytest.approx(p) for p in ([0, 11 / 38], [11 / 38, 1 / 1.9], [1 / 1.9, 1])]
    values = {p["plan"]: p["values"] for p in document["plans"]}
    assert [values[s["plan"]] for s in document["stretches"]] == [pytest.approx(mines(n), abs=1e-8) for n in (0, 1, 3)]


def test_between_thresholds_the_plan_is_the_best(tmp_path: Path) -> None:
    """At odds between the thresholds a plain solve of the case finds what the plan named there is worth."""
    document = told(tmp_path, demand(), "--scenario", "boom", "--from", 0.1, "--to", 0.9)
    values = {p["plan"]: p["values"] for p in document["plans"]}
    case = read(tmp_path / "case.xlsx")
    for stretch in document["stretches"]:
        p = sum(stretch["probability"]) / 2
        odds = {"boom": p, "flat": (1 - p) / 3, "bust": 2 * (1 - p) / 3}
        worth = sum(odds[w] * v for w, v in values[stretch["plan"]].items())
        assert solve(with_odds(case, odds)).objective == pytest.approx(worth, abs=1e-7)


def test_no_threshold(tmp_path: Path) -> None:
    """Where one plan is the best throughout, it is said, and two solves are all it takes."""
    document = told(tmp_path, demand(), "--scenario", "boom", "--from", 0, "--to", 0.2)
    assert document["thresholds"] == []
    assert len(document["solves"]) == 2
    assert document["headline"][0].startswith("One plan stays the best known")


def test_slots_that_change_are_told(tmp_path: Path) -> None:
    """Slots booked are decisions too: a future that shuts the gate moves the plan from all slots to none."""
    tables = either(0.5)
    tables = {
        **tables,
        "lanes": [{"lane": "L", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"}],
        "gates": [{"gate": "G", "capacity_t_y": 100, "booking_usd_t_y": 1900}],
        "projects": [],
        "project_effects": [],
        "events": [{"scenario": "no east", "target_type": "gate", "target": "G", "capacity_factor": 0}],
    }
    (threshold,) = told(tmp_path, tables, "--scenario", "no east")["thresholds"]
    assert threshold["at"] == pytest.approx(0.9)
    assert threshold["changes"] == ["-100 t/y of slots at G (2030)"]


def test_a_wide_gap_makes_wide_thresholds(tmp_path: Path) -> None:
    """What a gap leaves open makes a threshold an interval: the odds at which two plans are that close."""
    path = written(tmp_path, demand(), mip_gap=0.2)
    document = told(tmp_path, None, "--scenario", "boom", "--from", 0.4)
    for t in document["thresholds"]:
        low, high = t["probability"]
        assert low <= t["at"] <= high
        assert (high - low > 1e-9) == (t["open"] > 1e-9)
    assert path.exists()


def test_worst_case_by_hand(tmp_path: Path) -> None:
    """The box of low and high: three mines are best in expectation, one in the worst case (boom 0.4, bust 0.4)."""
    document = told(tmp_path, boxed(demand(**OWN), BOX))
    told_of = document["worst_case"]
    assert told_of["box"] == {w: list(ends) for w, ends in BOX.items()}
    worst = {"boom": 0.4, "flat": 0.2, "bust": 0.4}
    assert told_of["odds"] == pytest.approx(worst)
    assert [b["units"] for b in told_of["builds"]] == [1]
    assert told_of["value"] == pytest.approx([0.14, 0.14], abs=1e-6)
    by_plan = {p["plan"]: p for p in told_of["plans"]}
    assert by_plan["own odds"]["expected"] == pytest.approx(sum(OWN[w] * v for w, v in mines(3).items()))
    assert by_plan["own odds"]["worst"] == pytest.approx(sum(worst[w] * v for w, v in mines(3).items()))


@pytest.mark.parametrize("how", ["within", "file"])
def test_the_same_box_in_other_ways(how: str, tmp_path: Path) -> None:
    """A share of each probability, or a file: bounds and worst odds are those of the box so described."""
    tables = demand(boom=0.5, flat=0.2, bust=0.3)
    if how == "within":
        options: tuple[object, ...] = ("--within", 0.2)
        box = {"boom": (0.4, 0.6), "flat": (0.16, 0.24), "bust": (0.24, 0.36)}
    else:
        (tmp_path / "box.csv").write_text("scenario,low,high\nboom,0.4,0.6\nbust,0.1,0.4\n")
        options = ("--box", tmp_path / "box.csv")
        box = {"boom": (0.4, 0.6), "flat": (0.2, 0.2), "bust": (0.1, 0.4)}
    found = told(tmp_path, tables, *options)["worst_case"]
    for w, ends in box.items():
        assert found["box"][w] == pytest.approx(ends)
    for plan in found["plans"]:
        assert sum(plan["odds"].values()) == pytest.approx(1.0)
        assert all(box[w][0] - 1e-9 <= p <= box[w][1] + 1e-9 for w, p in plan["odds"].items())
        assert plan["odds"]["bust"] == pytest.approx(min(box["bust"][1], 1 - box["boom"][0] - box["flat"][0]))


def test_a_gap_that_no_search_closes_is_told(tmp_path: Path) -> None:
    """Two roads of which a future shuts one: whichever is built may lose 0.5, though at even odds each earns 0.45."""
    document = told(tmp_path, either(), "--within", 1.0)
    assert document["worst_case"]["value"] == pytest.approx([-0.5, 0.45], abs=1e-6)
    assert "No plan can be worth more than 0.450 MUSD in its worst case" in document["headline"][-1]


def test_odds_of_a_box() -> None:
    """The worst odds of one plan by greed are those of the linear program; of two plans, those where they are equal."""
    box = {"a": (0.1, 0.7), "b": (0.2, 0.6), "c": (0.0, 0.5)}
    worths = {"a": 3.0, "b": 7.0, "c": 5.0}
    value, odds = hardest_odds([worths], box)
    assert odds == pytest.approx(worst_odds(worths, box))
    assert value == pytest.approx(0.7 * 3 + 0.2 * 7 + 0.1 * 5)
    whole = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
    value, odds = hardest_odds([{"a": 4.0, "b": 0.0}, {"a": 0.0, "b": 1.0}], whole)
    assert (value, odds["a"]) == pytest.approx((0.8, 0.2))


def test_the_folder_and_resuming(tmp_path: Path) -> None:
    """In a process of its own: the usual files, the sheet `Decision`; again, nothing is solved anew."""
    path = written(tmp_path, demand(), mip_gap=1e-7)
    command = ("decide", path, "--scenario", "boom", "--within", 0.5, "--out", tmp_path / "run", "--jobs", 1)
    first = process(*command)
    assert first.returncode == 0, first.stderr
    assert "The best plan changes 2 times while the probability of boom goes from 0 to 1." in first.stdout
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    texts = [row[0] for row in load_workbook(folder / "results.xlsx")["Decision"].iter_rows(values_only=True)]
    assert "Thresholds in the probability of boom" in texts
    assert "Worst case of each plan over the box of probabilities" in texts
    summary = json.loads((folder / "summary.json").read_text())
    again = process(*command, "--json")
    assert json.loads(again.stdout)["solves"] == summary["solves"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Ask for --scenario, --within or --box"),
        (("--scenario", "bom"), "Did you mean boom?"),
        (("--scenario", "boom", "--from", 0.5, "--to", 0.5), "must lie below"),
        (("--within", 0.1, "--box", "x.csv"), "one of --within and --box"),
        (("--box", "nowhere.csv"), "not a CSV file with the columns scenario, low, high"),
        (("--set", "scenarios[boom].high=0.2"), "cannot lie between"),
        (("--set", "scenarios[bust].high=0.3", "--set", "scenarios[bust].low=0.1"), "never to 1"),
    ],
)
def test_refusals(options: tuple[object, ...], says: str, tmp_path: Path) -> None:
    """Nothing asked, an unknown future, no range, two boxes, no such file, boxes without odds: exit code 2."""
    answer = khovor("decide", written(tmp_path, demand()), "--out", tmp_path / "r", "--jobs", 1, *options)
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr
