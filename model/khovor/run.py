"""One run, in eight steps: read, check, build, solve, collect, verify, summarise, write. Each step is timed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from khovor.case import Case, build_case
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import InputError, Issue, VerificationError, WriteError
from khovor.formulation import build
from khovor.journal import journal
from khovor.memory import collection_paused
from khovor.network import Network, derive, findings
from khovor.report import Content, Written, make_folder, ready_to_draw, told, write_run
from khovor.solution import Solution, collect
from khovor.solve import Limits, Listener, Optimizer, Start, optimize
from khovor.verify import Verification, verify
from khovor.versions import untried
from khovor.workbook import Change, Workbook, inspect, parse_change
from khovor.workbook import read as read_workbook

_T = TypeVar("_T")

LONG_S: Final = 5.0
"""A solve that takes longer than this goes on long enough to make the map ready beside it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked beside its workbook.

    `changes` are `--set` texts. None leaves the workbook's own `time_limit_s`, `mip_gap`, `threads` or `seed`.
    `out` is the run folder; None makes a new one below outputs/. `start` is the plan of another run to begin from.
    """

    changes: tuple[str, ...] = ()
    time_limit_s: float | None = None
    gap: float | None = None
    threads: int | None = None
    seed: int | None = None
    out: Path | None = None
    start: Decisions | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case ready to be solved, with the limits that were asked for, its network, and what was odd on the way."""

    workbook: Workbook
    case: Case
    network: Network
    warnings: tuple[Issue, ...]

    def altered(self, case: Case) -> Prepared:
        """The same workbook with a case made of its own, and the network of that."""
        return replace(self, case=case, network=derive(case))


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `seconds` per step; `summary` is the content of summary.json.

    `written` is None when the results could not be written; `unwritten` then says why.
    """

    workbook: Workbook
    case: Case
    solution: Solution
    verification: Verification
    seconds: Mapping[str, float]
    warnings: tuple[Issue, ...]
    defaults: tuple[Issue, ...]
    network_sizes: tuple[tuple[str, int, int], ...]
    options: Options
    summary: Mapping[str, Any]
    written: Written | None
    unwritten: WriteError | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What `khovor check` finds: errors and warnings of the workbook and its network, and the defaults in use."""

    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...]
    defaults: tuple[Issue, ...]


def read(path: str | Path, changes: Sequence[str] = ()) -> Case:
    """The case in a workbook, after `changes` (texts as `--set` takes them).

    Raises InputError with every error of the workbook, or UsageError for a change that cannot be made.
    """
    return build_case(read_workbook(Path(path), parsed(changes)))


def solve(
    case: Case,
    *,
    time_limit_s: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    seed: int | None = None,
    progress: Listener | None = None,
    stop: threading.Event | None = None,
) -> Solution:
    """The plan of a case, the same as the command finds, checked the same way; None keeps the case's own limit.

    Raises InputError (a contract that nothing can meet), InfeasibleError, NoPlanError, InterruptedRun, or
    VerificationError when the plan breaks a rule.
    """
    case = _limited(case, Options((), time_limit_s, gap, threads, seed))
    network, _ = _sound_network(case)
    solution = _solved(case, network, Clock(progress, stop), progress, stop)
    verification = verify(case, solution)
    if not verification.passed:
        raise VerificationError(f"The plan breaks a rule: {verification.failures[0].message}")
    return solution


def examine(path: str | Path, changes: Sequence[str] = ()) -> Examination:
    """Every error, warning and default in use, of the workbook and of the network it describes; solves nothing."""
    inspection = inspect(Path(path), parsed(changes))
    errors, warnings, defaults = inspection.errors, inspection.warnings, inspection.defaults
    if inspection.workbook is None or errors:
        return Examination(tuple(errors), tuple(warnings), tuple(defaults))
    try:
        found = findings(derive(build_case(inspection.workbook)))
    except InputError as error:
        found = error.issues
    network_errors, network_warnings = _divided(found)
    return Examination(network_errors, (*warnings, *network_warnings), tuple(defaults))


def run(
    path: str | Path,
    options: Options | None = None,
    progress: Listener | None = None,
    stop: threading.Event | None = None,
    optimizer: Optimizer = optimize,
) -> Run:
    """Read, check, build, solve (by `optimizer`), collect, verify, summarise, write.

    Raises the KhovorError family; a plan that fails its verification, or cannot be written, is still returned.
    """
    options = options or Options()
    clock = Clock(progress, stop)
    with clock.step("read"), collection_paused():
        workbook = read_workbook(Path(path), parsed(options.changes))
        original = Path(path).read_bytes()
    with clock.step("check"), collection_paused():
        ready = prepare(workbook, options)
    with folder_for(options.out, Path(path)) as folder, _drawing_made_ready():
        solution, notes = solve_prepared(ready, clock, progress, stop, options.start, optimizer)
    with clock.step("verify", keeps_plan=True), collection_paused():
        verification = verify(ready.case, solution)
    with clock.step("write", keeps_plan=True), collection_paused():
        content = Content(ready.case, workbook, solution, verification, {}, ready.network.sizes, ready.warnings)
        summary = told(content, clock.seconds)
        log = journal(
            ready.case,
            solution,
            verification,
            source=Path(path).name,
            changes=options.changes,
            warnings=ready.warnings,
            network_sizes=ready.network.sizes,
            seconds=clock.seconds,
            notes=notes,
        )
        written, unwritten = _written(folder, original, content, log)
    return Run(
        workbook=workbook,
        case=ready.case,
        solution=solution,
        verification=verification,
        seconds=clock.seconds,
        warnings=ready.warnings,
        defaults=workbook.defaults,
        network_sizes=ready.network.sizes,
        options=options,
        summary=summary,
        written=written,
        unwritten=unwritten,
    )


def prepare(workbook: Workbook, options: Options) -> Prepared:
    """The case of a sound workbook and its network. Raises InputError when they show an error."""
    case = _limited(build_case(workbook), options)
    network, warnings = _sound_network(case)
    return Prepared(workbook, case, network, (*untried(), *workbook.warnings, *warnings))


def solve_prepared(
    ready: Prepared,
    clock: Clock,
    progress: Listener | None = None,
    stop: threading.Event | None = None,
    start: Decisions | None = None,
    optimizer: Optimizer = optimize,
) -> tuple[Solution, list[str]]:
    """Build and solve; the plan, and what was said of the plan it began from. Raises as `optimize` does."""
    values, lost = start.labels(ready.case) if start is not None else (None, [])
    notes = [f"began from {len(values)} decisions of another run"] if values is not None else []
    notes += [f"not in this case, left aside: {decision}" for decision in lost]
    begin = None if start is None or values is None else Start(values, start.prices)
    return _solved(ready.case, ready.network, clock, progress, stop, begin, optimizer), notes


def _solved(
    case: Case,
    network: Network,
    clock: Clock,
    progress: Listener | None,
    stop: threading.Event | None,
    start: Start | None = None,
    optimizer: Optimizer = optimize,
) -> Solution:
    with clock.step("build"):
        formulation = build(case, network)
    terms = case.terms
    limits = Limits(terms.mip_gap, terms.time_limit_s, terms.threads, terms.seed)
    with clock.step("solve"):
        return collect(case, formulation, optimizer(formulation, limits, progress, stop, start))


@contextmanager
def _drawing_made_ready() -> Iterator[None]:
    """While a long solve goes on, what draws the map is imported and begun: afterwards that would be waited for."""
    timer = threading.Timer(LONG_S, ready_to_draw)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def folder_for(out: Path | None, path: Path) -> Iterator[Path]:
    """A folder that results can be written to, known before they are there; taken away again if none come.

    Raises WriteError where there can be none.
    """
    stood = out is not None and out.exists()
    folder = make_folder(out, path)
    try:
        yield folder
    except BaseException:
        if not stood:
            with suppress(OSError):
                folder.rmdir()
        raise


def _written(
    folder: Path, original: bytes, content: Content, log: Sequence[str]
) -> tuple[Written | None, WriteError | None]:
    """The run folder, or why there is none: the answer is told even when it cannot be saved."""
    try:
        return write_run(folder, original, content, log), None
    except WriteError as error:
        return None, error


def parsed(texts: Sequence[str]) -> list[Change]:
    """Changes as `--set` takes them. Raises UsageError for one that cannot be understood."""
    return [parse_change(text) for text in texts]


def _limited(case: Case, options: Options) -> Case:
    """The case with the limits that were asked for in place of the workbook's, so that its stamp tells the truth."""
    terms = case.terms
    return replace(
        case,
        terms=replace(
            terms,
            time_limit_s=_first(options.time_limit_s, terms.time_limit_s),
            mip_gap=_first(options.gap, terms.mip_gap),
            threads=_first(options.threads, terms.threads),
            seed=_first(options.seed, terms.seed),
        ),
    )


def _first(asked: _T | None, otherwise: _T) -> _T:
    return otherwise if asked is None else asked


def _sound_network(case: Case) -> tuple[Network, tuple[Issue, ...]]:
    """The network and its warnings. Raises InputError when it shows an error."""
    network = derive(case)
    errors, warnings = _divided(findings(network))
    if errors:
        raise InputError((*errors, *warnings))
    return network, warnings


def _divided(issues: Sequence[Issue]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Errors, and the rest."""
    errors = tuple(i for i in issues if i.severity == "error")
    return errors, tuple(i for i in issues if i.severity != "error")
