"""`khovor stress`: the plan held, each corridor closed, then two at a time, and what would help."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from khovor.case import Case
from khovor.clock import Clock
from khovor.decisions import read_summary
from khovor.errors import InterruptedRun, UsageError
from khovor.journal import study_journal
from khovor.network import derive
from khovor.report import write_stress
from khovor.run import Options, parsed
from khovor.solve import Limits, Listener, refuse_averages
from khovor.studies.crew import cores, crew
from khovor.studies.ending import StudyOutcome, ended, with_plan
from khovor.studies.runner import run_study
from khovor.studies.store import kept
from khovor.studies.stress_hedges import Hedging, hedge, hedged, kinds, worst
from khovor.studies.stress_part import LEFT, SOLD, stressed
from khovor.studies.stress_plan import KEYS, Plan, standing
from khovor.studies.stress_table import Stress
from khovor.studies.stress_targets import targets_of
from khovor.studies.sweep import Fleet, Source, opened, solve_run, stamp
from khovor.studies.tasks import Record, Study, Task
from khovor.versions import versions
from khovor.workbook import BASE, from_bytes

CHUNKS: Final = 4
"""Tasks per worker, or more: what is lost when one is, and how often progress is told."""

HOW: Final = (
    "Decisions are held: builds, closures, projects, slots. loss is expected over the futures [MUSD]; stranded_t is "
    "what no longer leaves home, unsold_t what is no longer sold, expected tonnes over the horizon; without a "
    "period it is closed for good. What is built is paid for all the same, so that more can be lost than the plan is "
    "worth. Closings of targets that carry nothing in the plan cost nothing and are not listed; targets that close the "
    "very same lanes are one, of which `also` has the other names. rescued_by are corridors that carry more, taken_by "
    "markets that take more; a gate on the last lane to a buyer abroad only caps what that buyer takes. Pairs: all "
    "pairs of gates and groups, for good; listed are those that lose more than the worse of the two alone."
)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every list of tasks is run with."""

    fleet: Fleet
    folder: Path
    before: Mapping[str, Record]
    listener: Listener | None
    stop: threading.Event | None

    @property
    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def run(self, study: Study, jobs: int) -> list[Record]:
        """Records of what is finished."""
        with crew(jobs, self.fleet.cluster if jobs > 1 else None) as others:
            return run_study(
                study, others, folder=self.folder, before=self.before, listener=self.listener, stop=self.stop
            )


def stress_plan(
    path: Path,
    options: Options,
    fleet: Fleet,
    *,
    plan: Path | None = None,
    hedges: int = 3,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Stress the plan of a workbook, solved first, or that of the finished run in `plan`; write the folder.

    `hedges` is for how many of the worst closings something to add is sought. Raises InputError for a workbook with
    errors, UsageError for a plan that does not fit it, WriteError where no folder can be made, and what `solve` raises
    where there is no plan.
    """
    clock = Clock(listener, stop)
    with opened(path, options, fleet, clock, refuse_averages) as (source, ready, folder):
        desk = _Desk(fleet, folder, kept(fleet.resume) | kept(folder), listener, stop)
        with clock.step("solve"):
            known = read_summary(plan) if plan is not None else _solved(source, desk)
        held = Plan(source.name, source.data, options.changes, {key: known[key] for key in KEYS})
        terms = ready.case.terms
        limits = Limits(terms.mip_gap, terms.time_limit_s, terms.threads, terms.seed)
        document = _document(ready.case, held, known, plan)
        with clock.step("closings", keeps_plan=True):
            complete = not desk.stopped and _close(document, ready.case, held, desk)
        with clock.step("hedges", keeps_plan=True):
            complete = complete and _hedge(document, ready.case, Hedging(held, limits), hedges, desk)
        document |= {
            "complete": complete,
            "seconds": {name: round(spent, 3) for name, spent in clock.seconds.items()},
        }
        with clock.step("write", keeps_plan=True):
            write = partial(write_stress, folder, source.data, document, _log(path, document))
            return ended(document, write, stopped=not complete)


def _solved(source: Source, desk: _Desk) -> Mapping[str, Any]:
    """The summary of the case solved, by this process alone, or as it is kept from before."""
    workbook = from_bytes(source.name, source.data, parsed(source.options.changes))
    task = Task(BASE, ((), source.options.start), stamp(workbook, source.options, ()))
    records = desk.run(Study(solve_run, source, [task]), 1)
    if not records:
        raise InterruptedRun("Stopped before any plan was found.")
    return with_plan(records[0]).result


def _document(case: Case, held: Plan, known: Mapping[str, Any], plan: Path | None) -> dict[str, Any]:
    """The content of summary.json before anything is closed."""
    digest = held.workbook.sha256
    return {
        "title": case.terms.title,
        "unit": "MUSD",
        "sense": "minimize" if case.terms.objective == "cost" else "maximize",
        "objective": None,
        "how": HOW,
        "plan": {
            "status": known["status"],
            "objective": known["objective"],
            "bound": known["bound"],
            "gap": known["gap"],
            "verified": known["verified"],
            "same_workbook": known["stamp"]["input_sha256"] == digest
            and tuple(known["stamp"]["changes"]) == held.changes,
            "given": plan is not None,
            **{key: known[key] for key in KEYS},
        },
        "periods": [p.name for p in case.horizon.periods],
        "carried": {},
        "closures": [],
        "pairs": [],
        "hedges": [],
        "stamp": {"input_sha256": digest, "changes": list(held.changes), **versions()},
    }


def stress_part(
    plan: Plan, given: tuple[int, int, int], listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """Every closing in a share of the futures of a part of the horizon (see `stressed`)."""
    formulation, recourse = standing(plan)
    found = stressed(formulation, recourse, given, lambda: stop is not None and stop.is_set())
    stopped = stop is not None and stop.is_set()
    return {
        "status": "interrupted" if stopped else "optimal",
        "once": recourse.once,
        "periods": list(recourse.periods(given[0])),
        **found,
    }


def _close(document: dict[str, Any], case: Case, held: Plan, desk: _Desk) -> bool:
    """Every closing; whether all of them were done."""
    network = derive(case)
    held.decided(case)
    parts = len(case.horizon.periods) if network.separable else 1
    jobs = desk.fleet.jobs or cores()
    shares = min(len(case.scenarios), -(-jobs * CHUNKS // parts))
    given = [(place, share, shares) for place in range(parts) for share in range(shares)]
    tasks = [
        Task(f"closings {n} of {len(given)}", task, {"plan": held.digest, "part": list(task), "versions": versions()})
        for n, task in enumerate(given, 1)
    ]
    records = desk.run(Study(stress_part, held, tasks), jobs)
    _refuse_faults(records)
    if len(records) < len(tasks) or any(r.status == "interrupted" for r in records):
        return False
    found = Stress(case, list(targets_of(case)), [(tuple(r.result["periods"]), r.result) for r in records])
    value = found.value(records[0].result["once"])
    if value is None:
        raise UsageError("The plan cannot keep the rules of this case even with everything open.")
    closures = found.closures(value)
    document |= {
        "objective": -value if document["sense"] == "minimize" else value,
        "carried": {"left_home_t": found.carried[LEFT], "sold_t": found.carried[SOLD]},
        "closures": closures,
        "pairs": found.pairs(closures, value),
    }
    return True


def _hedge(document: dict[str, Any], case: Case, hedging: Hedging, most: int, desk: _Desk) -> bool:
    """What to add against the worst closings; whether all was sought."""
    chosen = worst(document["closures"], most)
    names = {p.name: t for t, p in enumerate(case.horizon.periods)}
    given = [
        ((c["kind"], c["target"]), None if c["period"] is None else names[c["period"]], kind)
        for c in chosen
        for kind in kinds(case)
    ]
    limits = hedging.limits
    jobs = desk.fleet.workers(len(given))
    if limits.threads is None:
        hedging = replace(hedging, limits=replace(limits, threads=desk.fleet.threads(jobs)))
    asked = {"plan": hedging.plan.digest, "gap": limits.gap, "time_limit_s": limits.time_limit_s, "seed": limits.seed}
    tasks = [
        Task(f"{kind} against {target[1]}", (target, t, kind), {**asked, "hedge": [*target, t], "versions": versions()})
        for target, t, kind in given
    ]
    records = desk.run(Study(hedge, hedging, tasks), jobs)
    _refuse_faults(records)
    by = {record.key: record for record in records}
    done = [(task.given, by[task.key]) for task in tasks if task.key in by]
    document["hedges"] = [
        hedged(c, [(g[2], r) for g, r in done if g[0] == (c["kind"], c["target"])], document["sense"]) for c in chosen
    ]
    return len(done) == len(tasks) and all(r.status != "interrupted" for r in records)


def _refuse_faults(records: Sequence[Record]) -> None:
    """Raises for a task that failed: its part would be missing from every sum."""
    faults = [r for r in records if r.status in ("failed", "crashed", "error", "input_errors")]
    if faults:
        raise UsageError(f"{faults[0].label} could not be done: {faults[0].message}")


def _log(path: Path, document: Mapping[str, Any]) -> list[str]:
    """The lines of run.log."""
    plan = document["plan"]
    lines = [
        f"plan: {plan['status']}, {plan['objective']}; with all open {document['objective']}",
        f"closings {len(document['closures'])}, pairs {len(document['pairs'])}, seconds {document['seconds']}",
    ]
    hedges = [hedge["in_words"] for hedge in document["hedges"]]
    return study_journal(f"workbook {path.name}, stress", lines, hedges, document["stamp"]["changes"])
