"""`khovor information`: what knowing the future would be worth, and what planning for all of them is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_finding
from khovor.cli.command import (
    COULD_NOT_WRITE,
    SOLVED,
    STOPPED_WITH_PLAN,
    VERIFICATION_FAILED,
    Changes,
    Cluster,
    Debug,
    Gap,
    Jobs,
    Json,
    Out,
    Quiet,
    Resume,
    Seed,
    Threads,
    TimeLimit,
    Workbook,
    answering,
    app,
    stop_on_ctrl_c,
)
from khovor.console import Screen
from khovor.run import Options
from khovor.studies import Fleet, StudyOutcome, value_information


@app.command(epilog="Example: khovor information case.xlsx --plan outputs/case/20300101-120000")
def information(
    workbook: Workbook,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="RUN", help="Take the plan of a finished run of this workbook.")
    ] = None,
    out: Out = None,
    changes: Changes = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    resume: Resume = None,
    time_limit: TimeLimit = None,
    gap: Gap = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """What information is worth: of perfect information (EVPI), of planning for all futures (VSS), and regrets.

    Each future is solved alone (WS), all together (SP), and their mean, whose plan is valued in all (EEV). Every figure
    is an interval from the proofs of the solves; limits are for one solve. WS >= SP >= EEV is checked.

    Exit codes: 0 every solve within the gap; 1 some stopped at a limit; 2 usage; 3 input errors; 4 infeasible; 5 limit
    reached without a plan; 6 verification failed; 7 could not write; 130 interrupted (--resume goes on).
    """
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        options = Options(tuple(changes or ()), time_limit, gap, threads, seed, out)
        with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
            outcome = value_information(workbook, options, Fleet(jobs, cluster, resume), plan, listener, stop)
        describe_finding(screen, outcome)
        raise typer.Exit(finding_exit_code(outcome))


def finding_exit_code(outcome: StudyOutcome) -> int:
    """How a study went that has a plan wherever it needs one."""
    if not outcome.summary["verified"]["passed"]:
        return VERIFICATION_FAILED
    if outcome.unwritten is not None:
        return COULD_NOT_WRITE
    return SOLVED if outcome.summary["status"] == "optimal" else STOPPED_WITH_PLAN
