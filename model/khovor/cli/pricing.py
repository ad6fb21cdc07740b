"""`khovor breakeven` and `khovor stages`: which price carries the plan, and how far to take the chain."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from khovor.answer import describe_finding
from khovor.cli.command import Workbook, app, stop_on_ctrl_c
from khovor.cli.informing import finding_exit_code
from khovor.cli.shared import SOLVES, Shared, sharing
from khovor.console import Screen
from khovor.errors import UsageError
from khovor.studies import compare_stages, find_breakeven


@app.command(epilog="Example: khovor breakeven case.xlsx --product ndpr_ox --product ndpr_metal")
@sharing(*SOLVES, "resume")
def breakeven(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="P", help="Whose prices move (repeatable); otherwise what brings most."),
    ] = None,
) -> None:
    """The price of a product at which the best plan is worth nothing, found by solving again at other prices.

    All its prices move by one factor, and those of several products in step: the answer is then the price of the first.
    Told for the whole case, which may build otherwise at each price, and for what the best plan builds, as it stands.
    Limits are for one solve.

    Exit codes: 0 the price is enclosed within the gap; 1 it is not proved as closely; 2 usage; 3 input errors; 4
    infeasible; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted (--resume
    goes on).
    """
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = find_breakeven(workbook, shared.options, replace(shared.fleet, jobs=1), product or (), listener, stop)
    describe_finding(screen, outcome)
    raise typer.Exit(finding_exit_code(outcome))


@app.command(epilog='Example: khovor stages case.xlsx --stage "ore=MINE" --stage "oxide=MILL,SX"')
@sharing(*SOLVES, "resume")
def stages(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            "--stage",
            metavar="NAME=PROCESS,PROCESS",
            help="Name a stage and its processes, first to last; otherwise they are derived from the recipes.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, metavar="N", help="Stages at a time; otherwise each from the one before."),
    ] = None,
) -> None:
    """Where to stop: the best plan that goes no further than ore, concentrate, mixed carbonate, oxide, metal.

    Stages follow the chain of products from the deposits up; a process off the chain is free at every stage. Limits
    are for one solve.

    Exit codes: 0 every stage proved within the gap, or proved impossible; 1 some stopped at a limit; 2 usage; 3 input
    errors; 4 infeasible; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted
    (--resume goes on).
    """
    named = [_named(text) for text in stage or ()]
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = compare_stages(workbook, shared.options, replace(shared.fleet, jobs=jobs), named, listener, stop)
    describe_finding(screen, outcome)
    raise typer.Exit(finding_exit_code(outcome))


def _named(text: str) -> tuple[str, list[str]]:
    """A stage as --stage takes it. Raises UsageError."""
    name, sign, processes = text.partition("=")
    found = [process.strip() for process in processes.split(",") if process.strip()]
    if not (sign and name.strip() and found):
        raise UsageError(f"--stage takes NAME=process,process, not '{text}'.")
    return name.strip(), found
