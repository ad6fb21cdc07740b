"""The futures of the shipped case do to every lane and gate what the dossier's multipliers say, once."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from inputs.mongolia import futures, links, tables
from inputs.mongolia.dossier import Record, table
from khovor.case import Case, build_case
from khovor.case.conditions import Conditions, conditions
from khovor.workbook import from_tables

SETTINGS = {"base_year": 2026, "discount_rate": 0.1}

CHINA = ("D_MUS-S_TTG road", "S_TTG-S_KBG rail", "S_KBG-B_GSK rail", "B_GSK-B_GQM road REE", "B_GQM-R_BTO rail",
         "R_BTO-P_TSN rail", "P_TSN-M_USW sea")  # fmt: skip


@cache
def case() -> Case:
    """The shipped case as its builder makes it."""
    return build_case(from_tables(tables(), SETTINGS))


@cache
def risks() -> dict[str, list[str]]:
    """Lane or gate -> the risk groups of the dossier it is in."""
    known = {row["risk_group"] for row in table("scenario_multipliers")}
    found: dict[str, list[str]] = defaultdict(list)
    for row in links.tables()["groups"]:
        if row["group"] in known:
            found[row["member"]].append(row["group"])
    return dict(found)


def rows(scenario: str, member: str) -> list[Record]:
    """The dossier's rows on a lane or gate in a scenario."""
    wanted = {(scenario, risk) for risk in risks()[member]}
    return [row for row in table("scenario_multipliers") if (row["scenario_id"], row["risk_group"]) in wanted]


def in_trouble(scenario: str) -> tuple[Conditions, int]:
    """The conditions of a future, and a period of its first episode."""
    found = next(s for s in case().scenarios if s.name == scenario)
    first = futures.WINDOWS[scenario][0][0] if futures.WINDOWS[scenario] else 2033
    period = next(t for t, p in enumerate(case().horizon.periods) if p.start_year == first)
    return conditions(case(), found), period


def left(member: str, row: Record) -> float:
    """Share of capacity that a dossier row leaves."""
    if member.endswith("_GEN"):
        return float(row["other_cargo_flow_mult"])
    if member in case().gates or row["risk_group"] == "CN_SALE":
        return float(row["ree_flow_mult"])
    return max(float(row["capacity_mult"]), 1.0) * float(row["other_cargo_flow_mult"])


def test_odds_are_the_dossiers_and_sum_to_one() -> None:
    """Ten futures with the probabilities of scenarios.csv."""
    found = {row["scenario"]: row["probability"] for row in futures.tables()["scenarios"]}
    assert found == {row["scenario_id"]: float(row["probability"]) for row in table("scenarios")}
    assert sum(found.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("scenario", futures.WINDOWS)
def test_capacity_and_cost_are_the_worse_of_the_dossiers_rows(scenario: str) -> None:
    """Every lane and gate is hit once: the least capacity and the highest cost of its one or two risks."""
    found, t = in_trouble(scenario)
    for member in risks():
        kind = "gate" if member in case().gates else "lane"
        expected = min(left(member, row) for row in rows(scenario, member))
        assert found.factor("capacity", kind, member, t) == pytest.approx(expected), member
        dearer = max(float(row["cost_mult"]) for row in rows(scenario, member))
        behind = [lane.name for lane in case().lanes.values() if lane.gate == member] if kind == "gate" else [member]
        assert [found.factor("cost", "lane", lane, t) for lane in behind] == pytest.approx([dearer] * len(behind))


def test_every_lane_but_the_last_one_to_a_buyer_is_at_some_risk() -> None:
    """Lanes are in a risk group themselves or by their gate; links to buyers are in none."""
    bare = {lane.name for lane in case().lanes.values() if lane.name not in risks() and lane.gate not in risks()}
    assert bare == {lane.name for lane in case().lanes.values() if lane.mode == "link"}


@pytest.mark.parametrize(("scenario", "days"), [("S2", 20 + 5 + 15), ("S3", 30 + 30 + 20), ("S6", 60 + 60 + 30)])
def test_extra_days_count_once_along_a_corridor(scenario: str, days: float) -> None:
    """Gashuunsukhait to Los Angeles: those of crossing, Chinese railways and port, each once."""
    found, t = in_trouble(scenario)
    legs = [leg for lane in CHINA for leg in case().lanes[lane].legs if leg.start == lane.split("-")[0]]
    assert sum(found.extra("days", leg, t) for leg in legs) == days


def test_a_squeeze_leaves_reagents_alone() -> None:
    """In S3 a quarter of booked slots carries and pays the fee of 2016; general cargo is neither cut nor charged."""
    found, t = in_trouble("S3")
    fee = 0.002 * (7900 - 10000 / 7)
    for kind, capacity, charged in (("REE", 0.25, fee), ("GEN", 1.0, 0.0)):
        gate = f"G_CN_GSK_{kind}"
        legs = [leg for lane in case().lanes.values() if lane.gate == gate for leg in lane.legs]
        assert found.factor("capacity", "gate", gate, t) == capacity
        assert [found.extra("fee", leg, t) for leg in legs] == pytest.approx([charged] * len(legs), abs=0.05)


@pytest.mark.parametrize("scenario", futures.WINDOWS)
def test_prices_move_at_the_buyers_alone(scenario: str) -> None:
    """The dossier's factors for China and for the others; what is bought keeps its price."""
    found, t = in_trouble(scenario)
    row = next(row for row in table("scenarios") if row["scenario_id"] == scenario)
    for market in case().markets:
        column = "china_market" if market.key.node == "C_CHN" else "markets_outside_china"
        assert found.factor("price", "market", market.key, t) == float(row[f"price_mult_{column}"])
    bought = [("purchase", p.key) for p in case().purchases] + [("utility", s.key) for s in case().utilities]
    assert all(found.factor("price", kind, key, t) == 1.0 for kind, key in bought)


def test_trouble_comes_in_whole_periods_and_leaves_no_period_from_2033_to_2052_in_peace() -> None:
    """Episodes begin and end with a period, two at most in a future."""
    periods = [(p.start_year, p.start_year + p.years - 1) for p in case().horizon.periods]
    starts, ends = {first for first, _ in periods}, {last for _, last in periods}
    windows = [window for episodes in futures.WINDOWS.values() for window in episodes]
    assert all(first in starts and last in ends for first, last in windows)
    assert max(len(episodes) for episodes in futures.WINDOWS.values()) <= 2
    for start, end in periods:
        if 2033 <= start <= 2049:
            assert any(first <= start and end <= last for first, last in windows), start


def test_what_the_odds_understate_is_said() -> None:
    """S2: 6 of 24 operating years at its odds, so trouble comes 4 times less often than the odds a year say."""
    found: dict[str, dict[str, Any]] = {row["scenario"]: row for row in futures.tables()["scenarios"]}
    assert futures.understated("S2") == 4.0
    assert "understates how often it comes 4.0 times" in found["S2"]["note"]


CORRIDORS = {
    "China": (CHINA, 220, 244),
    "Russia": (
        ("D_MUS-S_TTG road", "S_TTG-S_ZBN rail", "S_SAI-S_ZBN rail", "S_CHO-S_SAI rail", "S_BGK-S_CHO rail",
         "S_UB-S_BGK rail", "S_DAR-S_UB rail", "R_SUK-S_DAR rail", "R_SUK-B_NSK rail REE", "B_NSK-R_UUD rail",
         "R_UUD-P_VVO rail", "P_VVO-M_KOR sea", "M_KOR-M_USW sea"), 352, 362,
    ),
    "air and sea": (
        ("D_MUS-S_TTG road", "S_TTG-A_UBN road", "A_UBN-A_ICN air", "A_ICN-M_KOR road", "M_KOR-M_USW sea"), 1621, 1713,
    ),
}  # fmt: skip


@pytest.mark.parametrize("corridor", CORRIDORS)
def test_expected_cost_over_the_futures_is_the_dossiers(corridor: str) -> None:
    """Freight at its cost factors, weighted by the odds, within 5% of what the dossier computed."""
    lanes, today, expected = CORRIDORS[corridor]
    ways = [case().lanes[name] for name in lanes]
    assert sum(lane.freight_usd_t + lane.fee_usd_t for lane in ways) == pytest.approx(today, rel=0.01)
    total = 0.0
    for scenario in case().scenarios:
        found, t = in_trouble(scenario.name)
        cost = sum(lane.freight_usd_t * found.factor("cost", "lane", lane.name, t) + lane.fee_usd_t for lane in ways)
        total += scenario.probability * cost
    assert total == pytest.approx(expected, rel=0.05)
