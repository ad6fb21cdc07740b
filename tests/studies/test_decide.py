"""`khovor decide`: thresholds and worst cases worked out by hand, against plain solves, files, refusals."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from futures_by_hand import demand, either, mines
from openpyxl import load_workbook
from scipy.optimize import linprog

from cli.command import khovor, process, written
from khovor.case import with_odds
from khovor.errors import NoPlanError
from khovor.run import read, solve
from khovor.studies.box import worst_odds
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


def test_a_robust_plan_that_is_best_under_no_odds(tmp_path: Path) -> None:
    """Two roads of which a future shuts one: each loses 0.5 in its worst case, and either is best under some odds.

    Building neither is best under none (at even odds a road earns 0.45), but loses nothing.
    """
    found = told(tmp_path, either(), "--within", 1.0)["worst_case"]
    assert found["value"] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert (found["plan"], found["builds"]) == ("worst case", [])
    assert {p["plan"]: p["worst"] for p in found["plans"]} == pytest.approx({"worst case": 0.0, "own odds": -0.5})


def test_least_regret_by_hand(tmp_path: Path) -> None:
    """Of 0 to 3 mines one has the least regret, 1.8 in a boom; none is best in expectation and in the worst case."""
    document = told(tmp_path, demand(), "--regret")
    found, best = document["regret"], {w: max(mines(n)[w] for n in range(4)) for w in OWN}
    assert found["value"] == pytest.approx([1.8, 1.8], abs=1e-6)
    assert (found["plan"], found["in"], found["best_expected"]) == ("flat alone", "boom", "own odds")
    assert found["best"] == {w: pytest.approx([worth, worth], abs=1e-6) for w, worth in best.items()}
    built = {p["plan"]: sum(b["units"] for b in p["builds"]) for p in document["plans"]}
    assert [built[w] for w in ("own odds", "boom alone", "flat alone", "bust alone")] == [0, 3, 1, 0]
    for plan in found["plans"]:
        regret = {w: best[w] - mines(built[plan["plan"]])[w] for w in best}
        assert plan["regret"] == {w: pytest.approx([r, r], abs=1e-6) for w, r in regret.items()}
        assert plan["greatest"] == pytest.approx([max(regret.values())] * 2, abs=1e-6)
    assert document["headline"] == [
        "The plan 'flat alone' has the least greatest regret: 1.800 MUSD (in boom).",
        "The plan of the best expected value, worth 0.050 MUSD more in expectation, may regret 2.700 MUSD (in boom). "
        "Least regret, beside it: +1 mine, s, at D (2030).",
    ]


def test_least_regret_that_no_other_plan_has(tmp_path: Path) -> None:
    """Of three mines in a boom and a bust one is built: the plan of no future, of no odds, and of no worst case.

    n mines regret 0.9 (3 - n) in a boom and n in a bust, so one regrets 1.8, two 2, none 2.7 and three 3.
    """
    tables = demand()
    tables["scenarios"] = [{"scenario": "boom", "probability": 0.6}, {"scenario": "bust", "probability": 0.4}]
    document = told(tmp_path, tables, "--regret", "--within", 1.0)
    found = document["regret"]
    assert (found["plan"], found["value"]) == ("least regret", pytest.approx([1.8, 1.8], abs=1e-6))
    units = {p["plan"]: [b["units"] for b in p["builds"]] for p in document["plans"]}
    others = {"own odds": [3], "worst case": [], "boom alone": [3], "bust alone": []}
    assert others.items() <= units.items()
    assert [w for w, built in units.items() if built == [1]] == ["least regret"]
    assert [p["plan"] for p in found["plans"] if p["plan"] in others] == list(others)[1::2] + list(others)[::2]


def test_what_odds_prove_of_regret(tmp_path: Path) -> None:
    """Each solve under odds tells them and its bound, from which what it proves of regret follows; the most is told.

    At odds of 3 : 2.7 for the boom none and three mines regret 8.1 / 5.7 alike, and no lottery over plans less.
    """
    tables = demand()
    tables["scenarios"] = [{"scenario": "boom", "probability": 0.6}, {"scenario": "bust", "probability": 0.4}]
    document = told(tmp_path, tables, "--regret")
    best = {"boom": 2.7, "bust": 0.0}
    proofs = [
        sum(p * best[w] for w, p in solve["odds"].items()) - solve["bound"]
        for solve in document["solves"]
        if solve["odds"] is not None
    ]
    assert max(proofs) == pytest.approx(2.7 * 3 / (2.7 + 3), abs=1e-6)
    assert max(proofs) <= document["regret"]["value"][0] == pytest.approx(1.8, abs=1e-6)


def test_least_regret_of_cost(tmp_path: Path) -> None:
    """Under cost, regret is what the cheapest plan of a future would have saved.

    60 t/y are delivered by a road of 9,000 USD/t that stands, or by one of 1,000 USD/t for 0.2 MUSD that may be shut:
    it saves 0.28 MUSD where it is open and is lost where it is not, so it is built: a regret of 0.2 against 0.28.
    """
    tables = either(0.75)
    tables["markets"] = [{"node": "M", "product": "ore", "price_usd_t": 0, "min_t_y": 60, "max_t_y": 60}]
    tables["lanes"] = [tables["lanes"][0], {"lane": "old", "from": "D", "to": "M", "mode": "road", "usd_t": 9000}]
    tables["projects"] = [{"project": "E", "capex_musd": 0.2}]
    tables["project_effects"] = tables["project_effects"][:1]
    tables["events"] = tables["events"][:1]
    found = told(tmp_path, tables, "--regret", "--set", "settings[objective].value=cost")["regret"]
    assert found["value"] == pytest.approx([0.2, 0.2], abs=1e-6)
    assert found["best"] == {"no east": pytest.approx([-0.54] * 2), "no west": pytest.approx([-0.26] * 2)}
    assert found["in"] == "no east"


def test_what_is_open_of_least_regret(tmp_path: Path) -> None:
    """With solves that are proved to half, the interval still holds the least regret, and what is open is said."""
    written(tmp_path, demand(), mip_gap=0.5)
    document = told(tmp_path, None, "--regret")
    low, high = document["regret"]["value"]
    assert low <= 1.8 + 1e-6
    assert high >= 1.8 - 1e-6
    assert any("no plan has less than" in sentence for sentence in document["headline"]) == (low < high)


def test_known_builds_get_the_slots_of_all_futures(tmp_path: Path) -> None:
    """Two gates of which a future shuts one, slots at 2,000 USD/t-y: at even odds both are booked, alone one.

    With the slots of the first a plan for one future alone is worth 1.5 in both, and regrets 0.2 instead of 1.9.
    """
    tables = either()
    lane = {"from": "D", "to": "M", "mode": "road", "usd_t": 1000}
    gates = [{"gate": gate, "capacity_t_y": 100, "booking_usd_t_y": 2000} for gate in ("G", "K")]
    shut = {"target_type": "gate", "capacity_factor": 0}
    tables |= {
        "lanes": [{**lane, "lane": "east", "gate": "G"}, {**lane, "lane": "west", "gate": "K"}],
        "gates": gates,
        "projects": [],
        "project_effects": [],
        "events": [{**shut, "scenario": "no east", "target": "G"}, {**shut, "scenario": "no west", "target": "K"}],
    }
    document = told(tmp_path, tables, "--regret")
    regrets = {p["plan"]: p["greatest"] for p in document["regret"]["plans"]}
    assert document["regret"]["value"] == pytest.approx([0.2, 0.2], abs=1e-6)
    assert regrets["no east alone"] == pytest.approx([1.9, 1.9], abs=1e-6)
    assert regrets["no east alone, more slots"] == pytest.approx([0.2, 0.2], abs=1e-6)
    assert "no east alone, more slots" not in {solve["solve"] for solve in document["solves"]}


def test_what_odds_found_stands_where_no_time_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the program made for least regret finds no plan in time, the interval is that of the solves under odds."""
    gone = mock.Mock(side_effect=NoPlanError("no time"))
    monkeypatch.setattr(sys.modules["khovor.studies.least_regret"], "_made_for_it", gone)
    tables = demand()
    tables["scenarios"] = [{"scenario": "boom", "probability": 0.6}, {"scenario": "bust", "probability": 0.4}]
    found = told(tmp_path, tables, "--regret")["regret"]
    gone.assert_called_once()
    assert found["value"] == pytest.approx([2.7 * 3 / (2.7 + 3), 2.7], abs=1e-6)


def test_odds_of_a_box() -> None:
    """The worst odds of a plan by greed are those of the linear program over the box."""
    box = {"a": (0.1, 0.7), "b": (0.2, 0.6), "c": (0.0, 0.5)}
    worths = {"a": 3.0, "b": 7.0, "c": 5.0}
    answer = linprog(list(worths.values()), A_eq=[[1.0, 1.0, 1.0]], b_eq=[1.0], bounds=list(box.values()))
    assert worst_odds(worths, box) == pytest.approx(dict(zip(box, answer.x, strict=True)))
    assert answer.fun == pytest.approx(0.7 * 3 + 0.2 * 7 + 0.1 * 5)


@pytest.mark.slow
def test_the_folder_and_resuming(tmp_path: Path) -> None:
    """In a process of its own: the usual files, the sheet `Decision`; again, nothing is solved anew."""
    path = written(tmp_path, demand(), mip_gap=1e-7)
    command = (
        "decide",
        path,
        "--scenario",
        "boom",
        "--within",
        0.5,
        "--regret",
        "--out",
        tmp_path / "run",
        "--jobs",
        1,
    )
    first = process(*command)
    assert first.returncode == 0, first.stderr
    assert "The best plan changes 2 times while the probability of boom goes from 0 to 1." in first.stdout
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    texts = [row[0] for row in load_workbook(folder / "results.xlsx")["Decision"].iter_rows(values_only=True)]
    assert "Thresholds in the probability of boom" in texts
    assert "Worst case of each plan over the box of probabilities" in texts
    assert "Greatest regret of each plan, and in each future at most" in texts
    assert "least of all plans" in texts
    summary = json.loads((folder / "summary.json").read_text())
    again = process(*command, "--json")
    assert json.loads(again.stdout)["solves"] == summary["solves"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Ask for --scenario, --within or --box (or fill low and high in the table scenarios), or --regret."),
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
