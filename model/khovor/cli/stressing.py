"""`khovor stress`: the plan against each corridor closed, one and two at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_stress
from khovor.cli.command import (
    COULD_NOT_WRITE,
    INTERRUPTED,
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
from khovor.studies import Fleet, StudyOutcome, stress_plan


@app.command(epilog="Example: khovor stress case.xlsx --plan outputs/case/20300101-120000")
def stress(
    workbook: Workbook,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="RUN", help="Take the plan of a finished run's folder; solve none.")
    ] = None,
    hedges: Annotated[
        int, typer.Option("--hedges", min=0, metavar="N", help="Seek what would help against the N worst closings.")
    ] = 3,
    out: Out = None,
    changes: Changes = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="DIR", help="Go on: take what is finished from there.")
    ] = None,
    time_limit: TimeLimit = None,
    gap: Gap = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Hold the plan, close each gate, group and gateless lane out of home for a period and for good, then pairs.

    Says what is lost, what is stranded, who carries it instead, and the cheapest hedge: slots, room to store, a
    corridor or a site, each found by solving again. Limits are for one solve.

    Exit codes: 0 done; 1 some rules cannot be kept when something is closed, or a hedge stopped at a limit; 2 usage;
    3 input errors; 4 infeasible or unbounded; 5 no plan within the limit; 6 verification failed; 7 could not write;
    130 interrupted.
    """
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        options = Options(tuple(changes or ()), time_limit, gap, threads, seed, out)
        fleet = Fleet(jobs, cluster, resume)
        with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
            outcome = stress_plan(workbook, options, fleet, plan=plan, hedges=hedges, listener=listener, stop=stop)
        describe_stress(screen, outcome)
        raise typer.Exit(stress_exit_code(outcome))


def stress_exit_code(outcome: StudyOutcome) -> int:
    """How a stress went."""
    told = outcome.summary
    if told["plan"]["verified"] and not told["plan"]["verified"]["passed"]:
        return VERIFICATION_FAILED
    if outcome.unwritten is not None:
        return COULD_NOT_WRITE
    if outcome.stopped:
        return INTERRUPTED
    unkept = any(c["loss"] is None for c in (*told["closures"], *told["pairs"]))
    limited = any(o["status"] != "optimal" for h in told["hedges"] for o in h["options"])
    return STOPPED_WITH_PLAN if unkept or limited else SOLVED
