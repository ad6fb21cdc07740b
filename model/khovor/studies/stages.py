"""`khovor stages`: what it is worth to stop at ore, at concentrate, at mixed carbonate, at oxide, at metal.

Each stage is the case without the processes of later ones. More stages are more options: a plan that stops early is a
plan of every later stage, and no plan that stops early betters the bound of a later one. So each stage takes the best
plan of those before it, and the tightest bound of those after it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from khovor.case import Case, Stage, stages
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import UsageError
from khovor.journal import study_journal
from khovor.report import finite, write_stages
from khovor.run import Options
from khovor.solution import relative_gap
from khovor.solve import Listener
from khovor.studies.compare import difference
from khovor.studies.ending import StudyOutcome, ended, refusal
from khovor.studies.sweep import Fleet
from khovor.studies.tasks import Record
from khovor.studies.variants import Variant, Variants, variants_of, without
from khovor.units import FEASIBILITY, SMALL
from khovor.workbook import nearest

HOW: Final = (
    "Each stage is the case without the processes of later ones, begun from the plan of the stage before (with --jobs, "
    "side by side, all from the same start). It takes the "
    "best plan of a stage before it (plan_of says whose) and the tightest bound of a stage after it. Derived stages "
    "follow the chain of products from the deposits; processes that feed one another, or that take the metals of a "
    "traced product apart, are one stage; a process off the chain is free at every stage."
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A stage: the run whose plan it takes (None: it has none), its value and bound, signed so that more is better."""

    stage: Stage
    own: Record
    plan: Record | None
    value: float | None
    bound: float | None
    status: str


def compare_stages(
    path: Path,
    options: Options,
    fleet: Fleet,
    named: Sequence[tuple[str, Sequence[str]]] = (),
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Solve the case up to each stage and write the folder; `named` are stages and their processes, first to last.

    Raises InputError, UsageError (unknown processes, fewer than two stages), InfeasibleError or NoPlanError where no
    stage has a plan, InterruptedRun, WriteError where no folder can be made.
    """
    clock = Clock(listener, stop)
    with variants_of(path, options, fleet, clock, listener, stop) as variants:
        chain = _named(variants.case, named) if named else stages(variants.case)
        if len(chain) < 2:
            raise UsageError("There are fewer than two stages here: name them with --stage NAME=process,process.")
        with clock.step("runs"):
            records = _records(variants, chain, fleet.jobs or 1)
        if not any(r.has_plan for r in records):
            raise refusal(records[-1])
        gap, cost = variants.case.terms.mip_gap, variants.case.terms.minimises
        readings = read_stages(chain, records, gap, -1.0 if cost else 1.0)
        document = _document(variants.case, readings, -1.0 if cost else 1.0, derived=not named)
        document |= {
            "seconds": {step: round(spent, 3) for step, spent in clock.seconds.items()},
            "stamp": next(r.result["stamp"] for r in records if r.has_plan),
        }
        with clock.step("write", keeps_plan=True):
            log = study_journal(f"workbook {path.name}, stages", _runs(document), document["headline"], options.changes)
            return ended(document, partial(write_stages, variants.folder, variants.source.data, document, log))


def _records(variants: Variants, chain: Sequence[Stage], jobs: int) -> list[Record]:
    """Every stage solved: each from the plan of the one before it or, several at a time, from what all begin from."""
    start = variants.source.options.start
    upto = [_upto(chain, place, start) for place in range(len(chain))]
    if jobs > 1:
        return variants.solve_all(upto, min(jobs, len(upto)))
    records: list[Record] = []
    for variant in upto:
        best = next((r for r in reversed(records) if r.has_plan), None)
        begun = variant if best is None else replace(variant, start=best.decisions)
        records.append(variants.solve(begun))
    return records


def _upto(chain: Sequence[Stage], place: int, start: Decisions | None) -> Variant:
    """The case without the processes of the stages after one."""
    later = [k for after in chain[place + 1 :] for k in after.processes]
    return Variant(f"up to {chain[place].name}", partial(without, processes=later), {"without": later}, start)


def _named(case: Case, named: Sequence[tuple[str, Sequence[str]]]) -> tuple[Stage, ...]:
    """Stages as an analyst names them. Raises UsageError for a process that is not known, or named twice."""
    spelt = {k.casefold(): k for k in case.processes}
    seen: set[str] = set()
    found = []
    for name, processes in named:
        for process in processes:
            if process.casefold() not in spelt:
                near = nearest(process, list(case.processes))
                raise UsageError(f"There is no process '{process}'.{f' Did you mean {near}?' if near else ''}")
            if process.casefold() in seen:
                raise UsageError(f"Process '{process}' is named in two stages.")
            seen.add(process.casefold())
        found.append(Stage(name, "", tuple(spelt[p.casefold()] for p in processes)))
    return tuple(found)


def read_stages(chain: Sequence[Stage], records: Sequence[Record], gap: float, sign: float) -> list[_Reading]:
    """Each stage with the best plan of those up to it, and the tightest bound of those from it on."""
    found = []
    for place, (stage, own) in enumerate(zip(chain, records, strict=True)):
        plans = [r for r in (own, *reversed(records[:place])) if r.has_plan]
        plan = max(plans, key=lambda r: sign * r.result["objective"], default=None)
        bounds = [sign * r.result["bound"] for r in records[place:] if r.result.get("bound") is not None]
        bound = min(bounds, default=None)
        value = None if plan is None else sign * plan.result["objective"]
        if value is not None and bound is not None:
            bound = max(bound, value)
        proved = value is not None and bound is not None and bound - value <= gap * abs(value) + SMALL
        status = own.status if plan is None else "optimal" if proved else "feasible"
        found.append(_Reading(stage, own, plan, value, bound, status))
    return found


def _document(case: Case, readings: Sequence[_Reading], sign: float, *, derived: bool) -> dict[str, Any]:
    """The content of summary.json but for its seconds and stamp."""
    entries = [_entry(r, sign) for r in readings]
    for before, after in pairwise(entries):
        after["adds"] = difference(_span(after, sign), _span(before, sign))
    known = [e for e in entries if e["value"] is not None]
    most = max(sign * e["value"] for e in known)
    best = next(e for e in known if sign * e["value"] >= most - FEASIBILITY * max(1.0, abs(most)))
    told = {
        "title": case.terms.title,
        "status": "optimal" if {e["status"] for e in entries} <= {"optimal", "infeasible"} else "feasible",
        "unit": "MUSD",
        "sense": "minimize" if sign < 0 else "maximize",
        "derived": derived,
        "how": HOW,
        "stages": entries,
        "best": best["stage"],
        "verified": {"passed": all(r.own.result["verified"]["passed"] for r in readings if r.own.has_plan)},
    }
    whole: dict[str, Any] = finite(told | {"headline": list(_sentences(entries, best))})
    return whole


def _span(entry: Mapping[str, Any], sign: float) -> dict[str, Any]:
    return {
        "objective": entry["value"],
        "bound": entry["bound"],
        "sense": "minimize" if sign < 0 else "maximize",
    }


def _entry(r: _Reading, sign: float) -> dict[str, Any]:
    summary = r.plan.result if r.plan is not None else {}
    exposure = summary.get("exposure", {})
    return {
        "stage": r.stage.name,
        "product": r.stage.product,
        "processes": list(r.stage.processes),
        "status": r.status,
        "message": r.own.message,
        "value": None if r.value is None else sign * r.value,
        "bound": None if r.bound is None else sign * r.bound,
        "gap": None if r.value is None or r.bound is None else relative_gap(r.value, r.bound),
        "adds": None,
        "plan_of": None if r.plan is None else r.plan.label,
        "capital": summary.get("capital"),
        "sold": {product: t_y for product, (_, _, t_y) in summary.get("sold", {}).items()},
        "exposure": {x: {"transit": part["transit"], "sales": part["sales"]} for x, part in exposure.items()},
        "builds": summary.get("builds", []),
        "projects": summary.get("projects", []),
        "seconds": round(r.own.seconds, 3),
        "verified": summary.get("verified"),
    }


def _sentences(entries: Sequence[Mapping[str, Any]], best: Mapping[str, Any]) -> Iterator[str]:
    """What was found, in words."""
    yield f"Best to stop at {best['stage']}: {best['value']:,.3f} MUSD; nothing beyond is known to be worth more."
    for e in entries:
        if e["value"] is None:
            yield f"Stopping at {e['stage']}: no plan ({e['status']})."
            continue
        proof = "" if e["bound"] is None else f", at best {e['bound'] + 0.0:,.3f}"
        adds = "" if e["adds"] is None else f"; {e['adds']['value']:+,.3f} to the stage before"
        yield f"Stopping at {e['stage']}: {e['value']:,.3f} MUSD{proof}{adds}."


def _runs(document: Mapping[str, Any]) -> Iterator[str]:
    """How each stage ended, for run.log."""
    for s in document["stages"]:
        told = f"up to {s['stage']} ({', '.join(s['processes'])}): {s['status']} after {s['seconds']:.1f} s, value "
        yield f"{told}{s['value']}, bound {s['bound']} {s['message']}".rstrip()
