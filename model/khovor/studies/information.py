"""`khovor information`: what knowing the future would be worth, and what planning for all of them is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from khovor.case import Case, with_mean, with_odds, with_scenario
from khovor.clock import Clock
from khovor.decisions import read_summary
from khovor.errors import UsageError
from khovor.journal import ran, study_journal
from khovor.report import finite, write_information
from khovor.run import Options
from khovor.solve import Listener
from khovor.studies.compare import otherwise
from khovor.studies.ending import StudyOutcome, ended
from khovor.studies.plans import Plan, Planner, Span, Wanted, planner
from khovor.studies.regret import ALL, MEAN, alone, distinct, information
from khovor.studies.sweep import Fleet


def value_information(
    path: Path,
    options: Options,
    fleet: Fleet,
    plan: Path | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Solve all futures together (or take the `plan` of a finished run), each alone and their mean; write the folder.

    Raises InputError, UsageError (one future, a plan of another workbook, aversion to risk), InfeasibleError or
    NoPlanError where one of these has no plan, InterruptedRun, WriteError where no folder can be made.
    """
    clock = Clock(listener, stop)
    with planner(path, options, fleet, clock, listener, stop) as makes:
        with clock.step("runs"):
            (together,) = makes.plans([_together(makes, plan)])
            plans = [together, *_others(makes, together)]
        document = _document(makes.case, plans, clock)
        with clock.step("write", keeps_plan=True):
            runs = [ran(made["plan"], made) for made in document["plans"]]
            about = f"workbook {path.name}, what information is worth"
            log = study_journal(about, runs, document["headline"], options.changes)
            return ended(document, partial(write_information, makes.folder, makes.source.data, document, log))


def _together(makes: Planner, run: Path | None) -> Wanted:
    """The plan of all futures: to be made, or the one of a finished run, to be valued."""
    odds = {s.name: s.probability for s in makes.case.scenarios}
    if run is None:
        return Wanted(ALL, partial(with_odds, odds=odds), {"odds": odds}, makes.source.options.start)
    summary, workbook = read_summary(run), makes.ready.workbook
    made_of = (summary["stamp"]["input_sha256"], summary["stamp"]["changes"])
    if made_of != (workbook.sha256, list(map(str, workbook.changes))):
        raise UsageError(f"The run in {run} was made of another workbook, or of other --set changes.")
    told = {"run": summary}
    return Wanted(ALL, partial(with_odds, odds=odds), told, made=summary)


def _others(makes: Planner, together: Plan) -> list[Plan]:
    """The plan of the mean future and that of each future alone, all begun from the plan of all.

    The mean has a plan where all futures have one: that plan, operated as it is on average, keeps the mean's rules.
    """
    start = together.decisions
    wanted = [Wanted(MEAN, with_mean, {"mean": True}, start)]
    for s in makes.case.scenarios:
        wanted.append(Wanted(alone(s.name), partial(with_scenario, name=s.name), {"alone": s.name}, start))
    return makes.plans(wanted)


def _document(case: Case, plans: list[Plan], clock: Clock) -> dict[str, Any]:
    """The content of summary.json."""
    odds = {s.name: s.probability for s in case.scenarios}
    found = information(odds, plans, expires=case.fiscal.expires)
    statuses = {plan.summary["status"] for plan in plans}
    verified = all(plan.summary["verified"]["passed"] for plan in plans) and not found["violations"]
    document: dict[str, Any] = {
        "title": case.terms.title,
        "status": "optimal" if statuses == {"optimal"} else "feasible",
        "unit": "MUSD",
        "headline": list(_sentences(case, found)),
        **found,
        "scenarios": [{"scenario": s.name, "name": s.label, "probability": s.probability} for s in case.scenarios],
        "plans": [_plan(case, plan, plans[0]) for plan in plans],
        "verified": {"passed": verified},
        "seconds": {name: round(spent, 3) for name, spent in clock.seconds.items()},
        "stamp": plans[0].summary["stamp"],
    }
    whole: dict[str, Any] = finite(document)
    return whole


def _plan(case: Case, plan: Plan, base: Plan) -> dict[str, Any]:
    told = {key: plan.summary[key] for key in ("status", "objective", "bound", "gap", "builds", "verified")}
    words = otherwise(case, plan.summary, base.summary)
    return {"plan": plan.label, **told, "otherwise": words, "seconds": round(plan.seconds, 3)}


def _sentences(case: Case, found: Mapping[str, Any]) -> Iterator[str]:
    """What was found, in words."""
    sp, likely = found["sp"], found["eev_likeliest"]
    yield f"The best plan for all {len(case.scenarios)} futures together (SP) is worth {_said(sp)}."
    yield f"Were each future known before building (WS), {_said(found['ws'])} on average."
    yield f"Knowing the future is worth {_said(found['evpi'])} (EVPI){_zero(found['evpi'], sp)}."
    if found["eev"].low > -float("inf"):
        yield f"The plan of the mean future is worth {_said(found['eev'])} in all futures (EEV)."
        vss = found["vss"]
        yield f"Planning for all futures, not their mean, is worth {_said(vss)} (VSS){_zero(vss, sp)}."
    else:
        yield "The plan of the mean future cannot keep the rules of every future: planning for all is worth any price."
    yield f"The plan of the likeliest future ({likely['plan']}) is worth {_said(likely['value'])} in all futures."
    least = found["minimax"]
    yield f"Of these plans '{least['plan']}' has the least greatest regret in any future: {_said(least['regret'])}."
    yield from found["violations"]


def _zero(span: Span, sp: Span) -> str:
    return "" if distinct(span, sp.low) else ", not distinguishable from zero"


def _said(span: Span) -> str:
    """An interval in words.

    >>> _said(Span(1.5, 1.5)), _said(Span(0.0, 12.25)), _said(Span(3.0, float("inf")))
    ('1.500 MUSD', '0.000 to 12.250 MUSD', 'at least 3.000 MUSD')
    """
    low, high = (f"{round(end, 3) + 0.0:,.3f}" for end in span)
    if span.high == float("inf"):
        return f"at least {low} MUSD" if span.low < float("inf") else "without limit"
    if span.low == -float("inf"):
        return "not known: its plan cannot keep the rules of every future"
    return f"{low} MUSD" if low == high else f"{low} to {high} MUSD"
