"""What a frontier found, as summary.json and `--json` say it, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from khovor.case import Case
from khovor.report import finite
from khovor.studies.compare import otherwise
from khovor.studies.frontier_axes import CVAR, UNITS, Asked
from khovor.studies.frontier_curve import Bounds, Curve, Limits, Reading, Runs
from khovor.studies.frontier_rules import dominated, per_point, price, switches
from khovor.workbook import BASE

HOW_BOUNDS = (
    "Each point is the case with the limit as one more hard policy; measured is that of its worst period and future. "
    "A point takes the best plan known that keeps its limit (plan_of says whose), and the tightest bound of any looser "
    "limit. A limit that the proved best of a looser one keeps, or tighter than an impossible one, is not solved. "
    "A point is dominated where another is worth no less and measures tighter. Prices are between neighbours that are "
    "not dominated, by what they measure; low and high are where the price lies as far as the plans are proved."
)

HOW_WEIGHTS = (
    "Each point is the case with this risk_weight; limit is the weight, measured the mean of the worst risk_tail of "
    "the futures, value the expected value [MUSD]. A point takes the best plan of all by its weight (plan_of says "
    "whose). A point is dominated where another has no less of both and more of one."
)


def document_of(
    curve: Curve, asked: Sequence[Asked], points: Sequence[Limits], runs: Runs, case: Case, *, complete: bool
) -> dict[str, Any]:
    """The content of summary.json but for its seconds and stamp; points that were never reached are left out."""
    readings = [curve.reading(at, runs) for at in points]
    readings = [r for r in readings if r.plan is not None or r.status != "interrupted"]
    beaten = dominated([curve.merit(r) for r in readings])
    unit = UNITS[CVAR] if not isinstance(curve, Bounds) else curve.axes[0].unit
    per, price_unit = per_point(unit)
    entries = [
        _point(curve, r, runs, None if q is None else readings[q]) for r, q in zip(readings, beaten, strict=True)
    ]
    if len(asked) == 1:
        _add_prices(entries, readings, curve, per)
    found = switches(readings) if len(asked) == 1 else []
    base = runs[curve.free].result
    document: dict[str, Any] = {
        "title": case.terms.title,
        "status": _status(readings, complete),
        "unit": "MUSD",
        "sense": base["sense"],
        "measures": _measures(curve),
        "price_unit": price_unit,
        "how": HOW_BOUNDS if isinstance(curve, Bounds) else HOW_WEIGHTS,
        "base": {key: base[key] for key in ("objective", "bound", "gap", "measured", "expected", "cvar", "builds")},
        "points": entries,
        "switches": [_switch(case, curve, a, b) for a, b in found],
        "solves": len(runs),
        "complete": complete,
        "verified": {"passed": all(r.result["verified"]["passed"] for r in runs.values() if "verified" in r.result)},
    }
    whole: dict[str, Any] = finite(document | {"headline": list(_sentences(document))})
    return whole


def _status(readings: Sequence[Reading], complete: bool) -> str:
    if not complete:
        return "interrupted"
    return "optimal" if {r.status for r in readings} <= {"optimal", "infeasible"} else "feasible"


def _measures(curve: Curve) -> list[dict[str, Any]]:
    if isinstance(curve, Bounds):
        return [axis.told() for axis in curve.axes]
    return [{"measure": CVAR, "subject": "", "sense": "min", "unit": UNITS[CVAR]}]


def _point(curve: Curve, reading: Reading, runs: Runs, better: Reading | None) -> dict[str, Any]:
    """A point; `limit2` and `measured2` are of the second measure."""
    own, summary = runs.get(reading.limits), reading.summary
    measured = summary.get("measured", []) if isinstance(curve, Bounds) else [summary.get("cvar")]
    limits = {f"limit{_nth(n)}": limit for n, limit in enumerate(reading.limits)}
    taken = {f"measured{_nth(n)}": measured[n] if n < len(measured) else None for n in range(len(reading.limits))}
    return {
        "name": curve.said(reading.limits),
        **limits,
        **taken,
        "status": reading.status,
        "message": reading.message,
        "value": curve.value(reading),
        "objective": reading.objective,
        "bound": reading.bound,
        "gap": reading.gap,
        "plan_of": _label(curve, reading, runs),
        "dominated_by": None if better is None else curve.said(better.limits),
        "price": None,
        "capital": summary.get("capital"),
        "seconds": 0.0 if own is None else round(own.seconds, 3),
        "builds": summary.get("builds", []),
        "projects": summary.get("projects", []),
        "verified": summary.get("verified"),
    }


def _nth(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _label(curve: Curve, reading: Reading, runs: Runs) -> str | None:
    """Whose plan a point has: its own, that of another, or that without a limit."""
    at = next((limits for limits, record in runs.items() if record is reading.plan), None)
    if at is None:
        return None
    return curve.said(at) if at != curve.free or at == reading.limits else BASE


def _add_prices(entries: list[dict[str, Any]], readings: Sequence[Reading], curve: Curve, per: float) -> None:
    """Give each point that is not dominated the price of the step from its looser neighbour."""
    before: Reading | None = None
    for entry, reading in zip(entries, readings, strict=True):
        if reading.plan is None or entry["dominated_by"] is not None:
            continue
        found = None if before is None else price(before, reading, curve, per)
        entry["price"] = found
        before = reading if before is None or found is not None else before


def _switch(case: Case, curve: Curve, a: Reading, b: Reading) -> dict[str, Any]:
    """Between which limits the set of sites changes, and what is built otherwise beyond."""
    return {
        "between": [curve.reach(a), b.limits[0]],
        "possible": b.plan is not None,
        "changes": otherwise(case, b.summary, a.summary) if b.plan is not None else [],
    }


def _limit(document: Mapping[str, Any], limit: float) -> str:
    """A limit of the one measure as a sentence tells it; of the worst futures it is a weight."""
    (measure,) = document["measures"]
    if measure["measure"] == CVAR:
        return f"weight {limit:.4g}"
    return f"{limit:,.6g} {measure['unit']}" if measure["unit"] else f"{100.0 * limit:.4g}%"


def _sentences(document: Mapping[str, Any]) -> Iterator[str]:
    """What was found, in words."""
    points = [p for p in document["points"] if p["value"] is not None]
    impossible = [p for p in document["points"] if p["status"] == "infeasible"]
    if points:
        loose, tight = points[0], points[-1]
        yield (
            f"From {loose['name']} to {tight['name']} value goes from {loose['value']:,.3f} to {tight['value']:,.3f} "
            f"MUSD ({len(points)} points, {document['solves']} solves)."
        )
    if impossible:
        yield f"No plan keeps this, or anything tighter: {impossible[0]['name']}."
    beaten = sum(p["dominated_by"] is not None for p in points)
    if beaten:
        yield f"{beaten} of the points are dominated: another is worth no less and measures tighter."
    for switch in document["switches"]:
        low, high = switch["between"]
        what = "; ".join(switch["changes"]) or "the same sites otherwise" if switch["possible"] else "no plan any more"
        yield f"Between {_limit(document, low)} and {_limit(document, high)}: {what}."
    if not document["complete"]:
        yield "Stopped: the same command with --resume and this folder goes on from here."
