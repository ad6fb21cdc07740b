"""Policies solved by hand: 100 t/y of ore worth 2.0 MUSD go by China at 1,000 or by air at 3,000 USD/t."""

from __future__ import annotations

import pytest

from khovor.errors import InfeasibleError
from support import Rows, one_mine, solved, term, total

NODES = [
    {"node": "D", "kind": "deposit", "territory": "MN"},
    {"node": "C", "kind": "port", "territory": "CN"},
    {"node": "M", "kind": "market", "territory": "US"},
]

LANES = [
    {"lane": "rail", "from": "D", "to": "C", "mode": "road", "usd_t": 600},
    {"lane": "sea", "from": "C", "to": "M", "mode": "sea", "usd_t": 400},
    {"lane": "air", "from": "D", "to": "M", "mode": "air", "usd_t": 3000, "over": "RU"},
]

MODES = [{"mode": "road", "co2_kg_per_tkm": 1}, {"mode": "sea"}, {"mode": "air"}]


def world(*policies: dict[str, object], **changes: Rows) -> dict[str, Rows]:
    """The mine with both ways to the market, and these policies."""
    named = [{"policy": f"p{n}", "sense": "max", **policy} for n, policy in enumerate(policies)]
    return one_mine(**{"nodes": NODES, "lanes": LANES, "modes": MODES, "policies": named, **changes})


def value(*policies: dict[str, object], **changes: Rows) -> float:
    """The value of the best plan, checked."""
    return solved(world(*policies, **changes), home_territory="MN").objective


def test_no_more_than_a_share_through_a_territory() -> None:
    """30 t by China, 70 t by air: 2.0 - 1 - 0.03 - 0.21 = 0.76; of another way in nothing is asked: 0.9."""
    transit = {"measure": "transit_share", "limit": 0.3}
    assert value({**transit, "subject": "CN"}) == pytest.approx(0.76)
    assert value({**transit, "subject": "CN:land"}) == pytest.approx(0.76)
    assert value({**transit, "subject": "CN:sea"}) == pytest.approx(0.9)


AGAIN = {
    "nodes": [
        *NODES,
        {"node": "R", "kind": "hub", "territory": "RU"},
        {"node": "P", "kind": "port", "territory": "CN"},
    ],
    "lanes": [
        {"lane": "south", "from": "D", "to": "C", "mode": "road", "usd_t": 0, "capacity_t_y": 50},
        {"lane": "north", "from": "D", "to": "R", "mode": "road", "usd_t": 0, "capacity_t_y": 50},
        {"lane": "round", "from": "C", "to": "R", "mode": "road", "usd_t": 0},
        {"lane": "coast", "from": "R", "to": "P", "mode": "road", "usd_t": 0},
        {"lane": "sea", "from": "P", "to": "M", "mode": "sea", "usd_t": 0},
    ],
}
"""50 t are in China before they meet 50 t in Russia that were not; all 100 t go on from there by China."""


def test_what_enters_again_is_not_counted_again() -> None:
    """Each of 100 t enters China once, though 150 t cross into it: a share of 1 keeps nothing back, one of 0.9 all."""
    transit = {"measure": "transit_share", "subject": "CN"}
    assert value({**transit, "limit": 1.0}, **AGAIN) == pytest.approx(value(**AGAIN)) == pytest.approx(1.0)
    assert value({**transit, "limit": 0.9}, **AGAIN) == pytest.approx(0.0)


def test_what_enters_again_is_paid_for_once() -> None:
    """At 1,000 USD/t beyond a share of 0.6, the 100 t that enter are 40 t too many: 1.0 - 0.04."""
    policy = {"measure": "transit_share", "subject": "CN", "limit": 0.6, "penalty_usd": 1000}
    assert value(policy, **AGAIN) == pytest.approx(0.96)


def test_overflight_is_an_entry() -> None:
    """At most 30% by China and 40% over Russia is less than all: nothing leaves; 30% and 70% are just all: 0.76."""
    china = {"measure": "transit_share", "subject": "CN"}
    russia = {"measure": "transit_share", "subject": "RU:overflight"}
    assert value({**china, "limit": 0.3}, {**russia, "limit": 0.4}) == pytest.approx(0.0)
    assert value({**china, "limit": 0.3}, {**russia, "limit": 0.7}) == pytest.approx(0.76)


def test_a_price_on_what_is_beyond_a_share() -> None:
    """At 1,500 USD/t it pays to go by China all the same: 0.9 - 70 x 1,500 = 0.795; at 2,500 it does not: 0.76."""
    policy = {"measure": "transit_share", "subject": "CN", "limit": 0.3}
    plan = solved(world({**policy, "penalty_usd": 1500}), home_territory="MN")
    assert plan.objective == pytest.approx(0.795)
    assert term(plan, "penalty") == pytest.approx(-0.105)
    assert value({**policy, "penalty_usd": 2500}) == pytest.approx(0.76)


def test_goods_sent_across_a_border_and_back_better_no_share() -> None:
    """A free road to Russia and back would double what leaves; exports are net, so the value stays 0.76."""
    there = [*NODES, {"node": "R", "kind": "site", "territory": "RU"}]
    road = {"lane": "ring", "from": "D", "to": "R", "mode": "road", "usd_t": 0, "both_ways": "yes"}
    found = value({"measure": "transit_share", "subject": "CN", "limit": 0.3}, nodes=there, lanes=[*LANES, road])
    assert found == pytest.approx(0.76)


def test_shares_by_value_weigh_what_is_dear() -> None:
    """Ore worth 1 and oxide worth 3 USD/t: 50 t each; 40% of value 200 by China: all the oxide flies would be 150.

    Costs saved per unit of value are 2,000 for ore and 667 for oxide: ore (50) goes first, then 30 of value = 10 t of
    oxide. 60 t by China, 40 t by air: 2.0 - 2 (two mines) - 0.06 - 0.12 = -0.18; the plan is forced by overrides.
    """
    tables = world(
        {"measure": "transit_share", "subject": "CN", "limit": 0.4, "basis_unit": "value"},
        products=[{"product": "ore", "value_usd_t": 1}, {"product": "oxide", "value_usd_t": 3}],
        processes=[{"process": "mine"}, {"process": "pit"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "pit", "recipe": "dig", "product": "oxide", "t_per_t": 1},
        ],
        sizes=[{"process": p, "size": "s", "capacity_t_y": 50, "capex_musd": 1} for p in ("mine", "pit")],
        sites=[{"node": "D", "process": "mine"}, {"node": "D", "process": "pit"}],
        markets=[{"node": "M", "product": p, "price_usd_t": 20000} for p in ("ore", "oxide")],
        overrides=[{"process": "mine", "units": 1}, {"process": "pit", "units": 1}],
    )
    plan = solved(tables, home_territory="MN")
    assert plan.objective == pytest.approx(-0.18)
    assert total(plan, "flows", lane="rail", product="oxide") == pytest.approx(10.0)


def test_sales_share_of_a_territory() -> None:
    """China pays 2,600 more net; 40% may go there: 40 x 21,400 + 60 x 19,000 - 1 MUSD = 0.996."""
    markets = [{"node": n, "product": "ore", "price_usd_t": p} for n, p in (("M", 20000), ("C", 22000))]
    found = value({"measure": "sales_share", "subject": "CN", "limit": 0.4}, markets=markets)
    assert found == pytest.approx(0.996)


def test_delivered_to_a_group_of_allies() -> None:
    """China pays 22,000; 30 t/y go to the allies all the same: 70 x 21,400 + 30 x 19,000 - 1 MUSD = 1.068."""
    tables = world(
        {"measure": "delivered_t", "subject": "ore:allies", "sense": "min", "limit": 30},
        markets=[{"node": n, "product": "ore", "price_usd_t": p} for n, p in (("M", 20000), ("C", 22000))],
        groups=[{"group": "allies", "member": "US"}],
    )
    plan = solved(tables, home_territory="MN")
    assert plan.objective == pytest.approx(1.068)
    assert total(plan, "sales", node="M") == pytest.approx(30.0)


def test_a_target_nothing_can_meet_is_infeasible() -> None:
    """The mine makes 100 t/y, 101 are asked for; with a price of 1,000 USD/t the tonne missing costs 0.001 MUSD."""
    target = {"measure": "delivered_t", "subject": "ore:US", "sense": "min", "limit": 101}
    with pytest.raises(InfeasibleError):
        value(target)
    assert value({**target, "penalty_usd": 1000}) == pytest.approx(0.899)


def test_processing_at_home() -> None:
    """Milling abroad is free, at home 5,000 USD/t; a quarter of value added at home: 25 t: 0.9 - 0.125 = 0.775.

    Ore is worth nothing on the books, so mining adds none; concentrate adds 4 USD/t, wherever it is milled.
    """
    found = value(
        {"measure": "processing_share", "sense": "min", "limit": 0.25},
        products=[{"product": "ore"}, {"product": "conc", "value_usd_t": 4}],
        processes=[{"process": "mine"}, {"process": "mill"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
            {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 1},
        ],
        sizes=[
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "mill", "size": "s", "capacity_t_y": 100},
        ],
        sites=[
            {"node": "D", "process": "mine"},
            {"node": "D", "process": "mill", "extra_variable_usd_t": 5000},
            {"node": "C", "process": "mill"},
        ],
        markets=[{"node": "M", "product": "conc", "price_usd_t": 20000}],
    )
    assert found == pytest.approx(0.775)


def test_capital_in_a_period_and_units() -> None:
    """Half a million is not enough for the mine: 0; at 10,000 USD/t it loses 0.1, but one unit is asked for: -0.1."""
    assert value({"measure": "capex_musd", "limit": 0.5}) == pytest.approx(0.0)
    assert value({"measure": "capex_musd", "subject": "mine", "limit": 0.9, "penalty_usd": 100000}) == pytest.approx(
        0.89
    )
    poor = [{"node": "M", "product": "ore", "price_usd_t": 10000}]
    assert value(markets=poor) == pytest.approx(0.0)
    assert value({"measure": "units", "subject": "D:mine", "sense": "min", "limit": 1}, markets=poor) == pytest.approx(
        -0.1
    )


def test_emissions_and_utilities() -> None:
    """One tonne of CO2 per tonne by rail: 40 t/y go by China, 60 by air: 1 - 0.04 - 0.18; 20 MWh a year mine 20 t."""
    lanes = [{**LANES[0], "distance_km": 1000}, *LANES[1:]]
    assert value({"measure": "co2_t", "subject": "road", "limit": 40}, lanes=lanes) == pytest.approx(0.78)
    power: dict[str, Rows] = {
        "utilities": [{"utility": "power", "unit": "MWh"}],
        "utility_use": [{"process": "mine", "utility": "power", "use_per_t": 1}],
        "utility_supply": [{"node": "D", "utility": "power", "price_usd": 0}],
        "sizes": [{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1}],
    }
    assert value({"measure": "utility", "subject": "power", "limit": 20}, **power) == pytest.approx(0.28)


DEAR_AIR: dict[str, Rows] = {
    "scenarios": [{"scenario": "calm", "probability": 0.5}, {"scenario": "dear", "probability": 0.5}],
    "events": [{"scenario": "dear", "target_type": "lane", "target": "air", "cost_factor": 2}],
}


def test_in_each_future_or_on_average() -> None:
    """Half by China in each: 1 - 0.2 when calm, 1 - 0.35 when air is dear: 0.725; on average all by China then: 0.8."""
    policy = {"measure": "transit_share", "subject": "CN", "limit": 0.5}
    assert value(policy, **DEAR_AIR) == pytest.approx(0.725)
    assert value({**policy, "scope": "expected"}, **DEAR_AIR) == pytest.approx(0.8)


def test_a_price_on_the_mean_of_futures() -> None:
    """All by China is 50 t of the mean beyond the share; at 1,000 USD/t that pays: 0.9 - 0.05 = 0.85."""
    policy = {"measure": "transit_share", "subject": "CN", "limit": 0.5, "scope": "expected", "penalty_usd": 1000}
    assert value(policy, **DEAR_AIR) == pytest.approx(0.85)


def test_years_of_a_policy() -> None:
    """Two years, the second under the policy: 0.9 + (1.76 of it) = 0.95 + ...: 2 x 2.0 - 1 - 0.1 - 0.24 = 2.66."""
    periods = [{"period": f"y{n}", "start_year": 2030 + n, "years": 1} for n in range(2)]
    policy = {"measure": "transit_share", "subject": "CN", "limit": 0.3, "first_year": 2031}
    assert value(policy, periods=periods) == pytest.approx(2.66)


def test_imports_take_nothing_from_exports() -> None:
    """50 t of free acid come in by the road on which ore leaves: 30 of 100 t by China all the same, 0.76."""
    found = value(
        {"measure": "transit_share", "subject": "CN", "limit": 0.3},
        products=[{"product": "ore"}, {"product": "acid"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mine", "recipe": "dig", "product": "acid", "t_per_t": -0.5},
        ],
        lanes=[
            {**LANES[0], "both_ways": "yes"},
            {"lane": "in", "from": "C", "to": "D", "mode": "road", "usd_t": 0},
            *LANES[1:],
        ],
        purchases=[{"node": "C", "product": "acid", "price_usd_t": 0}],
    )
    assert found == pytest.approx(0.76)
