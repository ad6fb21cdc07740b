"""The corridors of the shipped case cost, take and cross what the dossier's own check says."""

from __future__ import annotations

import heapq
from itertools import pairwise
from typing import Any

import pytest

from inputs.mongolia import links, places, projects, tables

Lane = dict[str, Any]

LANES: list[Lane] = links.tables()["lanes"]
TERRITORY: dict[str, str] = {node["node"]: node["territory"] for node in places.tables()["nodes"]}
NEIGHBOURS = {"CN", "RU"}


def legs(lanes: list[Lane]) -> list[tuple[str, str, Lane]]:
    """(start, end, lane) for every direction in which goods may move."""
    there = [(lane["from"], lane["to"], lane) for lane in lanes]
    return there + [(end, start, lane) for start, end, lane in there if lane["both_ways"] == "yes"]


def crossed(lane: Lane) -> set[str]:
    """Territories a lane touches: its ends and what it goes over."""
    over = (lane.get("over") or "").split("; ")
    return {TERRITORY[lane["from"]], TERRITORY[lane["to"]], *over} - {""}


def cheapest(stops: tuple[str, ...], built: tuple[str, ...] = (), goods: str = "magnet") -> tuple[float, float]:
    """Cost [USD/t] and days of the cheapest way past all stops in order, by open lanes and those in `built`.

    The second stop is where the way leaves Mongolia.
    """
    usable = [
        lane
        for lane in LANES
        if goods in lane["classes"].split("; ") and (lane.get("status") != "project" or lane["lane"] in built)
    ]
    ways = legs(usable)
    home = [way for way in ways if TERRITORY[way[0]] == "MN"]
    pieces = [_shortest(home, *stops[:2])]
    pieces += [_shortest(ways, start, end) for start, end in pairwise(stops[1:])]
    return sum(cost for cost, _ in pieces), sum(days for _, days in pieces)


def _shortest(ways: list[tuple[str, str, Lane]], start: str, goal: str) -> tuple[float, float]:
    queue, done = [(0.0, 0.0, start)], set()
    while queue:
        cost, days, node = heapq.heappop(queue)
        if node == goal:
            return cost, days
        if node in done:
            continue
        done.add(node)
        for begin, end, lane in ways:
            if begin == node:
                price = lane["usd_t"] + (lane.get("fee_usd_t") or 0.0)
                heapq.heappush(queue, (cost + price, days + lane["days"], end))
    raise AssertionError(f"no way from {start} to {goal}")


MUSHGAI_TO_LOS_ANGELES = {
    "Gashuunsukhait-Baotou-Tianjin": (("B_GQM", "R_BTO", "P_TSN"), 220, 23),
    "Zamyn-Uud-Erenhot-Tianjin": (("B_ERE", "P_TSN"), 226, 25),
    "Khangi-Mandal-Baotou-Tianjin": (("B_MDL", "R_BTO", "P_TSN"), 232, 24),
    "Shiveekhuren-Ceke": (("B_CEK",), 287, 25),
    "Bichigt-Jinzhou": (("B_ZKH", "P_JNZ"), 368, 27),
    "Naushki-Vladivostok-Busan": (("B_NSK", "P_VVO", "M_KOR"), 352, 36),
    "Ereentsav-Vostochny-Busan": (("B_SOL", "P_VST", "M_KOR"), 407, 36),
    "Tashanta-Novosibirsk-Vladivostok-Busan": (("B_TAS", "R_NVS", "P_VVO", "M_KOR"), 631, 44),
    "air to Incheon, then Busan by sea": (("A_ICN", "M_KOR"), 1621, 22),
    "air to Incheon and San Francisco": (("A_ICN", "A_SFO"), 6393, 7),
}


@pytest.mark.parametrize("corridor", MUSHGAI_TO_LOS_ANGELES)
def test_mushgai_to_los_angeles_costs_and_takes_what_the_dossier_says(corridor: str) -> None:
    """Each corridor open today is within 5% of the dossier's cost and a day of its time."""
    stops, usd_t, days = MUSHGAI_TO_LOS_ANGELES[corridor]
    cost, took = cheapest(("D_MUS", *stops, "M_USW"))
    assert cost == pytest.approx(usd_t, rel=0.05)
    assert took == pytest.approx(days, abs=1)


def test_the_railways_of_2028_and_a_mine_railway_save_what_the_dossier_says() -> None:
    """With the cross-border railway and the mine railway built, Gashuunsukhait costs 194 USD/t."""
    built = ("B_GSK-B_GQM rail new REE", "D_MUS-S_TTG rail new")
    cost, took = cheapest(("D_MUS", "B_GQM", "R_BTO", "P_TSN", "M_USW"), built)
    assert cost == pytest.approx(194, rel=0.05)
    assert took == pytest.approx(23, abs=1)


@pytest.mark.parametrize(
    ("stops", "usd_t"),
    [
        (("B_TKS", "R_URC", "P_TSN", "M_USW"), 334),
        (("B_ERE", "M_USW"), 362),
        (("B_TAS", "M_USW"), 430),
        (("B_NSK", "M_USW"), 446),
        (("A_ICN", "M_KOR", "M_USW"), 1715),
        (("B_TAS", "L_MAL", "M_RTM"), 330),
        (("B_TAS", "R_ALM", "P_POT", "M_LRH"), 423),
        (("B_TKS", "R_ALM", "P_POT", "M_LRH"), 428),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_khalzan_costs_what_the_dossier_says(stops: tuple[str, ...], usd_t: float) -> None:
    """From the far west: to Los Angeles, Rotterdam and La Rochelle, within 5%."""
    cost, _ = cheapest(("D_KHB", *stops))
    assert cost == pytest.approx(usd_t, rel=0.05)


def test_mushgai_to_la_rochelle_through_russia_and_the_caspian() -> None:
    """Through Russia and over the Caspian it is 462 USD/t, within 5%."""
    assert cheapest(("D_MUS", "B_NSK", "P_POT", "M_LRH"))[0] == pytest.approx(462, rel=0.05)


def test_no_way_out_avoids_both_neighbours() -> None:
    """Without lanes that touch China or Russia nothing leaves Mongolia, projects included."""
    clear = legs([lane for lane in LANES if not crossed(lane) & NEIGHBOURS])
    reached = {node for node, territory in TERRITORY.items() if territory == "MN"}
    while found := {end for start, end, _ in clear if start in reached} - reached:
        reached |= found
    assert {TERRITORY[node] for node in reached} == {"MN"}


def test_no_flight_to_america_is_open_before_its_project() -> None:
    """Every lane from Ulaanbaatar to the United States waits for a project, from 2028."""
    direct = [lane for lane in LANES if lane["from"] == "A_UBN" and TERRITORY[lane["to"]] == "US"]
    assert {lane["to"] for lane in direct} == {"A_ANC", "A_SFO", "A_ORD"}
    assert {(lane["status"], lane["first_year"]) for lane in direct} == {("project", 2028)}


def test_incheon_takes_what_belly_and_freighter_give() -> None:
    """All lanes to Incheon together may carry 4,080 t/y of rare earths, and only on booked slots."""
    gates = {gate["gate"]: gate for gate in links.tables()["gates"]}
    names = {lane["gate"] for lane in LANES if lane["to"] == "A_ICN"}
    assert sum(gates[name]["capacity_t_y"] for name in names) == 4080
    assert all(gates[name]["booking_usd_t_y"] > 0 for name in names)


def test_every_way_out_needs_a_booked_slot_for_rare_earths() -> None:
    """No lane out of Mongolia carries a rare earth past a gate without booking."""
    booked = {gate["gate"] for gate in links.tables()["gates"] if gate.get("booking_usd_t_y")}
    general = {"dg", "bulk"}
    for start, end, lane in legs(LANES):
        if TERRITORY[start] == "MN" != TERRITORY[end]:
            assert lane.get("gate") in booked, lane["lane"]
            assert not general & set(lane["classes"].split("; ")), lane["lane"]


def test_only_what_may_fly_flies_and_class_7_stays_near_its_mine() -> None:
    """Planes carry NdPr, alloy and heavies alone; the Khalzan pre-concentrate goes no further than Khovd."""
    for lane in LANES:
        classes = set(lane["classes"].split("; "))
        if lane["mode"] == "air":
            assert classes == {"magnet", "alloy", "air_ok"}, lane["lane"]
        if "class7" in classes:
            assert {lane["from"], lane["to"]} == {"D_KHB", "S_KHV"}
        assert "local" not in classes


def test_what_tables_name_exists() -> None:
    """Ends, gates, classes, members and targets all stand in their tables; names are unique."""
    whole = tables()
    lanes, gates = [row["lane"] for row in whole["lanes"]], [row["gate"] for row in whole["gates"]]
    assert len(set(lanes)) == len(lanes)
    assert len(set(gates)) == len(gates)
    assert {lane.get("gate") for lane in LANES} - {None} == set(gates)
    assert {end for lane in LANES for end in (lane["from"], lane["to"])} <= TERRITORY.keys()
    classes = {row["transport_class"] for row in whole["products"]}
    assert {name for lane in LANES for name in lane["classes"].split("; ")} <= classes == links.CLASSES.keys()
    assert {row["member"] for row in whole["groups"]} <= {*lanes, *gates}


def test_every_project_lane_has_its_project_and_state_projects_cost_nothing() -> None:
    """What waits for a project is added by exactly one; Gashuunsukhait and the airport branch are free."""
    found = projects.tables()
    waiting = [lane["lane"] for lane in LANES if lane.get("status") == "project"]
    added = [row["target"] for row in found["project_effects"] if row["target_type"] == "lane"]
    assert sorted(added) == sorted(waiting)
    assert {row["project"] for row in found["projects"] if row["capex_musd"] == 0} == {"RAIL_GSK", "RAIL_KHU"}
    assert {row["project"] for row in found["project_effects"]} == {row["project"] for row in found["projects"]}
