"""`khovor new` and `khovor check`: a workbook written, a workbook examined."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khovor.answer import describe_examination
from khovor.cli.command import (
    INPUT_ERRORS,
    SOLVED,
    Changes,
    Debug,
    Json,
    Quiet,
    Workbook,
    answering,
    app,
    workbook_named,
)
from khovor.console import Screen
from khovor.errors import UsageError
from khovor.run import examine
from khovor.workbook import blank, example


@app.command(epilog="Example: khovor new case.xlsx --example mongolia")
def new(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The workbook to write (.xlsx); must not exist.")],
    from_example: Annotated[
        str | None, typer.Option("--example", metavar="NAME", help="Copy an example, e.g. mongolia.")
    ] = None,
    minimal: Annotated[bool, typer.Option("--minimal", help="Only the required tables.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a workbook: blank, with only the required tables, or a copy of an example."""
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        target = _new_workbook(path, from_example, minimal)
        if as_json:
            screen.document({"workbook": str(target)})
        else:
            screen.line(str(target))


@app.command(epilog="Example: khovor check case.xlsx")
def check(
    workbook: Workbook,
    changes: Changes = None,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """List every error, warning and default in use of a workbook; solves nothing. Exit code 3 with errors."""
    screen = Screen(quiet=quiet, as_json=as_json)
    with answering(screen, debug):
        found = examine(workbook, changes or ())
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
