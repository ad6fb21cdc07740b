"""Plans of a case made otherwise (one future alone, the mean of all, other odds), each valued in every future.

The value of a fixed plan in a future knows no probabilities: what it is worth under any odds is their sum.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from khovor.case import Case, build_case
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import InterruptedRun, UsageError
from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.run import Options, Prepared, parsed
from khovor.solve import Listener, Prices, Recourse
from khovor.studies.crew import crew
from khovor.studies.ending import refusal
from khovor.studies.runner import run_study
from khovor.studies.store import kept
from khovor.studies.sweep import Fleet, Source, opened, planned, stamp, threaded
from khovor.studies.tasks import Record, Study, Task
from khovor.workbook import from_bytes


class Span(NamedTuple):
    """Between what an amount lies [MUSD]."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that is asked for: its name, the case it is made for, what says so in JSON, a plan to begin from.

    `made` is a plan that stands already and is only to be valued; `alter` is then not used.
    """

    label: str
    alter: Callable[[Case], Case]
    told: Mapping[str, Any]
    start: Decisions | None = None
    made: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, the content of its summary.json, and what it is worth in each future [MUSD]: minus its cost, under cost.

    None where the rules of a future, such as a contract, cannot all be kept.
    """

    label: str
    summary: Mapping[str, Any]
    worths: Mapping[str, float | None]
    seconds: float
    prices: Prices | None = None

    @property
    def span(self) -> Span:
        """Between what the best plan of the case it was made for is worth."""
        objective, bound = self.summary["objective"], self.summary["bound"]
        sign = -1.0 if self.summary["sense"] == "minimize" else 1.0
        low = sign * objective
        return Span(low, math.inf if bound is None else max(sign * bound, low))

    @property
    def decisions(self) -> Decisions:
        """What it builds, closes, opens and books."""
        return Decisions.of(self.summary, self.prices)

    @property
    def kept(self) -> dict[str, float]:
        """What it is worth in each future whose rules it can keep [MUSD]."""
        return {w: worth for w, worth in self.worths.items() if worth is not None}

    def value(self, odds: Mapping[str, float]) -> float:
        """What it is worth in expectation [MUSD]; minus infinity where there is a future whose rules it cannot keep."""
        kept = self.kept
        return math.fsum(odds[w] * worth for w, worth in kept.items()) if len(kept) == len(self.worths) else -math.inf


@dataclass(frozen=True)
class Planner:
    """Makes plans of one workbook by the runner of studies; what was made before is taken from the folder.

    `case` has the workbook's own futures and odds.
    """

    source: Source
    ready: Prepared
    fleet: Fleet
    folder: Path
    listener: Listener | None
    stop: threading.Event | None

    @property
    def case(self) -> Case:
        """The case with its own futures and odds."""
        return self.ready.case

    def plans(self, wanted: Sequence[Wanted]) -> list[Plan]:
        """Each plan that is asked for, in order.

        Raises InterruptedRun where it is stopped, and what a making raised where there is no plan: InfeasibleError,
        NoPlanError, or KhovorError. What is finished by then is kept.
        """
        workbook = self.ready.workbook
        told = stamp(workbook, self.source.options, ())
        tasks = [Task(w.label, w, {**told, "plan": dict(w.told)}) for w in wanted]
        before = kept(self.fleet.resume) | kept(self.folder)
        left = max(1, sum(task.key not in before for task in tasks))
        workers = min(left, self.fleet.workers(left))
        shared = replace(self.source, options=threaded(self.source.options, workbook, self.fleet.threads(workers)))
        with crew(workers, self.fleet.cluster) as others:
            records = run_study(
                Study(make_plan, shared, tasks),
                others,
                folder=self.folder,
                before=before,
                listener=self.listener,
                stop=self.stop,
            )
        if len(records) < len(tasks) or any(r.status == "interrupted" for r in records):
            raise InterruptedRun(f"Stopped: the same command with --resume {self.folder} goes on from there.")
        return [_plan(record) for record in records]


def _plan(record: Record) -> Plan:
    """A plan, or the error that its making ended with."""
    if "worths" in record.result:
        return Plan(record.label, record.result, record.result["worths"], record.seconds, record.prices)
    raise refusal(replace(record, message=f"{record.label}: {record.message}"))


@contextmanager
def planner(
    path: Path, options: Options, fleet: Fleet, clock: Clock, listener: Listener | None, stop: threading.Event | None
) -> Iterator[Planner]:
    """A planner of a workbook and its folder. Raises InputError, UsageError for fewer than two futures, WriteError."""
    with opened(path, options, fleet, clock, _refuse_what_ties_futures) as (source, ready, folder):
        yield Planner(source, ready, fleet, folder, listener, stop)


def _refuse_what_ties_futures(case: Case) -> None:
    """A plan has a value of its own in each future only where nothing weighs futures against each other."""
    if len(case.scenarios) < 2:
        raise UsageError("This needs at least two futures in the table scenarios.")
    if case.terms.objective == "support":
        raise UsageError("Under objective support no future has its own value: --set settings[objective].value=npv.")
    if case.terms.risk_weight:
        raise UsageError("This is about expected values: --set settings[risk_weight].value=0.")
    tied = next((p for p in case.policies if p.expected), None)
    if tied is not None:
        told = f"Policy '{tied.name}' holds on average over the futures ({tied.at})"
        raise UsageError(f"{told}; this needs policies that hold in each.")


def make_plan(
    source: Source, wanted: Wanted, listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """A plan of the case made otherwise: the content of its summary.json, and its value in each future as `worths`."""
    if wanted.made is not None:
        return {**wanted.made, "worths": _worths(source, Decisions.of(wanted.made), stop)}
    _, _, summary = planned(source, (), wanted.start, listener, stop, alter=wanted.alter)
    if summary["status"] == "interrupted":
        return summary
    return {**summary, "worths": _worths(source, Decisions.of(summary), stop)}


def _worths(source: Source, decisions: Decisions, stop: threading.Event | None) -> dict[str, float | None]:
    """What a plan is worth in each future of the workbook."""
    formulation = _operation(source.name, source.data, source.options.changes)
    values, lost = decisions.labels(formulation.case)
    if lost:
        raise UsageError(f"The plan does not fit the workbook: {lost[0]}.")
    recourse = Recourse(formulation, values)
    parts = len(formulation.periods) if formulation.network.separable else 1
    found = [recourse.worths(part, 0, 1, stop) for part in range(parts)]
    if stop is not None and stop.is_set():
        raise InterruptedRun("Stopped while a plan was being valued.")
    return {w: _sum(recourse.once, [worths[w] for worths in found]) for w in formulation.scenarios}


def _sum(once: float, worths: Sequence[float | None]) -> float | None:
    known = [worth for worth in worths if worth is not None]
    return once + math.fsum(known) if len(known) == len(worths) else None


@functools.lru_cache(maxsize=1)
def _operation(name: str, data: bytes, changes: tuple[str, ...]) -> Formulation:
    """The case with all its futures, made once in each process and kept from task to task."""
    case = build_case(from_bytes(name, data, parsed(changes)))
    return build(case, derive(case))
