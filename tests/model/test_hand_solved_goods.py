"""Small cases solved by hand where stocks, residues, utilities, contracts and origins meet, with the arithmetic."""

from __future__ import annotations

import pytest

from khovor.network import derive, findings
from support import Rows, case_of, one_mine, solved, term, total

ONE_YEAR_THEN_THREE = [
    {"period": "a", "start_year": 2030, "years": 1},
    {"period": "b", "start_year": 2031, "years": 3},
]


def mine_and_mill(**changes: Rows) -> dict[str, Rows]:
    """The mine beside a mill that makes a tonne of concentrate of a tonne of ore; M buys concentrate at 20,000."""
    tables: dict[str, Rows] = {
        "products": [{"product": "ore"}, {"product": "conc"}],
        "processes": [{"process": "mine"}, {"process": "mill"}],
        "recipes": [
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
            {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 1},
        ],
        "sizes": [
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "mill", "size": "s", "capacity_t_y": 1000, "capex_musd": 0.1},
        ],
        "sites": [{"node": "D", "process": "mine"}, {"node": "D", "process": "mill"}],
        "markets": [{"node": "M", "product": "conc", "price_usd_t": 20000}],
    }
    return one_mine(**{**tables, **changes})


def test_stock_over_periods_of_different_length() -> None:
    """20 t at first, 10 t at last; the market opens in the second period, of three years.

    Year 1 makes 80 t, which fills the room of 100. Then 3 x 100 + 90 = 390 t are sold: 7.41. Held on average 60 t for
    a year and 55 t for three: 225 t-years at 100 USD: 0.0225. Capital 1: 6.3875.
    """
    plan = solved(
        one_mine(
            periods=ONE_YEAR_THEN_THREE,
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "first_year": 2031}],
            stockpiles=[
                {"node": "D", "product": "ore", "capacity_t": 100, "holding_usd_t_y": 100}
                | {"initial_t": 20, "final_min_t": 10}
            ],
        )
    )
    assert total(plan, "sales", period="b") == pytest.approx(130.0)
    assert term(plan, "holding") == pytest.approx(-0.0225)
    assert plan.objective == pytest.approx(6.3875)


def test_a_mill_lives_on_stock_alone() -> None:
    """No mine: the mill turns the 60 t in stock into concentrate: 60 x 19,000 - 0.1 = 1.04 MUSD."""
    plan = solved(
        mine_and_mill(
            sites=[{"node": "D", "process": "mill"}],
            stockpiles=[{"node": "D", "product": "ore", "capacity_t": 60, "initial_t": 60}],
        )
    )
    assert plan.objective == pytest.approx(1.04)


def test_a_mill_lives_on_what_a_dead_mine_left() -> None:
    """The mine lives one year; the mill comes in the next and lives on the 70 t kept: 70 x 19,000 - 1 - 0.1 = 0.23."""
    plan = solved(
        mine_and_mill(
            periods=ONE_YEAR_THEN_THREE,
            processes=[{"process": "mine", "lifetime_years": 1}, {"process": "mill", "build_years": 1}],
            sites=[{"node": "D", "process": "mine", "last_year": 2030}, {"node": "D", "process": "mill"}],
            stockpiles=[{"node": "D", "product": "ore", "capacity_t": 70}],
        )
    )
    assert plan.objective == pytest.approx(0.23)


def test_tailings_are_kept_for_good_in_a_stockpile() -> None:
    """Each tonne of ore leaves one of tailings, with room for 80 t and no other outlet: 80 x 19,000 - 1 = 0.52."""
    plan = solved(
        one_mine(
            periods=ONE_YEAR_THEN_THREE,
            products=[{"product": "ore"}, {"product": "tails"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "mine", "recipe": "dig", "product": "tails", "t_per_t": 1},
            ],
            stockpiles=[{"node": "D", "product": "tails", "capacity_t": 80}],
        )
    )
    assert plan.objective == pytest.approx(0.52)


def test_a_last_stock_of_what_nobody_buys() -> None:
    """50 t of ore are asked for at the end although nobody buys ore: a mine is built for it, value -1."""
    plan = solved(
        one_mine(markets=[], stockpiles=[{"node": "D", "product": "ore", "capacity_t": 80, "final_min_t": 50}])
    )
    assert total(plan, "stocks", "t") == pytest.approx(50.0)
    assert plan.objective == pytest.approx(-1.0)


def test_steam_of_one_plant_runs_another_without_any_supply() -> None:
    """Nobody sells steam: the mine needs 1 t/t, and each tonne of burnt sulphur (at 300 USD/t) gives 2.

    100 t of ore need 50 t of sulphur: 0.9 - 0.015 = 0.885. A credit left over earns nothing.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore"}, {"product": "sulphur"}],
            processes=[{"process": "mine"}, {"process": "boiler"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "boiler", "recipe": "burn", "product": "sulphur", "t_per_t": -1},
            ],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "boiler", "size": "s", "capacity_t_y": 100},
            ],
            sites=[{"node": "D", "process": "mine"}, {"node": "D", "process": "boiler"}],
            purchases=[{"node": "D", "product": "sulphur", "price_usd_t": 300}],
            utilities=[{"utility": "steam", "unit": "t"}],
            utility_use=[
                {"process": "mine", "utility": "steam", "use_per_t": 1},
                {"process": "boiler", "utility": "steam", "use_per_t": -2},
            ],
        )
    )
    assert total(plan, "purchases") == pytest.approx(50.0)
    assert plan.objective == pytest.approx(0.885)


def test_a_project_adds_to_the_cheapest_power_of_its_day() -> None:
    """100 MWh a year are needed; 40 at 50 USD in 2030, 40 at 70 from 2031 on, the rest at 500 in both.

    A grid of 0.01 MUSD adds 60 MWh to the cheap step of each year: 100 x 50 + 100 x 70 = 0.012: 3.8 - 1 - 0.022.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
            utilities=[{"utility": "power", "unit": "MWh"}],
            utility_use=[{"process": "mine", "utility": "power", "use_per_t": 1}],
            utility_supply=[
                {"node": "D", "utility": "power", "price_usd": 50, "limit_y": 40, "last_year": 2030},
                {"node": "D", "utility": "power", "price_usd": 70, "limit_y": 40, "first_year": 2031},
                {"node": "D", "utility": "power", "price_usd": 500},
            ],
            projects=[{"project": "grid", "capex_musd": 0.01}],
            project_effects=[{"project": "grid", "target_type": "utility", "target": "power", "node": "D", "adds": 60}],
        )
    )
    assert term(plan, "utilities") == pytest.approx(-0.012)
    assert plan.objective == pytest.approx(2.778)


def test_power_that_is_short_and_dear_in_one_of_two_years() -> None:
    """In the second of two years 50 of 100 MWh/y are left and cost twice: on average 75 at 75 USD.

    75 t/y x 2 x 19,000 = 2.85, power 150 MWh x 75 = 0.01125, capital 1: 1.83875.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 2}],
            utilities=[{"utility": "power", "unit": "MWh"}],
            utility_use=[{"process": "mine", "utility": "power", "use_per_t": 1}],
            utility_supply=[{"node": "D", "utility": "power", "price_usd": 50, "limit_y": 100}],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[
                {"scenario": "w", "target_type": "utility", "target": "power", "first_year": 2031}
                | {"capacity_factor": 0.5, "price_factor": 2}
            ],
        )
    )
    assert plan.objective == pytest.approx(1.83875)


def test_hard_contract_in_part_of_a_period_under_an_event() -> None:
    """40 t/y at 500 USD/t, less than freight, in two of four years, and every future asks for half: 10 t/y on average.

    40 t sold: 0.02; freight 0.04; capital 1: -1.02.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 4}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 500, "min_t_y": 40, "last_year": 2031}],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[{"scenario": "w", "target_type": "market", "target": "M", "demand_factor": 0.5}],
        )
    )
    assert total(plan, "sales") == pytest.approx(10.0)
    assert plan.objective == pytest.approx(-1.02)


def test_a_contract_is_held_against_what_its_futures_ask_and_bring() -> None:
    """120 t/y from 100 t/y is refused, but not where every future asks for half, nor where the mine doubles."""
    contract = [{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 120}]
    scenarios = [{"scenario": "w", "probability": 1}]

    def errors(**event: object) -> list[str]:
        case = case_of(one_mine(markets=contract, scenarios=scenarios, events=[{"scenario": "w", **event}]))
        return [issue.message for issue in findings(derive(case)) if issue.severity == "error"]

    assert errors(target_type="market", target="M", price_factor=2)
    assert not errors(target_type="market", target="M", demand_factor=0.5)
    assert not errors(target_type="process", target="mine", capacity_factor=2)


def test_shortfall_in_part_of_a_period_is_priced_flat() -> None:
    """120 t/y promised in one of two years takes the 80 t made in both: 40 t are short at 3,000.

    Prices follow the profile (double), the penalty does not: 80 x 40,000 - 80 x 1,000 - 0.12 - 1 MUSD = 2.0.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 2}],
            sizes=[{"process": "mine", "size": "s", "capacity_t_y": 40, "capex_musd": 1}],
            markets=[
                {"node": "M", "product": "ore", "price_usd_t": 20000, "profile": "dear", "first_year": 2031}
                | {"min_t_y": 120, "shortfall_usd_t": 3000}
            ],
            profiles=[{"profile": "dear", "year": 2031, "factor": 2}],
        )
    )
    assert total(plan, "shortfalls") == pytest.approx(20.0)
    assert plan.objective == pytest.approx(2.0)


def test_one_market_for_the_metal_in_ores_of_three_origins() -> None:
    """M pays 100,000 USD per tonne of metal for at most 8 t of it; ores of 10% (D), 5% (E) and 20% (bought at F).

    Freight is 1,000 per t. F: 10 t at 2,000 bring 2 t of metal (17,000 per t); D: 60 t bring 6 t (9,000); E is not
    needed: 0.8 - 0.07 - 0.02 = 0.71.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore", "traced": "yes"}],
            nodes=[{"node": n, "kind": "deposit"} for n in "DEF"] + [{"node": "M", "kind": "market"}],
            deposits=[{"node": "D", "product": "ore"}, {"node": "E", "product": "ore"}],
            assays=[
                {"product": "ore", "component": "metal", "fraction": 0.05},
                {"origin": "D", "product": "ore", "component": "metal", "fraction": 0.1},
                {"origin": "F", "product": "ore", "component": "metal", "fraction": 0.5, "of": "salt"},
                {"origin": "F", "component": "salt", "fraction": 0.4},
            ],
            sizes=[{"process": "mine", "size": "s", "capacity_t_y": 60}],
            sites=[{"node": "D", "process": "mine"}, {"node": "E", "process": "mine"}],
            lanes=[{"lane": n, "from": n, "to": "M", "mode": "road", "usd_t": 1000} for n in "DEF"],
            purchases=[{"node": "F", "product": "ore", "price_usd_t": 2000, "max_t_y": 10}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 100000, "component": "metal", "max_t_y": 8}],
        )
    )
    assert {r.origin: r.t_y for r in plan.sales.itertuples()} == pytest.approx({"D": 60.0, "F": 10.0})
    assert plan.objective == pytest.approx(0.71)


def test_a_reserve_that_lasts_longer_where_a_lane_was_shut() -> None:
    """150 t in the ground. Open: 150 t in two years. Shut in the first: 100 t in the second. 0.5 x 250 x 19,000 - 1."""
    plan = solved(
        one_mine(
            periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
            deposits=[{"node": "D", "product": "ore", "reserve_t": 150}],
            scenarios=[{"scenario": "open", "probability": 0.5}, {"scenario": "shut", "probability": 0.5}],
            events=[
                {"scenario": "shut", "target_type": "lane", "target": "D-M", "capacity_factor": 0, "last_year": 2030}
            ],
        )
    )
    assert total(plan, "activity", scenario="open") == pytest.approx(150.0)
    assert plan.objective == pytest.approx(1.375)
