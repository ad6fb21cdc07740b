"""What `khovor decide` answers: the content of its summary.json, and what was found in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from khovor.case import Case
from khovor.report import finite
from khovor.studies.box import Box
from khovor.studies.compare import otherwise, rebooked
from khovor.studies.known import Known, Probe, own_odds
from khovor.studies.least_regret import LeastRegret, Regretted
from khovor.studies.plans import Plan
from khovor.studies.robust import Robust
from khovor.studies.thresholds import Stretch, Threshold

PLANNED = ("builds", "projects", "closures", "bookings")


class Moving(NamedTuple):
    """The future whose probability moves (None: none does), and between what."""

    scenario: str | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What was asked of the odds, and what was found."""

    moving: Moving
    stretches: list[Stretch]
    thresholds: list[Threshold]
    box: Box | None
    robust: Robust | None
    regret: LeastRegret | None


def decision(known: Known, found: Decision, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The content of summary.json."""
    case, moving = known.makes.case, found.moving
    plans = [*(probe.plan for probe in known.probes), *known.made]
    document: dict[str, Any] = {
        "title": case.terms.title,
        "status": "optimal" if {plan.summary["status"] for plan in plans} == {"optimal"} else "feasible",
        "unit": "MUSD",
        "headline": list(_sentences(case, found)),
        "scenario": moving.scenario,
        "from": moving.low if moving.scenario else None,
        "to": moving.high if moving.scenario else None,
        "thresholds": [_threshold(case, t) for t in found.thresholds],
        "stretches": [{"plan": s.plan.label, "probability": [s.low, s.high]} for s in found.stretches],
        "worst_case": None if found.robust is None or found.box is None else _worst_case(found.robust, found.box),
        "regret": None if found.regret is None else _regret(case, found.regret),
        "plans": [_plan(case, plan) for plan in (*known.plans, *known.made)],
        "scenarios": [{"scenario": s.name, "name": s.label, "probability": s.probability} for s in case.scenarios],
        "solves": [*(_probe(known, probe) for probe in known.probes), *map(_solve, known.made)],
        "verified": {"passed": all(plan.summary["verified"]["passed"] for plan in plans)},
        "seconds": {name: round(spent, 3) for name, spent in seconds.items()},
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


def _regret(case: Case, found: LeastRegret) -> dict[str, Any]:
    best, own = found.plans[0], _best_expected(case, found)
    return {
        "plan": best.plan.label,
        "value": found.value,
        "in": best.future,
        "builds": best.plan.summary["builds"],
        "best": found.best,
        "best_expected": own.plan.label,
        "changes": _changes(case, best.plan, own.plan),
        "plans": [_regretted(case, r) for r in found.plans],
    }


def _best_expected(case: Case, found: LeastRegret) -> Regretted:
    """The known plan of the best expected value."""
    return max(found.plans, key=lambda r: r.plan.value(own_odds(case)))


def _regretted(case: Case, r: Regretted) -> dict[str, Any]:
    expected = r.plan.value(own_odds(case))
    return {"plan": r.plan.label, "expected": expected, "greatest": r.greatest, "in": r.future, "regret": r.regret}


def _probe(known: Known, probe: Probe) -> dict[str, Any]:
    return {**_solve(probe.plan), "odds": probe.odds, "open": known.left_open(probe)}


def _solve(plan: Plan) -> dict[str, Any]:
    """A solve as it ended; what is under no odds leaves open what its own proof does."""
    told = {key: plan.summary[key] for key in ("status", "objective", "bound", "gap", "verified")}
    opened = plan.span.high - plan.span.low
    return {"solve": plan.label, "odds": None, **told, "open": opened, "seconds": round(plan.seconds, 3)}


def _sentences(case: Case, found: Decision) -> Iterator[str]:
    """What was found, in words."""
    if found.moving.scenario is not None:
        span = f"the probability of {found.moving.scenario} goes from {found.moving.low:g} to {found.moving.high:g}"
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
    if found.regret is not None:
        yield from _of_regret(case, found.regret)


def _of_regret(case: Case, found: LeastRegret) -> Iterator[str]:
    best, own = found.plans[0], _best_expected(case, found)
    low, high = found.value
    yield f"The plan '{best.plan.label}' has the least greatest regret: {_amount(high)} (in {best.future})."
    if low < high:
        yield f"What is proved is that no plan has less than {_amount(low)}: {_amount(high - low)} are open."
    if best.plan.summary["verified"] is None:
        yield "It is a known plan with more slots, valued in every future; the checker has seen no solve of it."
    odds = own_odds(case)
    less = own.plan.value(odds) - best.plan.value(odds)
    changes = "; ".join(_changes(case, best.plan, own.plan))
    if not changes:
        yield "It is the plan of the best expected value as well."
        return
    yield (
        f"The plan of the best expected value, worth {_amount(less)} more in expectation, may regret "
        f"{_amount(own.greatest.high)} (in {own.future}). Least regret, beside it: {changes}."
    )


def _amount(musd: float) -> str:
    """An amount of money, without a sign on what rounds to nothing.

    >>> _amount(-1e-12), _amount(1234.5)
    ('0.000 MUSD', '1,234.500 MUSD')
    """
    return f"{round(musd, 3) + 0.0:,.3f} MUSD"


def _between(t: Threshold) -> str:
    low, high = t.probability
    return f"{t.at:.4g}" if high - low < 1e-9 else f"{t.at:.4g} (between {low:.4g} and {high:.4g})"
