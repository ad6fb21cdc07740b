"""`khovor solve --study NAME`: the base, then every what-if of the study, each begun from the run that is nearest."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from khovor.case import Case, build_case
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import UsageError
from khovor.journal import ran, study_journal
from khovor.report import summarise, write_study
from khovor.run import Options, Prepared, folder_for, parsed, prepare, solve_prepared
from khovor.solution import Solution
from khovor.solve import Listener
from khovor.studies.compare import entry
from khovor.studies.crew import cores, crew
from khovor.studies.ending import StudyOutcome, ended
from khovor.studies.forking import begin
from khovor.studies.neighbours import Neighbours
from khovor.studies.runner import run_study
from khovor.studies.store import kept
from khovor.studies.tasks import PRICES, Record, Study, Task
from khovor.verify import verify
from khovor.versions import versions
from khovor.workbook import BASE, WHATIFS, Change, Rows, Workbook, from_bytes, nearest, read, studies

START_S: Final = 15.0
"""What it takes to start workers beside this process: each imports all that a run needs."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """How the runs of a study are shared out: workers (None: a core each), cluster, and a folder to resume from."""

    jobs: int | None = None
    cluster: str | None = None
    resume: Path | None = None

    def workers(self, runs: int, seconds: float = math.inf) -> int:
        """How many workers so many runs of so many seconds each are worth."""
        many = max(1, min(cores(), runs))
        saved = runs * seconds * (1.0 - 1.0 / many) if many > 1 else 0.0
        return self.jobs or (many if self.cluster is not None or saved > START_S else 1)

    def warm(self) -> None:
        """Begin early what workers of this machine are copied from, where some were asked for."""
        if self.cluster is None and (self.jobs or 1) > 1:
            begin()

    def threads(self, workers: int) -> int:
        """Threads of each solve where nothing else is asked: the cores shared out, one on a worker of a cluster."""
        return 1 if self.cluster is not None else max(1, cores() // workers)


@dataclass(frozen=True, slots=True)
class Source:
    """What every run of a study is made from: the workbook's name and bytes, and what is asked of each run."""

    name: str
    data: bytes
    options: Options


@contextmanager
def opened(
    path: Path, options: Options, fleet: Fleet, clock: Clock, refuse: Callable[[Case], None] | None = None
) -> Iterator[tuple[Source, Prepared, Path]]:
    """A workbook and its folder, for a study of it; `refuse` raises for a case that the study has no answer for.

    Raises InputError, UsageError, and WriteError where there can be no folder.
    """
    fleet.warm()
    with clock.step("read"):
        data = path.read_bytes() if path.exists() else b""
        workbook = read(path, parsed(options.changes))
    with clock.step("check"):
        ready = prepare(workbook, options)
        if refuse is not None:
            refuse(ready.case)
    with folder_for(options.out or fleet.resume, path) as folder:
        yield Source(path.name, data, options), ready, folder


def solve_study(
    path: Path,
    name: str,
    options: Options,
    fleet: Fleet = Fleet(),
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Run a study of a workbook's `sweeps` and write its folder.

    Raises InputError for a workbook with errors, UsageError for a study it does not hold, WriteError where no folder
    can be made; what goes wrong in one run is told of that run.
    """
    clock = Clock(listener, stop)
    fleet.warm()
    with clock.step("read"):
        data = path.read_bytes() if path.exists() else b""
        workbook = read(path, parsed(options.changes))
        name, whatifs = _study(workbook, name)
    options = replace(options, out=options.out or fleet.resume)
    with folder_for(options.out, path) as folder:
        source = Source(path.name, data, options)
        with clock.step("runs"):
            records, stopped = _records(source, workbook, whatifs, fleet, folder, listener, stop)
        case, changes = build_case(workbook), {BASE: (), **whatifs}
        entries = [entry(case, r, tuple(map(str, changes[r.label])), records[0]) for r in records]
        document = {
            "title": workbook.settings.title or "",
            "unit": "MUSD",
            **(records[0].result if records else {}),
            "status": records[0].status if records else "interrupted",
            "study": {"name": name, "complete": not stopped, "runs": entries},
        }
        with clock.step("write", keeps_plan=True):
            terms = [record.result.get("terms", {}) for record in records]
            log = _log(path, options, document)
            return ended(document, partial(write_study, folder, data, document, terms, log), stopped=stopped)


def _log(path: Path, options: Options, document: Mapping[str, Any]) -> list[str]:
    """The lines of run.log: versions, input, and how each run ended."""
    study = document["study"]
    runs = [ran(r["name"], r, f"{'; '.join(r['changes']) or 'nothing changed'} {r['message']}") for r in study["runs"]]
    return study_journal(f"workbook {path.name}, study {study['name']}", runs, changes=options.changes)


def _study(workbook: Workbook, name: str) -> tuple[str, Mapping[str, tuple[Change, ...]]]:
    """A study's name as it is spelt, and its what-ifs: the changes of each."""
    known = studies(workbook.rows["sweeps"])
    match = next((study for study in known if study.casefold() == name.strip().casefold()), None)
    if match is None:
        near = nearest(name, known)
        hint = f" Did you mean {near}?" if near else ""
        there = f"there are: {', '.join(known)}." if known else "its table sweeps is empty."
        raise UsageError(f"The workbook has no study '{name}'; {there}{hint}")
    return match, known[match]


def _records(
    source: Source,
    workbook: Workbook,
    whatifs: Mapping[str, tuple[Change, ...]],
    fleet: Fleet,
    folder: Path,
    listener: Listener | None,
    stop: threading.Event | None,
) -> tuple[list[Record], bool]:
    """The base by this process alone, then the others by the crew, each from the nearest one's plan and proof."""
    before = kept(fleet.resume) | kept(folder)
    told = partial(run_study, folder=folder, before=before, listener=listener, stop=stop)
    own = Task(BASE, ((), source.options.start), stamp(workbook, source.options, ()))
    with crew(1) as alone:
        records = told(Study(solve_run, source, [own]), alone)
    if not records:
        return [], True
    (base,), near = records, Neighbours.of(whatifs)
    tasks = {run: _task(run, tuple(map(str, changes)), source, workbook) for run, changes in whatifs.items()}
    left = sum(task.key not in before for task in tasks.values())
    workers = fleet.workers(left, base.seconds)
    shared = replace(source, options=threaded(source.options, workbook, fleet.threads(workers)))

    def begin(task: Task, ended: Sequence[Record]) -> Task:
        changes, start = task.given
        neighbour = near.nearest(task.label, base, ended)
        return replace(task, given=(changes, neighbour.decisions if neighbour.has_plan else start))

    if not (stop is not None and stop.is_set()):
        with crew(workers, fleet.cluster) as others:
            study = Study(solve_run, shared, [tasks[run] for run in near.spread(tasks)], begin)
            found = {record.label: record for record in told(study, others)}
            records += [found[run] for run in tasks if run in found]
    return records, len(records) <= len(tasks) or any(r.status == "interrupted" for r in records)


def _task(run: str, changes: tuple[str, ...], source: Source, workbook: Workbook) -> Task:
    return Task(run, (changes, source.options.start), stamp(workbook, source.options, changes))


def solve_run(
    source: Source,
    given: tuple[tuple[str, ...], Decisions | None],
    listener: Listener | None,
    stop: threading.Event | None,
) -> dict[str, Any]:
    """One run: the workbook with its changes, from a plan where there is one; the content of its summary.json."""
    changes, start = given
    return planned(source, changes, start, listener, stop)[2]


def planned(
    source: Source,
    changes: tuple[str, ...],
    start: Decisions | None,
    listener: Listener | None,
    stop: threading.Event | None,
    more: Rows | None = None,
    alter: Callable[[Case], Case] | None = None,
) -> tuple[Case, Solution, dict[str, Any]]:
    """The workbook with its changes and with `more` rows: its case, the plan, and the content of its summary.json.

    With it come the prices of the proof, under `PRICES`. A what-if does without the others, of which there may be
    thousands: each was checked against the workbook as it is, and none is a part of another.

    Where there is `alter`, plan and summary are of what it makes of that case.
    """
    clock = Clock(listener, stop)
    asked = (*source.options.changes, *changes)
    with clock.step("read"):
        workbook = from_bytes(source.name, source.data, parsed(asked), more=more, without=WHATIFS if changes else ())
    with clock.step("check"):
        own = prepare(workbook, source.options)
        ready = own if alter is None else own.altered(alter(own.case))
    solution, _ = solve_prepared(ready, clock, listener, stop, start)
    with clock.step("verify", keeps_plan=True):
        verification = verify(ready.case, solution)
    sizes = ready.network.sizes
    summary = summarise(ready.case, workbook, solution, verification, clock.seconds, sizes)
    return own.case, solution, {**summary, PRICES: solution.prices}


def stamp(workbook: Workbook, options: Options, changes: Sequence[str]) -> dict[str, Any]:
    """All that decides a run's result, up to the gap: the number of workers and of threads is no part of it."""
    return {
        "input_sha256": workbook.sha256,
        "changes": [*options.changes, *changes],
        "gap": options.gap,
        "time_limit_s": options.time_limit_s,
        "seed": options.seed,
        "threads": options.threads,
        "versions": versions(),
    }


def threaded(options: Options, workbook: Workbook, threads: int) -> Options:
    """The options with so many threads, where neither they nor the workbook ask for a number."""
    asked = options.threads or workbook.settings.threads
    return options if asked else replace(options, threads=threads)
