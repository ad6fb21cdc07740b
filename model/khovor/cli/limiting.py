"""`khovor frontier`: what each degree of a limit costs."""

from __future__ import annotations

from typing import Annotated

import typer

from khovor.answer import describe_frontier
from khovor.cli.command import Workbook, app, stop_on_ctrl_c
from khovor.cli.informing import finding_exit_code
from khovor.cli.shared import STUDIES, Shared, sharing
from khovor.console import Screen
from khovor.errors import UsageError
from khovor.studies import Asked, Common, Frontier, trace_frontier

Points = Annotated[int, typer.Option("--points", min=2, metavar="N", help="Limits in even steps.")]
Points2 = Annotated[int, typer.Option("--points2", min=2, metavar="N", help="Limits of the second measure.")]


@app.command(epilog="Example: khovor frontier case.xlsx --measure transit_share --subject CN --basis value --points 11")
@sharing(*STUDIES)
def frontier(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    measure: Annotated[
        str,
        typer.Option("--measure", metavar="M", help="A measure of the table policies, or cvar (the worst futures)."),
    ],
    subject: Annotated[
        str, typer.Option("--subject", metavar="S", help="Of what, as in the table policies; blank = all, or home.")
    ] = "",
    points: Points = 11,
    loosest: Annotated[
        float | None,
        typer.Option("--from", metavar="LIMIT", help="Loosest limit; otherwise what the best plan measures without."),
    ] = None,
    tightest: Annotated[
        float | None,
        typer.Option(
            "--to", metavar="LIMIT", help="Tightest limit; otherwise 0, or 1 of a share of which more is asked."
        ),
    ] = None,
    sense: Annotated[
        str | None,
        typer.Option(
            "--sense", metavar="max|min", help="Whether it is at most the limit, or at least; by the measure."
        ),
    ] = None,
    basis: Annotated[
        str | None, typer.Option("--basis", metavar="t|value", help="Shares by tonnes or by reference value.")
    ] = None,
    scope: Annotated[
        str, typer.Option("--scope", metavar="each|expected", help="Kept in each future, or on average.")
    ] = "each",
    first_year: Annotated[int | None, typer.Option("--first-year", help="The limit holds from this year on.")] = None,
    last_year: Annotated[int | None, typer.Option("--last-year", help="The limit holds up to this year.")] = None,
    measure2: Annotated[
        str | None, typer.Option("--measure2", metavar="M", help="A second measure: both at once give a surface.")
    ] = None,
    subject2: Annotated[str, typer.Option("--subject2", metavar="S", help="Of what.")] = "",
    points2: Points2 = 5,
    loosest2: Annotated[float | None, typer.Option("--from2", metavar="LIMIT", help="Loosest limit of it.")] = None,
    tightest2: Annotated[float | None, typer.Option("--to2", metavar="LIMIT", help="Tightest limit of it.")] = None,
    sense2: Annotated[str | None, typer.Option("--sense2", metavar="max|min", help="At most, or at least.")] = None,
    refine: Annotated[
        int, typer.Option("--refine", min=0, metavar="K", help="Up to K points more where the set of sites changes.")
    ] = 4,
) -> None:
    """Value against a measure: the case solved at each limit, and what each step tighter costs.

    A limit is one more hard policy, kept in every period with a year in its range; of cvar the weight of the worst
    futures goes from 0 to 1. Each point begins from its neighbour's plan. Time limit and gap are for one point.

    Exit codes: 0 every point proved within the gap, or proved impossible; 1 some stopped at a limit or failed; 2 usage;
    3 input errors; 4 the case has no plan; 5 none was found in time; 6 verification failed; 7 could not write; 130
    interrupted (--resume goes on).
    """
    asked = [Asked(measure, subject, points, loosest, tightest, sense)]
    if measure2 is not None:
        asked.append(Asked(measure2, subject2, points2, loosest2, tightest2, sense2))
    elif subject2 or (loosest2, tightest2, sense2) != (None, None, None):
        raise UsageError("--subject2, --from2, --to2 and --sense2 go with --measure2.")
    question = Frontier(tuple(asked), Common(basis, scope, first_year, last_year), refine)
    with screen.progress() as listener, stop_on_ctrl_c(screen) as stop:
        outcome = trace_frontier(workbook, shared.options, shared.fleet, question, listener, stop)
    describe_frontier(screen, outcome)
    raise typer.Exit(finding_exit_code(outcome))
