"""Links that may be built: railways, paved roads, rail crossings, direct flights to the United States."""

from __future__ import annotations

from typing import Any, NamedTuple

from inputs.mongolia import air
from inputs.mongolia.arcs import arcs, crosses_border, is_project, name
from inputs.mongolia.crossings import KINDS, gate
from inputs.mongolia.dossier import Record


class Plan(NamedTuple):
    """What the dossier does not say of a project: its name, and how long building takes (an assumption)."""

    project: str
    label: str
    build_years: int
    requires: str | None = None
    note: str = ""


STATE = "state project, so it costs this plan nothing (fault 7)"

PLANS: dict[str, Plan] = {
    "S_BGK>S_KHU:rail_1520:new": Plan(
        "RAIL_KHU",
        "Railway Bagakhangai-Khushig Valley, the airport branch (state project)",
        0,
        note=f"{STATE}; its public cost is not in the dossier",
    ),
    "S_CHB>R_KHT:rail_1520:new": Plan("RAIL_KHT", "Railway Choibalsan-Khuut", 4),
    "R_KHT>B_BIC:rail_1520:new": Plan("RAIL_BIC", "Railway Khuut-Bichigt, to the Chinese border", 4),
    "S_SAI>R_KHT:rail_1520:new": Plan("RAIL_SAI", "Railway Sainshand-Khuut", 4),
    "S_ALT>B_SHV:rail_1520:new": Plan("RAIL_ALT", "Railway Altai-Shiveekhuren, to the Chinese border", 4),
    "D_MUS>S_TTG:rail_1520:new": Plan("RAIL_MUS", "Mine railway Mushgai Khudag-Tavan Tolgoi", 3),
    "D_MUS>S_TTG:truck:new": Plan("ROAD_MUS", "Paved road Mushgai Khudag-Tavan Tolgoi", 2),
    "D_LUG>B_KHG:truck:new": Plan("ROAD_KHG", "Paved road Lugiin Gol-Khangi", 2),
    "D_LUG>S_ZBN:truck:new": Plan("ROAD_ZBN", "Paved road Lugiin Gol-Zuunbayan", 2),
    "B_GSK>B_GQM:rail_1435:new": Plan(
        "RAIL_GSK", "Cross-border railway Gashuunsukhait-Ganqmod (state project)", 0, note=STATE
    ),
    "B_KHG>B_MDL:transload:new": Plan("RAIL_MDL", "Rail crossing Khangi-Mandal", 2),
    "B_BIC>B_ZKH:transload:new": Plan("RAIL_ZKH", "Rail crossing Bichigt-Zuunkhatavch", 2, "RAIL_BIC"),
    "B_SHV>B_CEK:transload:new": Plan("RAIL_CEK", "Rail crossing Shiveekhuren-Ceke", 2),
    "A_UBN>A_ANC:air:new": Plan(
        "AIR_ANC",
        "Direct freighter to Anchorage under Open Skies (767F, over Russia; MIAT's own would need FAA Category 1)",
        1,
    ),
    "A_UBN>A_SFO:air:new": Plan(
        "AIR_SFO",
        "Direct flights to San Francisco (MIAT 787 belly, over Russia), once Mongolia holds FAA Category 1",
        1,
        note="Mongolia did not hold Category 1 in February 2026; 2028 is an assumption",
    ),
    "A_UBN>A_ORD:air:new": Plan(
        "AIR_ORD",
        "Direct freighter to Chicago under Open Skies (777F of a US carrier, round Russia over China)",
        1,
        note="a US carrier needs no Category 1 but may not cross Russia",
    ),
}

FREE = frozenset({"RAIL_KHU", "RAIL_GSK"})
"""Projects the state pays for."""


def tables() -> dict[str, list[dict[str, Any]]]:
    """The tables `projects` and `project_effects`."""
    found = [arc for arc in arcs() if is_project(arc)]
    return {
        "projects": [_project(arc, PLANS[arc["arc_id"]]) for arc in found],
        "project_effects": [row for arc in found for row in _effects(arc, PLANS[arc["arc_id"]])],
    }


def _project(arc: Record, plan: Plan) -> dict[str, Any]:
    free = plan.project in FREE
    public = arc.number("capex_usd_m") or 0.0
    notes = [plan.note]
    if free and public:
        notes.append(f"its public cost is {public:g} MUSD")
    if plan.build_years:
        notes.append(f"{plan.build_years} y of building is an assumption")
    return {
        "project": plan.project,
        "name": plan.label,
        "capex_musd": 0.0 if free else public,
        "build_years": plan.build_years,
        "first_year": int(arc["earliest_year"]),
        "requires": plan.requires,
        **arc.known(note="; ".join(note for note in notes if note)),
    }


def _effects(arc: Record, plan: Plan) -> list[dict[str, Any]]:
    """What a project adds: to its lane, or to both lanes and both gates of a crossing."""
    targets = [("lane", name(arc))]
    adds = arc.number("capacity_t_per_year")
    if crosses_border(arc):
        targets = [("lane", name(arc, kind)) for kind in KINDS] + [("gate", gate(arc, kind)) for kind in KINDS]
    if arc in air.flights():
        adds = air.capacity(arc)
    return [
        {"project": plan.project, "target_type": kind, "target": target, "adds": adds, **arc.known()}
        for kind, target in targets
    ]


STORY: tuple[str, ...] = (
    "Links that do not exist yet wait for a project: their lanes have no capacity until the plan takes it, and none "
    "before its first year. Years and capital are the dossier's; years of building are assumptions.",
    "The cross-border railway at Gashuunsukhait (2028, about 240 MUSD of public money) and the airport branch to "
    "Khushig Valley are state projects and cost this plan nothing (fault 7). All other railways and roads would be "
    "paid by it.",
    "Direct flights to the United States are three projects from 2028. Open Skies (2023) makes them legal but opens "
    "no sky: MIAT to San Francisco needs FAA Category 1, which Mongolia did not hold in February 2026; a US "
    "freighter to Chicago needs none but may not cross Russia, so it flies over China (mended: its distance and rate "
    "are scaled to that way).",
)
"""What the guide says of projects."""
