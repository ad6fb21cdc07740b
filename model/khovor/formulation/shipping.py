"""How goods move (rules 4 and 5): shipments within lane and gate capacity, slots booked at gates that ask for them.

ship[i,t,w] shipment of a commodity on a leg, measured at departure [kt/y]; book[g,t] slots booked at a gate [kt/y],
decided once: what passes is at most the event factor times what was booked.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from khovor.formulation.frame import Frame, Subject, grouped, kilotonnes, listed_set, scaled, summed, weighted
from khovor.formulation.operation import Members
from khovor.network import project_periods
from khovor.units import T_PER_KT

Added = list[tuple[float, Any]]
Additions = dict[tuple[str, str, int], Added]
"""(kt/y, project variable) of what projects add."""


def variables(f: Frame) -> None:
    """Declare shipments and bookings. A lane or gate an event shuts carries nothing."""
    m = f.model
    f.operate("ship", f.network.ships, doc="ship[i,t,w]: shipment on a leg, at departure  [kt/y]", sparse=True)
    used = {f.network.pairs[i].lane.gate for i in {i for i, _ in f.network.ships}}
    booked = [g for g, gate in f.case.gates.items() if gate.booking_usd_t_y is not None and g in used]
    m.BOOK = listed_set((g, t) for g in booked for t in f.periods)
    m.book = pyo.Var(m.BOOK, domain=pyo.NonNegativeReals, doc="book[g,t]: slots booked at a gate  [kt/y]")


def constraints(f: Frame) -> None:
    """Declare lane, gate and booking limits."""
    lanes = [pair.lane for pair in f.network.pairs]
    by_lane = f.operation["ship"].by([lane.name for lane in lanes])
    by_gate = f.operation["ship"].by([lane.gate for lane in lanes])
    adds = _additions(f)
    _shipments_within_lane(f, by_lane, adds)
    _shipments_await_project(f, by_lane, adds)
    _shipments_within_gate(f, by_gate, adds)
    _shipments_within_booking(f, by_gate)
    _booking_within_gate(f, adds)


def _most(f: Frame, members: Members, t: int) -> float:
    """The most that can ever move over these pairs in period t [kt/y]: a tonne may pass a gate once on every lane."""
    pairs = [f.network.pairs[i] for i in members.things]
    moved = dict.fromkeys((pair.lane.name, pair.commodity) for pair in pairs)  # in order: a sum must not move by a bit
    return sum(f.network.supply[t].get(c, float("inf")) for _, c in moved) / T_PER_KT


def _additions(f: Frame) -> Additions:
    """What projects add by each period to each lane and gate (kind, name, period)."""
    return grouped(
        ((effect.kind, effect.target, t), (effect.adds / T_PER_KT, f.model.project[j, v]))
        for j, project in f.case.projects.items()
        for effect in project.effects
        for v in project_periods(f.case, j)
        for t in f.periods[v:]
    )


def _cut(f: Frame, added: Added, members: Members, t: int, factor: float) -> Added:
    """Additions cut to what can ever move there."""
    if not added:
        return added
    most = _most(f, members, t) / factor if factor else 0.0
    return [(min(adds, most), taken) for adds, taken in added]


def _in_use(f: Frame, lane: str, t: int) -> float:
    """The share of the period's years in which a lane is open, times what events leave of its capacity."""
    window = f.case.lanes[lane].window
    return f.case.horizon.share(t, window) * f.future.factor("capacity", "lane", lane, t)


def _shipments_within_lane(f: Frame, by_lane: dict[tuple[str, int], Members], adds: Additions) -> None:
    lanes = f.case.lanes
    index = [
        (lane, t)
        for lane, t in by_lane
        if lanes[lane].capacity_t_y is not None or f.future.ever_shuts("capacity", "lane", lane, t)
    ]

    @f.rows(
        index, doc="Σ_i ship[i,t,w] ≤ open[l,t] · factor[l,t,w] · (capacity[l] + Σ_j adds[j,l] · taken[j,t])  [kt/y]"
    )
    def shipments_within_lane(m: Any, lane: str, t: int) -> Any:
        factor, members = _in_use(f, lane, t), by_lane[lane, t]
        added = _cut(f, adds.get(("lane", lane, t), []), members, t, factor)
        return summed(members, [(-factor * c, j) for c, j in added]) <= scaled(factor, lanes[lane].capacity_t_y)

    f.subjects["shipments_within_lane"] = lambda lane, t, w: Subject(f"capacity of lane {lane}", lanes[lane].at, "t/y")


def _shipments_await_project(f: Frame, by_lane: dict[tuple[str, int], Members], adds: Additions) -> None:
    """A project lane's own capacity waits for a project as well; once one is there the lane's limit says the rest."""
    lanes = f.case.lanes
    index = [(lane, t) for lane, t in by_lane if lanes[lane].project and lanes[lane].capacity_t_y]

    @f.rows(
        index, doc="Σ_i ship[i,t,w] ≤ open[l,t] · factor[l,t,w] · Σ_j (capacity[l] + adds[j,l]) · taken[j,t]  [kt/y]"
    )
    def shipments_await_project(m: Any, lane: str, t: int) -> Any:
        factor, own = _in_use(f, lane, t), kilotonnes(lanes[lane].capacity_t_y)
        added = adds.get(("lane", lane, t), [])
        return summed(by_lane[lane, t], [(-factor * (own + c), j) for c, j in added]) <= 0.0


def _shipments_within_gate(f: Frame, by_gate: dict[tuple[str, int], Members], adds: Additions) -> None:
    gates = f.case.gates
    index = [
        (g, t)
        for g, t in by_gate
        if gates[g].booking_usd_t_y is None
        and (gates[g].capacity_t_y is not None or f.future.ever_shuts("capacity", "gate", g, t))
    ]

    @f.rows(index, doc="Σ_{l at g} ship[i,t,w] ≤ factor[g,t,w] · (capacity[g] + Σ_j adds[j,g] · taken[j,t])  [kt/y]")
    def shipments_within_gate(m: Any, g: str, t: int) -> Any:
        factor, members = f.future.factor("capacity", "gate", g, t), by_gate[g, t]
        added = _cut(f, adds.get(("gate", g, t), []), members, t, factor)
        return summed(members, [(-factor * c, j) for c, j in added]) <= scaled(factor, gates[g].capacity_t_y)

    f.subjects["shipments_within_gate"] = lambda g, t, w: Subject(f"capacity of gate {g}", gates[g].at, "t/y")


def _shipments_within_booking(f: Frame, by_gate: dict[tuple[str, int], Members]) -> None:
    gates = f.case.gates
    index = [(g, t) for g, t in by_gate if (g, t) in f.model.BOOK]

    @f.rows(index, doc="Σ_{l at g} ship[i,t,w] ≤ factor[g,t,w] · book[g,t]  [kt/y]")
    def shipments_within_booking(m: Any, g: str, t: int) -> Any:
        factor = f.future.factor("capacity", "gate", g, t)
        return summed(by_gate[g, t], [(-factor, m.book[g, t])]) <= 0.0

    f.subjects["shipments_within_booking"] = lambda g, t, w: Subject(f"slots booked at gate {g}", gates[g].at, "t/y")


def _booking_within_gate(f: Frame, adds: Additions) -> None:
    m, gates = f.model, f.case.gates
    index = [(g, t) for g, t in m.BOOK if gates[g].capacity_t_y is not None]

    @m.Constraint(index, doc="book[g,t] ≤ share_max[g] · (capacity[g] + Σ_j adds[j,g] · taken[j,t])  [kt/y]")
    def booking_within_gate(m: Any, g: str, t: int) -> Any:
        cap = gates[g].booking_share_max
        share = 1.0 if cap is None else cap
        added = [(-share * c, j) for c, j in adds.get(("gate", g, t), [])]
        return weighted([(1.0, m.book[g, t]), *added]) <= share * kilotonnes(gates[g].capacity_t_y)

    f.subjects["booking_within_gate"] = lambda g, t: Subject(f"slots to book at gate {g}", gates[g].at, "t/y")
