"""Border crossings: each is two lanes, rare earths out on booked slots and general cargo in, behind two gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inputs.mongolia.arcs import arcs, crosses_border, is_project, lane, name
from inputs.mongolia.classes import GENERAL, RARE_EARTHS, listed
from inputs.mongolia.dossier import Record, assumed

BOOKING_USD_T_Y = 8.0
"""Price of a slot for a tonne a year at a land crossing: an assumption, no dossier figure."""

KINDS = {"REE": RARE_EARTHS, "GEN": GENERAL}
"""Kind of cargo -> its classes; the kind ends the name of lane and gate."""


def crossings() -> tuple[Record, ...]:
    """The arcs that leave Mongolia on the ground."""
    return tuple(arc for arc in arcs() if crosses_border(arc))


def gate(arc: Record, kind: str) -> str:
    """Gate of a crossing for one kind of cargo, e.g. `G_CN_GSK_REE`: one for all its roads and rails."""
    return f"G_{arc['risk_group']}_{kind}"


def lanes() -> Iterator[dict[str, Any]]:
    """Two lanes a crossing: REE outwards, GEN inwards."""
    for arc in crossings():
        for kind, classes in KINDS.items():
            start, end = ("to_id", "from_id") if kind == "GEN" else ("from_id", "to_id")
            yield lane(
                arc,
                "rare earths outwards on booked slots"
                if kind == "REE"
                else "general cargo inwards; the full capacity again, for it counts by direction",
                lane=name(arc, kind),
                **{"from": arc[start], "to": arc[end]},
                gate=gate(arc, kind),
                classes=listed(classes),
                both_ways="no",
            )


def gates() -> Iterator[dict[str, Any]]:
    """Two gates a crossing: what its open lanes carry together; projects add theirs. Only REE asks for booking."""
    for group in dict.fromkeys(arc["risk_group"] for arc in crossings()):
        found = [arc for arc in crossings() if arc["risk_group"] == group]
        capacity = sum(arc.number("capacity_t_per_year") or 0.0 for arc in found if not is_project(arc))
        for kind in KINDS:
            booked = kind == "REE"
            note = "capacity: sum of the crossing's open lanes; a rail link adds its own when built" + (
                "; booking price is an assumption: no dossier figure" if booked else "; no booking needed"
            )
            yield {
                "gate": gate(found[0], kind),
                "capacity_t_y": capacity,
                "booking_usd_t_y": BOOKING_USD_T_Y if booked else None,
                **assumed(note),
            }
