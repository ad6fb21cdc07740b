"""What a scenario of the dossier does to each lane and gate: its multipliers by risk group, the worse of two."""

from __future__ import annotations

from functools import cache
from typing import Any

from inputs.mongolia import groups
from inputs.mongolia.dossier import Record, table

BEHIND = {"G_CN_": "CN_RAIL", "G_RU_": "RU_RAIL"}
"""Railway behind every crossing into a country: its extra days are counted at the gate, once."""

FIRST_LEGS = {"TITR": "R_ALM-P_AKT ", "EU_RAIL": "R_NVS-L_MAL ", "AIR_INT": " air"}
"""Risk group of several lanes in a row -> what the name of the one that counts its extra days contains."""

WITHOUT_DAYS = frozenset({*BEHIND.values(), "MN_DOM"})

WAITING_USD_T_DAY = 2.0
"""Rent of a box that waits in a queue (policy.csv, T10: add 2 USD/t-day in S2)."""

QUEUES = "S2"

FREE_CNY_T = 10_000.0
"""Value per tonne below which the fee published in December 2016 was not due."""

FEE_PRODUCT = "mrec"
"""Product whose value stands for what crosses when a fee is a share of value: mixed carbonate."""

NEUTRAL = {"capacity_factor": 1.0, "cost_factor": 1.0, "add_days": 0.0, "add_fee_usd_t": 0.0}


@cache
def multipliers() -> dict[tuple[str, str], Record]:
    """(scenario, risk group) -> row of the dossier."""
    return {(row["scenario_id"], row["risk_group"]): row for row in table("scenario_multipliers")}


def effects(scenario: str) -> dict[str, dict[str, float]]:
    """Column of `events` -> lane or gate -> value, wherever it is out of the ordinary."""
    found: dict[str, dict[str, float]] = {column: {} for column in NEUTRAL}
    for member, risks in _risks().items():
        rows = [multipliers()[scenario, risk] for risk in risks]
        values = {
            "capacity_factor": min(_capacity(member, row) for row in rows),
            "cost_factor": max(float(row["cost_mult"]) for row in rows),
            "add_days": _days(scenario, member, rows),
        }
        values["add_fee_usd_t"] = _fee(scenario, member, rows[0], values["add_days"])
        for column, value in values.items():
            if value != NEUTRAL[column]:
                found[column][member] = value
    return found


def _risks() -> dict[str, tuple[str, ...]]:
    return {gate: (risk,) for gate, risk in groups.gate_risks().items()} | groups.lane_risks()


def _capacity(member: str, row: Record) -> float:
    """What is left of capacity: on booked slots, at a gate for general cargo, or on a lane."""
    if member in groups.gate_risks():
        general = member.endswith("_GEN")
        return float(row["other_cargo_flow_mult" if general else "ree_flow_mult"])
    if row["risk_group"] == "CN_SALE":
        return float(row["ree_flow_mult"])
    wider, left = float(row["capacity_mult"]), float(row["other_cargo_flow_mult"])
    return wider if wider > 1.0 else left


def _days(scenario: str, member: str, rows: list[Record]) -> float:
    """Extra days, each counted once along a corridor."""
    counted = [
        float(row["transit_days_add"])
        for row in rows
        if row["risk_group"] not in WITHOUT_DAYS and FIRST_LEGS.get(row["risk_group"], "") in member
    ]
    behind = BEHIND.get(member[:5])
    return max(counted, default=0.0) + (float(multipliers()[scenario, behind]["transit_days_add"]) if behind else 0.0)


def _fee(scenario: str, member: str, row: Record, days: float) -> float:
    """Extra fee per tonne of rare earths: a share of value turned into USD/t, and the rent of boxes that wait."""
    if member.endswith("_GEN"):
        return 0.0
    waiting = WAITING_USD_T_DAY * max(days, 0.0) if scenario == QUEUES else 0.0
    return round(float(row["ad_valorem_fee_pct"]) / 100 * (_value() - _free()) + waiting, 1)


@cache
def _value() -> float:
    """Reference value of what crosses [USD/t]."""
    found = next(row for row in table("products") if row["product_id"] == FEE_PRODUCT)
    return 1000 * float(found["value_base_usd_per_kg"])


@cache
def _free() -> float:
    """Value on which no fee is due [USD/t]."""
    return FREE_CNY_T / next(float(row["value"]) for row in table("finance_policy") if row["key"] == "cny_per_usd")


def known(scenario: str, target: str, effects: dict[str, float]) -> dict[str, Any]:
    """Provenance of an event row: the dossier's rows behind it."""
    risks = sorted({risk for member in groups.members().get(target, (target,)) for risk in _risks()[member]})
    rows = [multipliers()[scenario, risk] for risk in risks]
    sources = dict.fromkeys(row["source"] for row in rows if row["source"])
    notes = [f"rows {', '.join(risks)} of {scenario}", *dict.fromkeys(row["note"] for row in rows if row["note"])]
    if "add_fee_usd_t" in effects:
        notes.append(
            f"waiting boxes at {WAITING_USD_T_DAY:g} USD/t-day (policy.csv, T10)"
            if scenario == QUEUES
            else f"fee in USD/t on mixed carbonate at {_value():,.0f} USD/t, an assumption"
        )
    return {
        "basis": "assumption",
        "source": " | ".join(sources) or "scenario_multipliers.csv, judged",
        "note": "; ".join(notes),
    }


STORY: tuple[str, ...] = (
    "China's fee of 0.2% of value above 10,000 CNY/t (S3) is given in USD/t, for events know no share of value: "
    f"reckoned on mixed carbonate at {_value():,.0f} USD/t, an assumption that undercharges NdPr oxide by less than "
    "0.2% of its value and spares cheap goods a fee they would not owe. In S2 a tonne of rare earths that waits pays "
    f"{WAITING_USD_T_DAY:g} USD a day for its box.",
)
"""What the guide says of squeezes."""
