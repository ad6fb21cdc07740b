"""Hazards from which futures are drawn: the disruption history of the dossier, common causes told from own ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inputs.mongolia import buyers
from inputs.mongolia.dossier import Record, table

DAYS_PER_YEAR = 365.0

SPREAD = {"SEA_PAC": "SEA_PAC_ASIA"}
"""Row of the dossier that spans several risk groups -> the group of all of them."""

WIDER = {
    "CN_ALL": ("BOTH",),
    "RU_ALL": ("BOTH",),
    **{crossing: ("BOTH", "CN_ALL") for crossing in ("CN_ZUD", "CN_GSK", "CN_KHG", "CN_BIC", "CN_SHV", "CN_WEST")},
}
"""Corridor -> hazards that strike it together with others: they are part of its odds, and taken out of its own."""

REE, SQUEEZE, CLOSURE = "CN_REE", "S3", "S4"
"""The dossier's row on rare earths, and the futures that say what the two degrees of it do."""


def tables() -> dict[str, list[dict[str, Any]]]:
    """The table `hazards`."""
    return {"hazards": [row for record in table("risk") for row in _rows(record)]}


def _rows(record: Record) -> Iterator[dict[str, Any]]:
    corridor = record["corridor_id"]
    if corridor == REE:
        yield from _rare_earths(record)
        return
    own, note = odds(corridor), ""
    if corridor == "CN_ALL":
        note = "odds of near closure: only then are all Chinese crossings struck together"
    if corridor in WIDER:
        note = "; ".join(filter(None, (note, f"odds of its own, without {' and '.join(WIDER[corridor])}")))
    yield {
        "group": SPREAD.get(corridor, corridor),
        "annual_probability": round(own, 4),
        **_lasting(record),
        "capacity_factor": record.number("capacity_mult_while_disrupted"),
        "cost_factor": record.number("cost_mult_while_disrupted"),
        **record.known(note=note),
    }


def odds(corridor: str) -> float:
    """The odds that a corridor is struck by itself: 1 - (1 - its odds) / Π (1 - odds of what strikes others too)."""
    record = next(row for row in table("risk") if row["corridor_id"] == corridor)
    column = "annual_prob_near_closure" if corridor == "CN_ALL" else "annual_prob_any_disruption"
    spared = 1.0 - float(record[column])
    for wider in WIDER.get(corridor, ()):
        spared /= 1.0 - odds(wider)
    return 1.0 - spared


def _rare_earths(record: Record) -> Iterator[dict[str, Any]]:
    """China acting on rare earths, in two degrees: a squeeze, and no transit at all. Prices outside China rise."""
    any_of_it, closed = float(record["annual_prob_any_disruption"]), float(record["annual_prob_near_closure"])
    degrees = {"squeeze": (SQUEEZE, any_of_it - closed), "closure": (CLOSURE, closed)}
    markets = "; ".join(buyers.node(market) for market in buyers.gateways() if market != "CHN")
    for hazard, (scenario, probability) in degrees.items():
        at_gates = _row("scenario_multipliers", scenario_id=scenario, risk_group="CN_ZUD")
        prices = _row("scenarios", scenario_id=scenario)
        yield {
            "group": REE,
            "hazard": hazard,
            "annual_probability": round(probability, 4),
            **_lasting(record),
            "capacity_factor": at_gates.number("ree_flow_mult"),
            "cost_factor": at_gates.number("cost_mult"),
            "price_factor": prices.number("price_mult_markets_outside_china"),
            "markets": markets,
            **record.known(note=f"factors of {scenario} in scenario_multipliers.csv, prices in scenarios.csv"),
        }


def _row(name: str, **wanted: str) -> Record:
    return next(row for row in table(name) if wanted.items() <= row.items())


def _lasting(record: Record) -> dict[str, float]:
    return {"mean_years": round(float(record["mean_duration_days"]) / DAYS_PER_YEAR, 3)}


STORY: tuple[str, ...] = (
    "Hazards repeat the dossier's disruption history, from which `khovor sample` draws futures: odds per year, lengths "
    "in days over 365. What strikes many crossings at once is a hazard of its own (BOTH, CN_ALL, CN_REE), and its odds "
    "are taken out of those of each crossing; CN_ALL takes the odds of near closure, since the others are of any one "
    "crossing. Prices in China, extra days and fees are in the ten futures only.",
)
"""What the guide says of hazards."""
