"""`khovor solve`: one run, or a study of the workbook's what-ifs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe, describe_study
from khovor.cli.command import (
    COULD_NOT_WRITE,
    INFEASIBLE,
    INTERRUPTED,
    NO_PLAN,
    SOLVED,
    STOPPED_WITH_PLAN,
    VERIFICATION_FAILED,
    Workbook,
    app,
    stop_on_ctrl_c,
)
from khovor.cli.shared import STUDIES, Shared, sharing
from khovor.console import Screen
from khovor.decisions import Decisions, read_summary
from khovor.errors import UsageError
from khovor.run import Run, run
from khovor.solve import Optimizer, optimize
from khovor.solve.hedging import Crew
from khovor.studies import Fleet, StudyOutcome, solve_study


@app.command(epilog="Example: khovor solve case.xlsx --set settings[discount_rate].value=0.1")
@sharing(*STUDIES)
def solve(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    start: Annotated[
        Path | None, typer.Option("--start", metavar="RUN", help="Begin from the plan of a finished run's folder.")
    ] = None,
    study: Annotated[
        str | None,
        typer.Option("--study", metavar="NAME", help="Solve the base and each what-if of a study in sweeps."),
    ] = None,
    hedging: Annotated[
        bool,
        typer.Option("--hedging", help="Progressive hedging: mpiexec -n 2 khovor solve ... (needs khovor[mpi])."),
    ] = False,
) -> None:
    """Check, solve, verify, and write the run folder. Ctrl-C keeps the best plan so far; twice quits at once.

    With --study the runs of the table sweeps, side by side; every limit is for one run, and a run that is finished is
    not run again in the same folder.

    Exit codes: 0 solved within the gap; 1 stopped at a limit with a plan; 2 usage; 3 input errors; 4 infeasible or
    unbounded; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted. Of a study: 0
    every run solved within the gap; 1 some stopped at a limit or failed; 4 the base has no plan; 5 no run has one.
    """
    known = None if start is None else Decisions.of(read_summary(start))
    options = replace(shared.options, start=known)
    if study is None and shared.fleet != Fleet():
        raise UsageError("--jobs, --cluster and --resume go with --study NAME.")
    if hedging and (study, start) != (None, None):
        raise UsageError("--hedging solves one workbook, without --study and --start.")
    if study is not None:
        with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
            outcome = solve_study(workbook, study, options, shared.fleet, listener, stop)
        describe_study(screen, outcome)
        raise typer.Exit(study_exit_code(outcome))
    with _optimizer(hedging) as optimizer, screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        result = run(workbook, options, listener, stop, optimizer)
    describe(screen, result)
    raise typer.Exit(exit_code(result))


@contextmanager
def _optimizer(hedging: bool) -> Iterator[Optimizer]:
    """How to solve. Of the ranks of one `mpiexec` only the first gets an answer here; the others serve it and leave."""
    if not hedging:
        yield optimize
        return
    crew = Crew()
    if not crew.leads:
        crew.serve()
        raise typer.Exit(SOLVED)
    with crew.leading():
        yield crew.hedge


def exit_code(result: Run) -> int:
    """How a run that has a plan went."""
    if not result.verification.passed:
        return VERIFICATION_FAILED
    if result.unwritten is not None:
        return COULD_NOT_WRITE
    return {"optimal": SOLVED, "interrupted": INTERRUPTED}.get(result.solution.status, STOPPED_WITH_PLAN)


def study_exit_code(outcome: StudyOutcome) -> int:
    """How a study went: first what was broken or stopped, then what its base lacks, then what any run lacks."""
    runs = outcome.summary["study"]["runs"]
    statuses = [run["status"] for run in runs]
    if any(run["verified"] and not run["verified"]["passed"] for run in runs):
        return VERIFICATION_FAILED
    if outcome.unwritten is not None:
        return COULD_NOT_WRITE
    if outcome.stopped:
        return INTERRUPTED
    if statuses[0] in ("infeasible", "unbounded"):
        return INFEASIBLE
    if not any(run["objective"] is not None for run in runs):
        return NO_PLAN
    return SOLVED if set(statuses) == {"optimal"} else STOPPED_WITH_PLAN
