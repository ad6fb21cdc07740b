"""What every command shares: Ctrl-C, failures as messages, documents and exit codes (interface.md)."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from khovor import startup
from khovor.console import Screen
from khovor.errors import InfeasibleError, InputError, KhovorError, NoPlanError, UsageError, WriteError
from khovor.versions import KHOVOR

SOLVED: Final = 0
STOPPED_WITH_PLAN: Final = 1
INPUT_ERRORS: Final = InputError.exit_code
INFEASIBLE: Final = InfeasibleError.exit_code
NO_PLAN: Final = NoPlanError.exit_code
VERIFICATION_FAILED: Final = 6
COULD_NOT_WRITE: Final = WriteError.exit_code
OWN_FAULT: Final = 70
INTERRUPTED: Final = startup.INTERRUPTED

STDERR: Final = 2

app = typer.Typer(
    name="khovor",
    help="What to build, where, how large and when, and by which corridors to sell, knowing that a border may shut.",
    epilog="Begin with: khovor new case.xlsx --example mongolia",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

Workbook = Annotated[Path, typer.Argument(metavar="WORKBOOK", help="The input workbook (.xlsx); never written to.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"khovor {KHOVOR}")
        raise typer.Exit()


@app.callback()
def khovor(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """What to build, where, how large and when, and by which corridors to sell, knowing that a border may shut."""


@contextmanager
def answering(screen: Screen, debug: bool) -> Iterator[None]:
    """Turn every failure into a message on stderr, a document if one was asked for, and an exit code."""
    if signal.getsignal(signal.SIGINT) is startup.leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Exception as fault:
        if debug:
            traceback.print_exc()
        error, code = _told(fault)
        screen.error(error)
        if screen.as_json:
            screen.document(error.as_dict())
        raise typer.Exit(code) from None


def _told(fault: Exception) -> tuple[KhovorError, int]:
    """A failure as an error of the family, and its exit code."""
    if isinstance(fault, KhovorError):
        return fault, OWN_FAULT if type(fault) is KhovorError else fault.exit_code
    text = f"A fault of khovor itself ({type(fault).__name__}: {fault}); --debug shows where."
    return KhovorError(text), OWN_FAULT


@contextmanager
def stop_on_ctrl_c(screen: Screen) -> Iterator[threading.Event]:
    """The first Ctrl-C asks the run to stop with its best plan; the second quits at once."""
    stop = threading.Event()

    def on_signal(signum: int, frame: object) -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()
        if not screen.quiet:  # written past Python's buffers, which the signal may have caught half-way
            os.write(STDERR, b"\nStopping: the best plan so far will be saved. Ctrl-C again quits at once.\n")

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def workbook_named(path: Path) -> Path:
    """The path of a workbook to be written. Raises UsageError for a name that is not one of a workbook."""
    target = path if path.suffix else path.with_suffix(".xlsx")
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"A workbook's name ends in .xlsx, not in {target.suffix}.")
    return target
