"""The dossier's arcs as lanes: names, classes, territories crossed, rate with its range."""

from __future__ import annotations

from functools import cache
from typing import Any

from inputs.mongolia.classes import BY_LAND_AND_SEA, FLIES, listed
from inputs.mongolia.dossier import Record, table

EXCLUDED = frozenset({"D_ULD", "R_OVT"})
"""Places left out: Ulaan Del is no deposit of the plan, and the planned line to Ovoot serves nothing but itself."""

MODES = {
    "truck": "road",
    "rail_1520": "rail",
    "rail_1435": "rail",
    "transload": "rail",
    "sea": "sea",
    "air": "air",
}
"""Mode in the dossier -> the word for it in a lane's name."""

CLASS7_REGION = frozenset({"D_KHB", "S_KHV"})
"""The pre-concentrate must be cracked near its mine, whatever permits other arcs might get."""

NO_COUNTRY = frozenset({"", "sea", "EU"})


@cache
def arcs() -> tuple[Record, ...]:
    """Every arc of the case, in the order of the file."""
    return tuple(arc for arc in table("arcs") if not EXCLUDED & {arc["from_id"], arc["to_id"]})


@cache
def territories() -> dict[str, str]:
    """Node -> country."""
    return {node["id"]: node["country"] for node in table("nodes")}


def risks(arc: Record) -> tuple[str, ...]:
    """The risk groups of an arc, one or two."""
    return tuple(group for group in (arc["risk_group"], arc["risk_group_2"]) if group)


def crosses_border(arc: Record) -> bool:
    """Whether an arc leaves Mongolia on the ground."""
    ends = [territories()[arc["from_id"]], territories()[arc["to_id"]]]
    return arc["mode"] != "air" and ends[0] == "MN" and ends[1] != "MN"


def is_project(arc: Record) -> bool:
    """Whether an arc is yet to be built."""
    return arc["existing"] == "n"


def name(arc: Record, suffix: str = "") -> str:
    """Name of the lane made of an arc, e.g. `B_GSK-B_GQM rail new REE`; GEN runs inwards and is named so."""
    start, end = (arc["to_id"], arc["from_id"]) if suffix == "GEN" else (arc["from_id"], arc["to_id"])
    words = [f"{start}-{end}", MODES[arc["mode"]], "new" if is_project(arc) else "", suffix]
    return " ".join(word for word in words if word)


def classes(arc: Record) -> tuple[str, ...]:
    """What an arc may carry, by its allow_* columns."""
    if arc["air_ok_product_only"] == "y":
        return FLIES
    near_mine = {arc["from_id"], arc["to_id"]} <= CLASS7_REGION and arc["allow_class7"] != "n"
    return ("class7", *BY_LAND_AND_SEA) if near_mine else BY_LAND_AND_SEA


def over(arc: Record, *others: str) -> str | None:
    """Territories crossed besides the two ends: those the arc names or counts kilometres in, then `others`."""
    ends = {territories()[arc["from_id"]], territories()[arc["to_id"]]}
    counted = [country for country in ("CN", "RU") if float(arc[f"km_in_{country}"]) > 0]
    named = dict.fromkeys([*counted, *arc["territory"].split("-"), *others])
    return "; ".join(country for country in named if country not in ends | NO_COUNTRY) or None


def lane(arc: Record, note: str = "", **changed: Any) -> dict[str, Any]:
    """The row of `lanes` for an arc; `changed` replaces columns. `usd_t` is line haul and handling."""
    freight = float(arc["linehaul_usd_per_t"]) + float(arc["fixed_handling_usd_per_t"])
    project = is_project(arc)
    earliest = arc.number("earliest_year")
    low, high = (round(freight * float(arc[column]), 2) for column in ("cost_low_mult", "cost_high_mult"))
    row = {
        "lane": name(arc),
        "from": arc["from_id"],
        "to": arc["to_id"],
        "mode": "road" if arc["mode"] == "truck" else arc["mode"],
        "distance_km": arc.number("distance_km"),
        "usd_t": round(freight, 2),
        "fee_usd_t": arc.number("border_transit_fee_usd_per_t"),
        "fee_share_of_value": (arc.number("border_fee_pct_of_cargo_value") or 0.0) / 100 or None,
        "capacity_t_y": None if project else arc.number("capacity_t_per_year"),
        "days": arc.number("transit_days"),
        "classes": listed(classes(arc)),
        "over": over(arc),
        "both_ways": "yes" if arc["bidirectional"] == "y" else "no",
        "status": "project" if project else "open",
        "first_year": None if earliest is None else int(earliest),
    }
    says = [note, "low, high: usd_t"]
    if not project and changed.get("capacity_t_y", 0) is not None:
        says.append(f"capacity: {arc['capacity_basis']}")
    known = arc.known(low=low, high=high, note="; ".join(part for part in says if part))
    known["source"] = known["source"] or "planning estimate of the dossier"
    return {**row, **known, **changed}
