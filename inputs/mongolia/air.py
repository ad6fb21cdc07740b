"""The air bridge: air rights as gates with booking, capacity from air.csv alone, rates from arcs.csv (fault 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inputs.mongolia.arcs import arcs, is_project, lane, name, territories
from inputs.mongolia.classes import FLIES, listed
from inputs.mongolia.dossier import Record, assumed, table

HOME_HUB = "A_UBN"

BOOKING_SHARE = 0.1
"""Price of a slot as a share of the air rate: an assumption, no dossier figure."""

KG_PER_T = 1000.0

ROUND_RUSSIA: dict[str, tuple[str, ...]] = {"A_ORD": ("CN", "KR", "JP", "CA")}
"""Routes flown by a US carrier, which may not cross Russia: destination -> what they fly over instead."""


def flights() -> tuple[Record, ...]:
    """The arcs flown from Ulaanbaatar abroad: each needs an air right."""
    return tuple(arc for arc in arcs() if arc["mode"] == "air" and arc["from_id"] == HOME_HUB)


def feeders() -> tuple[Record, ...]:
    """Domestic flights to Ulaanbaatar."""
    return tuple(arc for arc in arcs() if arc["mode"] == "air" and arc["to_id"] == HOME_HUB)


def routes(arc: Record) -> list[Record]:
    """Non-stop services of air.csv on an arc: belly and freighter are two rows."""
    ends = (arc["from_id"], arc["to_id"])
    return [r for r in table("air") if (r["origin"], r["destination"]) == ends and "two legs" not in r["aircraft"]]


def capacity(arc: Record) -> float:
    """Tonnes a year of rare earths that the services of an arc can take."""
    return sum(r.number("feasible_t_per_year") or 0.0 for r in routes(arc))


def gate(arc: Record) -> str:
    """Air right of a flight, e.g. `AIR_ICN`."""
    return arc["to_id"].replace("A_", "AIR_")


def overflown(arc: Record) -> tuple[str, ...]:
    """Territories a flight crosses besides its ends: China and Russia by kilometres, others as air.csv names them."""
    if arc["to_id"] in ROUND_RUSSIA:
        return ROUND_RUSSIA[arc["to_id"]]
    route = routes(arc)[0]
    great = [country for country in ("CN", "RU") if float(route[f"km_over_{country}"]) > 0]
    others = re.findall(r"\b[A-Z]{2}\b", route["other_overflight"])
    ends = {territories()[arc["from_id"]], territories()[arc["to_id"]]}
    return tuple(country for country in dict.fromkeys([*great, *others]) if country not in ends)


def risk(arc: Record) -> str:
    """The overflight that can be refused: China's or Russia's."""
    return "AIR_CN" if arc["to_id"] in ROUND_RUSSIA else arc["risk_group"]


def _detour(arc: Record) -> float:
    """How much longer the flown route is than the great circle."""
    route = routes(arc)[0]
    longer = arc["to_id"] in ROUND_RUSSIA
    return float(route["alternative_km"]) / float(route["great_circle_km"]) if longer else 1.0


def lanes() -> Iterator[dict[str, Any]]:
    """Flights from Ulaanbaatar behind their gates, and domestic feeder flights with their own capacity."""
    for arc in flights():
        services, detour = routes(arc), _detour(arc)
        handling = arc.number("fixed_handling_usd_per_t") or 0.0
        low = min(float(r["rate_low_usd_per_kg"]) for r in services) * KG_PER_T
        high = max(float(r["rate_high_usd_per_kg"]) for r in services) * KG_PER_T
        note = "capacity stands in the gate, from air.csv (fault 7)"
        if detour > 1.0:
            note += (
                "; mended: a US carrier may not cross Russia, so the flight goes round by China, Korea and Japan, "
                f"and the great-circle rate is scaled by {detour:.2f}"
            )
        yield lane(
            arc,
            note,
            distance_km=round((arc.number("distance_km") or 0.0) * detour),
            usd_t=round((arc.number("linehaul_usd_per_t") or 0.0) * detour + handling, 2),
            low=round(low * detour + handling, 2),
            high=round(high * detour + handling, 2),
            capacity_t_y=None,
            gate=gate(arc),
            classes=listed(FLIES),
            over="; ".join(overflown(arc)),
        )
    for arc in feeders():
        yield lane(arc, "capacity from air.csv (fault 7)", capacity_t_y=capacity(arc))


def gates() -> Iterator[dict[str, Any]]:
    """One gate a flight: capacity from air.csv, slots at a share of its rate."""
    for arc in flights():
        parts = [f"{r['aircraft']}: {r['feasible_t_per_year']} t/y, {r['note']}" for r in routes(arc)]
        waits = "; usable once its project is taken" if is_project(arc) else ""
        yield {
            "gate": gate(arc),
            "capacity_t_y": capacity(arc),
            "booking_usd_t_y": round(BOOKING_SHARE * (arc.number("linehaul_usd_per_t") or 0.0), 1),
            **assumed(
                f"air right for lane {name(arc)}{waits}; {'; '.join(parts)}; booking price, {BOOKING_SHARE:.0%} of the "
                "air rate, is an assumption: no dossier figure",
                source=" | ".join(dict.fromkeys(r["source"] for r in routes(arc))),
            ),
        }
