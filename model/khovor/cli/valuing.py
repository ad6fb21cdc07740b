"""`khovor value`: the plan of a finished run in futures it was not made for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_valuation
from khovor.cli.command import COULD_NOT_WRITE, INTERRUPTED, SOLVED, STOPPED_WITH_PLAN, app, stop_on_ctrl_c
from khovor.cli.shared import Shared, sharing
from khovor.console import Screen
from khovor.studies import StudyOutcome, value_plan


@app.command(epilog="Example: khovor value outputs/case/20300101-120000 --futures sampled.xlsx")
@sharing("out", "jobs", "cluster")
def value(
    screen: Screen,
    shared: Shared,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    futures: Annotated[
        Path, typer.Option("--futures", metavar="WORKBOOK", help="The workbook whose scenarios and events are taken.")
    ],
) -> None:
    """Value a plan, its decisions fixed, in each future of another workbook; the rest is the run's own input.

    Exit codes: 0 valued in every future; 1 some futures have rules that the plan cannot keep; 2 usage; 3 input errors;
    7 could not write; 130 interrupted.
    """
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        fleet = shared.fleet
        outcome = value_plan(
            run, futures, out=shared.out, jobs=fleet.jobs, cluster=fleet.cluster, listener=listener, stop=stop
        )
    describe_valuation(screen, outcome)
    raise typer.Exit(value_exit_code(outcome))


def value_exit_code(outcome: StudyOutcome) -> int:
    """How a valuation went."""
    if outcome.unwritten is not None:
        return COULD_NOT_WRITE
    if outcome.stopped:
        return INTERRUPTED
    return STOPPED_WITH_PLAN if outcome.summary["infeasible"] else SOLVED
