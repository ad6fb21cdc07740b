"""`khovor sample`: futures drawn from hazards, in a new workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_sample
from khovor.cli.command import Workbook, app, workbook_named
from khovor.cli.shared import Shared, sharing
from khovor.console import Screen
from khovor.studies import Wanted, sample_workbook


@app.command(epilog="Example: khovor sample case.xlsx --futures 1000 --seed 1 --reduce 20")
@sharing("changes")
def sample(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
    futures: Annotated[int, typer.Option("--futures", min=1, metavar="N", help="How many futures are drawn.")],
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Seed of the draws.")] = 1,
    reduce: Annotated[
        int | None,
        typer.Option("--reduce", min=1, metavar="K", help="Keep the K futures that stand best for all of them."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="The workbook to write; otherwise one beside WORKBOOK."),
    ] = None,
) -> None:
    """Draw futures from the table hazards: a copy of the workbook with scenarios and events replaced.

    A hazard is clear when the base year begins, starts with its annual probability in a year in which it is not under
    way, and lasts a geometric number of years. Equal futures become one. With --reduce, fast forward selection keeps
    the futures nearest to all, and the distance is told. What --set changes stands changed in the copy.

    Exit codes: 0 written; 2 usage, or no hazards; 3 input errors; 7 could not write.
    """
    target = None if out is None else workbook_named(out)
    told = sample_workbook(workbook, Wanted(futures, seed, reduce), target, shared.changes or ())
    describe_sample(screen, told)
