"""A run of a study beside its base: what it is worth more, between which bounds, and what it builds otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from khovor.case import Case
from khovor.report import Names
from khovor.studies.tasks import Record
from khovor.units import FEASIBILITY

KEPT = ("objective", "bound", "gap", "capital")


def entry(case: Case, record: Record, changes: Sequence[str], base: Record) -> dict[str, Any]:
    """A run as `study.runs` of summary.json tells it."""
    result = record.result
    return {
        "name": record.label,
        "changes": list(changes),
        "status": record.status,
        "message": record.message,
        **{key: result.get(key) for key in KEPT},
        "difference": difference(result, base.result),
        "seconds": round(record.seconds, 3),
        "builds": result.get("builds", []),
        "otherwise": otherwise(case, result, base.result),
        "verified": result.get("verified"),
    }


def difference(run: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, float | None] | None:
    """Objective less that of the base [MUSD]; `low` and `high` are where the difference of the two best plans lies.

    The best plan of each lies between its objective and its bound: null where a bound is not known, and nothing at all
    where one of the two has no plan.

    >>> difference({"objective": 10, "bound": 12}, {"objective": 7, "bound": 8})
    {'low': 2, 'value': 3, 'high': 5}
    """
    if run.get("objective") is None or base.get("objective") is None:
        return None
    (low, high), (least, most) = _span(run), _span(base)
    return {
        "low": None if low is None or most is None else low - most,
        "value": run["objective"] - base["objective"],
        "high": None if high is None or least is None else high - least,
    }


def _span(run: Mapping[str, Any]) -> tuple[Any, Any]:
    """Between what the value of the best plan lies; a bound that is not known is open to its side."""
    objective, bound = run["objective"], run["bound"]
    if bound is None:
        return (None, objective) if run.get("sense") == "minimize" else (objective, None)
    return min(objective, bound), max(objective, bound)


def otherwise(case: Case, run: Mapping[str, Any], base: Mapping[str, Any]) -> list[str]:
    """What a run builds, closes and opens beyond the base (+) and without it (-), in words, in order of time.

    What both do, at another time, is told first, once: with its new year and that of the base.
    """
    if "builds" not in run or "builds" not in base:
        return []
    names, starts = Names(case), {p.name: p.start_year for p in case.horizon.periods}
    more = _decided(run)
    more.subtract(_decided(base))
    found = []
    for what in sorted({w[:-1] for w in more}):
        times = sorted((starts[w[-1]], w) for w, units in more.items() if w[:-1] == what and units)
        if len(times) == 2 and sum(more[w] for _, w in times) == 0:
            (new, here), (old, there) = sorted(times, key=lambda time: -more[time[1]])
            units = f"{more[here]} " if more[here] > 1 else ""
            found.append(f"{units}{_said(names, here)}: {new}, not {old}")
            more[here] = more[there] = 0
    for what in sorted((w for w in more if more[w]), key=lambda w: (starts[w[-1]], w)):
        found.append(f"{more[what]:+d} {_said(names, what)} ({starts[what[-1]]})")
    return found


def rebooked(case: Case, run: Mapping[str, Any], base: Mapping[str, Any]) -> list[str]:
    """What slots a run books beyond the base (+) and without them (-), in words, in order of time."""
    starts = {p.name: p.start_year for p in case.horizon.periods}
    here, there = ({(b["period"], b["gate"]): b["t_y"] for b in each["bookings"]} for each in (run, base))
    found = []
    for period, gate in sorted({*here, *there}, key=lambda place: (starts[place[0]], place)):
        more = here.get((period, gate), 0.0) - there.get((period, gate), 0.0)
        if abs(more) > FEASIBILITY * max(1.0, there.get((period, gate), 0.0)):
            amount = f"{more:+,.0f}" if abs(more) >= 10.0 else f"{more:+.3g}"
            found.append(f"{amount} t/y of slots at {gate} ({starts[period]})")
    return found


def _decided(run: Mapping[str, Any]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for kind, records in (("", run["builds"]), ("closed ", run["closures"])):
        for r in records:
            found[kind, r["node"], r["process"], r["size"], r["period"]] += r["units"]
    for r in run["projects"]:
        found["project", r["project"], r["period"]] += 1
    return found


def _said(names: Names, what: tuple[str, ...]) -> str:
    if what[0] == "project":
        return names.project(what[1])
    kind, node, process, size, _ = what
    return f"{kind}{names.step(process)}, {size}, at {names.place(node)}"
