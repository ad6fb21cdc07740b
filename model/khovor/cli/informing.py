"""`khovor information` and `khovor decide`: what odds are worth knowing, and how the plan depends on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_finding
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
from khovor.errors import UsageError
from khovor.studies import Question, StudyOutcome, value_information
from khovor.studies import decide as decide_by_odds


@app.command(epilog="Example: khovor information case.xlsx --plan outputs/case/20300101-120000")
@sharing(*STUDIES)
def information(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="RUN", help="Take the plan of a finished run of this workbook.")
    ] = None,
) -> None:
    """What information is worth: of perfect information (EVPI), of planning for all futures (VSS), and regrets.

    Each future is solved alone (WS), all together (SP), and their mean, whose plan is valued in all (EEV). Every figure
    is an interval from the proofs of the solves; limits are for one solve. WS >= SP >= EEV is checked.

    Exit codes: 0 every solve within the gap; 1 some stopped at a limit; 2 usage; 3 input errors; 4 infeasible; 5 limit
    reached without a plan; 6 verification failed; 7 could not write; 130 interrupted (--resume goes on).
    """
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = value_information(workbook, shared.options, shared.fleet, plan, listener, stop)
    describe_finding(screen, outcome)
    raise typer.Exit(finding_exit_code(outcome))


@app.command(epilog="Example: khovor decide case.xlsx --scenario S4 --from 0 --to 0.2")
@sharing(*STUDIES)
def decide(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario", metavar="NAME", help="The future whose probability moves; the others keep their proportions."
        ),
    ] = None,
    low: Annotated[float, typer.Option("--from", min=0.0, max=1.0, help="Its least probability.")] = 0.0,
    high: Annotated[float, typer.Option("--to", min=0.0, max=1.0, help="Its greatest probability.")] = 1.0,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=1e-6, max=1.0, help="Thresholds need be no closer than this.")
    ] = 1e-3,
    within: Annotated[
        float | None,
        typer.Option(
            "--within", min=0.0, metavar="SHARE", help="Worst case: each probability may be off by this share of it."
        ),
    ] = None,
    box: Annotated[
        Path | None,
        typer.Option("--box", metavar="FILE", help="Worst case: a CSV file with the columns scenario, low, high."),
    ] = None,
    regret: Annotated[
        bool, typer.Option("--regret", help="Least regret: the plan whose greatest regret in any future is least.")
    ] = False,
) -> None:
    """At which probabilities of a future the best plan changes; which plan has the best worst case, or least regret.

    Low and high of the table scenarios, where filled, are the box of its row. Regret is what the best plan of a future,
    had it been known, is worth more there; it needs no odds. Rules hold in every future, whatever its odds, 0 as well.
    Limits are for one solve.

    Exit codes: 0 every solve within the gap; 1 some stopped at a limit; 2 usage; 3 input errors; 4 infeasible; 5 limit
    reached without a plan; 6 verification failed; 7 could not write; 130 interrupted (--resume goes on).
    """
    if within is not None and box is not None:
        raise UsageError("Choose one of --within and --box.")
    question = Question(scenario, low, high, tolerance, within, box, regret)
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = decide_by_odds(workbook, shared.options, shared.fleet, question, listener, stop)
    describe_finding(screen, outcome)
    raise typer.Exit(finding_exit_code(outcome))


def finding_exit_code(outcome: StudyOutcome) -> int:
    """How a study went that has a plan wherever it needs one."""
    if not outcome.summary["verified"]["passed"]:
        return VERIFICATION_FAILED
    if outcome.unwritten is not None:
        return COULD_NOT_WRITE
    if outcome.stopped:
        return INTERRUPTED
    return SOLVED if outcome.summary["status"] == "optimal" else STOPPED_WITH_PLAN
