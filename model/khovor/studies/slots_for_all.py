"""Plans with the slots of another beside their own: what a plan made for a few futures lacks in the others.

Under odds that leave a future out nothing is booked for it, and the plan is worth little there, though slots cost
little. With the slots of the plan of the workbook's odds as well, the more of both at each gate and in each period, it
is a plan for all futures, and good to begin from. It is valued in every future as any plan is, but no solve has made
it, and the independent checker has not seen it: `verified` is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khovor.case import Case
from khovor.studies.plans import Plan, Wanted

BUILT = ("builds", "closures", "projects")


def with_slots_of(plans: Sequence[Plan], other: Plan) -> list[Wanted]:
    """Each plan that builds what no other before it does, with the slots of `other` too, where it lacks any of them."""
    found: dict[str, Wanted] = {}
    for plan in plans:
        slots = _more_of(plan.summary["bookings"], other.summary["bookings"])
        built = repr([plan.summary[key] for key in BUILT])
        if built not in found and slots != _more_of(plan.summary["bookings"], ()):
            made = {**plan.summary, "bookings": slots, "verified": None}
            told = {"made": {key: made[key] for key in (*BUILT, "bookings")}}
            found[built] = Wanted(f"{plan.label}, more slots", _as_it_is, told, made=made)
    return list(found.values())


def _as_it_is(case: Case) -> Case:
    return case


def _more_of(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The larger booking of each gate and period, of two lists of them."""
    most: dict[tuple[str, str], dict[str, Any]] = {}
    for record in (*one, *other):
        key = record["gate"], record["period"]
        if key not in most or record["t_y"] > most[key]["t_y"]:
            most[key] = dict(record)
    return sorted(most.values(), key=lambda r: (r["gate"], r["period"]))
