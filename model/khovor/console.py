"""What the command line shows: the result on stdout, progress and messages on stderr."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from khovor.errors import InfeasibleError, InputError, Issue, KhovorError
from khovor.solve import Listener, Progress

UNWRAPPED: Final = 1000
"""Columns of a stream that is no terminal: a line in a file or a pipe is never broken."""

EVERY_S: Final = 5.0
"""Seconds between two lines about the same phase where there is no terminal to redraw."""

ISSUE_COLUMNS: Final = ("sheet", "cell", "found", "expected", "nearest", "message")


class Screen:
    """Both streams of one command. `quiet` keeps stderr to errors; `as_json` gives stdout one document only."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet, self.as_json = quiet, as_json
        self._out, self._err = _console(stderr=False), _console(stderr=True)

    def document(self, content: Mapping[str, Any]) -> None:
        """The one JSON document of a command."""
        self._out.file.write(json.dumps(plain(content), indent=2, allow_nan=False) + "\n")
        self._out.file.flush()

    def line(self, text: str = "") -> None:
        """A line of the result."""
        self._out.print(escape(text), highlight=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table of the result; numbers stand to the right."""
        self._out.print(_table(title, columns, rows))

    def message(self, text: str) -> None:
        """A line beside the result."""
        if not self.quiet:
            self._err.print(escape(text), highlight=False)

    def issues(self, title: str, issues: Sequence[Issue], *, result: bool) -> None:
        """Issues as a table: part of the result, or beside it."""
        if issues:
            rows = [[getattr(issue, column) for column in ISSUE_COLUMNS] for issue in issues]
            (self._out if result else self._err).print(_table(title, ISSUE_COLUMNS, rows))

    def warnings(self, issues: Sequence[Issue]) -> None:
        """Warnings beside the result."""
        for issue in issues:
            self.message(f"warning: {issue}")

    def error(self, error: KhovorError) -> None:
        """Why a command failed; the errors of a workbook as a table."""
        text = str(error)
        if isinstance(error, InputError):
            errors = [i for i in error.issues if i.severity == "error"]
            self.issues("Errors", errors, result=False)
            text = f"The workbook has errors ({len(errors)}); `khovor check` lists warnings and defaults too."
        self._err.print(f"[bold red]khovor:[/] {escape(text)}", highlight=False)
        if isinstance(error, InfeasibleError):
            for conflict in error.conflicts:
                self._err.print(f"  {escape(conflict.message)} {escape(conflict.repair)}", highlight=False)

    @contextmanager
    def progress(self) -> Iterator[Listener]:
        """A listener that shows where a run is: redrawn on a terminal, now and then a line elsewhere."""
        if self.quiet:
            yield lambda progress: None
        elif self._err.is_terminal:
            with self._err.status("reading") as status:
                yield _Live(self._err, status)
        else:
            yield _Lines(self._err)


class _Live:
    """Progress on a terminal: the current phase is redrawn in place, each finished step leaves its line."""

    def __init__(self, console: Console, status: Status) -> None:
        self._console, self._status = console, status

    def __call__(self, progress: Progress) -> None:
        if progress.message == "done" or progress.news:
            told = _where(progress) if progress.news else _finished(progress)
            self._console.print(escape(told), highlight=False)
        else:
            self._status.update(escape(_where(progress)))


class _Lines:
    """Progress in a file or a pipe: a line when a phase ends or a first plan is known, else one every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase, self._spoke, self._has_plan = "", 0.0, False

    def __call__(self, progress: Progress) -> None:
        now, has_plan = time.monotonic(), progress.incumbent is not None
        if progress.phase != self._phase:
            self._phase, self._spoke, self._has_plan = progress.phase, now, False
        if progress.message == "done":
            self._print(_finished(progress), now)
        elif progress.news or now - self._spoke >= EVERY_S or (has_plan and not self._has_plan):
            self._print(_where(progress), now)
        self._has_plan = has_plan

    def _print(self, text: str, now: float) -> None:
        self._spoke = now
        self._console.print(escape(text), highlight=False)


def _finished(progress: Progress) -> str:
    return f"{progress.phase}: done in {progress.seconds:.1f} s"


def _where(progress: Progress) -> str:
    """The phase and what is known of plan and proof, as one line.

    >>> _where(Progress("solve", 12.3, incumbent=100.0, bound=104.0, gap=0.04))
    'solve: 12 s, plan 100.0 MUSD, bound 104.0 MUSD, gap 4.00%'
    """
    parts = [f"{progress.phase}: {progress.seconds:.0f} s"]
    if progress.incumbent is not None:
        parts.append(f"plan {money(progress.incumbent)}")
    if progress.bound is not None:
        parts.append(f"bound {money(progress.bound)}")
    if progress.incumbent is not None and progress.gap is not None:
        parts.append(f"gap {share(progress.gap)}")
    if progress.message:
        parts.append(progress.message)
    return ", ".join(parts)


def money(musd: float) -> str:
    """An amount of money in million USD.

    >>> money(1234.56), money(0.9), money(-12.345)
    ('1,234.6 MUSD', '0.900 MUSD', '-12.3 MUSD')
    """
    return f"{musd:,.1f} MUSD" if abs(musd) >= 10 else f"{musd:,.3f} MUSD"


def share(fraction: float) -> str:
    """A fraction in percent; what is beyond all measure is not told as a number.

    >>> share(0.1234), share(float("inf")), share(6.2e9)
    ('12.34%', 'not known', 'above 1000%')
    """
    if not math.isfinite(fraction):
        return "not known"
    return f"{fraction:.2%}" if fraction <= 10 else "above 1000%"


def plain(value: Any) -> Any:
    """A value as JSON takes it: numbers of libraries made plain, what is not finite made null, names made text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def _console(*, stderr: bool) -> Console:
    """A console that never breaks a line where nobody watches, and never fails on a letter its stream lacks."""
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return Console(stderr=stderr, soft_wrap=False, width=None if stream.isatty() else UNWRAPPED)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(title=escape(title), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], (int, float)) for row in rows)
        table.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_shown(value)) for value in row))
    return table


def _shown(value: object) -> str:
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1000
        else (f"{value:,.0f}" if isinstance(value, float) else str(value))
    )
