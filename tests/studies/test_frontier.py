"""`khovor frontier`: frontiers worked out by hand, single solves, switches, resuming, usage and exit codes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from test_hand_solved_policies import LANES, value, world
from test_risk import GOOD_OR_BAD

from cli.command import khovor, process, two_contracts, written
from khovor.run import Options
from khovor.solve import Progress
from khovor.studies import Asked, Fleet, Frontier, trace_frontier
from support import Rows, one_mine

CHINA = ("--measure", "transit_share", "--subject", "CN")


def traced(
    folder: Path, *options: object, tables: Mapping[str, Rows] | None = None, code: int = 0, **settings: object
) -> dict[str, Any]:
    """The document of a frontier of a workbook in a folder, by one worker within this process."""
    path = folder / "case.xlsx"
    if not path.exists():
        written(folder, tables or world(), **{"home_territory": "MN", **settings})
    answer = khovor("frontier", path, "--out", folder / "run", "--json", "--jobs", 1, *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def column(document: Mapping[str, Any], key: str) -> list[Any]:
    """One key of every point."""
    return [point[key] for point in document["points"]]


def with_track(cost: float) -> dict[str, Rows]:
    """The world with a project: at this cost [MUSD] goods also fly at 1,500 instead of 3,000 USD/t."""
    track = {"lane": "track", "from": "D", "to": "M", "mode": "air", "usd_t": 1500, "status": "project"}
    return world(
        lanes=[*LANES, track],
        projects=[{"project": "track", "capex_musd": cost}],
        project_effects=[{"project": "track", "target_type": "lane", "target": "track", "adds": 100}],
    )


def test_the_line_between_two_corridors(tmp_path: Path) -> None:
    """100 t by China cost 0.1, by air 0.3 MUSD: from 0.9 to 0.7 in a line, 2,000 USD for each percentage point."""
    found = traced(tmp_path, *CHINA, "--points", 5)
    assert column(found, "limit") == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert column(found, "measured") == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0])
    assert column(found, "objective") == pytest.approx([0.9, 0.85, 0.8, 0.75, 0.7])
    assert column(found, "bound") == pytest.approx(column(found, "objective"))
    assert found["points"][0]["price"] is None
    for point in found["points"][1:]:
        assert point["price"] == pytest.approx(dict.fromkeys(("low", "value", "high"), 2000.0))
    assert found["price_unit"] == "USD per percentage point"
    assert (found["status"], found["solves"], found["switches"]) == ("optimal", 5, [])
    assert found["points"][0]["plan_of"] == "base"


@pytest.mark.parametrize("basis", ["t", "value"])
def test_points_equal_single_solves(basis: str, tmp_path: Path) -> None:
    """Each point is what the same limit as a row of the sheet policies gives, checked, whatever the shares are of."""
    tables = {**with_track(0.06), "products": [{"product": "ore", "value_usd_t": 15000}]}
    found = traced(tmp_path, *CHINA, "--points", 4, "--refine", 2, "--basis", basis, tables=tables)
    others = {name: tables[name] for name in ("products", "lanes", "projects", "project_effects")}
    for point in found["points"]:
        policy = {"measure": "transit_share", "subject": "CN", "limit": point["limit"], "basis_unit": basis}
        assert point["objective"] == pytest.approx(value(policy, **others), abs=1e-8)
        assert point["verified"]["passed"] is True
    assert len(found["points"]) == 6


def test_refinement_finds_where_the_sites_change(tmp_path: Path) -> None:
    """The track costs 0.06 and saves 0.0015 MUSD/t: it pays from 40 t on, so it is built below a limit of 60%."""
    coarse = traced(tmp_path, *CHINA, "--points", 3, "--refine", 0, tables=with_track(0.06))
    assert [s["between"] for s in coarse["switches"]] == [pytest.approx([1.0, 0.5])]
    found = traced(tmp_path, *CHINA, "--points", 3, "--refine", 8)
    ((looser, tighter),) = [s["between"] for s in found["switches"]]
    assert tighter < 0.6 <= looser + 1e-9
    assert looser - tighter == pytest.approx(0.5 / 2**8)
    assert found["switches"][0]["changes"] == ["+1 track (2030)"]
    assert len(found["points"]) == 3 + 8
    assert column(found, "limit") == sorted(column(found, "limit"), reverse=True)
    assert column(found, "objective") == sorted(column(found, "objective"), reverse=True)


def test_a_switch_that_is_found_is_not_sought_for_ever(tmp_path: Path) -> None:
    """Refinement ends at a thousandth of the span, however many points are allowed."""
    found = traced(tmp_path, *CHINA, "--points", 3, "--refine", 40, tables=with_track(0.06))
    ((looser, tighter),) = [s["between"] for s in found["switches"]]
    assert looser - tighter <= 1e-3
    assert len(found["points"]) == 3 + 9


def test_dominated_points_are_told(tmp_path: Path) -> None:
    """All 100 t by air cost a cent more than by China: less through China is worth the same, and no point is lost."""
    usd_t = {"rail": 599.9999, "sea": 400, "air": 1000}
    lanes = [{**lane, "usd_t": usd_t[str(lane["lane"])]} for lane in LANES]
    found = traced(tmp_path, *CHINA, "--points", 3, tables=world(lanes=lanes))
    assert column(found, "measured") == pytest.approx([1.0, 0.5, 0.0])
    assert column(found, "dominated_by") == ["at most 50%", "at most 0%", None]


def test_limits_that_bind_nothing_are_not_solved(tmp_path: Path) -> None:
    """Two mines of 1 MUSD, then one, then none: the one that 1.5 allows is the best of 1 as well; so for 0.5 and 0."""
    tables = world(sites=[{"node": "D", "process": "mine", "max_units": 2}])
    found = traced(tmp_path, "--measure", "capex_musd", "--points", 5, "--refine", 0, tables=tables)
    assert column(found, "limit") == [2.0, 1.5, 1.0, 0.5, 0.0]
    assert column(found, "measured") == [2.0, 1.0, 1.0, 0.0, 0.0]
    assert column(found, "objective") == pytest.approx([1.8, 0.9, 0.9, 0.0, 0.0])
    assert column(found, "plan_of") == ["base", *["at most 1.5 MUSD"] * 2, *["at most 0.5 MUSD"] * 2]
    assert found["solves"] == 3
    assert [p["price"]["value"] for p in found["points"] if p["price"]] == pytest.approx([0.9, 0.9])
    assert found["price_unit"] == "USD per USD"


def test_targets_no_plan_can_meet(tmp_path: Path) -> None:
    """The mine makes 100 t/y: 125 and 150 are impossible, the second is not even tried, and that is a full answer."""
    options = ("--measure", "delivered_t", "--subject", "ore:US", "--points", 3, "--to", 150, "--refine", 1)
    found = traced(tmp_path, *options)
    assert column(found, "limit") == [100.0, 112.5, 125.0, 150.0]
    assert column(found, "status") == ["optimal", "infeasible", "infeasible", "infeasible"]
    assert column(found, "objective") == [pytest.approx(0.9), None, None, None]
    assert found["solves"] == 3
    assert found["switches"] == [{"between": [100.0, 112.5], "possible": False, "changes": []}]
    assert found["measures"][0]["sense"] == "min"


def test_years_in_which_the_limit_holds(tmp_path: Path) -> None:
    """In the first of two years all may go by China; in the second nothing: 0.2 MUSD less than 2 x 1.9 - 1."""
    periods = [{"period": str(y), "start_year": y, "years": 1} for y in (2030, 2031)]
    found = traced(tmp_path, *CHINA, "--points", 2, "--first-year", 2031, tables=world(periods=periods))
    assert column(found, "objective") == pytest.approx([2.8, 2.6])
    assert found["measures"][0]["years"] == [2031, None]


def test_limits_in_each_future_or_on_average(tmp_path: Path) -> None:
    """Air costs 3,000 or, in one of two equal futures, 1,500: on average half through China leaves the dear half there.

    In each 50 t fly: 0.9 - (0.1 + 0.025) / 2 = 0.8375; on average 100 t fly where it is cheap: 0.9 - 0.05 / 2 = 0.875.
    """
    futures: dict[str, Rows] = {
        "scenarios": [{"scenario": "calm", "probability": 0.5}, {"scenario": "war", "probability": 0.5}],
        "events": [{"scenario": "war", "target_type": "lane", "target": "air", "cost_factor": 0.5}],
    }
    each = traced(tmp_path, *CHINA, "--points", 3, tables=world(**futures))
    assert column(each, "objective") == pytest.approx([0.9, 0.8375, 0.775])
    mean = traced(tmp_path, *CHINA, "--points", 3, "--scope", "expected")
    assert column(mean, "objective") == pytest.approx([0.9, 0.875, 0.775])
    assert mean["measures"][0]["scope"] == "expected"


def test_value_against_the_worst_futures(tmp_path: Path) -> None:
    """The mine is worth 0.3, half its futures -0.3: built up to a weight of 0.5, and refined to a thousandth of it."""
    tables = one_mine(**GOOD_OR_BAD)
    found = traced(tmp_path, "--measure", "cvar", "--points", 4, "--refine", 20, tables=tables, risk_tail=0.5)
    plans = {point["limit"]: (point["value"], point["measured"]) for point in found["points"]}
    assert plans[0.0] == pytest.approx((0.3, -0.3))
    assert plans[1.0] == pytest.approx((0.0, 0.0), abs=1e-9)
    ((low, high),) = [s["between"] for s in found["switches"]]
    assert low <= 0.5 <= high
    assert high - low <= 1e-3
    (price,) = [point["price"] for point in found["points"] if point["price"]]
    assert price == {"low": None, "value": pytest.approx(1.0), "high": None}
    for point in found["points"]:
        told = (1 - point["limit"]) * point["value"] + point["limit"] * point["measured"]
        assert point["objective"] == pytest.approx(told, abs=1e-9)


def test_two_measures_give_a_surface(tmp_path: Path) -> None:
    """Shares by China and over Russia that add up to less than all allow nothing to leave; else 0.7 + 0.2 x China's."""
    second = ("--measure2", "transit_share", "--subject2", "RU:overflight", "--from2", 1, "--to2", 0, "--points2", 3)
    found = traced(tmp_path, *CHINA, "--points", 3, *second)
    values = {(p["limit"], p["limit2"]): p["value"] for p in found["points"]}
    assert len(values) == 9
    for (china, russia), worth in values.items():
        expected = 0.7 + 0.2 * china if china + russia >= 1.0 else 0.0
        assert worth == pytest.approx(expected, abs=1e-9), (china, russia)
    sheet = load_workbook(tmp_path / "run" / "results.xlsx")["Surface"]
    rows = [list(row[:4]) for row in sheet.iter_rows(values_only=True) if isinstance(row[0], (int, float))]
    assert rows == [pytest.approx([a, *(values[a, b] for b in (1.0, 0.5, 0.0))], abs=1e-12) for a in (1.0, 0.5, 0.0)]


def test_least_cost(tmp_path: Path) -> None:
    """A contract of 100 t: 1.1 MUSD by China, 1.3 by air; tighter costs more, and its price is positive."""
    tables = world(markets=[{"node": "M", "product": "ore", "price_usd_t": 0, "min_t_y": 100}])
    found = traced(tmp_path, *CHINA, "--points", 3, tables=tables, objective="cost")
    assert column(found, "objective") == pytest.approx([1.1, 1.2, 1.3])
    assert [p["price"]["value"] for p in found["points"][1:]] == pytest.approx([2000.0, 2000.0])


def test_the_folder_of_a_frontier(tmp_path: Path) -> None:
    """The usual files; the sheet Frontier has a row for each point and a chart; the input is a byte copy."""
    traced(tmp_path, *CHINA, "--points", 3)
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    assert (folder / "input.xlsx").read_bytes() == (tmp_path / "case.xlsx").read_bytes()
    assert "at most 50%: optimal" in (folder / "run.log").read_text()
    sheet = load_workbook(folder / "results.xlsx")["Frontier"]
    rows = {row[0]: row[1:5] for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("at most")}
    assert list(rows) == ["at most 100%", "at most 50%", "at most 0%"]
    for (limit, measured, status, worth), at, expected in zip(rows.values(), (1, 0.5, 0), (0.9, 0.8, 0.7), strict=True):
        assert (limit, measured, worth) == pytest.approx((at, at, expected), abs=1e-9)
        assert status == "optimal"
    assert len(sheet._charts) == 1


def test_resuming(tmp_path: Path) -> None:
    """Finished points are taken from the folder whatever else is asked around them; another gap runs them all again."""
    first = traced(tmp_path, *CHINA, "--points", 3)
    runs = tmp_path / "run" / "runs"
    assert len(list(runs.iterdir())) == 3
    again = traced(tmp_path, *CHINA, "--points", 5)
    took = dict(zip(column(again, "limit"), column(again, "seconds"), strict=True))
    assert [took[limit] for limit in column(first, "limit")] == column(first, "seconds")
    assert len(list(runs.iterdir())) == 5
    traced(tmp_path, *CHINA, "--points", 3, "--gap", 0.01)
    assert len(list(runs.iterdir())) == 8
    options = ("--points", 3, "--resume", tmp_path / "run", "--jobs", 1)
    assert str(tmp_path / "run") in khovor("frontier", tmp_path / "case.xlsx", *CHINA, *options).stdout


def test_stopped_and_gone_on(tmp_path: Path) -> None:
    """Stopped after the base, the points that it answers are told; going on solves only what is missing."""
    path, stop = written(tmp_path, world(), home_territory="MN"), threading.Event()

    def listener(progress: Progress) -> None:
        if progress.news:
            stop.set()

    question, options = Frontier((Asked("transit_share", "CN", 3),)), Options(out=tmp_path / "run")
    outcome = trace_frontier(path, options, Fleet(jobs=1), question, listener, stop)
    assert (outcome.stopped, outcome.summary["status"], outcome.summary["complete"]) == (True, "interrupted", False)
    assert [p["name"] for p in outcome.summary["points"]] == ["at most 100%"]
    (kept,) = (tmp_path / "run" / "runs").iterdir()
    before = json.loads(kept.read_text())["seconds"]
    whole = trace_frontier(path, options, Fleet(jobs=1), question)
    assert (whole.stopped, whole.summary["solves"]) == (False, 3)
    assert json.loads(kept.read_text())["seconds"] == before


@pytest.mark.slow
def test_the_command_with_two_workers(tmp_path: Path) -> None:
    """In a process of its own, from both ends in: one document on stdout, nothing else, and the same values."""
    path = written(tmp_path, world(), home_territory="MN")
    options = ("--points", 5, "--out", tmp_path / "run", "--jobs", 2, "--json", "--quiet")
    answer = process("frontier", path, *CHINA, *options)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert column(json.loads(answer.stdout), "objective") == pytest.approx([0.9, 0.85, 0.8, 0.75, 0.7])


def test_answer_in_words(tmp_path: Path) -> None:
    """Without --json: a table of the points with the price of each step, what changes, and where the results are."""
    path = written(tmp_path, with_track(0.06), home_territory="MN")
    answer = khovor("frontier", path, *CHINA, "--points", 3, "--out", tmp_path / "r", "--jobs", 1)
    for words in ("at most 50%", "0.815 MUSD", "USD per percentage point", "+1 track (2030)", str(tmp_path / "r")):
        assert words in answer.stdout
    assert answer.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--measure", "transit", "--subject", "CN"), "Did you mean transit_share?"),
        (("--measure", "transit_share", "--subject", "CN:see"), "knows no 'CN:see'. Did you mean CN:sea?"),
        (("--measure", "transit_share"), "needs a subject"),
        ((*CHINA, "--from", 0.2, "--to", 0.5), "--from 0.2 is the loosest limit: it must lie above --to 0.5"),
        ((*CHINA, "--from", 50), "write 30% as 0.3"),
        ((*CHINA, "--sense", "most"), "max"),
        (("--measure", "capex_musd", "--basis", "t"), "--basis is for shares"),
        (("--measure", "delivered_t", "--subject", "ore:US"), "--to: say up to how much"),
        (("--measure", "cvar"), "at least two futures"),
        (("--measure", "cvar", "--subject", "CN"), "cvar takes no subject"),
        ((*CHINA, "--measure2", "cvar"), "cvar stands alone"),
        ((*CHINA, "--to2", 0.5), "go with --measure2"),
    ],
)
def test_usage(arguments: tuple[object, ...], says: str, tmp_path: Path) -> None:
    """Measures, subjects and limits that mean nothing here: exit code 2, and what would be right."""
    path = written(tmp_path, world(), home_territory="MN")
    answer = khovor("frontier", path, *arguments, "--jobs", 1, cwd=tmp_path)
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr


def test_a_case_without_a_plan(tmp_path: Path) -> None:
    """Two contracts that cannot both be met: exit code 4 and a document that says so."""
    path = written(tmp_path, two_contracts())
    answer = khovor("frontier", path, "--measure", "capex_musd", "--out", tmp_path / "run", "--json")
    assert answer.returncode == 4
    assert json.loads(answer.stdout)["status"] == "infeasible"
