"""What could be added to a plan before a corridor closes, found by solving again: slots, room, a corridor, a site."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from khovor.case import Case, Period
from khovor.decisions import Label
from khovor.formulation import build
from khovor.network import derive
from khovor.report import Names
from khovor.solve import Limits, Listener, grow
from khovor.studies.stress_plan import Plan
from khovor.studies.stress_table import LEAST_MUSD
from khovor.studies.stress_targets import Target, closed
from khovor.studies.tasks import Record
from khovor.units import SMALL, T_PER_KT, USD_PER_MUSD

GROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "slots": ("book",),
    "stockpile": (),
    "corridor": ("book", "project"),
    "site": ("book", "build"),
}
"""Kinds of hedge, and the decisions that each may add to. A corridor or a site comes with the slots it needs."""

ROOM: Final = 2.0
"""By how much the room of stockpiles grows: it is no decision, and has no price, in the workbook."""

WORTHWHILE: Final = 0.5
"""Share of the most recovered from which a hedge counts when the cheapest is named."""


@dataclass(frozen=True, slots=True)
class Hedging:
    """What all hedges are made from: the plan, and the limits of one solve."""

    plan: Plan
    limits: Limits


def kinds(case: Case) -> list[str]:
    """The kinds of hedge that a case has room for."""
    there = {
        "slots": any(gate.booking_usd_t_y is not None for gate in case.gates.values()),
        "stockpile": bool(case.stockpiles),
        "corridor": bool(case.projects),
        "site": any(option.candidate for option in case.options),
    }
    return [kind for kind in GROWS if there[kind]]


def hedge(
    hedging: Hedging, given: tuple[Target, int | None, str], listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """The best of the case with a target closed in every future, where only one kind of hedge may be added."""
    target, t, kind = given
    case = hedging.plan.case
    decided = hedging.plan.decided(case)
    if kind == "stockpile":
        case = replace(case, stockpiles=tuple(replace(s, capacity_t=ROOM * s.capacity_t) for s in case.stockpiles))
    period = None if t is None else case.horizon.periods[t]
    # The network is that of the open case: what the closing leaves without a way out has been decided and paid for.
    formulation = build(closed(case, [(Target(*target), period)]), derive(case))
    grown = grow(formulation, decided, GROWS[kind], hedging.limits, listener, stop)
    more = {label: value - decided.get(label, 0.0) for label, value in grown.decided.items()}
    added = {label: value for label, value in more.items() if value > SMALL}
    return {
        "status": {"limit": "feasible" if grown.objective is not None else "no_solution"}.get(
            grown.status, grown.status
        ),
        "objective": grown.objective,
        "exact": grown.exact,
        **_futures(case, grown.objective is not None),
        "capital_musd": sum(_capital(case, label, value) for label, value in added.items()),
        "slots_musd": sum(_slots(case, label, value) for label, value in added.items()),
        "added": list(_words(case, added, kind)),
    }


def _futures(case: Case, valued: bool) -> dict[str, str]:
    """Which futures a hedge was chosen for, and valued in, in words."""
    count = len(case.scenarios)
    every = "the one future there is" if count == 1 else f"all {count} futures, by their probabilities"
    return {"chosen_for": every, "valued_in": every if valued else "none: there is no plan"}


def _capital(case: Case, label: Label, more: float) -> float:
    """Undiscounted capital of what was added [MUSD]."""
    name, index = label
    if name == "build":
        return more * case.options[index[0]].capex_musd
    return more * case.projects[index[0]].capex_musd if name == "project" else 0.0


def _slots(case: Case, label: Label, more: float) -> float:
    """What added slots cost over the years of their period, undiscounted [MUSD]."""
    name, index = label
    if name != "book":
        return 0.0
    price = case.gates[index[0]].booking_usd_t_y or 0.0
    return more * T_PER_KT * price * case.horizon.periods[index[1]].years / USD_PER_MUSD


def _words(case: Case, added: Mapping[Label, float], kind: str) -> Iterator[str]:
    """What was added, in words."""
    names, periods = Names(case), case.horizon.periods
    if kind == "stockpile":
        yield "twice the room to store, without a price for it"
    for (name, index), more in added.items():
        since = periods[index[1]].start_year
        if name == "build":
            key = case.options[index[0]].key
            yield f"{more:.0f} {names.step(key.process)}, {key.size}, at {names.place(key.node)} ({since})"
        elif name == "project":
            yield f"{case.projects[index[0]].label} ({since})"
    slots: dict[str, list[tuple[Period, float]]] = {}
    for (name, index), more in added.items():
        if name == "book":
            slots.setdefault(index[0], []).append((periods[index[1]], more * T_PER_KT))
    for gate, booked in slots.items():
        first, last = booked[0][0].span[0], max(p.span[-1] for p, _ in booked)
        yield f"up to {max(t_y for _, t_y in booked):,.0f} t/y more slots at {gate} ({first}-{last})"


def cheapest(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of the hedges that recover at least half of what the best does, that with the least capital, then slots."""
    worth = [h for h in found if h["recovered"] is not None and h["recovered"] > LEAST_MUSD]
    most = max((h["recovered"] for h in worth), default=0.0)
    enough = [h for h in worth if h["recovered"] >= WORTHWHILE * most]
    return min(enough, key=lambda h: (h["capital_musd"], h["slots_musd"], -h["recovered"]), default=None)


def worst(closures: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The closings for good that lose the most; of those that come to the same, the first."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for c in closures:
        if c["period"] is None and (c["loss"] is None or c["loss"] > LEAST_MUSD):
            same = (c["target"],) if c["loss"] is None else (round(c["loss"], 6), round(c["stranded_t"], 3))
            found.setdefault(same, c)
    return list(found.values())[:most]


def hedged(closure: Mapping[str, Any], found: Sequence[tuple[str, Record]], sense: str) -> dict[str, Any]:
    """What each kind of hedge recovers of a closing, and the cheapest in words; `sense` is that of the objective."""
    options = []
    sign = -1.0 if sense == "minimize" else 1.0
    for kind, record in found:
        result, after = record.result, closure["objective"]
        objective = result.get("objective")
        recovered = None if objective is None or after is None else sign * (objective - after)
        options.append(
            {
                "hedge": kind,
                "status": record.status,
                "objective": objective,
                "recovered": recovered,
                "exact": result.get("exact", False),
                "chosen_for": result.get("chosen_for", ""),
                "valued_in": result.get("valued_in", ""),
                "capital_musd": result.get("capital_musd", 0.0),
                "slots_musd": result.get("slots_musd", 0.0),
                "added": result.get("added", []),
                "seconds": round(record.seconds, 3),
            }
        )
    best = cheapest(options)
    return {
        "target": closure["target"],
        "kind": closure["kind"],
        "period": closure["period"],
        "loss": closure["loss"],
        "options": options,
        "cheapest": None if best is None else best["hedge"],
        "in_words": _said(closure, best),
    }


def _said(closure: Mapping[str, Any], best: Mapping[str, Any] | None) -> str:
    if best is None:
        return f"{closure['target']} closed: nothing that could be added recovers any value."
    cost = f"{best['capital_musd']:,.1f} MUSD of capital and {best['slots_musd']:,.2f} MUSD of slots"
    futures = f"Chosen for {best['chosen_for']}; valued in {best['valued_in']}."
    recovers = f"recovers {best['recovered']:,.3f} of {closure['loss']:,.3f} MUSD"
    return f"{closure['target']} closed: {'; '.join(best['added'])} {recovers} for {cost}. {futures}"
