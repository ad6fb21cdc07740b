"""`khovor breakeven` and `khovor stages`: which price carries the plan, and how far to take the chain."""

from __future__ import annotations

from typing import Annotated

import typer

from khovor.answer import describe_finding
from khovor.cli.command import (
    Changes,
    Debug,
    Gap,
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
from khovor.cli.informing import finding_exit_code
from khovor.console import Screen
from khovor.errors import UsageError
from khovor.run import Options
from khovor.studies import Fleet, compare_stages, find_breakeven


@app.command(epilog="Example: khovor breakeven case.xlsx --product ndpr_ox --product ndpr_metal")
def breakeven(
    workbook: Workbook,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="P", help="Whose prices move (repeatable); otherwise what brings most."),
    ] = None,
    out: Out = None,
    changes: Changes = None,
    resume: Resume = None,
    time_limit: TimeLimit = None,
    gap: Gap = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """The price of a product at which the best plan is worth nothing, found by solving again at other prices.

    All its prices move by one factor, and those of several products in step: the answer is then the price of the first.
    Told for the whole case, which may build otherwise at each price, and for what the best plan builds, as it stands.
    Limits are for one solve.

    Exit codes: 0 the price is enclosed within the gap; 1 it is not proved as closely; 2 usage; 3 input errors; 4
    infeasible; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted (--resume
    goes on).
    """
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        options = Options(tuple(changes or ()), time_limit, gap, threads, seed, out)
        with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
            outcome = find_breakeven(workbook, options, Fleet(1, None, resume), product or (), listener, stop)
        describe_finding(screen, outcome)
        raise typer.Exit(finding_exit_code(outcome))


@app.command(epilog='Example: khovor stages case.xlsx --stage "ore=MINE" --stage "oxide=MILL,SX"')
def stages(
    workbook: Workbook,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            "--stage",
            metavar="NAME=PROCESS,PROCESS",
            help="Name a stage and its processes, first to last; otherwise they are derived from the recipes.",
        ),
    ] = None,
    out: Out = None,
    changes: Changes = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, metavar="N", help="Stages at a time; otherwise each from the one before."),
    ] = None,
    resume: Resume = None,
    time_limit: TimeLimit = None,
    gap: Gap = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Where to stop: the best plan that goes no further than ore, concentrate, mixed carbonate, oxide, metal.

    Stages follow the chain of products from the deposits up; a process off the chain is free at every stage. Limits
    are for one solve.

    Exit codes: 0 every stage proved within the gap, or proved impossible; 1 some stopped at a limit; 2 usage; 3 input
    errors; 4 infeasible; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted
    (--resume goes on).
    """
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        options = Options(tuple(changes or ()), time_limit, gap, threads, seed, out)
        named = [_named(text) for text in stage or ()]
        with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
            outcome = compare_stages(workbook, options, Fleet(jobs, None, resume), named, listener, stop)
        describe_finding(screen, outcome)
        raise typer.Exit(finding_exit_code(outcome))


def _named(text: str) -> tuple[str, list[str]]:
    """A stage as --stage takes it. Raises UsageError."""
    name, sign, processes = text.partition("=")
    found = [process.strip() for process in processes.split(",") if process.strip()]
    if not (sign and name.strip() and found):
        raise UsageError(f"--stage takes NAME=process,process, not '{text}'.")
    return name.strip(), found
