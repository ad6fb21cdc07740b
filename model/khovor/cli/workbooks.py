"""`khovor new` and `khovor check`: a workbook written, a workbook examined."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_examination
from khovor.cli.command import INPUT_ERRORS, SOLVED, Workbook, app, workbook_named
from khovor.cli.shared import Shared, sharing
from khovor.console import Screen
from khovor.errors import UsageError
from khovor.run import examine
from khovor.workbook import blank, example


@app.command(epilog="Example: khovor new case.xlsx --example mongolia")
@sharing()
def new(
    screen: Screen,
    shared: Shared,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The workbook to write (.xlsx); must not exist.")],
    from_example: Annotated[
        str | None, typer.Option("--example", metavar="NAME", help="Copy an example, e.g. mongolia.")
    ] = None,
    minimal: Annotated[bool, typer.Option("--minimal", help="Only the required tables.")] = False,
) -> None:
    """Write a workbook: blank, with only the required tables, or a copy of an example."""
    target = _new_workbook(path, from_example, minimal)
    if shared.as_json:
        screen.document({"workbook": str(target)})
    else:
        screen.line(str(target))


@app.command(epilog="Example: khovor check case.xlsx")
@sharing("changes")
def check(
    screen: Screen,
    shared: Shared,
    workbook: Workbook,
) -> None:
    """List every error, warning and default in use of a workbook; solves nothing. Exit code 3 with errors."""
    found = examine(workbook, shared.changes or ())
    describe_examination(screen, found)
    raise typer.Exit(INPUT_ERRORS if found.errors else SOLVED)


def _new_workbook(path: Path, from_example: str | None, minimal: bool) -> Path:
    if from_example is not None and minimal:
        raise UsageError("Choose one of --example and --minimal.")
    target = workbook_named(path)
    if from_example is None:
        blank(target, minimal=minimal)
    else:
        example(from_example, target)
    return target
