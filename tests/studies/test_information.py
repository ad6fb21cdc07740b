"""`khovor information`: the farmer, figures by hand, WS >= SP >= EEV, resuming, exit codes; the mean future."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from futures_by_hand import demand, either, farmer, mines
from openpyxl import load_workbook
from random_worlds import random_world

from cli.command import khovor, market_split, process, two_contracts, written
from khovor.case import Hit, conditions, with_mean
from khovor.run import Options
from khovor.studies import Fleet, value_information
from khovor.studies.plans import Plan, Span
from khovor.studies.regret import ALL, MEAN, alone, distinct, information
from support import Rows, case_of, one_mine

ODDS = {"boom": 0.25, "flat": 0.25, "bust": 0.5}
ROUNDING = 1e-9
"""What the last digits of equal values may differ by [MUSD]."""


def told(
    folder: Path, tables: dict[str, Rows] | None, *options: object, code: int = 0, **more: object
) -> dict[str, Any]:
    """The document of a workbook in a folder, written first where there are tables."""
    if tables is not None:
        written(folder, tables, **{"mip_gap": 1e-7, **more})
    answer = khovor("information", folder / "case.xlsx", "--out", folder / "run", "--jobs", 1, "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def test_the_farmer(tmp_path: Path) -> None:
    """Birge and Louveaux: SP -108,390 as cost, WS -115,406, EEV -107,240; so EVPI 7,016 and VSS 1,150; 170/80/250."""
    document = told(tmp_path, farmer())
    figures = {"sp": 108.390, "ws": 115.4056, "eev": 107.240, "evpi": 7.0156, "vss": 1.150}
    for name, value in figures.items():
        assert document[name] == pytest.approx([value, value], abs=1e-4), name
    sown: dict[str, dict[str, float]] = {}
    for plan in document["plans"]:
        acres = sown.setdefault(plan["plan"], {})
        for b in plan["builds"]:
            acres[b["process"]] = acres.get(b["process"], 0.0) + b["units"] * {"acre": 1.0, "third": 1 / 3}[b["size"]]
    assert sown[ALL] == pytest.approx({"wheat": 170, "corn": 80, "beets": 250})
    assert sown[MEAN] == pytest.approx({"wheat": 120, "corn": 80, "beets": 300})
    assert sown[alone("above")] == pytest.approx({"wheat": 550 / 3, "corn": 200 / 3, "beets": 250})
    assert document["values"][MEAN] == pytest.approx({"above": 148.0, "average": 118.6, "below": 55.12})


def test_figures_by_hand(tmp_path: Path) -> None:
    """Mean demand is for one mine, which loses 0.05; building none is best; knowing the future is worth 0.9 MUSD."""
    document = told(tmp_path, demand())
    for name, value in {"sp": 0.0, "ws": 0.9, "eev": -0.05, "evpi": 0.9, "vss": 0.05}.items():
        assert document[name] == pytest.approx([value, value], abs=1e-8), name
    built = {ALL: 0, MEAN: 1, "boom alone": 3, "flat alone": 1, "bust alone": 0}
    best = {w: max(mines(n)[w] for n in range(4)) for w in ODDS}
    for plan, n in built.items():
        assert document["values"][plan] == pytest.approx(mines(n), abs=1e-8)
        for w in ODDS:
            assert document["regret"][plan][w] == pytest.approx([best[w] - mines(n)[w]] * 2, abs=1e-8)
    assert document["minimax"] == {"plan": MEAN, "regret": pytest.approx([1.8, 1.8])}
    assert document["eev_likeliest"]["plan"] == "bust alone"
    assert (document["status"], document["verified"]["passed"], document["violations"]) == ("optimal", True, [])
    assert "Knowing the future is worth 0.900 MUSD (EVPI)." in document["headline"]


def test_the_folder(tmp_path: Path) -> None:
    """The usual files; the sheet `Information` has the sentences, the figures, values and regrets of each plan."""
    document = told(tmp_path, demand())
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    summary = json.loads((folder / "summary.json").read_text())
    assert {**summary, "folder": str(folder)} == document
    rows = list(load_workbook(folder / "results.xlsx")["Information"].iter_rows(values_only=True))
    texts = [row[0] for row in rows]
    assert set(document["headline"]) < set(texts)
    assert rows[texts.index(MEAN)][1:5] == pytest.approx((-0.05, 0.9, 0.9, -1.0))
    regrets = [row for row in rows if row[:2] == ("boom alone", "at most")]
    assert [row[2:6] for row in regrets] == [pytest.approx((3.0, 0.0, 2.0, 3.0), abs=1e-8)]
    assert f"{MEAN}: optimal" in (folder / "run.log").read_text()


def test_nothing_to_know(tmp_path: Path) -> None:
    """Where every future asks for the same plan, EVPI and VSS are said not to be distinguishable from zero."""
    tables = demand(events=[{"scenario": "boom", "target_type": "market", "target": "M", "price_factor": 2}])
    document = told(tmp_path, tables)
    assert (document["evpi"][0], document["vss"][0]) == (0.0, 0.0)
    assert sum("not distinguishable from zero" in sentence for sentence in document["headline"]) == 2


def test_a_plan_that_breaks_the_rules_of_a_future(tmp_path: Path) -> None:
    """A contract that takes two mines in a boom: a plan of one cannot keep it, and its regret there has no limit."""
    contract = {"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 100, "min_t_y": 60}
    tables = demand(markets=[contract])
    document = told(tmp_path, tables)
    assert document["values"]["bust alone"] == {"boom": None, "flat": None, "bust": 0.0}
    assert document["regret"]["bust alone"]["boom"] == [None, None]
    assert document["expected"]["bust alone"] is None
    assert (document["eev"], document["vss"]) == ([None, None], [None, None])
    assert any("cannot keep the rules of every future" in sentence for sentence in document["headline"])
    assert document["minimax"] == {"plan": ALL, "regret": pytest.approx([2.0, 2.0])}
    rows = list(load_workbook(tmp_path / "run" / "results.xlsx")["Information"].iter_rows(values_only=True))
    assert next(row[1] for row in rows if row[0] == "bust alone") == "rules broken"


def test_a_finished_run_is_the_plan_for_all(tmp_path: Path) -> None:
    """`--plan RUN`: the same figures, the plan of the run only valued; a run of another workbook is refused."""
    path = written(tmp_path, demand(), mip_gap=1e-7)
    assert khovor("solve", path, "--out", tmp_path / "solved").returncode == 0
    document = told(tmp_path, None, "--plan", tmp_path / "solved")
    assert (document["evpi"], document["vss"]) == (pytest.approx([0.9, 0.9]), pytest.approx([0.05, 0.05]))
    summary = json.loads((tmp_path / "solved" / "summary.json").read_text())
    assert document["plans"][0]["objective"] == summary["objective"]
    answer = khovor("information", path, "--plan", tmp_path / "solved", "--set", "lanes[D-M].usd_t=0")
    assert (answer.returncode, "of another workbook, or of other --set changes" in answer.stderr) == (2, True)


@pytest.mark.parametrize("seed", [3, 12, 33, 58])
def test_ws_sp_eev_in_random_worlds(seed: int, tmp_path: Path) -> None:
    """WS >= SP >= EEV, no regret below zero, none of a plan in its own future, whatever the world and the objective."""
    tables, settings = random_world(seed)
    while len(tables["scenarios"]) < 2:
        seed += 100
        tables, settings = random_world(seed)
    path = written(tmp_path, tables, **settings)
    found = value_information(path, Options(out=tmp_path / "run"), Fleet(jobs=1)).summary
    assert found["violations"] == []
    assert found["verified"]["passed"]
    assert found["ws"][1] + ROUNDING >= found["sp"][0] >= found["eev"][0] - ROUNDING
    lows = [span[0] for row in found["regret"].values() for span in row.values() if span[0] is not None]
    assert min(lows) >= 0.0
    for s in found["scenarios"]:
        low, high = found["regret"][alone(s["scenario"])][s["scenario"]]
        assert low <= high <= 1e-5 * max(1.0, *(abs(end) for end in found["alone"][s["scenario"]]))


def test_the_mean_of_conditions() -> None:
    """Every factor, fee and delay is weighed by probability over all futures, a plain future counting as 1 or 0."""
    tables = one_mine(
        periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 2}],
        scenarios=[{"scenario": w, "probability": p} for w, p in (("x", 0.5), ("y", 0.3), ("z", 0.2))],
        events=[
            {"scenario": "x", "target_type": "lane", "target": "D-M", "capacity_factor": 0.4, "last_year": 2030},
            {"scenario": "y", "target_type": "lane", "target": "D-M", "cost_factor": 2, "add_fee_usd_t": 10},
            {"scenario": "y", "target_type": "lane", "target": "D-M", "first_year": 2032, "cost_factor": 1.5},
        ],
    )
    case = with_mean(case_of(tables))
    (future,) = case.scenarios
    found = conditions(case, future)
    assert [found.factor("capacity", "lane", "D-M", t) for t in (0, 1)] == pytest.approx([0.7, 1.0])
    # y: 2 in the first period, 2 x (1 + 1/2 x 0.5) = 2.5 in the second, half of whose years are dearer
    assert [found.factor("cost", "lane", "D-M", t) for t in (0, 1)] == pytest.approx([1.3, 1.45])
    (leg,) = case.lanes["D-M"].legs
    assert found.extra("fee", leg, 1) == pytest.approx(3.0)
    assert Hit("capacity", "lane", "D-M") in found.effects


def plan(label: str, low: float, high: float | None, **worths: float | None) -> Plan:
    """A plan with the proof of its solve and its value in each future."""
    return Plan(label, {"objective": low, "bound": high, "sense": "maximize", "status": "feasible"}, worths, 0.0)


def test_figures_are_intervals() -> None:
    """Gaps become intervals: each end from the far end of the other figure, never below zero, open when not known."""
    odds = {"a": 0.5, "b": 0.5}
    found = information(
        odds,
        [
            plan(ALL, 10.0, 14.0, a=12.0, b=8.0),
            plan(MEAN, 11.0, None, a=13.0, b=6.0),
            plan(alone("a"), 20.0, 22.0, a=20.0, b=-5.0),
            plan(alone("b"), 9.0, None, a=1.0, b=9.0),
        ],
    )
    assert (found["sp"], found["ws"]) == (Span(10.0, 14.0), Span(14.5, float("inf")))
    assert (found["evpi"], found["vss"]) == (Span(0.5, float("inf")), Span(0.5, 4.5))
    assert found["regret"][ALL] == {"a": Span(8.0, 10.0), "b": Span(1.0, float("inf"))}
    assert found["violations"] == []
    assert distinct(found["vss"], 10.0)
    assert not distinct(Span(0.0, 4.0), 10.0)


def test_a_better_plan_found_elsewhere_counts() -> None:
    """A search that stopped early may be beaten by a plan made for something else: the best known plan counts."""
    found = information(
        {"a": 1.0}, [plan(ALL, 5.0, 12.0, a=5.0), plan(MEAN, 9.0, 9.0, a=9.0), plan(alone("a"), 8.0, 10.0, a=8.0)]
    )
    assert (found["sp"], found["alone"]["a"]) == (Span(9.0, 10.0), Span(9.0, 10.0))
    assert (found["vss"], found["regret"][alone("a")]["a"]) == (Span(0.0, 1.0), Span(1.0, 2.0))


@pytest.mark.parametrize(
    ("plans", "says"),
    [
        (
            [plan(ALL, 9.0, 9.0, a=9.0), plan(MEAN, 8.0, 8.0, a=8.0), plan(alone("a"), 8.0, 8.5, a=8.0)],
            "WS >= SP does not hold",
        ),
        ([plan(ALL, 7.0, 7.0, a=7.0), plan(MEAN, 8.0, 8.0, a=8.0), plan(alone("a"), 8.0, 8.0, a=8.0)], "SP >= EEV"),
        (
            [plan(ALL, 7.0, 9.0, a=6.0), plan(MEAN, 8.0, 8.0, a=8.0), plan(alone("a"), 8.0, 8.0, a=8.0)],
            "valued future by future",
        ),
        ([plan(ALL, 7.0, 9.0, a=7.0), plan(MEAN, 8.0, 8.0, a=8.5), plan(alone("a"), 8.0, 8.0, a=8.0)], "more than the"),
    ],
)
def test_what_cannot_be_is_told(plans: list[Plan], says: str) -> None:
    """Bounds and values that contradict each other are violations, each in words."""
    assert any(says in violation for violation in information({"a": 1.0}, plans)["violations"])


def test_a_violation_is_an_error_of_verification(tmp_path: Path) -> None:
    """A run whose bound was made too low: WS >= SP >= EEV fails, the violation is told, and the exit code is 6."""
    path = written(tmp_path, demand(boom=0.5, bust=0.25), mip_gap=1e-7)
    assert khovor("solve", path, "--out", tmp_path / "solved").returncode == 0
    place = tmp_path / "solved" / "summary.json"
    summary = json.loads(place.read_text())
    place.write_text(json.dumps({**summary, "objective": summary["objective"] + 5, "bound": summary["bound"] + 5}))
    document = told(tmp_path, None, "--plan", tmp_path / "solved", code=6)
    assert document["violations"][0].startswith("WS >= SP does not hold")
    assert document["verified"]["passed"] is False


@pytest.mark.slow
def test_resuming_in_a_process_of_its_own(tmp_path: Path) -> None:
    """In the same folder finished plans are taken and only the missing one is made, with the same answer on stdout."""
    path = written(tmp_path, demand(), mip_gap=1e-7)
    command = ("information", path, "--out", tmp_path / "run", "--jobs", 1, "--json")
    first = process(*command)
    assert first.returncode == 0, first.stderr
    kept = {p.name: p.read_bytes() for p in (tmp_path / "run" / "runs").iterdir()}
    (gone,) = (tmp_path / "run" / "runs").glob("flat-alone-*")
    gone.unlink()
    again = process(*command)
    assert again.returncode == 0, again.stderr
    now = {p.name: p.read_bytes() for p in (tmp_path / "run" / "runs").iterdir()}
    assert {n: data for n, data in now.items() if n != gone.name} == {n: d for n, d in kept.items() if n != gone.name}
    one, other = json.loads(first.stdout), json.loads(again.stdout)
    assert {k: one[k] for k in ("sp", "ws", "eev", "evpi", "vss", "regret")} == {
        k: other[k] for k in ("sp", "ws", "eev", "evpi", "vss", "regret")
    }


def test_a_limit_leaves_intervals(tmp_path: Path) -> None:
    """Stopped at its limit, a search leaves a gap: exit code 1, and EVPI and VSS lie between two ends."""
    futures: dict[str, Rows] = {
        "scenarios": [{"scenario": "a", "probability": 0.5}, {"scenario": "b", "probability": 0.5}],
        "events": [{"scenario": "b", "target_type": "product", "target": "p0", "price_factor": 1}],
    }
    tables = {**market_split(soft=True, plants=30, products=4), **futures}
    document = told(tmp_path, tables, "--time-limit", 2, code=1)
    assert document["status"] == "feasible"
    assert document["sp"][0] < document["sp"][1]
    assert 0.0 <= document["evpi"][0] < document["evpi"][1]


@pytest.mark.parametrize(
    ("tables", "options", "code", "says"),
    [
        (one_mine(), (), 2, "at least two futures"),
        (demand(), ("--set", "settings[risk_weight].value=0.5"), 2, "settings[risk_weight].value=0"),
        (demand(), ("--plan", "nowhere"), 2, "not the folder of a finished run"),
        ({**two_contracts(), "scenarios": demand()["scenarios"]}, (), 4, "all futures: No plan"),
        (demand(boom=0.1), (), 3, "The workbook has errors (1)"),
    ],
)
def test_refusals(tables: dict[str, Rows], options: tuple[str, ...], code: int, says: str, tmp_path: Path) -> None:
    """One future, aversion to risk, no such run: 2; futures that no plan can serve: 4; a faulty workbook: 3."""
    answer = khovor("information", written(tmp_path, tables), "--out", tmp_path / "r", "--jobs", 1, *options)
    assert answer.returncode == code, answer.stderr
    assert says in answer.stderr


def test_a_policy_on_average_is_refused(tmp_path: Path) -> None:
    """A policy that holds on average ties the futures, so no plan has a value in each: said, exit code 2."""
    rule = {"policy": "mean", "measure": "capex_musd", "sense": "max", "limit": 9, "scope": "expected"}
    answer = khovor("information", written(tmp_path, {**either(), "policies": [rule]}), "--out", tmp_path / "r")
    assert answer.returncode == 2, answer.stderr
    assert "'mean' holds on average" in answer.stderr
