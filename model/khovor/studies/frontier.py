"""`khovor frontier`: value against a measure, point by point; two measures at once give a surface."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from khovor.clock import Clock
from khovor.errors import InterruptedRun, UsageError
from khovor.journal import ran, study_journal
from khovor.report import write_frontier
from khovor.run import Options, Prepared
from khovor.solve import Listener
from khovor.studies.ending import StudyOutcome, ended, with_plan
from khovor.studies.frontier_axes import CVAR, Asked, Common, axes_of
from khovor.studies.frontier_curve import Bounds, Curve, Limits, Weights
from khovor.studies.frontier_document import document_of
from khovor.studies.frontier_runs import Explorer, Span
from khovor.studies.store import kept
from khovor.studies.sweep import Fleet, Source, opened
from khovor.studies.tasks import Record


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is asked: one measure or two, what their policies have in common, and how many points more to refine by."""

    asked: tuple[Asked, ...]
    common: Common = field(default_factory=Common)
    refine: int = 4


def trace_frontier(
    path: Path,
    options: Options,
    fleet: Fleet,
    question: Frontier,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Solve the case at each limit and write the folder.

    Raises InputError, UsageError for a measure or limits that mean nothing here, InfeasibleError or NoPlanError where
    the case has no plan without a limit, InterruptedRun, WriteError where no folder can be made.
    """
    clock = Clock(listener, stop)
    with opened(path, options, fleet, clock) as (source, ready, folder):
        curve = _curve(source, ready, question)
        axes = curve.axes if isinstance(curve, Bounds) else ()
        before = kept(fleet.resume) | kept(folder)
        explorer = Explorer(source, ready.workbook, curve, axes, fleet, folder, before, listener, stop)
        with clock.step("runs"):
            base = _planned(explorer.base())
            span = _span(curve, question, base)
            points = explorer.explore(_grid(question, span), span, question.refine)
        document = document_of(curve, question.asked, points, explorer.runs, ready.case, complete=not explorer.stopped)
        document |= {
            "seconds": {name: round(spent, 3) for name, spent in clock.seconds.items()},
            "stamp": base.result["stamp"],
        }
        with clock.step("write", keeps_plan=True):
            runs = [
                ran(p["name"], p, f"measured {p['measured']}, plan of: {p['plan_of']} {p['message']}")
                for p in document["points"]
            ]
            log = study_journal(f"workbook {path.name}, frontier", runs, document["headline"], options.changes)
            write = partial(write_frontier, folder, source.data, document, log)
            return ended(document, write, stopped=explorer.stopped)


def _curve(source: Source, ready: Prepared, question: Frontier) -> Curve:
    """What moves. Raises UsageError for a measure that means nothing here."""
    terms = ready.case.terms
    if not any(a.measure == CVAR for a in question.asked):
        return Bounds(axes_of(source, question.asked, question.common), not terms.minimises, terms.mip_gap)
    if len(question.asked) > 1:
        raise UsageError("cvar stands alone: it is moved by its weight in the objective, not by a limit.")
    if question.common != Common() or question.asked[0].subject or question.asked[0].sense:
        raise UsageError("cvar takes no subject, sense, basis, scope or years: it is moved by its weight, 0 to 1.")
    if len(ready.case.scenarios) < 2:
        raise UsageError("cvar needs at least two futures in the table scenarios.")
    return Weights(not terms.minimises, terms.mip_gap)


def _planned(base: Record | None) -> Record:
    """The plan without a limit. Raises what its making raised."""
    if base is None:
        raise InterruptedRun("Stopped before any plan was found.")
    return with_plan(base)


def _span(curve: Curve, question: Frontier, base: Record) -> Span:
    """For each axis the loosest and the tightest limit."""
    if isinstance(curve, Bounds):
        measured = zip(curve.axes, base.result["measured"], strict=True)
        return tuple(axis.span(met) for axis, met in measured)
    low, high = question.asked[0].loosest or 0.0, question.asked[0].tightest
    high = 1.0 if high is None else high
    if not 0.0 <= low <= high <= 1.0:
        raise UsageError(f"A weight goes from 0 to 1, not from {low:g} to {high:g}.")
    return ((low, high),)


def _grid(question: Frontier, span: Span) -> list[Limits]:
    """Limits in even steps, loosest first."""
    steps = [_steps(a.points, *ends) for a, ends in zip(question.asked, span, strict=True)]
    return list(itertools.product(*steps))


def _steps(points: int, loosest: float, tightest: float) -> Sequence[float]:
    """So many numbers from one to another, without the noise of their last digits.

    >>> _steps(3, 1.0, 0.4), _steps(3, 0.5, 0.5)
    ([1.0, 0.7, 0.4], [0.5])
    """
    steps = np.linspace(loosest, tightest, points).tolist()
    return list(dict.fromkeys([loosest, *(float(f"{x:.12g}") for x in steps[1:-1]), tightest]))
