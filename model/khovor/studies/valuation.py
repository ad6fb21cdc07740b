"""`khovor value RUN --futures WORKBOOK`: the plan of a finished run, valued in futures it was not made for."""

from __future__ import annotations

import functools
import hashlib
import math
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from khovor.case import Case, Scenario, build_case, outlook_of
from khovor.clock import Clock
from khovor.decisions import Decisions, Label, read_summary
from khovor.errors import UsageError
from khovor.formulation import build
from khovor.journal import study_journal
from khovor.memory import collection_paused
from khovor.network import Network, derive
from khovor.report import write_valuation
from khovor.run import folder_for, parsed
from khovor.solve import Listener, Recourse, refuse_averages
from khovor.studies.crew import cores, crew_meanwhile
from khovor.studies.ending import StudyOutcome, ended
from khovor.studies.estimate import Estimate, estimate
from khovor.studies.runner import run_study
from khovor.studies.store import kept
from khovor.studies.tasks import Record, Study, Task
from khovor.versions import versions
from khovor.workbook import WHATIFS, Workbook, from_bytes

WORTH_A_WORKER: Final = 200
"""Futures for which it pays to start another process."""

CHUNKS: Final = 10
"""Tasks per worker, or more: what is lost when one is, how often progress is told, and for how long one may be alone.
"""


@dataclass(frozen=True)
class Plan:
    """What a valuation is made from: the bytes of both workbooks, the recorded changes, and the plan's summary."""

    data: bytes
    futures: bytes
    changes: tuple[str, ...]
    summary: Mapping[str, Any]

    @functools.cached_property
    def digest(self) -> str:
        """What tells one valuation from another."""
        told = repr((self.changes, sorted(self.summary.items(), key=str))).encode()
        return hashlib.sha256(b"".join(hashlib.sha256(x).digest() for x in (self.data, self.futures, told))).hexdigest()


@dataclass(frozen=True, slots=True)
class Operation:
    """What a worker needs: the network, with the conditions of all futures, and the decisions by label.

    Futures come without their events, which are most of a case and said by the conditions.
    """

    digest: str
    network: Network
    decisions: Mapping[Label, float]


def value_plan(
    run: Path,
    futures: Path,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Value the plan in a run folder in every future of another workbook's `scenarios` and `events`.

    The rest of the case is the run's own input with its recorded changes. Raises UsageError for a folder without a plan
    or a workbook without futures, InputError for futures that do not fit the case, WriteError for a folder.
    """
    clock = Clock(listener, stop)
    with ExitStack() as opened:
        with clock.step("read"):
            plan = _plan(run, futures)
            workbook = _workbook(plan)
            many = len(workbook.rows["scenarios"])
            workers = jobs or max(1, min(cores(), math.ceil(many / WORTH_A_WORKER)))
            others = opened.enter_context(crew_meanwhile(workers, cluster))
            operation = _operation(plan, workbook)
            scenarios = operation.network.case.scenarios
            parts = len(operation.network.case.horizon.periods) if operation.network.separable else 1
        folder = opened.enter_context(folder_for(out, futures))
        shares = math.ceil(workers * CHUNKS / parts)
        given = [(place, share, shares) for place in range(parts) for share in range(shares)]
        tasks = [
            Task(f"part {number} of {len(given)}", task, {"plan": plan.digest, "part": list(task)})
            for number, task in enumerate(given, 1)
        ]
        with clock.step("runs"):
            records = run_study(
                Study(value_part, operation, tasks),
                others(),
                folder=folder,
                before=kept(folder),
                listener=listener,
                stop=stop,
            )
        faults = [record for record in records if not record.finished and record.status != "interrupted"]
        if faults:
            raise UsageError(f"{faults[0].label} could not be valued: {faults[0].message}")
        found = _values(records, parts)
        document = _document(scenarios, plan, found, clock)
        with clock.step("write", keeps_plan=True):
            log = _log(document, run, futures)
            write = partial(write_valuation, folder, plan.data, plan.futures, document, log)
            return ended(document, write, stopped=len(found) < len(scenarios))


def value_part(
    operation: Operation, given: tuple[int, int, int], listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """What operation is worth in a share of the futures, in a part of the horizon (see `Recourse.worths`)."""
    recourse = _recourse(operation.digest, _Held(operation))
    worths = recourse.worths(*given, stop)
    stopped = stop is not None and stop.is_set()
    return {"status": "interrupted" if stopped else "optimal", "once": recourse.once, "worths": worths}


def _values(records: Sequence[Record], parts: int) -> dict[str, float | None]:
    """The value of the plan in each future that is valued in all its parts."""
    worths: dict[str, list[float | None]] = defaultdict(list)
    for record in records:
        for w, worth in record.result["worths"].items():
            worths[w].append(worth)
    once = records[0].result["once"] if records else 0.0
    whole = {w: [x for x in found if x is not None] for w, found in worths.items() if len(found) == parts}
    return {w: once + math.fsum(known) if len(known) == parts else None for w, known in whole.items()}


class _Held:
    """An operation that counts as equal to any other: the digest beside it tells them apart."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@functools.lru_cache(maxsize=1)
def _recourse(digest: str, held: _Held) -> Recourse:
    """The operation of a plan, made once in each process and kept from task to task."""
    network = held.operation.network
    return Recourse(build(network.case, network), held.operation.decisions)


def _plan(run: Path, futures: Path) -> Plan:
    summary = read_summary(run)
    try:
        data, other = (run / "input.xlsx").read_bytes(), futures.read_bytes()
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}.") from error
    kept_keys = ("title", "objective", "scenarios", "builds", "closures", "projects", "bookings")
    return Plan(data, other, tuple(summary["stamp"]["changes"]), {key: summary[key] for key in kept_keys})


def _workbook(plan: Plan) -> Workbook:
    """The run's own input with its changes, and with the other futures. Raises InputError where they do not fit.

    Its what-ifs are left out: one may change a future that is there no more.
    """
    with collection_paused():
        return from_bytes("input.xlsx", plan.data, parsed(plan.changes), plan.futures, without=WHATIFS)


def _case(workbook: Workbook) -> Case:
    """The run's own case in the other futures. Raises UsageError where there are none, and as `refuse_averages`."""
    if not workbook.rows["scenarios"]:
        raise UsageError("The workbook of futures has no rows in scenarios.")
    case = build_case(workbook)
    refuse_averages(case)
    return case


def _operation(plan: Plan, workbook: Workbook) -> Operation:
    """The operation of the plan in all futures. Raises as `_case`, and UsageError for decisions the case lacks."""
    with collection_paused():
        case = _case(workbook)
        plain = replace(case, scenarios=tuple(replace(s, events=(), mean_of=()) for s in case.scenarios))
        values, lost = Decisions.of(plan.summary).labels(case)
        if lost:
            raise UsageError(f"The run's plan does not fit its own input: {lost[0]}.")
        return Operation(plan.digest, derive(plain, outlook_of(case)), values)


def _document(
    scenarios: Sequence[Scenario], plan: Plan, found: Mapping[str, float | None], clock: Clock
) -> dict[str, Any]:
    """The content of summary.json: the futures one by one, and what they say together."""
    futures: list[dict[str, Any]] = [
        {
            "scenario": s.name,
            "name": s.label,
            "probability": s.probability,
            "npv": found[s.name],
            "status": "infeasible" if found[s.name] is None else "optimal",
        }
        for s in scenarios
        if s.name in found
    ]
    told = _estimated(futures)
    worths = [(value, f["probability"]) for f in futures if (value := found[f["scenario"]]) is not None]
    return {
        "title": plan.summary["title"],
        "status": "valued" if len(futures) == len(scenarios) else "interrupted",
        "unit": "MUSD",
        "expected": told.mean if told else None,
        "standard_error": told.error if told else None,
        "interval": list(told.interval) if told and told.interval else None,
        "worst": min(value for value, _ in worths) if told else None,
        "below_zero": sum(p for value, p in worths if value < 0.0) if told else None,
        "infeasible": sum(f["npv"] is None for f in futures),
        "in_sample": plan.summary["objective"],
        "futures": futures,
        "seconds": {name: round(spent, 3) for name, spent in clock.seconds.items()},
        "stamp": {
            "input_sha256": hashlib.sha256(plan.data).hexdigest(),
            "futures_sha256": hashlib.sha256(plan.futures).hexdigest(),
            "changes": list(plan.changes),
            **versions(),
        },
    }


def _estimated(futures: Sequence[Mapping[str, Any]]) -> Estimate | None:
    """The mean over the futures; none where one has rules that the plan cannot keep, and so no value."""
    if not futures or any(f["npv"] is None for f in futures):
        return None
    total = sum(f["probability"] for f in futures)
    return estimate([f["npv"] for f in futures], [f["probability"] / total for f in futures])


def _log(document: Mapping[str, Any], run: Path, futures: Path) -> list[str]:
    told = ("expected", "standard_error", "interval", "worst", "below_zero", "infeasible", "in_sample")
    lines = [f"{f['scenario']} ({f['probability']:g}): {f['npv']} {f['status']}" for f in document["futures"]]
    about = f"the plan of {run.name} in the futures of {futures.name}"
    return study_journal(about, [f"{key}: {document[key]}" for key in told], lines)
