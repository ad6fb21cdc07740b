"""The commands: new, check, solve. stdout carries the result only; exit codes say how it went."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from khovor.answer import describe, describe_examination
from khovor.console import Screen
from khovor.errors import InfeasibleError, InputError, InterruptedRun, KhovorError, NoPlanError, UsageError, WriteError
from khovor.run import Options, Run, examine, run
from khovor.solve import Optimizer, optimize
from khovor.solve.hedging import Crew
from khovor.versions import KHOVOR
from khovor.workbook import blank, example

SOLVED: Final = 0
STOPPED_WITH_PLAN: Final = 1
INPUT_ERRORS: Final = InputError.exit_code
VERIFICATION_FAILED: Final = 6
COULD_NOT_WRITE: Final = WriteError.exit_code
OWN_FAULT: Final = 70
INTERRUPTED: Final = 130

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
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="TABLE[KEY].COLUMN=VALUE",
        help="Change a cell for this run only; repeatable. KEY is the key columns joined by ':', '*' matches any text.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages on stderr, only errors.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def main() -> None:
    """The `khovor` command."""
    app()


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
    with _answering(screen, debug):
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
    with _answering(screen, debug):
        found = examine(workbook, changes or ())
        describe_examination(screen, found)
        raise typer.Exit(INPUT_ERRORS if found.errors else SOLVED)


@app.command(epilog="Example: khovor solve case.xlsx --set settings[discount_rate].value=0.1")
def solve(
    workbook: Workbook,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run folder; otherwise a new one below outputs/.")
    ] = None,
    changes: Changes = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", min=0.0, metavar="SECONDS", help="Stop the search after this long.")
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option("--gap", min=0.0, max=1.0, help="Stop when the plan is proved this close (0.01 = 1%)."),
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Threads of the solver.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Random seed of the solver.")] = None,
    hedging: Annotated[
        bool,
        typer.Option("--hedging", help="Progressive hedging: mpiexec -n 2 khovor solve ... (needs khovor[mpi])."),
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Check, solve, verify, and write the run folder. Ctrl-C keeps the best plan so far; twice quits at once.

    Exit codes: 0 solved within the gap; 1 stopped at a limit with a plan; 2 usage; 3 input errors; 4 infeasible or
    unbounded; 5 limit reached without a plan; 6 verification failed; 7 could not write; 130 interrupted.
    """
    screen = Screen(quiet=quiet, as_json=as_json)
    with _answering(screen, debug):
        options = Options(tuple(changes or ()), time_limit, gap, threads, seed, out)
        with _optimizer(hedging) as optimizer, screen.progress() as listener, _stop_on_ctrl_c(screen) as stop:
            result = run(workbook, options, listener, stop, optimizer)
        describe(screen, result)
        raise typer.Exit(exit_code(result))


@contextmanager
def _optimizer(hedging: bool) -> Iterator[Optimizer]:
    """How to solve. Of the ranks of one `mpiexec` only the first gets an answer here; the others serve it and leave."""
    if not hedging:
        yield optimize
        return
    crew = Crew()
    if not crew.leads:
        crew.serve()
        raise typer.Exit(SOLVED)
    with crew.leading():
        yield crew.hedge


def exit_code(result: Run) -> int:
    """How a run that has a plan went."""
    if not result.verification.passed:
        return VERIFICATION_FAILED
    if result.unwritten is not None:
        return COULD_NOT_WRITE
    return {"optimal": SOLVED, "interrupted": INTERRUPTED}.get(result.solution.status, STOPPED_WITH_PLAN)


def _new_workbook(path: Path, from_example: str | None, minimal: bool) -> Path:
    if from_example is not None and minimal:
        raise UsageError("Choose one of --example and --minimal.")
    target = path if path.suffix else path.with_suffix(".xlsx")
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"A workbook's name ends in .xlsx, not in {target.suffix}.")
    if from_example is None:
        blank(target, minimal=minimal)
    else:
        example(from_example, target)
    return target


@contextmanager
def _answering(screen: Screen, debug: bool) -> Iterator[None]:
    """Turn every failure into a message on stderr, a document if one was asked for, and an exit code."""
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
            screen.document(failure(error))
        raise typer.Exit(code) from None


def _told(fault: Exception) -> tuple[KhovorError, int]:
    """A failure as an error of the family, and its exit code."""
    if isinstance(fault, KhovorError):
        return fault, OWN_FAULT if type(fault) is KhovorError else fault.exit_code
    text = f"A fault of khovor itself ({type(fault).__name__}: {fault}); --debug shows where."
    return KhovorError(text), OWN_FAULT


def failure(error: KhovorError) -> dict[str, Any]:
    """The document of a command that has no result: its status, the message, and what is known of the cause."""
    document: dict[str, Any] = {"status": "error", "message": str(error)}
    if isinstance(error, InputError):
        found: dict[str, list[dict[str, str]]] = {"errors": [], "warnings": []}
        for issue in error.issues:
            found[f"{issue.severity}s"].append(issue.as_dict())
        document |= {"status": "input_errors", **found}
    elif isinstance(error, InfeasibleError):
        document |= {"status": error.status, "conflicts": [c.as_dict() for c in error.conflicts]}
    elif isinstance(error, NoPlanError):
        document["status"] = "no_solution"
    elif isinstance(error, InterruptedRun):
        document["status"] = "interrupted"
    return document


@contextmanager
def _stop_on_ctrl_c(screen: Screen) -> Iterator[threading.Event]:
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
