"""`khovor value`: the plan of a run in other futures, against solving each with the decisions fixed; its interval."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cli.command import khovor, written
from khovor.case import with_scenario
from khovor.run import read, solve
from khovor.studies.estimate import estimate
from support import Rows, one_mine

EVENTS: dict[str, dict[str, object]] = {
    "calm": {},
    "cheap": {"target_type": "market", "target": "M", "price_factor": 0.6},
    "narrow": {"target_type": "group", "target": "gates", "capacity_factor": 0.5},
    "shut": {"target_type": "group", "target": "gates", "capacity_factor": 0.0},
    "costly": {"target_type": "mode", "target": "road", "cost_factor": 3.0, "first_year": 2031},
    "broken": {"target_type": "process", "target": "mine", "capacity_factor": 0.25, "last_year": 2030},
    "thirsty": {"target_type": "market", "target": "M", "demand_factor": 2.0},
}

LANE = {"from": "D", "to": "M", "mode": "road", "usd_t": 1000}

PLANNED = {"now": {}, "never": {"target_type": "market", "target": "M", "price_factor": 0.9}}


def futures(events: dict[str, dict[str, object]]) -> dict[str, Rows]:
    """Equally probable scenarios, each with one event or none."""
    return {
        "scenarios": [{"scenario": name, "probability": 1 / len(events)} for name in events],
        "events": [{"scenario": name, **event} for name, event in events.items() if event],
    }


def world(events: dict[str, dict[str, object]], *, tied: bool = False, **changes: Rows) -> dict[str, Rows]:
    """Two periods, each with a lane and a gate of its own where slots are booked, a mine of up to three units, a
    contract with a price on what is missing; `tied`: what is dug comes from a reserve that runs out.
    """
    tables = one_mine(
        periods=[
            {"period": "p1", "start_year": 2030, "years": 1},
            {"period": "p2", "start_year": 2031, "years": 2},
        ],
        sites=[{"node": "D", "process": "mine", "max_units": 3}],
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1, "variable_opex_usd_t": 500}],
        gates=[{"gate": gate, "capacity_t_y": 250, "booking_usd_t_y": 10} for gate in ("G1", "G2")],
        groups=[{"group": "gates", "member": gate} for gate in ("G1", "G2")],
        lanes=[
            {**LANE, "lane": "L1", "gate": "G1", "last_year": 2030},
            {**LANE, "lane": "L2", "gate": "G2", "first_year": 2031},
        ],
        markets=[
            {
                "node": "M",
                "product": "ore",
                "price_usd_t": 20000,
                "max_t_y": 150,
                "min_t_y": 50,
                "shortfall_usd_t": 900,
            },
            {"node": "M", "product": "ore", "tier": 2, "price_usd_t": 9000, "max_t_y": 60},
        ],
        **futures(events),
    )
    if tied:
        tables["deposits"] = [{"node": "D", "product": "ore", "reserve_t": 420}]
    return {**tables, **changes}


def files(folder: Path, *, tied: bool = False, **changes: Rows) -> tuple[Path, Path]:
    """The folder of a solved run, and a workbook of other futures."""
    path = written(folder, world(PLANNED, tied=tied, **changes), mip_gap=1e-6, discount_rate=0.08)
    answer = khovor("solve", path, "--out", folder / "run", "--set", "modes[road].usd_per_tkm=0", "--json")
    assert answer.returncode in (0, 1), answer.stderr
    other = folder / "other"
    other.mkdir()
    return folder / "run", written(other, world(EVENTS), title="Other futures")


def valued(run: Path, other: Path, *options: object, code: int = 0) -> dict[str, Any]:
    """The document of a valuation."""
    answer = khovor("value", run, "--futures", other, "--out", run.parent / "value", "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def test_a_whatif_on_a_future_that_is_replaced(tmp_path: Path) -> None:
    """The run's own workbook has a what-if that changes one of its own futures: its plan has a value in others."""
    cell = {"table": "scenarios", "row": "never", "column": "name", "value": "none"}
    run, other = files(tmp_path, sweeps=[{"study": "odds", "name": "named", **cell}])
    assert valued(run, other)["status"] == "valued"


def fixed(summary: dict[str, Any]) -> Rows:
    """Overrides that fix the builds of a run, and every option it leaves out."""
    built = {(b["node"], b["process"], b["size"], b["period"]): b["units"] for b in summary["builds"]}
    return [
        {
            "node": "D",
            "process": "mine",
            "size": "s",
            "period": period,
            "units": built.get(("D", "mine", "s", period), 0),
        }
        for period in ("p1", "p2")
    ]


@pytest.mark.parametrize("tied", [False, True])
def test_value_equals_solving_with_the_decisions_fixed(tied: bool, tmp_path: Path) -> None:
    """Future by future the value is that of solving it alone with the plan's builds overridden and its slots taken."""
    run, other = files(tmp_path, tied=tied)
    summary = json.loads((run / "summary.json").read_text())
    assert summary["builds"]
    assert summary["bookings"]
    document = valued(run, other)
    booked = {b["gate"]: b["t_y"] for b in summary["bookings"]}
    assert len(summary["bookings"]) == 2
    alone = tmp_path / "alone"
    alone.mkdir()
    gates = [{"gate": gate, "capacity_t_y": t_y} for gate, t_y in booked.items()]
    tables = world(EVENTS, tied=tied, overrides=fixed(summary), gates=gates)
    case = read(written(alone, tables, mip_gap=1e-6, discount_rate=0.08))
    paid = 10 * (booked["G1"] / 1.08 + booked["G2"] * (1 / 1.08**2 + 1 / 1.08**3))
    for future in document["futures"]:
        expected = solve(with_scenario(case, future["scenario"])).objective - paid / 1e6
        assert future["npv"] == pytest.approx(expected, abs=2e-6), future["scenario"]
    assert document["in_sample"] == summary["objective"]


def test_its_own_futures_give_its_own_value(tmp_path: Path) -> None:
    """Valued in the futures it was made for, a plan is worth what its run says, in each and in expectation."""
    run, _ = files(tmp_path)
    summary = json.loads((run / "summary.json").read_text())
    document = valued(run, tmp_path / "case.xlsx")
    assert document["expected"] == pytest.approx(summary["objective"], abs=1e-6)
    for valued_in, planned in zip(document["futures"], summary["scenarios"], strict=True):
        assert valued_in["npv"] == pytest.approx(planned["npv"], abs=1e-6)


def test_what_the_futures_say_together(tmp_path: Path) -> None:
    """Mean, standard error and interval are those of a textbook; the worst, and how many lie below 0, are counted."""
    run, other = files(tmp_path)
    document = valued(run, other)
    values = [f["npv"] for f in document["futures"]]
    assert document["expected"] == pytest.approx(statistics.mean(values))
    error = statistics.stdev(values) / math.sqrt(len(values))
    assert document["standard_error"] == pytest.approx(error)
    t_of_6 = 2.446911848791681  # Student's t, 97.5%, 6 degrees of freedom, from a table
    low, high = document["expected"] - t_of_6 * error, document["expected"] + t_of_6 * error
    assert document["interval"] == pytest.approx([low, high])
    assert document["worst"] == min(values)
    assert document["below_zero"] == pytest.approx(sum(v < 0 for v in values) / len(values))
    assert min(values) < 0 < max(values)


def test_unequal_probabilities() -> None:
    """Weights enter the mean and the spread; futures without weight change nothing; one future has no spread."""
    assert estimate([1.0, 3.0, 99.0], [0.5, 0.5, 0.0]) == estimate([1.0, 3.0], [0.5, 0.5])
    told = estimate([0.0, 10.0], [0.8, 0.2])
    n = 1 / (0.64 + 0.04)
    assert (told.mean, told.error) == (pytest.approx(2.0), pytest.approx(math.sqrt(16.0 / (n - 1))))
    assert estimate([5.0], [1.0]) == (5.0, None, None)


@pytest.mark.slow
def test_two_workers_say_the_same(tmp_path: Path) -> None:
    """The values do not depend on how many processes shared them out."""
    run, other = files(tmp_path)
    one = valued(run, other, "--jobs", 1)
    (tmp_path / "value").rename(tmp_path / "before")
    two = valued(run, other, "--jobs", 2)
    assert [f["npv"] for f in two["futures"]] == pytest.approx([f["npv"] for f in one["futures"]], abs=1e-9)


def test_a_contract_that_cannot_be_kept(tmp_path: Path) -> None:
    """A future in which the plan cannot meet a hard contract has no value, and so has the mean; exit code 1."""
    hard = [{"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 150, "min_t_y": 50}]
    run, other = files(tmp_path, markets=hard)
    document = valued(run, other, code=1)
    status = {f["scenario"]: f["status"] for f in document["futures"]}
    assert {name for name, found in status.items() if found == "infeasible"} == {"shut"}
    assert (document["expected"], document["infeasible"]) == (None, 1)


def test_the_folder_of_a_valuation(tmp_path: Path) -> None:
    """The usual files with both workbooks; the sheet lists every future; the answer in words."""
    run, other = files(tmp_path)
    answer = khovor("value", run, "--futures", other, "--out", tmp_path / "value")
    names = {p.name for p in (tmp_path / "value").iterdir()}
    assert names == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "futures.xlsx", "runs"}
    assert (tmp_path / "value" / "futures.xlsx").read_bytes() == other.read_bytes()
    sheet = load_workbook(tmp_path / "value" / "results.xlsx")["Valuation"]
    shown = {row[0] for row in sheet.iter_rows(values_only=True)}
    assert set(EVENTS) <= shown
    for words in ("in expectation over 7 futures", "95% confidence interval", "Worst:"):
        assert words in answer.stdout


@pytest.mark.parametrize("what", ["no run", "no futures", "no plan"])
def test_usage(what: str, tmp_path: Path) -> None:
    """A folder that is no run, a workbook without futures, a run without a plan: exit code 2, and why."""
    run, other = files(tmp_path)
    if what == "no run":
        run = tmp_path / "nowhere"
    elif what == "no futures":
        other.unlink()
        written(other.parent, one_mine())
    else:
        (run / "summary.json").write_text('{"status": "infeasible"}')
    answer = khovor("value", run, "--futures", other)
    assert answer.returncode == 2
    assert {"no run": "not the folder", "no futures": "no rows in scenarios", "no plan": "has no plan"}[
        what
    ] in answer.stderr


def test_futures_that_do_not_fit(tmp_path: Path) -> None:
    """An event on a group that the run's case does not have is an input error at its cell."""
    run, other = files(tmp_path)
    other.unlink()
    lost = futures({"x": {**EVENTS["shut"], "target": "H"}})
    written(other.parent, {**world(EVENTS), "groups": [{"group": "H", "member": "G1"}], **lost})
    answer = khovor("value", run, "--futures", other, "--json")
    assert answer.returncode == 3, answer.stderr
    assert [(e["sheet"], e["found"], e["nearest"]) for e in json.loads(answer.stdout)["errors"]] == [
        ("events", "H", "")
    ]


DEAR = {"policy": "thrift", "measure": "capex_musd", "sense": "max", "limit": 0.4, "penalty_usd": 500_000}
"""Capital beyond 0.4 MUSD costs half of it again."""


def test_a_price_on_what_is_decided_is_paid(tmp_path: Path) -> None:
    """The mine for 1 MUSD misses a cap of 0.4 by 0.6, at a price of 0.5: worth 0.6, in its own future and in others."""
    written(tmp_path, one_mine(policies=[DEAR]))
    made = khovor("solve", tmp_path / "case.xlsx", "--out", tmp_path / "run", "--json")
    assert json.loads(made.stdout)["objective"] == pytest.approx(0.6)
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other", one_mine(**futures({"calm": {}, "cheap": EVENTS["cheap"]})))
    answer = khovor("value", tmp_path / "run", "--futures", other, "--out", tmp_path / "value", "--json")
    worths = {f["scenario"]: f["npv"] for f in json.loads(answer.stdout)["futures"]}
    assert worths == pytest.approx({"calm": 0.6, "cheap": -0.2})


def test_a_policy_on_average_is_refused(tmp_path: Path) -> None:
    """Under a policy that holds on average a plan has no value in one future: said with its cell, exit code 2."""
    cap = {"policy": "mean", "measure": "co2_t", "sense": "max", "limit": 1e6, "scope": "expected"}
    path = written(tmp_path, one_mine(policies=[cap], **futures({"calm": {}, "cheap": EVENTS["cheap"]})))
    assert khovor("solve", path, "--out", tmp_path / "run").returncode == 0
    value = ("value", tmp_path / "run", "--futures", path)
    for command in (value, ("stress", path), ("decide", path, "--regret")):
        answer = khovor(*command, "--out", tmp_path / "refused")
        assert answer.returncode == 2, answer.stderr
        assert "Policy 'mean' holds on average over the futures (policies!F4)" in answer.stderr
        assert not (tmp_path / "refused").exists()
