"""One worker and two: equal runs of a study, and a plan valued in many futures. Efficiency = t1 / (2 t2), aim 0.85.

Beside the crew stand two bare processes that share nothing and do the same runs: what this machine allows.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.cases import with_drawn_futures, with_likely_futures, with_periods, with_sites
from tests.benchmarks.table import Table, seconds

import khovor
from khovor import workbook
from khovor.case import Case, Event, Scenario
from khovor.studies.crew import crew
from khovor.studies.runner import run_study
from khovor.studies.tasks import Study, Task
from khovor.studies.valuation import value_plan

RUNS = 8
FUTURES = 1000
SITES, PERIODS = 8, 4
GAP = 0.005


def runs(case: Case) -> None:
    """Eight runs of one middling case, each on one thread: they are equal, so that none is waited for."""
    middling = with_periods(with_sites(with_likely_futures(case, 1), SITES), PERIODS)
    table = Table(f"{RUNS} equal runs on one thread each", "seconds", "in runs", "starting", "efficiency")
    alone = _crewed(middling, 1)
    for name, (spent, within, start) in {
        "1 worker": alone,
        "2 workers": _crewed(middling, 2),
        "2 bare processes": _bare(middling),
    }.items():
        efficiency = "-" if name == "1 worker" else f"{alone[0] / (2.0 * spent):.2f}"
        table.line(name, seconds(spent), seconds(within), seconds(start), efficiency, of=spent)


def valuation(case: Case, run: Path) -> None:
    """`khovor value` of the plan of a run in a thousand futures, drawn so that none are alike."""
    table = Table(f"A plan valued in {FUTURES:,} futures, none alike", "seconds", "valuing", "efficiency", "of valuing")
    drawn = with_drawn_futures(case, FUTURES, own_prices=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "futures.xlsx"
        workbook.write(path, _rows(drawn), {}, only=("scenarios", "events"))
        told = {jobs: _valued(run, path, Path(folder) / str(jobs), jobs) for jobs in (1, 2)}
    for jobs, (spent, valuing) in told.items():
        shares = [f"{told[1][k] / (jobs * (spent, valuing)[k]):.2f}" for k in (0, 1)]
        table.line(f"{jobs} workers", seconds(spent), seconds(valuing), *shares, of=spent)


def solve_again(case: Case, number: int, listener: object, stop: object) -> dict[str, Any]:
    """The same run as ever, whatever its number."""
    solution = khovor.solve(case, threads=1, seed=1, gap=GAP, time_limit_s=300.0)
    return {"status": solution.status, "objective": solution.objective}


def _crewed(case: Case, jobs: int) -> tuple[float, float, float]:
    """Seconds of a study by a crew, those of its runs added up, and those until the crew stood ready."""
    tasks = [Task(f"run {n}", n, {"run": n}) for n in range(RUNS)]
    began = time.monotonic()
    with crew(jobs) as others:
        ready = time.monotonic()
        records = run_study(Study(solve_again, case, tasks), others)
        ended = time.monotonic()
    assert {record.status for record in records} == {"optimal"}, records
    return ended - began, sum(record.seconds for record in records), ready - began


def _bare(case: Case) -> tuple[float, float, float]:
    """The same of two processes that are ready before the clock starts."""
    began = time.monotonic()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(partial(_timed, case), range(2)))  # imports, and the first of all solves
        ready = time.monotonic()
        within = list(pool.map(partial(_timed, case), range(RUNS)))
        ended = time.monotonic()
    return ended - ready, sum(within), ready - began


def _timed(case: Case, number: int) -> float:
    began = time.monotonic()
    solve_again(case, number, None, None)
    return time.monotonic() - began


def _valued(run: Path, futures: Path, out: Path, jobs: int) -> tuple[float, float]:
    """Seconds of a valuation in all, and without reading and writing."""
    began = time.monotonic()
    summary = value_plan(run, futures, out=out, jobs=jobs).summary
    assert summary["status"] == "valued"
    return time.monotonic() - began, summary["seconds"]["runs"]


def _rows(case: Case) -> Mapping[str, list[dict[str, object]]]:
    """The tables `scenarios` and `events` of a case."""
    scenarios = [{"scenario": s.name, "probability": s.probability} for s in case.scenarios]
    return {"scenarios": scenarios, "events": [_event(s, e) for s in case.scenarios for e in s.events]}


def _event(scenario: Scenario, event: Event) -> dict[str, object]:
    told = {name: value for name, value in asdict(event).items() if name not in ("window", "at")}
    return {"scenario": scenario.name, **told, "first_year": event.window.first, "last_year": event.window.last}
