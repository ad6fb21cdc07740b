"""Risk groups: named sets of lanes or gates that an event, a hazard or a report can take as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from inputs.mongolia import air
from inputs.mongolia.arcs import arcs, crosses_border, name, risks
from inputs.mongolia.crossings import KINDS, crossings, gate
from inputs.mongolia.dossier import assumed

LAND = {"CN": "CN_LAND", "RU": "RU_LAND"}
"""Neighbour -> the group of all its land crossings; with _REE and _GEN for one kind of cargo."""

PURE = {
    "SEA_PAC": "SEA_PAC_KR",
    "SEA_ASIA": "SEA_ASIA_KR",
    "SEA_EUR": "SEA_EUR_KR",
    "CN_RAIL": "CN_RAIL_INLAND",
    "RU_RAIL": "RU_RAIL_INLAND",
    "EU_RAIL": "EU_RAIL_INLAND",
    "TITR": "TITR_CASPIAN",
}
"""Risk group some of whose lanes share another risk -> the group of the rest: at sea from Korea, by rail inland."""

COMMON = {
    "BOTH": ("CN_LAND", "CN_RAIL", "RU_LAND", "RU_RAIL"),
    "CN_ALL": ("CN_LAND", "CN_RAIL"),
    "CN_REE": ("CN_LAND_REE", "CN_SALE"),
    "RU_ALL": ("RU_LAND", "RU_RAIL"),
    "SEA_PAC_ASIA": ("SEA_PAC", "SEA_ASIA"),
}
"""Group that one cause strikes as a whole -> the groups in it; named as the rows of risk.csv that span several."""

ONWARD = "AIR_ONWARD"
"""Flights from the hubs that planes from Ulaanbaatar reach: AIR_INT without the lorries that meet them."""


@cache
def lane_risks() -> dict[str, tuple[str, ...]]:
    """Lane -> its risk groups, where an event hits the lane itself rather than a gate."""
    ungated = (arc for arc in arcs() if not crosses_border(arc) and arc not in air.flights())
    return {name(arc): risks(arc) for arc in ungated}


@cache
def gate_risks() -> dict[str, str]:
    """Gate -> its risk group: crossings and air rights."""
    land = {gate(arc, kind): arc["risk_group"] for arc in crossings() for kind in KINDS}
    return land | {air.gate(arc): air.risk(arc) for arc in air.flights()}


@cache
def members() -> dict[str, tuple[str, ...]]:
    """Group -> lanes or gates in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for gate_name, group in gate_risks().items():
        found[group].append(gate_name)
        for neighbour, land in LAND.items():
            if gate_name.startswith(f"G_{neighbour}_"):
                found[land].append(gate_name)
                found[f"{land}_{gate_name[-3:]}"].append(gate_name)
    for lane, groups in lane_risks().items():
        for group in groups:
            found[group].append(lane)
        if len(groups) == 1 and groups[0] in PURE:
            found[PURE[groups[0]]].append(lane)
        if "AIR_INT" in groups and lane.endswith(" air"):
            found[ONWARD].append(lane)
    return {group: tuple(names) for group, names in sorted(found.items())}


def rows() -> Iterator[dict[str, Any]]:
    """The table `groups`."""
    why = "risk group of arcs.csv; crossings and air rights stand in it by their gates"
    for group, names in members().items():
        for member in names:
            yield {"group": group, "member": member, **assumed(why, source="arcs.csv")}
    for group, parts in COMMON.items():
        for member in dict.fromkeys(member for part in parts for member in members()[part]):
            yield {"group": group, "member": member, **assumed(f"{', '.join(parts)} together", source="risk.csv")}
