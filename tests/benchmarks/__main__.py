"""What each way of solving pays, side by side in one run: every table, or the one that is named.

Every line is measured in this run and compared with the first line of its table; nothing here is a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tests.benchmarks import checking, finding, growth, solving, sweeps, workers
from tests.benchmarks.cases import with_likely_futures
from tests.benchmarks.plan import planned

import khovor
from khovor.case import Case

SHIPPED = Path(__file__).parents[2] / "inputs" / "mongolia.xlsx"

app = typer.Typer(add_completion=False, help=__doc__, rich_markup_mode=None)

Workbook = Annotated[Path, typer.Option(help="The case that is measured, and made smaller and larger.")]
Seconds = Annotated[float, typer.Option(help="What each solve may take.")]
Gigabytes = Annotated[float, typer.Option(help="What each growing case may hold.")]


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context, workbook: Workbook = SHIPPED, seconds: Seconds = 120.0, memory: Gigabytes = 8.0
) -> None:
    """Every table, one after the other."""
    context.obj = (khovor.read(workbook), workbook, seconds, memory)
    if context.invoked_subcommand is None:
        prove(context)
        hand(context)
        find(context)
        strengthen(context)
        grow(context)
        work(context)
        check(context)
        sweep(context)


@app.command("proof")
def prove(context: typer.Context) -> None:
    """khovor against raw HiGHS on the same matrix, and the seconds outside the solver."""
    case, _, seconds, _ = context.obj
    solving.phases(case)
    solving.against_highs(_alone(case), seconds)
    solving.against_highs(case, seconds)


@app.command("handover")
def hand(context: typer.Context) -> None:
    """Building and handing over, against linopy, PuLP and PyOptInterface (`pip install -e .[bench]`)."""
    from tests.benchmarks.handover import futures, handover  # the other tables need none of these layers

    handover(context.obj[0])
    futures(context.obj[0])


@app.command("finding")
def find(context: typer.Context) -> None:
    """The first plan of the likely future, and what its worth saves when the rest is branched."""
    case, _, seconds, _ = context.obj
    finding.finding(_alone(case), seconds)


@app.command("strengthening")
def strengthen(context: typer.Context) -> None:
    """The likely future as it is stated, with whole plants in it, and with each part of that switched off."""
    case, _, seconds, _ = context.obj
    solving.strengthening(_alone(case), seconds)


@app.command("growth")
def grow(
    context: typer.Context,
    sites: Annotated[bool, typer.Option("--sites", help="Only 8 to 100 sites.")] = False,
    periods: Annotated[bool, typer.Option("--periods", help="Only 4 to 20 periods.")] = False,
    futures: Annotated[bool, typer.Option("--futures", help="Only 1 to 1,000 futures.")] = False,
    runs: Annotated[bool, typer.Option("--runs", help="Only 1 to 1,000 runs of a study.")] = False,
) -> None:
    """Seconds, memory, gap and size as sites, periods, futures and runs of a study grow in number."""
    case, workbook, seconds, memory = context.obj
    every = not (sites or periods or futures or runs)
    if sites or every:
        growth.sites(case, seconds, memory)
    if periods or every:
        growth.periods(case, seconds, memory)
    if futures or every:
        growth.futures(case, seconds, memory, planned(workbook))
    if runs or every:
        sweeps.sweeps(memory)


@app.command("workers")
def work(context: typer.Context) -> None:
    """One worker and two: equal runs, and a plan valued in a thousand futures."""
    case, workbook, _, _ = context.obj
    workers.runs(case)
    workers.valuation(case, planned(workbook))


@app.command("checking")
def check(context: typer.Context) -> None:
    """The independent checker on plans of more and more flows."""
    checking.checking(context.obj[0])


@app.command("sweep")
def sweep(context: typer.Context) -> None:
    """Eleven values of one right-hand side against one solve."""
    sweeps.one_limit(context.obj[1])


def _alone(case: Case) -> Case:
    return with_likely_futures(case, 1)


if __name__ == "__main__":
    app()
