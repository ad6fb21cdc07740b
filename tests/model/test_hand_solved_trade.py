"""Small cases solved by hand: trade, utilities, stocks, existing plants, objectives; arithmetic in each docstring."""

from __future__ import annotations

import pytest

from khovor.errors import InfeasibleError
from support import one_mine, solved, term, total


def test_utility_price_ladder() -> None:
    """2 MWh/t; 120 MWh at 50 USD, then 500 USD: 100 t need 120 x 50 + 80 x 500 = 46,000 USD: 0.9 - 0.046."""
    plan = solved(
        one_mine(
            utilities=[{"utility": "power", "unit": "MWh"}],
            utility_use=[{"process": "mine", "utility": "power", "use_per_t": 2}],
            utility_supply=[
                {"node": "D", "utility": "power", "price_usd": 50, "limit_y": 120},
                {"node": "D", "utility": "power", "price_usd": 500},
            ],
        )
    )
    assert plan.objective == pytest.approx(0.854)


def test_market_tiers() -> None:
    """30 t at 30,000, then the rest at 12,000, half payable: 30 x 29,000 + 70 x (6,000 - 1,000) - 1 MUSD = 0.22."""
    plan = solved(
        one_mine(
            markets=[
                {"node": "M", "product": "ore", "tier": 1, "price_usd_t": 30000, "max_t_y": 30},
                {"node": "M", "product": "ore", "tier": 2, "price_usd_t": 12000, "payable_share": 0.5},
            ]
        )
    )
    assert plan.objective == pytest.approx(0.22)


def test_contract_with_a_price_for_shortfall() -> None:
    """120 t promised, 100 t made: 20 t short at 3,000 USD/t: 0.9 - 0.06 = 0.84."""
    plan = solved(
        one_mine(
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 120, "shortfall_usd_t": 3000}]
        )
    )
    assert total(plan, "shortfalls") == pytest.approx(20.0)
    assert plan.objective == pytest.approx(0.84)


def test_hard_contract_forces_a_loss() -> None:
    """A hard contract of 50 t at 5,000 USD/t must be met; all 100 t pay 4,000 each: 0.4 - 1 = -0.6."""
    plan = solved(one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 5000, "min_t_y": 50}]))
    assert plan.objective == pytest.approx(-0.6)


def test_hard_contract_beyond_capacity_is_infeasible() -> None:
    """Two hard contracts that each could be met but not both leave no plan."""
    tables = one_mine(
        markets=[
            {"node": "M", "product": "ore", "tier": 1, "price_usd_t": 5000, "min_t_y": 60},
            {"node": "M", "product": "ore", "tier": 2, "price_usd_t": 5000, "min_t_y": 60},
        ]
    )
    with pytest.raises(InfeasibleError):
        solved(tables)


def test_purchase_instead_of_mining() -> None:
    """Ore on offer at 3,000 USD/t, 40 t/y, at the mine: no capital needed: 40 x 16,000 more: 0.9 + 0.64 = 1.54."""
    plan = solved(one_mine(purchases=[{"node": "D", "product": "ore", "price_usd_t": 3000, "max_t_y": 40}]))
    assert plan.objective == pytest.approx(1.54)


def test_traced_recovery() -> None:
    """Ore of 2% metal, recovery 80%, concentrate of 40% metal: 0.8 x 0.02 / 0.4 = 0.04 t per t; 100 t give 4 t.

    Priced per tonne of metal contained: 4 t x 0.4 x 1 MUSD/t = 1.6; freight 4 x 1,000: 0.004; capital 1: 0.596.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore", "traced": "yes"}, {"product": "conc", "traced": "yes"}],
            deposits=[{"node": "D", "product": "ore"}],
            assays=[
                {"origin": "D", "product": "ore", "component": "REO", "fraction": 0.02},
                {"product": "conc", "component": "REO", "fraction": 0.4},
            ],
            processes=[{"process": "mine"}, {"process": "mill"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
                {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 0.8, "recovers": "REO"},
            ],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "mill", "size": "s", "capacity_t_y": 500},
            ],
            sites=[{"node": "D", "process": "mine"}, {"node": "D", "process": "mill"}],
            markets=[{"node": "M", "product": "conc", "price_usd_t": 1e6, "component": "REO"}],
        )
    )
    assert total(plan, "sales") == pytest.approx(4.0)
    assert plan.sales["origin"].tolist() == ["D"]
    assert plan.objective == pytest.approx(0.596)


def test_stock_carries_to_a_dearer_year() -> None:
    """Only 100 t/y can be made and year 2 pays double: store 60 t at 100 USD per t and year.

    Year 1 sells 40 t at 19,000, year 2 sells 160 t at 39,000; stock 0 -> 60 -> 0: holding (30 + 30) x 100 = 6,000 USD.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "profile": "dear"}],
            profiles=[{"profile": "dear", "year": 2031, "factor": 2}],
            stockpiles=[{"node": "D", "product": "ore", "capacity_t": 60, "holding_usd_t_y": 100}],
        )
    )
    assert total(plan, "stocks", "t") == pytest.approx(60.0)
    assert plan.objective == pytest.approx(40 * 0.019 + 160 * 0.039 - 0.006 - 1)


def test_existing_plant_is_closed_when_it_does_not_pay() -> None:
    """An existing plant costs 3 MUSD a year to keep and earns 1.9: closing at once (10% of 1 MUSD) beats running."""
    plan = solved(
        one_mine(
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1, "fixed_opex_musd_y": 3},
            ],
            processes=[{"process": "mine", "closing_cost_share": 0.1}],
            sites=[
                {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1},
            ],
        )
    )
    assert plan.closures["units"].tolist() == [1]
    assert plan.objective == pytest.approx(-0.1)


def test_existing_plant_needs_no_capital() -> None:
    """An existing plant earns 1.9 MUSD with no capital spent."""
    plan = solved(
        one_mine(
            sites=[
                {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1},
            ]
        )
    )
    assert plan.objective == pytest.approx(1.9)


def test_override_forbids_and_forces() -> None:
    """Forced to build nothing the value is 0; forced to build at 10,900 USD/t it is 0.99 - 1 = -0.01."""
    nothing = solved(one_mine(overrides=[{"node": "D", "process": "mine", "units": 0}]))
    forced = solved(
        one_mine(
            overrides=[{"node": "D", "process": "mine", "size": "s", "period": "p1", "units": 1}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 10900}],
        )
    )
    assert nothing.objective == pytest.approx(0.0)
    assert forced.objective == pytest.approx(-0.01)


def test_terminal_book_value() -> None:
    """Life 4, one year used: three quarters of 1 MUSD come back on the day after: 0.9 + 0.75."""
    plan = solved(one_mine(processes=[{"process": "mine", "lifetime_years": 4}]), terminal_value="book")
    assert term(plan, "terminal_value") == pytest.approx(0.75)
    assert plan.objective == pytest.approx(1.65)


def test_interest_on_goods_in_transit() -> None:
    """36.5 days at 10% on 50,000 USD/t is 500 USD/t: 100 t cost 0.05; timing `start`, so nothing else is discounted."""
    plan = solved(
        one_mine(
            products=[{"product": "ore", "value_usd_t": 50000}],
            lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "days": 36.5}],
        ),
        discount_rate=0.1,
        discount_timing="start",
    )
    assert term(plan, "transit_interest") == pytest.approx(-0.05)
    assert plan.objective == pytest.approx(0.85)


def test_cost_objective_leaves_revenue_out() -> None:
    """Least cost of a hard contract of 50 t: capital 1 + 50 t of freight = 1.05 MUSD, however high the price."""
    plan = solved(
        one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 50}]), objective="cost"
    )
    assert plan.objective == pytest.approx(1.05)
    assert total(plan, "sales") == pytest.approx(50.0)


def test_sustaining_and_fixed_cost_every_year_online() -> None:
    """Two years: 3.8 - 1 - 2 x (0.05 fixed + 2% of 1 MUSD) = 2.66; factors 2 and 3 and 0.5 extra: capex 2.5."""
    sizes = [
        {
            "process": "mine",
            "size": "s",
            "capacity_t_y": 100,
            "capex_musd": 1,
            "fixed_opex_musd_y": 0.05,
            "sustaining_capex_share_y": 0.02,
            "variable_opex_usd_t": 100,
        }
    ]
    periods = [{"period": "p1", "start_year": 2030, "years": 2}]
    plain = solved(one_mine(periods=periods, sizes=sizes))
    assert plain.objective == pytest.approx(3.8 - 1 - 0.1 - 0.04 - 0.02)
    site = {
        "node": "D",
        "process": "mine",
        "capex_factor": 2,
        "opex_factor": 3,
        "extra_capex_musd": 0.5,
        "extra_variable_usd_t": 50,
    }
    dear = solved(one_mine(periods=periods, sizes=sizes, sites=[site]))
    assert dear.objective == pytest.approx(3.8 - 2.5 - 2 * 0.15 - 2 * 0.05 - 200 * 350 / 1e6)


def test_project_lane_waits_for_its_project() -> None:
    """A project lane with 90 t/y of its own carries nothing until its project (0.05 MUSD, adds 10): then all 100 t."""
    lanes = [
        {"lane": "rail", "from": "D", "to": "M", "mode": "road", "usd_t": 0, "status": "project", "capacity_t_y": 90}
    ]
    track = {
        "projects": [{"project": "track", "capex_musd": 0.05}],
        "project_effects": [{"project": "track", "target_type": "lane", "target": "rail", "adds": 10}],
    }
    assert solved(one_mine(lanes=lanes)).objective == pytest.approx(0.0)
    assert solved(one_mine(lanes=lanes, **track)).objective == pytest.approx(0.95)


@pytest.mark.parametrize(
    "event",
    [
        {"target_type": "market", "target": "M", "demand_factor": 0},
        {"target_type": "lane", "target": "D-M", "capacity_factor": 0},
        {"target_type": "territory", "target": "US", "capacity_factor": 0},
        {"target_type": "process", "target": "mine", "capacity_factor": 0},
    ],
)
def test_factor_zero_shuts_what_has_no_limit(event: dict[str, object]) -> None:
    """Whatever is shut in the one future there is, nothing pays: value 0."""
    tables = one_mine(scenarios=[{"scenario": "shut", "probability": 1}], events=[{"scenario": "shut", **event}])
    assert solved(tables).objective == pytest.approx(0.0)


def test_purchase_and_utility_shut_without_a_limit() -> None:
    """A purchase and a power line without a limit are shut by a factor of 0: without power the mine makes nothing."""
    tables = one_mine(
        purchases=[{"node": "D", "product": "ore", "price_usd_t": 1000}],
        utilities=[{"utility": "power", "unit": "MWh"}],
        utility_use=[{"process": "mine", "utility": "power", "use_per_t": 1}],
        utility_supply=[{"node": "D", "utility": "power", "price_usd": 50}],
        scenarios=[{"scenario": "shut", "probability": 1}],
        events=[
            {"scenario": "shut", "target_type": "purchase", "target": "D:ore", "demand_factor": 0},
            {"scenario": "shut", "target_type": "utility", "target": "D:power", "capacity_factor": 0},
        ],
    )
    assert solved(tables).objective == pytest.approx(0.0)
