"""`khovor solve --study`: values worked out by hand, what is written, resuming, starts, Ctrl-C and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cli.command import command_line, environment, khovor, market_split, two_contracts, written
from khovor.decisions import Decisions
from khovor.run import Options, read, run
from khovor.solve import Progress
from khovor.studies.compare import difference, otherwise, rebooked
from support import PATIENCE_S, Rows, case_of, one_mine


def whatif(name: str, table: str, row: str, column: str, study: str = "prices", **change: object) -> dict[str, object]:
    """A row of the table `sweeps`."""
    return {"study": study, "name": name, "table": table, "row": row, "column": column, **change}


SWEEPS: Rows = [
    whatif("dear", "markets", "M:ore", "price_usd_t", value=30000),
    whatif("half", "markets", "M:ore:*", "price_usd_t", factor=0.5),
    whatif("large and dear", "sizes", "mine:s", "capacity_t_y", factor=2),
    whatif("large and dear", "markets", "M", "price_usd_t", value=30000),
]

VALUES = {"base": 0.9, "dear": 1.9, "half": 0.0, "large and dear": 4.8}
"""100 t x (20,000 - 1,000) USD - 1 MUSD = 0.9; at 30,000: 1.9; at 10,000 a mine would lose 0.1; 200 t: 4.8."""


def solved(folder: Path, *options: object, tables: dict[str, Rows] | None = None, code: int = 0) -> dict[str, Any]:
    """The document of a study of a workbook in a folder; its runs by name under `runs`."""
    path = folder / "case.xlsx"
    if not path.exists():
        written(folder, tables or one_mine(sweeps=SWEEPS), mip_gap=1e-4)
    answer = khovor("solve", path, "--study", "prices", "--out", folder / "run", "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return {**document, "runs": {r["name"]: r for r in document["study"]["runs"]}}


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_values_by_hand(jobs: int, tmp_path: Path) -> None:
    """Base first, then the runs in the order of the sheet, each at its hand-made value, by one worker or by two."""
    document = solved(tmp_path, "--jobs", jobs)
    assert list(document["runs"]) == list(VALUES)
    for name, value in VALUES.items():
        run = document["runs"][name]
        assert run["objective"] == pytest.approx(value, abs=1e-9)
        assert run["difference"]["value"] == pytest.approx(value - 0.9)
        assert (run["status"], run["verified"]["passed"]) == ("optimal", True)
    assert document["runs"]["half"]["otherwise"] == ["-1 mine, s, at D (2030)"]
    assert document["runs"]["large and dear"]["changes"] == [
        "sizes[mine:s].capacity_t_y*=2",
        "markets[M].price_usd_t=30000",
    ]
    assert document["objective"] == pytest.approx(0.9)
    assert document["study"]["complete"] is True


def test_the_folder_of_a_study(tmp_path: Path) -> None:
    """The usual files; the Study sheet has a row for each run and a chart; the input is a byte copy."""
    solved(tmp_path, "--jobs", 1)
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    assert (folder / "input.xlsx").read_bytes() == (tmp_path / "case.xlsx").read_bytes()
    assert "large and dear: optimal" in (folder / "run.log").read_text()
    sheet = load_workbook(folder / "results.xlsx")["Study"]
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True) if row[0] in VALUES}
    assert {name: row[3] for name, row in rows.items()} == pytest.approx(VALUES, abs=1e-9)
    assert rows["base"][1] == "nothing"
    assert len(sheet._charts) == 1


def test_answer_in_words(tmp_path: Path) -> None:
    """Without --json: a table of the runs, what each builds otherwise, and where the results are."""
    answer = khovor(
        "solve", written(tmp_path, one_mine(sweeps=SWEEPS)), "--study", "PRICES", "--out", tmp_path / "r", "--jobs", 1
    )
    for words in ("Study prices", "large and dear", "1.900 MUSD", "half: -1 mine, s, at D (2030)", str(tmp_path / "r")):
        assert words in answer.stdout
    assert "4/4" not in answer.stdout
    assert answer.returncode == 0


def test_a_whatif_need_not_leave_room_for_the_others(tmp_path: Path) -> None:
    """A size by another name is no reason to refuse the run: another what-if changes it by the name in the workbook."""
    named = whatif("named", "sizes", "mine:s", "size", value="t")
    larger = whatif("larger", "sizes", "mine:s", "capacity_t_y", factor=2)
    runs = solved(tmp_path, "--jobs", 1, tables=one_mine(sweeps=[named, larger]))["runs"]
    assert {name: run["status"] for name, run in runs.items()} == dict.fromkeys(("base", "named", "larger"), "optimal")
    assert runs["named"]["objective"] == pytest.approx(0.9)


def test_set_holds_for_every_run(tmp_path: Path) -> None:
    """`--set` changes the base and every what-if: a lane that costs nothing adds 0.1 MUSD to each plan of 100 t."""
    runs = solved(tmp_path, "--jobs", 1, "--set", "lanes[D-M].usd_t=0")["runs"]
    assert (runs["base"]["objective"], runs["dear"]["objective"]) == pytest.approx((1.0, 2.0))


def seconds(document: dict[str, Any]) -> dict[str, float]:
    """What each run took: a run that is taken from the folder keeps its own."""
    return {name: run["seconds"] for name, run in document["runs"].items()}


def test_resuming(tmp_path: Path) -> None:
    """In the same folder only missing runs are run; other changes or another workbook run everything again."""
    first = solved(tmp_path, "--jobs", 1)
    (gone,) = (tmp_path / "run" / "runs").glob("dear-*")
    gone.unlink()
    again = solved(tmp_path, "--jobs", 1)
    assert again["runs"]["dear"]["objective"] == first["runs"]["dear"]["objective"]
    assert {**seconds(again), "dear": 0.0} == {**seconds(first), "dear": 0.0}
    other = solved(tmp_path, "--jobs", 1, "--set", "lanes[D-M].usd_t=0")
    assert other["runs"]["dear"]["objective"] == pytest.approx(2.0)
    (tmp_path / "case.xlsx").unlink()
    new = solved(tmp_path, "--jobs", 1, tables=one_mine(sweeps=[{**SWEEPS[0], "value": 40000}]))
    assert {n: r["objective"] for n, r in new["runs"].items()} == pytest.approx({"base": 0.9, "dear": 2.9})


def test_resuming_from_another_folder(tmp_path: Path) -> None:
    """`--resume` takes finished runs from there; without `--out` the study goes on in that folder."""
    first = solved(tmp_path, "--jobs", 1)
    (tmp_path / "run").rename(tmp_path / "old")
    assert seconds(solved(tmp_path, "--resume", tmp_path / "old")) == seconds(first)
    answer = khovor("solve", tmp_path / "case.xlsx", "--study", "prices", "--resume", tmp_path / "old")
    assert str(tmp_path / "old") in answer.stdout


def test_bad_runs_are_told(tmp_path: Path) -> None:
    """Two contracts that cannot be met together, and changes that do not fit together: the rest is solved."""
    bad = [
        whatif("too much", "markets", "M:ore:*", "min_t_y", value=80),
        whatif("never", "lanes", "D-M", "first_year", value=2031),
        whatif("never", "lanes", "D-M", "last_year", value=2030),
    ]
    markets = [{**market, "min_t_y": 0} for market in two_contracts()["markets"]]
    tables = one_mine(sweeps=[*bad, *SWEEPS], markets=markets)
    runs = solved(tmp_path, "--jobs", 1, tables=tables, code=1)["runs"]
    assert {name: run["status"] for name, run in runs.items()} == {
        **dict.fromkeys(VALUES, "optimal"),
        "too much": "infeasible",
        "never": "input_errors",
    }
    assert runs["too much"]["objective"] is None
    assert "last_year 2030 lies before first_year 2031" in runs["never"]["message"]


def test_an_infeasible_base(tmp_path: Path) -> None:
    """Exit code 4; the what-ifs are still run, and tell no difference to a base that is not there."""
    tables = {**two_contracts(), "sweeps": [whatif("softer", "markets", "M:ore:*", "min_t_y", value=0)]}
    runs = solved(tmp_path, "--jobs", 1, tables=tables, code=4)["runs"]
    assert (runs["base"]["status"], runs["softer"]["status"]) == ("infeasible", "optimal")
    assert runs["softer"]["difference"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--study", "price"], "no study 'price'; there are: prices. Did you mean prices?"),
        (["--jobs", 2], "go with --study"),
        (["--resume", "x"], "go with --study"),
        (["--study", "prices", "--cluster", "slrum"], "did you mean slurm?"),
        (["--start", "nowhere"], "nowhere is not the folder of a finished run"),
    ],
)
def test_usage(arguments: list[object], says: str, tmp_path: Path) -> None:
    """A study that is not there, options without one, an unknown cluster, a start that is none: exit code 2."""
    path = written(tmp_path, one_mine(sweeps=SWEEPS))
    answer = khovor("solve", path, *arguments, cwd=tmp_path)
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.slow
def test_ctrl_c(jobs: int, tmp_path: Path) -> None:
    """Ctrl-C to the whole terminal while runs are under way: exit code 130, and what was finished is kept."""
    hard = market_split(soft=True)
    easy = whatif("easy", "sites", "*", "max_units", value=0)
    long = [whatif(f"long {n}", "sizes", "k0:s", "capex_musd", value=n) for n in (1, 2)]
    path = written(tmp_path, {**hard, "sweeps": [easy, *long]})
    command = command_line(
        *("solve", path, "--study", "prices", "--out", tmp_path / "run", "--jobs", jobs, "--time-limit", 12, "--json")
    )
    with subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "1/3 done" in line:
                break
        os.killpg(running.pid, signal.SIGINT)
        stdout, stderr = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130, stderr
    document = json.loads(stdout)
    done = {run["name"]: run["status"] for run in document["study"]["runs"]}
    assert done["base"] == "feasible"
    assert document["study"]["complete"] is False
    assert len(list((tmp_path / "run" / "runs").glob("base-*"))) == 1


def test_differences_lie_between_the_proofs() -> None:
    """The difference of two best plans is bounded by value against bound, whichever way value is counted."""
    base = {"objective": 100.0, "bound": 110.0}
    assert difference({"objective": 120.0, "bound": 121.0}, base) == {"low": 10.0, "value": 20.0, "high": 21.0}
    costs = {"objective": 100.0, "bound": 90.0, "sense": "minimize"}
    assert difference({"objective": 80.0, "bound": 75.0, "sense": "minimize"}, costs) == {
        "low": -25.0,
        "value": -20.0,
        "high": -10.0,
    }
    assert difference({"objective": 120.0, "bound": None}, base) == {"low": 10.0, "value": 20.0, "high": None}
    assert difference({}, base) is None


def test_what_is_built_at_another_time_is_told_once() -> None:
    """Two units two years later are one change; a unit more, a project less and half the slots are told with a sign."""
    periods = [{"period": str(year), "start_year": year, "years": 2} for year in (2030, 2032)]
    case = case_of(one_mine(periods=periods, projects=[{"project": "track", "name": "The track", "capex_musd": 1}]))

    def plan(units: dict[str, int], *projects: str, slots: float = 0.0) -> dict[str, Any]:
        of = {"node": "D", "process": "mine", "size": "s"}
        return {
            "builds": [{**of, "period": period, "units": n} for period, n in units.items()],
            "closures": [],
            "projects": [{"project": name, "period": "2030"} for name in projects],
            "bookings": [{"period": "2030", "gate": "G", "t_y": slots}],
        }

    assert otherwise(case, plan({"2032": 2}), plan({"2030": 2}, "track")) == [
        "2 mine, s, at D: 2032, not 2030",
        "-1 The track (2030)",
    ]
    assert otherwise(case, plan({"2030": 1, "2032": 2}), plan({"2030": 2})) == [
        "-1 mine, s, at D (2030)",
        "+2 mine, s, at D (2032)",
    ]
    assert otherwise(case, plan({"2032": 1}), plan({"2030": 1}))[0] == "mine, s, at D: 2032, not 2030"
    assert rebooked(case, plan({}, slots=2345.6), plan({}, slots=4691.2)) == ["-2,346 t/y of slots at G (2030)"]


def test_a_start_is_accepted_and_what_is_gone_is_said(tmp_path: Path) -> None:
    """`--start` offers an earlier plan; a build the case no longer knows is left aside, with a note in run.log."""
    path = written(tmp_path, one_mine())
    assert khovor("solve", path, "--out", tmp_path / "a").returncode == 0
    assert khovor("solve", path, "--out", tmp_path / "b", "--start", tmp_path / "a").returncode == 0
    log = (tmp_path / "b" / "run.log").read_text()
    assert "began from 1 decisions of another run" in log
    assert "left aside" not in log
    other = tmp_path / "other"
    other.mkdir()
    renamed = one_mine(
        sizes=[{"process": "mine", "size": "new", "capacity_t_y": 100, "capex_musd": 1}],
    )
    answer = khovor("solve", written(other, renamed), "--out", other / "c", "--start", tmp_path / "a", "--json")
    assert json.loads(answer.stdout)["objective"] == pytest.approx(0.9)
    log = (other / "c" / "run.log").read_text()
    assert "not in this case, left aside: build 1 of mine s at D in p1" in log


def test_a_start_is_a_plan_from_the_first_moment(tmp_path: Path) -> None:
    """Offered its own plan, a search that is stopped as it begins still has it: the solver has taken it."""
    path = written(tmp_path, market_split(soft=True))
    better = run(path, Options(threads=1, seed=1, out=tmp_path / "a"), *stopped_at(3)).summary
    plan = Decisions.of(better)
    again = run(path, Options(threads=1, seed=1, out=tmp_path / "b", start=plan), *stopped_at(0))
    assert again.solution.objective >= better["objective"] - 1e-6


def stopped_at(plans: int) -> tuple[Callable[[Progress], None], threading.Event]:
    """A listener, and the stop it sends once it has heard of so many plans in turn, each better; 0 before any."""
    stop, heard = threading.Event(), set[float]()

    def listen(progress: Progress) -> None:
        if progress.incumbent is not None:
            heard.add(progress.incumbent)
        if progress.phase == "solve" and len(heard) >= plans:
            stop.set()

    return listen, stop


def test_decisions_come_back_as_they_were(tmp_path: Path) -> None:
    """Builds, projects and slots of a summary are found in the case they came from, each at its own place."""
    tables = one_mine(
        lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1, "gate": "G", "status": "project"}],
        gates=[{"gate": "G", "capacity_t_y": 100, "booking_usd_t_y": 1}],
        projects=[{"project": "track", "capex_musd": 0.1}],
        project_effects=[{"project": "track", "target_type": "lane", "target": "D-M", "adds": 100}],
        sites=[
            {"node": "D", "process": "mine"},
            {"node": "D", "process": "mine", "sizes": "s", "capex_factor": 0.5},
        ],
    )
    path = written(tmp_path, tables)
    summary = run(path, Options(out=tmp_path / "a")).summary
    values, lost = Decisions.of(json.loads(json.dumps(summary))).labels(read(path))
    assert values == {("build", (1, 0)): 1.0, ("project", ("track", 0)): 1.0, ("book", ("G", 0)): pytest.approx(0.1)}
    assert lost == []
