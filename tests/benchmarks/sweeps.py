"""Studies: many runs of a small case, and eleven values of one limit of a large one against a single solve of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from tests.benchmarks.growth import excuse
from tests.benchmarks.measure import apart
from tests.benchmarks.table import Table, count, gigabytes, seconds
from tests.support import SETTINGS, one_mine

from khovor import workbook
from khovor.console import share
from khovor.run import Options, run
from khovor.studies.sweep import Fleet, solve_study

RUNS = (1, 10, 100, 1000)
FACTORS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2)
"""Beside the limit itself: eleven values in all."""
STUDY = "many"


def sweeps(most_gb: float) -> None:
    """Studies of 1 to 1,000 what-ifs, one worker and then two."""
    columns = ("solved", "rows", "columns", "integers", "seconds", "per run", "memory", "worst gap")
    table = Table("What-ifs of a small case, read, solved, verified and written", *columns)
    for jobs in (1, 2):
        for runs in RUNS:
            told = apart(swept, runs, jobs, most_gb=most_gb)
            solved, size, gap = told.figure("study", (None, (None, None, None), float("inf")))
            spent = told.seconds("study")
            table.line(
                f"{runs} what-ifs, {jobs} workers",
                count(solved),
                *(count(number) for number in size),
                seconds(spent),
                seconds(None if spent is None else spent / (runs + 1)),
                gigabytes(told.gigabytes("study")),
                share(gap),
                of=spent or float("inf"),
            )
            excuse(told)


def one_limit(shipped: Path, gate: str = "NDPR_USA") -> None:
    """The shipped case solved once, and as a study of eleven values of one right-hand side, with every core."""
    table = Table(f"Eleven values of the capacity of gate {gate}, read, solved, verified and written", "seconds", "gap")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.xlsx"
        excel = load_workbook(shipped)
        cell = {"table": "gates", "row": gate, "column": "capacity_t_y"}
        places = {told.value: told.column for told in excel["sweeps"][3]}
        for row, factor in enumerate(FACTORS, 5):
            for name, value in {"study": STUDY, "name": f"{gate} x {factor}", **cell, "factor": factor}.items():
                excel["sweeps"].cell(row, places[name], value)
        excel.save(path)
        began = time.monotonic()
        once = run(path, Options(out=Path(folder) / "once"))
        alone = time.monotonic() - began
        table.line("one solve", seconds(alone), share(once.summary["gap"]), of=alone)
        began = time.monotonic()
        study = solve_study(path, STUDY, Options(out=Path(folder) / "study"), Fleet()).summary["study"]
        spent = time.monotonic() - began
        table.line("eleven values", seconds(spent), share(max(r["gap"] for r in study["runs"])), of=spent)


def swept(runs: int, jobs: int) -> Iterator[tuple[str, Any]]:
    """A study of a mine whose price is another in each run: runs solved, size, and the worst gap."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.xlsx"
        workbook.write(path, {**one_mine(), "sweeps": [_whatif(n) for n in range(runs)]}, SETTINGS)
        yield "workbook", None
        summary = solve_study(path, STUDY, Options(threads=1, out=Path(folder) / "out"), Fleet(jobs=jobs)).summary
        done = [run for run in summary["study"]["runs"] if run["status"] == "optimal"]
        size = tuple(summary["size"][name] for name in ("rows", "columns", "integers"))
        yield "study", (len(done), size, max(run["gap"] for run in done))


def _whatif(number: int) -> dict[str, object]:
    cell = {"table": "markets", "row": "M:ore", "column": "price_usd_t"}
    return {"study": STUDY, "name": f"price {number}", **cell, "factor": 0.5 + number / 1000.0}
