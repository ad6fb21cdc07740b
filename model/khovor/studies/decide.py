"""`khovor decide`: at which odds of a future the best plan changes; the best worst case; the least regret."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from khovor.case import Case
from khovor.clock import Clock
from khovor.errors import UsageError
from khovor.journal import ran, study_journal
from khovor.report import write_decision
from khovor.run import Options
from khovor.solve import Listener
from khovor.studies.box import Box, around, from_file
from khovor.studies.decide_document import Decision, Moving, decision
from khovor.studies.ending import StudyOutcome, ended
from khovor.studies.known import Known, own_odds
from khovor.studies.least_regret import find_least_regret
from khovor.studies.plans import Planner, planner
from khovor.studies.robust import find_robust
from khovor.studies.sweep import Fleet
from khovor.studies.thresholds import Stretch, Threshold, find_thresholds
from khovor.workbook import nearest


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: how a future's probability moves from `low` to `high`, and between what all of them may lie.

    `within` is a share of each probability, `box` a CSV file; where the table scenarios has low and high, these hold.
    `regret` asks for the plan of least regret, whatever the odds.
    """

    scenario: str | None = None
    low: float = 0.0
    high: float = 1.0
    tolerance: float = 1e-3
    within: float | None = None
    box: Path | None = None
    regret: bool = False


def decide(
    path: Path,
    options: Options,
    fleet: Fleet,
    question: Question,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Answer a question about odds and write the folder.

    Raises InputError, UsageError (nothing asked, an unknown future, a box without odds), InfeasibleError or NoPlanError
    where all futures together have no plan, InterruptedRun, WriteError where no folder can be made.
    """
    clock = Clock(listener, stop)
    with planner(path, options, fleet, clock, listener, stop) as makes:
        case = makes.case
        scenario, box = _scenario(case, question), _box(makes, question)
        if scenario is None and box is None and not question.regret:
            hint = "(or fill low and high in the table scenarios)"
            raise UsageError(f"Ask for --scenario, --within or --box {hint}, or --regret.")
        known, own = Known(makes), own_odds(case)
        with clock.step("runs"):
            stretches, thresholds = ([], []) if scenario is None else _moved(known, scenario, question)
            robust = None if box is None else find_robust(known, own, box)
            regret = find_least_regret(known, own) if question.regret else None
        span = Moving(scenario, question.low, question.high)
        document = decision(known, Decision(span, stretches, thresholds, box, robust, regret), clock.seconds)
        with clock.step("write", keeps_plan=True):
            runs = [ran(solve["solve"], solve) for solve in document["solves"]]
            log = study_journal(f"workbook {path.name}, decisions by odds", runs, document["headline"], options.changes)
            return ended(document, partial(write_decision, makes.folder, makes.source.data, document, log))


def _scenario(case: Case, question: Question) -> str | None:
    """The future that moves. Raises UsageError where it is not known, or cannot move so."""
    if question.scenario is None:
        return None
    names = [s.name for s in case.scenarios]
    name = next((w for w in names if w.casefold() == question.scenario.strip().casefold()), None)
    if name is None:
        near = nearest(question.scenario, names)
        hint = f" Did you mean {near}?" if near else ""
        raise UsageError(f"There is no scenario '{question.scenario}'; there are: {', '.join(names)}.{hint}")
    if not question.low < question.high:
        raise UsageError(f"--from {question.low:g} must lie below --to {question.high:g}.")
    if own_odds(case)[name] >= 1.0:
        raise UsageError(f"'{name}' is certain: the other futures have no odds that could grow in proportion.")
    return name


def _box(makes: Planner, question: Question) -> Box | None:
    if question.box is not None:
        return from_file(makes.case, question.box)
    rows = makes.ready.workbook.rows["scenarios"]
    if question.within is None and all(row.low is None and row.high is None for row in rows):
        return None
    return around(makes.case, makes.ready.workbook, question.within)


def _moved(known: Known, scenario: str, q: Question) -> tuple[list[Stretch], list[Threshold]]:
    return find_thresholds(known, own_odds(known.makes.case), scenario, q.low, q.high, q.tolerance)
