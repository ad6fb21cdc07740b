"""The runs of a frontier: points by the runner of studies, each begun from plan and proof of its neighbour."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from khovor.decisions import Decisions
from khovor.solve import Listener
from khovor.studies.crew import Crew, crew
from khovor.studies.frontier_axes import Axis
from khovor.studies.frontier_curve import Curve, Limits, Reading
from khovor.studies.frontier_rules import nearest, widest
from khovor.studies.runner import run_study
from khovor.studies.sweep import Fleet, Source, planned, stamp, threaded
from khovor.studies.tasks import Begin, Record, Study, Task
from khovor.verify import measure, worst_mean
from khovor.workbook import BASE, Rows, Workbook

Span = tuple[tuple[float, float], ...]
"""For each axis the loosest and the tightest limit."""

FINEST: Final = 1e-3
"""Share of the whole span below which a switch is not sought more closely."""


@dataclass(frozen=True, slots=True)
class Given:
    """What makes a point: changes and rows on top of the workbook, what is measured, a plan to begin from."""

    changes: tuple[str, ...]
    rows: Rows
    axes: tuple[Axis, ...]
    start: Decisions | None


def solve_point(
    source: Source, given: Given, listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """One point: the content of its summary.json, with `measured` of each axis, `expected` and `cvar` [MUSD]."""
    case, solution, summary = planned(source, given.changes, given.start, listener, stop, given.rows)
    worths = [(future["npv"], future["probability"]) for future in summary["scenarios"]]
    return {
        **summary,
        "expected": math.fsum(worth * odds for worth, odds in worths),
        "cvar": worst_mean(worths, case.terms.risk_tail),
        "measured": [axis.worst(measure(case, solution, [axis.policy])) for axis in given.axes],
    }


@dataclass
class Explorer:
    """Finds out what lies at limits; what was found before is taken from `before`. `runs` grows as points are run."""

    source: Source
    workbook: Workbook
    curve: Curve
    axes: tuple[Axis, ...]
    fleet: Fleet
    folder: Path
    before: Mapping[str, Record]
    listener: Listener | None
    stop: threading.Event | None
    runs: dict[Limits, Record] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed, or a run says so."""
        asked = self.stop is not None and self.stop.is_set()
        return asked or any(record.status == "interrupted" for record in self.runs.values())

    def base(self) -> Record | None:
        """The point without a limit, by this process alone, with all its cores; None where stopped before it ended."""
        with crew(1) as alone:
            task = self._task(self.curve.free, BASE, self.source.options.start)
            self._round({self.curve.free: task}, alone, self.source)
        return self.runs.get(self.curve.free)

    def explore(self, grid: Sequence[Limits], span: Span, refine: int) -> list[Limits]:
        """Run what a grid leaves open, then up to `refine` points where sites change; all points, loosest first."""
        open_ = [self._task(at, self.curve.said(at), None) for at in self._open(grid)]
        left = max(1, sum(task.key not in self.before for task in open_))
        workers = self.fleet.workers(left, self.runs[self.curve.free].seconds)
        options = threaded(self.source.options, self.workbook, self.fleet.threads(workers))
        shared, points = replace(self.source, options=options), list(grid)
        with crew(workers, self.fleet.cluster if open_ else None) as others:
            self._fill(points, span, others, shared)
            while refine > 0 and len(span) == 1 and not self.stopped:
                least = FINEST * abs(span[0][1] - span[0][0])
                more = widest(self._readings(points), self.curve, least, min(workers, refine))
                if not more:
                    break
                refine -= len(more)
                self._fill(more, span, others, shared)
                points = sorted({*points, *more}, key=lambda at: abs(at[0] - span[0][0]))
        return points

    def _readings(self, points: Sequence[Limits]) -> list[Reading]:
        return [self.curve.reading(at, self.runs) for at in points]

    def _open(self, points: Sequence[Limits]) -> list[Limits]:
        return [at for at in points if at not in self.runs and not self.curve.settled(at, self.runs)]

    def _fill(self, points: Sequence[Limits], span: Span, others: Crew, shared: Source) -> None:
        """Run the points that are open from the loosest on, each from its neighbour: what others settle needs no run.

        Not from both ends: far from any plan that keeps its limit a point is searched from nothing, and found poor.
        """
        tasks = {at: self._task(at, self.curve.said(at), None) for at in self._open(points)}
        places = {task.key: at for at, task in tasks.items()}

        def begin(task: Task, ended: Sequence[Record]) -> Task | None:
            self.runs |= {places[record.key]: record for record in ended}
            at = places[task.key]
            return None if at not in self._open([at]) else self._task(at, task.label, self._start(at, span))

        self._round(tasks, others, shared, begin)

    def _round(self, tasks: Mapping[Limits, Task], others: Crew, shared: Source, begin: Begin | None = None) -> None:
        study = Study(solve_point, shared, list(tasks.values()), begin)
        records = run_study(
            study, others, folder=self.folder, before=self.before, listener=self.listener, stop=self.stop
        )
        by = {record.key: record for record in records}
        self.runs |= {at: by[task.key] for at, task in tasks.items() if task.key in by}

    def _start(self, at: Limits, span: Span) -> Decisions | None:
        """The plan of the nearest point that has one."""
        planned_ = [limits for limits, record in self.runs.items() if record.has_plan]
        return self.runs[nearest(at, planned_, span)].decisions if planned_ else None

    def _task(self, at: Limits, label: str, start: Decisions | None) -> Task:
        changes, rows = self.curve.changes(at), self.curve.rows(at)
        told = stamp(self.workbook, self.source.options, changes)
        measured = [axis.row for axis in self.axes]
        return Task(label, Given(changes, rows, self.axes, start), {**told, "rows": rows, "measured": measured})
