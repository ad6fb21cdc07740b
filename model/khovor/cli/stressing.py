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
    Workbook,
    app,
    stop_on_ctrl_c,
)
from khovor.cli.shared import STUDIES, Shared, sharing
from khovor.console import Screen
from khovor.studies import StudyOutcome, stress_plan


@app.command(epilog="Example: khovor stress case.xlsx --plan outputs/case/20300101-120000")
@sharing(*STUDIES)
def stress(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="RUN", help="Take the plan of a finished run's folder; solve none.")
    ] = None,
    hedges: Annotated[
        int, typer.Option("--hedges", min=0, metavar="N", help="Seek what would help against the N worst closings.")
    ] = 3,
) -> None:
    """Hold the plan, close each gate, group and gateless lane out of home for a period and for good, then pairs.

    Says what is lost, what is stranded, who carries it instead, and the cheapest hedge: slots, room to store, a
    corridor or a site, each found by solving again. Limits are for one solve.

    Exit codes: 0 done; 1 some rules cannot be kept when something is closed, or a hedge stopped at a limit; 2 usage;
    3 input errors; 4 infeasible or unbounded; 5 no plan within the limit; 6 verification failed; 7 could not write;
    130 interrupted.
    """
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = stress_plan(
            workbook, shared.options, shared.fleet, plan=plan, hedges=hedges, listener=listener, stop=stop
        )
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
