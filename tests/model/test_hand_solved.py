"""Small cases solved by hand, one per rule of the model contract: each docstring carries the arithmetic."""

from __future__ import annotations

import pytest

from support import one_mine, solved, term, total


def test_one_mine() -> None:
    """100 t at 20,000 - 1,000 USD/t less 1 MUSD of capital = 0.9 MUSD."""
    plan = solved(one_mine())
    assert plan.objective == pytest.approx(0.9)
    assert term(plan, "revenue") == pytest.approx(2.0)
    assert term(plan, "freight") == pytest.approx(-0.1)
    assert term(plan, "capex") == pytest.approx(-1.0)


def test_nothing_is_built_that_does_not_pay() -> None:
    """At 10,900 USD/t the margin of 0.99 MUSD does not carry 1 MUSD of capital: build nothing, value 0."""
    plan = solved(one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 10900}]))
    assert plan.objective == pytest.approx(0.0)
    assert plan.builds.empty


def test_balance_with_loss() -> None:
    """A tenth is lost on the way and paid for: 90 t sold (1.8), 100 t carried (0.1), capital 1: value 0.7."""
    lanes = [{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "loss_share": 0.1}]
    plan = solved(one_mine(lanes=lanes))
    assert total(plan, "sales") == pytest.approx(90.0)
    assert plan.objective == pytest.approx(0.7)


def test_capacity_ramps_up() -> None:
    """Ramp 0.4, 0.7, 0.9 over one 4-year period: mean (0.4 + 0.7 + 0.9 + 1)/4 = 0.75 of 100 t/y."""
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 4}],
            processes=[{"process": "mine", "ramp_1": 0.4, "ramp_2": 0.7, "ramp_3": 0.9}],
        )
    )
    assert total(plan, "activity") == pytest.approx(75.0)
    assert plan.objective == pytest.approx(4 * 75 * 0.019 - 1)


def test_life_ends_within_a_period() -> None:
    """A life of 3 years in a 4-year period leaves a mean of 75 t/y; the closing cost of 10% falls in year four."""
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 4}],
            processes=[{"process": "mine", "lifetime_years": 3, "closing_cost_share": 0.1}],
        )
    )
    assert plan.objective == pytest.approx(4 * 75 * 0.019 - 1 - 0.1)


def test_minimum_load_binds() -> None:
    """The market takes 20 t, the plant may not run below half: 30 t are disposed of at 500 USD/t.

    20 t x 20,000 = 0.4; freight 0.02; disposal 0.015; capital 0.1: value 0.265.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore", "disposal_usd_t": 500}],
            sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1, "min_load": 0.5}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 20}],
        )
    )
    assert total(plan, "disposals") == pytest.approx(30.0)
    assert plan.objective == pytest.approx(0.265)


def test_lead_time_and_capital_spent_before() -> None:
    """Two years of building from base year 2030: not before 2032. At 10%, end of year, capital is halved over 2030-31.

    capital 0.5/1.1 + 0.5/1.21 = 0.867769; 2032: 1.9/1.331 = 1.427498: value 0.559730.
    """
    plan = solved(
        one_mine(
            periods=[{"period": str(y), "start_year": y, "years": 1} for y in (2030, 2031, 2032)],
            processes=[{"process": "mine", "build_years": 2}],
        ),
        discount_rate=0.1,
    )
    assert plan.builds["period"].tolist() == ["2032"]
    assert plan.objective == pytest.approx(1.9 / 1.331 - (0.5 / 1.1 + 0.5 / 1.21))


@pytest.mark.parametrize(("timing", "weight"), [("start", 1.0), ("mid", 1.1**-0.5), ("end", 1 / 1.1)])
def test_discount_timing(timing: str, weight: float) -> None:
    """The one year counts (1.1)^-s, s = 0, 1/2, 1: value 0.9 x that."""
    plan = solved(one_mine(), discount_rate=0.1, discount_timing=timing)
    assert plan.objective == pytest.approx(0.9 * weight)


def test_required_process_at_the_same_node() -> None:
    """The mine needs a camp of 0.5 MUSD beside it: value 0.9 - 0.5 = 0.4; a camp of 1 MUSD is not worth it."""

    def camp(capex: float) -> float:
        return solved(
            one_mine(
                processes=[{"process": "mine", "requires": "camp"}, {"process": "camp"}],
                recipes=[
                    {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                    {"process": "camp", "recipe": "live", "product": "ore", "t_per_t": -1},
                ],
                sizes=[
                    {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                    {"process": "camp", "size": "s", "capacity_t_y": 1, "capex_musd": capex},
                ],
                sites=[{"node": "D", "process": "mine"}, {"node": "D", "process": "camp"}],
            )
        ).objective

    assert camp(0.5) == pytest.approx(0.4)
    assert camp(1.0) == pytest.approx(0.0)


def test_units_of_a_site_share_its_bound() -> None:
    """Two sizes at a site with max_units 1: the larger one alone (200 t for 1.5 MUSD): 3.8 - 1.5 = 2.3."""
    plan = solved(
        one_mine(
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "mine", "size": "l", "capacity_t_y": 200, "capex_musd": 1.5},
            ]
        )
    )
    assert plan.builds[["size", "units"]].values.tolist() == [["l", 1]]
    assert plan.objective == pytest.approx(2.3)


def test_project_opens_a_lane() -> None:
    """A cheap lane (free of freight) opens for 0.05 MUSD and carries 60 t/y: 0.9 + 0.06 - 0.05 = 0.91."""
    plan = solved(
        one_mine(
            lanes=[
                {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000},
                {"lane": "rail", "from": "D", "to": "M", "mode": "road", "usd_t": 0, "status": "project"},
            ],
            projects=[{"project": "track", "capex_musd": 0.05}],
            project_effects=[{"project": "track", "target_type": "lane", "target": "rail", "adds": 60}],
        )
    )
    assert plan.projects["project"].tolist() == ["track"]
    assert plan.objective == pytest.approx(0.91)


def test_projects_exclude_one_another() -> None:
    """Two free tracks of 60 t each that exclude one another: only one is taken, 0.9 + 0.06."""
    plan = solved(
        one_mine(
            lanes=[
                {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000},
                {"lane": "r1", "from": "D", "to": "M", "mode": "road", "usd_t": 0, "status": "project"},
                {"lane": "r2", "from": "D", "to": "M", "mode": "road", "usd_t": 0, "status": "project"},
            ],
            projects=[
                {"project": "t1", "capex_musd": 0, "excludes": "t2"},
                {"project": "t2", "capex_musd": 0},
            ],
            project_effects=[
                {"project": "t1", "target_type": "lane", "target": "r1", "adds": 60},
                {"project": "t2", "target_type": "lane", "target": "r2", "adds": 60},
            ],
        )
    )
    assert plan.objective == pytest.approx(0.96)


def test_gate_is_shared_by_lanes() -> None:
    """Two lanes through a gate of 70 t/y: 70 t x 19,000 = 1.33 less 1 = 0.33."""
    plan = solved(
        one_mine(
            lanes=[
                {"lane": "a", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"},
                {"lane": "b", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"},
            ],
            gates=[{"gate": "G", "capacity_t_y": 70}],
        )
    )
    assert plan.objective == pytest.approx(0.33)


def test_booked_slots_make_a_squeeze_hurt() -> None:
    """Slots at 1,000 USD per t and year; in one future of two only half of what was booked passes.

    Booking 100: calm 100 t, squeezed 50 t: 0.5 x 1.9 + 0.5 x 0.95 - 0.1 - 1 = 0.325. More slots are worth it: b > 100
    passes b/2 in the squeeze: gain 0.5 x 0.5 x 0.019 - 0.001 > 0 per t up to b = 200: 1.9 - 0.2 - 1 = 0.7.
    """
    plan = solved(
        one_mine(
            lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"}],
            gates=[{"gate": "G", "booking_usd_t_y": 1000}],
            scenarios=[{"scenario": "calm", "probability": 0.5}, {"scenario": "squeeze", "probability": 0.5}],
            events=[{"scenario": "squeeze", "target_type": "gate", "target": "G", "capacity_factor": 0.5}],
        )
    )
    assert total(plan, "bookings") == pytest.approx(200.0)
    assert plan.objective == pytest.approx(0.7)


def test_two_stage_value_is_the_mean_over_futures() -> None:
    """Price 20,000 or (factor 0.2) 4,000, even odds: 0.5 x 1.9 + 0.5 x 0.3 - 1 = 0.1; the plant is built once."""
    plan = solved(
        one_mine(
            scenarios=[{"scenario": "high", "probability": 0.5}, {"scenario": "low", "probability": 0.5}],
            events=[{"scenario": "low", "target_type": "product", "target": "ore", "price_factor": 0.2}],
        )
    )
    assert plan.objective == pytest.approx(0.1)


def test_event_for_part_of_a_period() -> None:
    """The lane is shut in one of two years: on average half its 100 t/y: 2 years x 50 t x 19,000 - 1 = 0.9."""
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 2}],
            lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 100}],
            scenarios=[{"scenario": "shut", "probability": 1}],
            events=[
                {
                    "scenario": "shut",
                    "target_type": "lane",
                    "target": "D-M",
                    "capacity_factor": 0,
                    "first_year": 2031,
                }
            ],
        )
    )
    assert plan.objective == pytest.approx(0.9)


def test_transport_class_decides_the_lane() -> None:
    """Ore may not fly: the free lane takes only `air` goods, so the dear one (5,000 USD/t) is used: 1.5 - 1 = 0.5."""
    plan = solved(
        one_mine(
            products=[
                {"product": "ore", "transport_class": "bulk"},
                {"product": "oxide", "transport_class": "air"},
            ],
            lanes=[
                {"lane": "fly", "from": "D", "to": "M", "mode": "road", "usd_t": 0, "classes": "air"},
                {"lane": "haul", "from": "D", "to": "M", "mode": "road", "usd_t": 5000, "classes": "bulk"},
            ],
        )
    )
    assert plan.flows["lane"].tolist() == ["haul"]
    assert plan.objective == pytest.approx(0.5)


def test_reserve_runs_out() -> None:
    """150 t in the ground, two years at up to 100 t/y: 150 x 19,000 - 1 = 1.85."""
    plan = solved(
        one_mine(
            periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
            deposits=[{"node": "D", "product": "ore", "reserve_t": 150}],
        )
    )
    assert plan.objective == pytest.approx(1.85)
