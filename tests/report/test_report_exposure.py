"""Corridors and exposure counted by hand: what leaves home, how, through whom, at what cost, to whom, worth what."""

from __future__ import annotations

from typing import Any

import pytest
from report_cases import by_hand

from khovor.case import Case, travel
from khovor.report import Names
from khovor.report.corridors import corridor_table, cost_usd_t, days, entry, exports, label
from khovor.report.exposure import exposure
from khovor.report.paths import paths
from khovor.solution import Solution
from support import case_of, one_mine

Row = dict[str, object]


def triangle(**changes: Any) -> Case:
    """Home H in MN, X in CN, Y in US: a road H-X, a ship X-Y, a plane H-Y over CN and RU, a road back X-H.

    Ore sells at 1000 USD/t in X and at 3000 USD/t in Y; acid is bought at 50 USD/t in X and at 150 USD/t at home.
    """
    lanes: list[Row] = [
        {"lane": "road", "from": "H", "to": "X", "mode": "road", "usd_t": 10, "fee_usd_t": 2, "days": 3},
        {"lane": "back", "from": "X", "to": "H", "mode": "road", "usd_t": 10},
        {"lane": "ship", "from": "X", "to": "Y", "mode": "sea", "usd_t": 20, "days": 15},
        {"lane": "plane", "from": "H", "to": "Y", "mode": "air", "usd_t": 500, "over": "CN; RU", "days": 1},
    ]
    return case_of(
        one_mine(
            **{
                "products": [{"product": "ore"}, {"product": "acid"}],
                "nodes": [
                    {"node": "H", "kind": "deposit", "territory": "MN"},
                    {"node": "X", "name": "Ex (the port)", "kind": "port", "territory": "CN"},
                    {"node": "Y", "kind": "market", "territory": "US"},
                ],
                "sites": [{"node": "H", "process": "mine"}],
                "modes": [{"mode": m} for m in ("road", "sea", "air")],
                "lanes": lanes,
                "markets": [
                    {"node": "X", "product": "ore", "price_usd_t": 1000},
                    {"node": "Y", "product": "ore", "price_usd_t": 3000},
                ],
                "purchases": [
                    {"node": "X", "product": "acid", "price_usd_t": 50},
                    {"node": "H", "product": "acid", "price_usd_t": 150},
                ],
                **changes,
            }
        ),
        home_territory="MN",
    )


def shipped(case: Case, road_to_x: float, on_to_y: float, plane: float, scenario: str = "") -> dict[str, list[Any]]:
    """Rows of a plan: tonnes by road sold in X, by road and ship sold in Y, by plane sold in Y."""
    w = scenario or case.scenarios[0].name
    row = {m.key.node: m.key.row for m in case.markets}
    mined = road_to_x + on_to_y + plane
    moved = {("road", "H", "X"): road_to_x + on_to_y, ("ship", "X", "Y"): on_to_y, ("plane", "H", "Y"): plane}
    return {
        "activity": [("H", "mine", "s", "dig", "", "p1", w, mined)],
        "flows": [(*leg, "ore", "", "p1", w, t) for leg, t in moved.items() if t],
        "sales": [
            ("X", "ore", 1, row["X"], "", "p1", w, road_to_x),
            ("Y", "ore", 1, row["Y"], "", "p1", w, on_to_y + plane),
        ],
    }


def told(case: Case, solution: Solution) -> dict[str, dict[str, Any]]:
    """The exposure of a plan."""
    return exposure(case, solution, paths(case, solution))


def test_transit_counts_each_tonne_once_for_each_territory() -> None:
    """50 t are sold in CN, 30 t go on by ship, 20 t fly over CN and RU: all meet CN, a fifth RU, half US."""
    case = triangle()
    found = told(case, by_hand(case, **shipped(case, 50, 30, 20)))
    assert found["CN"]["transit"] == pytest.approx(1.0)
    assert found["RU"]["transit"] == pytest.approx(0.2)
    assert found["US"]["transit"] == pytest.approx(0.5)
    assert "MN" not in found


def test_ways_of_entry_are_told_apart() -> None:
    """CN is met by land (80 t) and from above (20 t), RU only from above, US by sea (30 t) and by air (20 t)."""
    case = triangle()
    found = told(case, by_hand(case, **shipped(case, 50, 30, 20)))
    assert found["CN"]["entry"] == pytest.approx({"land": 0.8, "sea": 0.0, "air": 0.0, "overflight": 0.2})
    assert found["RU"]["entry"] == pytest.approx({"land": 0.0, "sea": 0.0, "air": 0.0, "overflight": 0.2})
    assert found["US"]["entry"] == pytest.approx({"land": 0.0, "sea": 0.3, "air": 0.2, "overflight": 0.0})


def test_sales_by_tonnes_and_by_value() -> None:
    """Half of the tonnes are sold in CN at a third of the price: a quarter of the money."""
    case = triangle()
    found = told(case, by_hand(case, **shipped(case, 50, 30, 20)))
    assert found["CN"]["sales"] == pytest.approx(0.5)
    assert found["CN"]["sales_by_value"] == pytest.approx(50 / (50 + 150))
    assert found["US"]["sales_by_value"] == pytest.approx(150 / (50 + 150))


def test_transit_by_value_weighs_the_price_where_it_is_sold() -> None:
    """RU is overflown by a fifth of the tonnes, worth 60 of 200 thousand USD."""
    case = triangle()
    found = told(case, by_hand(case, **shipped(case, 50, 30, 20)))
    assert found["RU"]["transit_by_value"] == pytest.approx(60 / 200)


def test_inputs_are_shares_of_the_value_bought() -> None:
    """60 t of acid from CN at 50 USD/t and 10 t from home at 150 USD/t: CN supplies two thirds of the value."""
    case = triangle()
    rows = {p.key.node: p.key.row for p in case.purchases}
    w = case.scenarios[0].name
    bought = [("X", "acid", rows["X"], "", "p1", w, 60.0), ("H", "acid", rows["H"], "", "p1", w, 10.0)]
    found = told(case, by_hand(case, **shipped(case, 50, 30, 20), purchases=bought))
    assert found["CN"]["inputs"] == pytest.approx(3000 / 4500)


def test_crossing_back_and_forth_counts_once() -> None:
    """A path that enters CN, returns home and enters CN again is one tonne of transit, not two."""
    case = triangle(
        nodes=[
            {"node": "H", "kind": "deposit", "territory": "MN"},
            {"node": "X", "kind": "port", "territory": "CN"},
            {"node": "J", "kind": "hub", "territory": "MN"},
            {"node": "Z", "kind": "port", "territory": "CN"},
            {"node": "Y", "kind": "market", "territory": "US"},
        ],
        lanes=[
            {"lane": f"{a}{b}", "from": a, "to": b, "mode": mode, "usd_t": 1}
            for a, b, mode in (("H", "X", "road"), ("X", "J", "road"), ("J", "Z", "road"), ("Z", "Y", "sea"))
        ],
    )
    w, row = case.scenarios[0].name, {m.key.node: m.key.row for m in case.markets}["Y"]
    solution = by_hand(
        case,
        activity=[("H", "mine", "s", "dig", "", "p1", w, 9.0)],
        flows=[(leg, *leg, "ore", "", "p1", w, 9.0) for leg in ("HX", "XJ", "JZ", "ZY")],
        sales=[("Y", "ore", 1, row, "", "p1", w, 9.0)],
    )
    found = told(case, solution)
    assert found["CN"]["transit"] == pytest.approx(1.0)
    assert found["CN"]["entry"]["land"] == pytest.approx(1.0)


def test_futures_and_periods_are_weighed() -> None:
    """Two futures of 3:1 odds, one by road and one by plane: a quarter is overflight, in the mean and in the period."""
    futures = [{"scenario": "road", "probability": 0.75}, {"scenario": "plane", "probability": 0.25}]
    case = triangle(scenarios=futures)
    one, other = shipped(case, 0, 40, 0, "road"), shipped(case, 0, 0, 40, "plane")
    solution = by_hand(case, **{name: one[name] + other[name] for name in one})
    found = told(case, solution)
    assert found["RU"]["transit"] == pytest.approx(0.25)
    assert found["RU"]["by_period"]["p1"] == pytest.approx({"transit": 0.25, "sales": 0.0})
    assert found["US"]["by_period"]["p1"] == pytest.approx({"transit": 1.0, "sales": 1.0})


def test_nothing_shipped_exposes_to_nobody() -> None:
    """Without exports, sales or purchases there is no exposure, and no division by nothing."""
    case = triangle()
    assert told(case, by_hand(case)) == {}


def test_a_plant_abroad_is_an_export_too() -> None:
    """Goods that leave home to be used in a plant abroad count as leaving, though nobody buys them."""
    case = triangle(
        processes=[{"process": "mine"}, {"process": "leach"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "leach", "recipe": "l", "product": "ore", "t_per_t": -1},
        ],
        sizes=[{"process": p, "size": "s", "capacity_t_y": 100} for p in ("mine", "leach")],
        sites=[{"node": "H", "process": "mine"}, {"node": "X", "process": "leach"}],
    )
    w = case.scenarios[0].name
    activity = [("H", "mine", "s", "dig", "", "p1", w, 9.0), ("X", "leach", "s", "l", "", "p1", w, 9.0)]
    solution = by_hand(case, activity=activity, flows=[("road", "H", "X", "ore", "", "p1", w, 9.0)])
    assert told(case, solution)["CN"]["transit"] == pytest.approx(1.0)


def test_imports_and_home_sales_are_no_exports() -> None:
    """What begins abroad, and what stays at home, does not leave home."""
    case = triangle(
        nodes=[
            {"node": "H", "kind": "deposit", "territory": "MN"},
            {"node": "J", "kind": "market", "territory": "MN"},
            {"node": "X", "kind": "port", "territory": "CN"},
        ],
        lanes=[
            {"lane": "in", "from": "X", "to": "H", "mode": "road", "usd_t": 1},
            {"lane": "home", "from": "H", "to": "J", "mode": "road", "usd_t": 1},
        ],
        markets=[{"node": "J", "product": "ore", "price_usd_t": 1}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mine", "recipe": "dig", "product": "acid", "t_per_t": -1},
        ],
    )
    w = case.scenarios[0].name
    solution = by_hand(
        case,
        activity=[("H", "mine", "s", "dig", "", "p1", w, 9.0)],
        purchases=[("X", "acid", case.purchases[0].key.row, "", "p1", w, 9.0)],
        flows=[("in", "X", "H", "acid", "", "p1", w, 9.0), ("home", "H", "J", "ore", "", "p1", w, 9.0)],
        sales=[("J", "ore", 1, case.markets[0].key.row, "", "p1", w, 9.0)],
    )
    found = paths(case, solution)
    assert len(found) == 2
    assert exports(case, found) == []


def test_corridors_cost_and_days_by_hand() -> None:
    """Road and ship: 10 + 2 + 20 USD/t and 18 days; what is sold at the port pays 12 USD/t for 3 days."""
    case = triangle()
    solution = by_hand(case, **shipped(case, 50, 30, 20))
    by_end = {("".join(p.nodes)): p for p in paths(case, solution)}
    assert cost_usd_t(case, by_end["HXY"]) == pytest.approx(32)
    assert days(case, by_end["HXY"]) == pytest.approx(18)
    table = corridor_table(case, Names(case), by_end.values()).set_index(["corridor", "buyer"])
    assert dict(table["t_y"]) == pytest.approx({("X", "X"): 50, ("X", "Y"): 30, ("direct", "Y"): 20})
    assert table.loc[("direct", "Y"), "usd_t"] == pytest.approx(500)


def test_cost_after_a_loss_is_paid_on_what_is_left() -> None:
    """With half lost on the road, the ship is paid for half a tonne: 12 + 0.5 x 20 USD a tonne at departure."""
    lanes: list[Row] = [
        {"lane": "road", "from": "H", "to": "X", "mode": "road", "usd_t": 12, "loss_share": 0.5},
        {"lane": "ship", "from": "X", "to": "Y", "mode": "sea", "usd_t": 20},
    ]
    case = triangle(lanes=lanes)
    w, row = case.scenarios[0].name, {m.key.node: m.key.row for m in case.markets}["Y"]
    solution = by_hand(
        case,
        activity=[("H", "mine", "s", "dig", "", "p1", w, 8.0)],
        flows=[("road", "H", "X", "ore", "", "p1", w, 8.0), ("ship", "X", "Y", "ore", "", "p1", w, 4.0)],
        sales=[("Y", "ore", 1, row, "", "p1", w, 4.0)],
    )
    (path,) = paths(case, solution)
    assert cost_usd_t(case, path) == pytest.approx(22)


def test_corridors_are_named_in_words() -> None:
    """Names stop at their first bracket, and the two sides of a border stand as one."""
    case = triangle(
        nodes=[
            {"node": "H", "kind": "deposit", "territory": "MN"},
            {"node": "a", "name": "Zamyn-Uud (town)", "kind": "border", "territory": "MN"},
            {"node": "b", "name": "Erenhot", "kind": "border", "territory": "CN"},
            {"node": "X", "name": "Tianjin (Xingang)", "kind": "port", "territory": "CN"},
            {"node": "Y", "kind": "market", "territory": "US"},
        ]
    )
    assert label(case, Names(case), ("a", "b", "X")) == "Zamyn-Uud/Erenhot > Tianjin"
    assert label(case, Names(case), ()) == "direct"


def test_bracket_stays_where_it_tells_two_places_apart() -> None:
    """Two gateways of one name keep their brackets."""
    nodes = [
        {"node": "H", "kind": "deposit", "territory": "MN"},
        {"node": "X", "name": "Gateway (Kobe)", "kind": "port", "territory": "JP"},
        {"node": "Y", "name": "Gateway (Yokohama)", "kind": "port", "territory": "JP"},
    ]
    names = Names(triangle(nodes=nodes))
    assert (names.short("X"), names.short("H")) == ("Gateway (Kobe)", "H")


@pytest.mark.parametrize(
    ("mode", "way"),
    [
        ("rail_1520", "land"),
        ("Road", "land"),
        ("sea", "sea"),
        ("Container ship", "sea"),
        ("air_belly", "air"),
        ("Freighter", "air"),
    ],
)
def test_modes_are_ways_of_travelling(mode: str, way: str) -> None:
    """A mode's name says whether goods go by land, sea or air."""
    lane: Row = {"lane": "road", "from": "H", "to": "X", "mode": mode, "usd_t": 1}
    case = triangle(modes=[{"mode": mode}], lanes=[lane])
    assert travel(case.lanes["road"]) == way


def test_sea_lane_through_a_territorys_waters_is_entry_by_sea() -> None:
    """A ship that passes a territory's waters meets it by sea, a train that crosses one by land."""
    lanes: list[Row] = [
        {"lane": "rail", "from": "H", "to": "X", "mode": "rail", "usd_t": 1, "over": "RU"},
        {"lane": "ship", "from": "X", "to": "Y", "mode": "sea", "usd_t": 1, "over": "JP"},
    ]
    case = triangle(modes=[{"mode": "rail"}, {"mode": "sea"}], lanes=lanes)
    w, row = case.scenarios[0].name, {m.key.node: m.key.row for m in case.markets}["Y"]
    solution = by_hand(
        case,
        activity=[("H", "mine", "s", "dig", "", "p1", w, 8.0)],
        flows=[("rail", "H", "X", "ore", "", "p1", w, 8.0), ("ship", "X", "Y", "ore", "", "p1", w, 8.0)],
        sales=[("Y", "ore", 1, row, "", "p1", w, 8.0)],
    )
    (path,) = paths(case, solution)
    assert (entry(case, path, "RU"), entry(case, path, "JP"), entry(case, path, "KZ")) == ("land", "sea", "")
