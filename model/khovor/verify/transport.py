"""What moves fits (model rule 4): lanes with both directions together, gates, and slots booked at gates."""

from __future__ import annotations

import math
from collections.abc import Iterator

from khovor.case import Gate, Lane
from khovor.verify.check import Check, Subject, at_most, fact
from khovor.verify.view import View, summed

LANE = "what moves on a lane stays within its capacity"
GATE = "what passes a gate stays within its capacity"
SLOTS = "what passes a gate that asks for booking stays within the slots booked"
BOOKING = "slots are booked only where they are sold, and within the gate's capacity"


def shipments_within_lane(view: View) -> Iterator[Check]:
    """Shipments in both directions are at most the event factor times own capacity and what projects add."""
    for (name, t, w), moved in _moved(view).items():
        lane = view.case.lanes[name]
        factor = view.conditions[w].factor("capacity", "lane", name, t)
        subject = view.subject(f"lane {name}", t, w, lane.at)
        yield _within(LANE, subject, moved, factor, _lane_capacity(view, lane, t))


def shipments_within_gate(view: View) -> Iterator[Check]:
    """Shipments over all lanes of a gate without booking are at most the event factor times its capacity."""
    for (name, t, w), passed in _passed(view).items():
        gate = view.case.gates[name]
        if gate.booking_usd_t_y is None:
            factor = view.conditions[w].factor("capacity", "gate", name, t)
            subject = view.subject(f"gate {name}", t, w, gate.at)
            yield _within(GATE, subject, passed, factor, _gate_capacity(view, gate, t))


def shipments_within_booking(view: View) -> Iterator[Check]:
    """Shipments over all lanes of a gate that asks for booking are at most the event factor times the slots booked."""
    booked = summed(((row.gate, row.t), row.t_y) for row in view.tables.bookings)
    for (name, t, w), passed in _passed(view).items():
        gate = view.case.gates[name]
        if gate.booking_usd_t_y is not None:
            factor = view.conditions[w].factor("capacity", "gate", name, t)
            subject = view.subject(f"gate {name}", t, w, gate.at)
            yield at_most(SLOTS, subject, passed, factor * booked.get((name, t), 0.0), unit="t/y")


def booking_within_gate(view: View) -> Iterator[Check]:
    """Slots booked are at most the share open to booking of the gate's capacity and what projects add to it."""
    for row in view.tables.bookings:
        gate = view.case.gates.get(row.gate)
        subject = view.subject(f"slots at gate {row.gate}", row.t, at=gate.at if gate else "")
        if gate is None or gate.booking_usd_t_y is None:
            yield fact(BOOKING, subject, False, "no slots are sold there.", row.t_y)
            continue
        share = 1.0 if gate.booking_share_max is None else gate.booking_share_max
        yield _within(BOOKING, subject, row.t_y, share, _gate_capacity(view, gate, row.t))


def _moved(view: View) -> dict[tuple[str, int, str], float]:
    """Shipments by lane, period and future [t/y at departure]."""
    return summed(((f.lane, f.t, f.w), f.t_y) for f in view.tables.flows if f.leg in view.legs)


def _passed(view: View) -> dict[tuple[str, int, str], float]:
    """Shipments by gate, period and future [t/y]."""
    gates = {name: lane.gate for name, lane in view.case.lanes.items() if lane.gate}
    return summed(((gates[lane], t, w), moved) for (lane, t, w), moved in _moved(view).items() if lane in gates)


def _lane_capacity(view: View, lane: Lane, t: int) -> float:
    """Own capacity and what projects add, in the lane's years; a project lane is shut until one of its own is taken."""
    if lane.project and not view.effects("lane", lane.name, t):
        return 0.0
    if lane.capacity_t_y is None:
        return math.inf
    return view.case.horizon.share(t, lane.window) * (lane.capacity_t_y + view.added("lane", lane.name, t))


def _gate_capacity(view: View, gate: Gate, t: int) -> float:
    return math.inf if gate.capacity_t_y is None else gate.capacity_t_y + view.added("gate", gate.name, t)


def _within(rule: str, subject: Subject, amount: float, factor: float, capacity: float) -> Check:
    """A factor of 0 shuts even what has no limit."""
    return at_most(rule, subject, amount, factor * capacity if factor else 0.0, unit="t/y")
