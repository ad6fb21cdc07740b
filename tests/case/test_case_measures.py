"""What policies count, on a small map: MN between RU and CN, a ship from CN to US, a plane over RU."""

from __future__ import annotations

from typing import Any

from khovor.case import Case, Commodity, net_exports, spending
from khovor.case.years import Horizon, Period
from khovor.network import derive, first_entries
from support import case_of, one_mine

Row = dict[str, Any]

LANES: list[Row] = [
    {"lane": "south", "from": "D", "to": "C", "mode": "rail", "both_ways": "yes"},
    {"lane": "north", "from": "D", "to": "R", "mode": "rail", "both_ways": "yes"},
    {"lane": "coast", "from": "R", "to": "C", "mode": "rail"},
    {"lane": "ship", "from": "C", "to": "M", "mode": "sea"},
    {"lane": "plane", "from": "D", "to": "M", "mode": "air", "over": "RU"},
]


def world(**changes: Any) -> Case:
    """Ore is mined at D; acid is bought in CN and used in the mine."""
    return case_of(
        one_mine(
            **{
                "products": [{"product": "ore"}, {"product": "acid"}],
                "nodes": [
                    {"node": "D", "kind": "deposit", "territory": "MN"},
                    {"node": "C", "kind": "port", "territory": "CN"},
                    {"node": "R", "kind": "hub", "territory": "RU"},
                    {"node": "M", "kind": "market", "territory": "US"},
                ],
                "recipes": [
                    {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                    {"process": "mine", "recipe": "dig", "product": "acid", "t_per_t": -0.5},
                ],
                "modes": [{"mode": mode} for mode in ("rail", "sea", "air")],
                "lanes": [{"usd_t": 1, **lane} for lane in LANES],
                "purchases": [{"node": "C", "product": "acid", "price_usd_t": 1}],
                **changes,
            }
        ),
        home_territory="MN",
    )


def entries(subject: str, case: Case | None = None) -> set[tuple[str, str]]:
    """(from, to) of the moves by which ore can enter for the first time, in the way meant."""
    network = derive(case or world())
    territory, _, way = subject.partition(":")
    found = first_entries(network, territory)
    pairs = {network.pairs[k] for k, how in found.ways.items() if way in ("", how)}
    first = {pair for pair in pairs if (pair.leg.start, pair.commodity) in found.fresh}
    assert {pair.commodity for pair in first} <= {Commodity("ore", "")}
    return {(pair.leg.start, pair.leg.end) for pair in first}


def test_each_way_in_is_an_entry_and_a_way_on_is_none() -> None:
    """CN is entered from home and by way of RU; from CN on to US is no entry of CN, but one of US."""
    assert entries("CN") == {("D", "C"), ("R", "C")}
    assert entries("US") == {("C", "M"), ("D", "M")}
    assert entries("RU") == {("D", "R"), ("D", "M")}


def test_ways_are_told_apart() -> None:
    """RU is entered by land and from above; US by sea and by air; CN by land alone."""
    assert entries("RU:land") == {("D", "R")}
    assert entries("RU:overflight") == {("D", "M")}
    assert entries("US:sea") == {("C", "M")}
    assert entries("US:air") == {("D", "M")}
    assert entries("CN:sea") == set()


def test_goods_that_were_there_before_do_not_enter_again() -> None:
    """Where the only way to RU leads through CN and back home, what goes on from RU to CN enters CN no second time."""
    lanes = [
        {"usd_t": 1, **lane}
        for lane in (LANES[0], LANES[2], {"lane": "round", "from": "C", "to": "R", "mode": "rail"}, LANES[3])
    ]
    assert entries("CN", world(lanes=lanes)) == {("D", "C")}


def test_exports_are_net_of_what_comes_back() -> None:
    """Ore may leave on three lanes and come back on two."""
    found = {(leg.start, leg.end): sign for (leg, c), sign in net_exports(world()).items() if c.product == "ore"}
    assert found == {("D", "C"): 1, ("D", "R"): 1, ("D", "M"): 1, ("C", "D"): -1, ("R", "D"): -1}


def test_what_is_on_offer_abroad_is_no_export() -> None:
    """Acid bought in CN is neither an export nor one that came back, even where home could make or buy it too."""
    assert {c.product for _, c in net_exports(world())} == {"ore"}
    both = [{"node": n, "product": "acid", "price_usd_t": 1} for n in ("C", "D")]
    assert {c.product for _, c in net_exports(world(purchases=both))} == {"ore"}
    home = [{"node": "D", "product": "acid", "price_usd_t": 1}]
    assert {c.product for _, c in net_exports(world(purchases=home))} == {"ore", "acid"}


def test_classes_keep_goods_off_lanes() -> None:
    """Ore that no train carries leaves by air alone."""
    lanes = [{"usd_t": 1, **lane, **({"classes": "acid"} if lane["mode"] == "rail" else {})} for lane in LANES]
    products = [{"product": "ore", "transport_class": "bulk"}, {"product": "acid", "transport_class": "acid"}]
    case = world(lanes=lanes, products=products)
    assert {(leg.start, leg.end) for leg, _ in net_exports(case)} == {("D", "M")}


def test_capital_is_spent_before_it_serves() -> None:
    """Three years' building for 2032: a third in each of 2029 to 2031; before 2030 counts as 2030."""
    horizon = Horizon((Period("a", 2030, 1, ""), Period("b", 2031, 1, ""), Period("c", 2032, 2, "")), 2029, 0.1, "end")
    spent = spending(horizon, 2, 3)
    assert {t: round(share, 9) for t, share in spent.items()} == {0: round(2 / 3, 9), 1: round(1 / 3, 9)}
    assert spending(horizon, 2, 0) == {2: 1.0}
