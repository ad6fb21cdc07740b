"""The hazards of the shipped case repeat the odds of the dossier, common causes and own ones taken together."""

from __future__ import annotations

import math

import pytest

from inputs.mongolia import groups, hazards
from inputs.mongolia.dossier import table

ROWS = hazards.tables()["hazards"]


def spared(*wanted: str) -> float:
    """The probability that none of these groups' hazards starts in a year."""
    return math.prod(1.0 - row["annual_probability"] for row in ROWS if row["group"] in wanted)


@pytest.mark.parametrize("record", table("risk"), ids=lambda r: r["corridor_id"])
def test_odds_of_a_corridor(record: dict[str, str]) -> None:
    """Its own hazard and those that strike it with others make up the odds of risk.csv (CN_ALL: of near closure)."""
    corridor = record["corridor_id"]
    column = "annual_prob_near_closure" if corridor == "CN_ALL" else "annual_prob_any_disruption"
    causes = {hazards.SPREAD.get(corridor, corridor), *hazards.WIDER.get(corridor, ())}
    either = 1.0 - spared(*causes)
    if corridor == "CN_REE":  # a squeeze and a closure, told apart
        either = sum(row["annual_probability"] for row in ROWS if row["group"] == corridor)
    assert either == pytest.approx(float(record[column]), abs=1e-4)


def test_every_risk_of_the_dossier_has_its_hazard() -> None:
    """One row for each of risk.csv, two for rare earths; each on a group of the case, with a length and a source."""
    named = {row["group"] for row in groups.rows()}
    assert len(ROWS) == len(table("risk")) + 1
    assert {row["group"] for row in ROWS} <= named
    assert all(row["mean_years"] > 0 and row["source"] for row in ROWS)


def test_a_cause_in_common_strikes_every_crossing_of_both_neighbours() -> None:
    """BOTH holds each land gate into China and Russia; CN_REE the gates of rare earths alone, and sales in China."""
    gates = {gate for gate in groups.gate_risks() if gate.startswith(("G_CN_", "G_RU_"))}
    members = {name: {row["member"] for row in groups.rows() if row["group"] == name} for name in ("BOTH", "CN_REE")}
    assert gates == {member for member in members["BOTH"] if member.startswith("G_")}
    assert all(member.endswith("_REE") for member in members["CN_REE"] if member.startswith("G_"))
    assert members["CN_REE"] >= set(groups.members()["CN_SALE"])
