"""`khovor decide`: at which odds of a future the best plan changes, and which plan has the best worst case."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from khovor.case import Case
from khovor.clock import Clock
from khovor.errors import UsageError
from khovor.report import finite, write_decision
from khovor.run import Options
from khovor.solve import Listener
from khovor.studies.box import Box, around, from_file
from khovor.studies.compare import otherwise, rebooked
from khovor.studies.ending import ended
from khovor.studies.known import Known, Probe, own_odds
from khovor.studies.plans import Plan, Planner, planner
from khovor.studies.robust import Robust, find_robust
from khovor.studies.sweep import Fleet, StudyOutcome
from khovor.studies.thresholds import Stretch, Threshold, find_thresholds
from khovor.versions import versions
from khovor.workbook import nearest

PLANNED = ("builds", "projects", "closures", "bookings")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: how a future's probability moves from `low` to `high`, and between what all of them may lie.

    `within` is a share of each probability, `box` a CSV file; where the table scenarios has low and high, these hold.
    """

    scenario: str | None = None
    low: float = 0.0
    high: float = 1.0
    tolerance: float = 1e-3
    within: float | None = None
    box: Path | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    stretches: list[Stretch]
    thresholds: list[Threshold]
    box: Box | None
    robust: Robust | None


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
        if scenario is None and box is None:
            raise UsageError("Ask for --scenario, --within or --box (or fill low and high in the table scenarios).")
        known, own = Known(makes), own_odds(case)
        with clock.step("runs"):
            stretches, thresholds = ([], []) if scenario is None else _moved(known, scenario, question)
            robust = None if box is None else find_robust(known, own, box)
        found = _Found(stretches, thresholds, box, robust)
        document = _document(case, scenario, question, known, found, clock)
        with clock.step("write", keeps_plan=True):
            log = _log(path, options, document)
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


def _document(
    case: Case, scenario: str | None, question: Question, known: Known, found: _Found, clock: Clock
) -> dict[str, Any]:
    """The content of summary.json."""
    plans = [probe.plan for probe in known.probes]
    document: dict[str, Any] = {
        "title": case.terms.title,
        "status": "optimal" if {plan.summary["status"] for plan in plans} == {"optimal"} else "feasible",
        "unit": "MUSD",
        "headline": list(_sentences(case, scenario, question, found)),
        "scenario": scenario,
        "from": question.low if scenario else None,
        "to": question.high if scenario else None,
        "thresholds": [_threshold(case, t) for t in found.thresholds],
        "stretches": [{"plan": s.plan.label, "probability": [s.low, s.high]} for s in found.stretches],
        "worst_case": None if found.robust is None or found.box is None else _worst_case(found.robust, found.box),
        "plans": [_plan(case, plan) for plan in known.plans],
        "scenarios": [{"scenario": s.name, "name": s.label, "probability": s.probability} for s in case.scenarios],
        "solves": [_solve(known, probe) for probe in known.probes],
        "verified": {"passed": all(plan.summary["verified"]["passed"] for plan in plans)},
        "seconds": {name: round(spent, 3) for name, spent in clock.seconds.items()},
        "stamp": plans[0].summary["stamp"],
    }
    whole: dict[str, Any] = finite(document)
    return whole


def _plan(case: Case, plan: Plan) -> dict[str, Any]:
    told = {key: plan.summary[key] for key in PLANNED}
    return {"plan": plan.label, "expected": plan.value(own_odds(case)), "values": plan.worths, **told}


def _changes(case: Case, run: Plan, base: Plan) -> list[str]:
    return otherwise(case, run.summary, base.summary) + rebooked(case, run.summary, base.summary)


def _threshold(case: Case, t: Threshold) -> dict[str, Any]:
    return {
        "probability": t.probability,
        "at": t.at,
        "value": t.value,
        "open": t.open,
        "before": t.before.summary["builds"],
        "after": t.after.summary["builds"],
        "plans": [t.before.label, t.after.label],
        "changes": _changes(case, t.after, t.before),
    }


def _worst_case(robust: Robust, box: Box) -> dict[str, Any]:
    best = robust.plans[0]
    return {
        "box": box,
        "plan": best.plan.label,
        "value": robust.value,
        "odds": best.odds,
        "builds": best.plan.summary["builds"],
        "plans": [
            {"plan": c.plan.label, "expected": c.expected, "worst": c.worst, "odds": c.odds} for c in robust.plans
        ],
    }


def _solve(known: Known, probe: Probe) -> dict[str, Any]:
    told = {key: probe.plan.summary[key] for key in ("status", "objective", "bound", "gap", "verified")}
    seconds = round(probe.plan.seconds, 3)
    return {"solve": probe.plan.label, "odds": probe.odds, **told, "open": known.left_open(probe), "seconds": seconds}


def _sentences(case: Case, scenario: str | None, q: Question, found: _Found) -> Iterator[str]:
    """What was found, in words."""
    if scenario is not None:
        span = f"the probability of {scenario} goes from {q.low:g} to {q.high:g}"
        many = len(found.thresholds)
        if not many:
            yield f"One plan stays the best known, within the gap, while {span}."
        else:
            yield f"The best plan changes {'once' if many == 1 else f'{many} times'} while {span}."
        for t in found.thresholds:
            words = "; ".join(_changes(case, t.after, t.before)) or "the same plan but for what it books"
            yield f"At {_between(t)} (worth {_amount(t.value)} there): {words}."
    if found.robust is not None:
        best, (low, high) = found.robust.plans[0], found.robust.value
        odds = ", ".join(f"{w} {p:.4g}" for w, p in best.odds.items())
        yield f"Over the box '{best.plan.label}' has the best worst case: {_amount(low)} (at {odds})."
        if high > low:
            yield f"No plan can be worth more than {_amount(high)} in its worst case: {_amount(high - low)} are open."


def _amount(musd: float) -> str:
    """An amount of money, without a sign on what rounds to nothing.

    >>> _amount(-1e-12), _amount(1234.5)
    ('0.000 MUSD', '1,234.500 MUSD')
    """
    return f"{round(musd, 3) + 0.0:,.3f} MUSD"


def _between(t: Threshold) -> str:
    low, high = t.probability
    return f"{t.at:.6g}" if high - low < 1e-9 else f"{t.at:.6g} (between {low:.6g} and {high:.6g})"


def _log(path: Path, options: Options, document: Mapping[str, Any]) -> list[str]:
    """The lines of run.log."""
    return [
        datetime.now(UTC).isoformat(timespec="seconds"),
        ", ".join(f"{name} {version}" for name, version in versions().items()),
        f"workbook {path.name}, decisions by odds, changes: {'; '.join(options.changes) or 'none'}",
        "",
        *(
            f"{s['solve']}: {s['status']} after {s['seconds']:.1f} s, objective {s['objective']}, bound {s['bound']}"
            for s in document["solves"]
        ),
        "",
        *document["headline"],
    ]
