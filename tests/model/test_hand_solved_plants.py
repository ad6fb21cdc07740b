"""Small cases solved by hand where time meets plants and money: lives, ramps, closing, capital, windows, prices."""

from __future__ import annotations

import pytest

from support import one_mine, solved, term, total


def years(*lengths: int) -> list[dict[str, object]]:
    """Periods of these lengths from 2030 on, named by their first year."""
    starts = [2030 + sum(lengths[:i]) for i in range(len(lengths))]
    return [{"period": str(s), "start_year": s, "years": n} for s, n in zip(starts, lengths, strict=True)]


def test_ramp_over_short_periods() -> None:
    """Ramp 0.5, 0.8, 1 over periods of 1, 1 and 2 years: 50, 80 and twice 100 t: 330 x 19,000 - 1 = 5.27."""
    plan = solved(one_mine(periods=years(1, 1, 2), processes=[{"process": "mine", "ramp_1": 0.5, "ramp_2": 0.8}]))
    assert plan.activity["t_y"].tolist() == pytest.approx([50.0, 80.0, 100.0])
    assert plan.objective == pytest.approx(5.27)


def test_ramp_and_life_within_a_period_that_began_before() -> None:
    """Built in 2031 for three years, ramp 0.5; periods of 1, 2, 2 years: (50 + 100)/2, then 100/2: 250 t: 4.75 - 1."""
    plan = solved(
        one_mine(
            periods=years(1, 2, 2),
            processes=[{"process": "mine", "lifetime_years": 3, "ramp_1": 0.5, "build_years": 1}],
            sites=[{"node": "D", "process": "mine", "last_year": 2031}],
        )
    )
    assert plan.activity["t_y"].tolist() == pytest.approx([75.0, 50.0])
    assert plan.objective == pytest.approx(3.75)


def test_built_again_after_the_end_of_its_life() -> None:
    """A life of 2 in four years: built in 2030 and 2032, the first closed in 2032 for a tenth: 7.6 - 2 - 0.1 = 5.5.

    The second ends with the horizon, whose closing lies beyond it.
    """
    processes = [{"process": "mine", "lifetime_years": 2, "closing_cost_share": 0.1}]
    plan = solved(one_mine(periods=years(1, 1, 1, 1), processes=processes))
    assert plan.builds["period"].tolist() == ["2030", "2032"]
    assert plan.objective == pytest.approx(5.5)


def test_a_unit_that_dies_in_a_period_holds_its_place_until_the_next() -> None:
    """A life of 3 in periods of 2, 2, 2: the successor waits for 2034: 200 + 100 + 200 t: 9.5 - 2 = 7.5."""
    plan = solved(one_mine(periods=years(2, 2, 2), processes=[{"process": "mine", "lifetime_years": 3}]))
    assert plan.builds["period"].tolist() == ["2030", "2034"]
    assert plan.objective == pytest.approx(7.5)


def test_window_inside_a_period_waits_for_the_next_first_day() -> None:
    """first_year 2031 lies inside 2030-31, so the mine may stand from 2032 on only: 2 x 1.9 - 1 = 2.8."""
    plan = solved(one_mine(periods=years(2, 2), sites=[{"node": "D", "process": "mine", "first_year": 2031}]))
    assert plan.builds["period"].tolist() == ["2032"]
    assert plan.objective == pytest.approx(2.8)


def test_capital_is_spent_before_the_first_period() -> None:
    """Base year 2028, two years to build, first period 2030, 10%, end of year: capital in 2028 and 2029."""
    plan = solved(one_mine(processes=[{"process": "mine", "build_years": 2}]), base_year=2028, discount_rate=0.1)
    assert term(plan, "capex") == pytest.approx(-(0.5 / 1.1 + 0.5 / 1.21))
    assert plan.objective == pytest.approx(1.9 / 1.331 - (0.5 / 1.1 + 0.5 / 1.21))


def test_window_profile_and_price_event_within_a_period() -> None:
    """Four years; the market opens in 2032, pays 1.5 from 2033; a price factor of 0.8 holds in half the years: 0.9.

    100 t/y over the four years, sold in two at (1 + 1.5)/2: 400 x 20,000 x 1.25 x 0.9 - 0.4 - 1 = 7.6.
    """
    plan = solved(
        one_mine(
            periods=years(4),
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "profile": "up", "first_year": 2032}],
            profiles=[{"profile": "up", "year": 2033, "factor": 1.5}],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[
                {"scenario": "w", "target_type": "product", "target": "ore", "price_factor": 0.8, "last_year": 2031}
            ],
        )
    )
    assert plan.objective == pytest.approx(7.6)


def test_units_that_stand_today_may_stay_whatever_else_may_be_built() -> None:
    """Two units stand where max_units is left at 1: both run without capital: 200 x 19,000 = 3.8."""
    site = {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 2}
    plan = solved(one_mine(sites=[site]))
    assert plan.closures.empty
    assert plan.objective == pytest.approx(3.8)


def test_closing_saves_upkeep_book_value_and_the_cost_of_closing_later() -> None:
    """One unit of 1 MUSD stands, life 3, 0.5 a year to keep, sustaining 10%, closing 20%; it earns 1.9 in 2030.

    Four one-year periods, no market after 2030. Closed in 2031: 1.9 - 0.6 - 0.2 = 1.1 beats keeping it until 2033
    (1.9 - 1.8 - 0.2) and closing at once (-0.2).
    """
    plan = solved(
        one_mine(
            periods=years(1, 1, 1, 1),
            processes=[{"process": "mine", "lifetime_years": 3, "closing_cost_share": 0.2}],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1, "fixed_opex_musd_y": 0.5}
                | {"sustaining_capex_share_y": 0.1}
            ],
            sites=[{"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "last_year": 2030}],
        ),
        terminal_value="book",
    )
    assert plan.closures["period"].tolist() == ["2031"]
    assert plan.objective == pytest.approx(1.1)


@pytest.mark.parametrize("timing", ["start", "mid", "end"])
def test_book_value_counts_on_the_day_after_the_horizon(timing: str) -> None:
    """Half the life of 4 is left after two years: 0.5 MUSD, two years after the base year whatever the timing."""
    plan = solved(
        one_mine(periods=years(1, 1), processes=[{"process": "mine", "lifetime_years": 4}]),
        terminal_value="book",
        discount_rate=0.1,
        discount_timing=timing,
    )
    assert term(plan, "terminal_value") == pytest.approx(0.5 / 1.21)


def test_a_required_process_that_stands_today_is_kept_for_its_sake() -> None:
    """A camp stands and costs 0.2 a year; the mine needs it: 0.9 - 0.2. If the mine does not pay, it is closed."""

    def value(price: float) -> float:
        return solved(
            one_mine(
                processes=[{"process": "mine", "requires": "camp"}, {"process": "camp", "closing_cost_share": 0.05}],
                sizes=[
                    {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                    {"process": "camp", "size": "s", "capacity_t_y": 1, "capex_musd": 1, "fixed_opex_musd_y": 0.2},
                ],
                sites=[
                    {"node": "D", "process": "mine"},
                    {"node": "D", "process": "camp", "status": "existing", "existing_size": "s", "existing_units": 1},
                ],
                markets=[{"node": "M", "product": "ore", "price_usd_t": price}],
            )
        ).objective

    assert value(20000) == pytest.approx(0.7)
    assert value(10900) == pytest.approx(-0.05)


def test_minimum_load_of_two_sizes_and_two_recipes_under_an_event() -> None:
    """Sizes of 100 and 50 t/y both forced, half load at least, capacity 0.4 in the one future: between 30 and 60 t.

    One recipe gives a tonne and takes acid at 100 USD/t, the other half a tonne; ore brings 500 less 1,000 of freight.
    15 t of ore from 30 t of the second recipe lose least: -0.0075.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore"}, {"product": "acid"}],
            recipes=[
                {"process": "mine", "recipe": "leach", "product": "ore", "t_per_t": 1},
                {"process": "mine", "recipe": "leach", "product": "acid", "t_per_t": -1},
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 0.5},
            ],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "min_load": 0.5},
                {"process": "mine", "size": "t", "capacity_t_y": 50, "min_load": 0.5},
            ],
            sites=[{"node": "D", "process": "mine", "max_units": 2}],
            purchases=[{"node": "D", "product": "acid", "price_usd_t": 100}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 500}],
            overrides=[
                {"node": "D", "size": "s", "units": 1},
                {"process": "mine", "size": "t", "period": "p1", "units": 1},
            ],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[{"scenario": "w", "target_type": "process", "target": "mine", "capacity_factor": 0.4}],
        )
    )
    assert total(plan, "activity", recipe="dig") == pytest.approx(30.0)
    assert plan.objective == pytest.approx(-0.0075)


def test_rows_at_one_place_add_options_each_with_its_bound() -> None:
    """Two rows for the mine, of one unit at factor 1 and of two at factor 1.5: 3 x 1.9 - 1 - 3 = 1.7."""
    plan = solved(
        one_mine(
            sites=[
                {"node": "D", "process": "mine"},
                {"node": "D", "process": "mine", "sizes": "s", "max_units": 2, "capex_factor": 1.5},
            ]
        )
    )
    assert plan.builds["units"].sum() == 3
    assert plan.objective == pytest.approx(1.7)


def test_prices_of_limits_are_value_per_tonne_a_year() -> None:
    """A lane of 75 t/y binds for two years: a tonne a year more is worth 2 x (1,500 - 1,000) USD, shared by odds.

    At least cost a contract of 50 t/y binds: a tonne a year more to deliver loses 2 x 1,000 USD of freight.
    """
    tables = one_mine(
        periods=years(2),
        lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 75}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 1500, "min_t_y": 50}],
        overrides=[{"node": "D", "process": "mine", "units": 1}],
        scenarios=[{"scenario": "a", "probability": 0.25}, {"scenario": "b", "probability": 0.75}],
    )

    def prices(objective: str, rule: str) -> dict[str, float]:
        duals = solved(tables, objective=objective).duals
        return dict(duals[duals["rule"] == rule].set_index("scenario")["value"])

    assert prices("npv", "shipments_within_lane") == pytest.approx({"a": 0.25 * 0.001, "b": 0.75 * 0.001})
    assert prices("npv", "contract_delivered") == {}
    assert prices("cost", "contract_delivered") == pytest.approx({"a": -0.25 * 0.002, "b": -0.75 * 0.002})
    assert prices("cost", "shipments_within_lane") == {}
