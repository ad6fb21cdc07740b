"""Small cases solved by hand where features of transport meet: each docstring carries the arithmetic."""

from __future__ import annotations

import pytest

from support import Rows, one_mine, solved, term, total

CALM_OR_SQUEEZE = [{"scenario": "calm", "probability": 0.5}, {"scenario": "squeeze", "probability": 0.5}]


def lane(name: str, start: str, end: str, **more: object) -> dict[str, object]:
    """A lane by road at no cost."""
    return {"lane": name, "from": start, "to": end, "mode": "road", "usd_t": 0, **more}


def test_both_ways_share_a_capacity_between_two_goods() -> None:
    """Ore goes to the mill at B and half a tonne of concentrate back on the same 120 t/y: x + x/2 = 120, x = 80.

    40 t at 40,000 less 1,000 USD/t of freight to M = 1.56; capital 1: value 0.56.
    """
    plan = solved(
        one_mine(
            products=[{"product": "ore"}, {"product": "conc"}],
            nodes=[{"node": "D", "kind": "deposit"}, {"node": "B", "kind": "site"}, {"node": "M", "kind": "market"}],
            processes=[{"process": "mine"}, {"process": "mill"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
                {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 0.5},
            ],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "mill", "size": "s", "capacity_t_y": 100},
            ],
            sites=[{"node": "D", "process": "mine"}, {"node": "B", "process": "mill"}],
            lanes=[
                lane("haul", "B", "D", both_ways="yes", capacity_t_y=120),
                {**lane("out", "D", "M"), "usd_t": 1000},
            ],
            markets=[{"node": "M", "product": "conc", "price_usd_t": 40000}],
        )
    )
    assert total(plan, "activity", process="mill") == pytest.approx(80.0)
    assert plan.objective == pytest.approx(0.56)


def test_loss_booking_share_and_project_at_a_gate() -> None:
    """A fifth is lost; 80% of 50 + 50 t/y (a project of 0.01 MUSD) may be booked at 1,000; half passes in a squeeze.

    A slot in the calm sells 0.8 t at 40,000 less 1,000 freight = 31,000, in the squeeze half: 23,250 - 1,000 = 22,250.
    80 slots: 1.78; less 1 + 0.01: 0.77. Without the project 40 slots: 0.89 - 1 < 0.
    """
    plan = solved(
        one_mine(
            lanes=[{**lane("D-M", "D", "M", gate="G", loss_share=0.2), "usd_t": 1000}],
            gates=[{"gate": "G", "capacity_t_y": 50, "booking_usd_t_y": 1000, "booking_share_max": 0.8}],
            projects=[{"project": "yard", "capex_musd": 0.01}],
            project_effects=[{"project": "yard", "target_type": "gate", "target": "G", "adds": 50}],
            markets=[{"node": "M", "product": "ore", "price_usd_t": 40000}],
            scenarios=CALM_OR_SQUEEZE,
            events=[{"scenario": "squeeze", "target_type": "gate", "target": "G", "capacity_factor": 0.5}],
        )
    )
    assert total(plan, "bookings") == pytest.approx(80.0)
    assert total(plan, "sales", scenario="squeeze") == pytest.approx(32.0)
    assert plan.objective == pytest.approx(0.77)


def test_a_tonne_that_passes_a_gate_twice_takes_two_slots() -> None:
    """Two lanes in a row name one gate that a project opens for 200 t/y: all 100 t pass it twice: 1.9 - 1 - 0.1."""
    plan = solved(
        one_mine(
            nodes=[{"node": "D", "kind": "deposit"}, {"node": "H", "kind": "hub"}, {"node": "M", "kind": "market"}],
            lanes=[{**lane("in", "D", "H", gate="G"), "usd_t": 1000}, lane("on", "H", "M", gate="G")],
            gates=[{"gate": "G", "capacity_t_y": 0}],
            projects=[{"project": "dig", "capex_musd": 0.1}],
            project_effects=[{"project": "dig", "target_type": "gate", "target": "G", "adds": 200}],
        )
    )
    assert plan.objective == pytest.approx(0.8)


def test_a_project_that_adds_nothing_opens_a_lane_with_capacity_of_its_own() -> None:
    """The project lane carries 90 t/y once its project (0.05 MUSD) is there, which adds 0: 1.8 - 1 - 0.05 = 0.75."""
    plan = solved(
        one_mine(
            lanes=[lane("rail", "D", "M", status="project", capacity_t_y=90)],
            projects=[{"project": "permit", "capex_musd": 0.05}],
            project_effects=[{"project": "permit", "target_type": "lane", "target": "rail", "adds": 0}],
        )
    )
    assert plan.objective == pytest.approx(0.75)


def test_what_a_project_adds_is_there_only_in_the_years_of_its_lane() -> None:
    """The lane opens in the last of four years: 20 + 40 t/y then are 15 t/y on average: 4 x 15 x 0.02 - 1 - 0.1."""
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 4}],
            lanes=[lane("rail", "D", "M", status="project", capacity_t_y=20, first_year=2033)],
            projects=[{"project": "track", "capex_musd": 0.1}],
            project_effects=[{"project": "track", "target_type": "lane", "target": "rail", "adds": 40}],
        )
    )
    assert total(plan, "flows") == pytest.approx(15.0)
    assert plan.objective == pytest.approx(0.1)


def test_an_event_may_raise_a_capacity() -> None:
    """In one of two years the mine does twice as much: 150 t/y on average, all milled: 300 x 19,000 - 1 = 4.7."""
    tables = one_mine(
        periods=[{"period": "p1", "start_year": 2030, "years": 2}],
        products=[{"product": "ore"}, {"product": "conc"}],
        processes=[{"process": "mine"}, {"process": "mill"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
            {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 1},
        ],
        sizes=[
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "mill", "size": "s", "capacity_t_y": 1000},
        ],
        sites=[{"node": "D", "process": "mine"}, {"node": "D", "process": "mill"}],
        markets=[{"node": "M", "product": "conc", "price_usd_t": 20000}],
        scenarios=[{"scenario": "rich", "probability": 1}],
        events=[
            {"scenario": "rich", "target_type": "process", "target": "mine", "capacity_factor": 2, "first_year": 2031}
        ],
    )
    plan = solved(tables)
    assert total(plan, "sales") == pytest.approx(150.0)
    assert plan.objective == pytest.approx(4.7)
    reserve = [{"node": "D", "product": "ore", "reserve_t": 220}]
    assert solved({**tables, "deposits": reserve}).objective == pytest.approx(220 * 0.019 - 1)


def test_an_offer_that_grows_feeds_the_plant() -> None:
    """50 t/y on offer at 3,000 doubles in the one future; all is milled: 100 x (20,000 - 1,000 - 3,000) - 1 = 0.6."""
    plan = solved(
        one_mine(
            products=[{"product": "ore"}, {"product": "conc"}],
            processes=[{"process": "mill"}],
            recipes=[
                {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
                {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 1},
            ],
            sizes=[{"process": "mill", "size": "s", "capacity_t_y": 1000, "capex_musd": 1}],
            sites=[{"node": "D", "process": "mill"}],
            purchases=[{"node": "D", "product": "ore", "price_usd_t": 3000, "max_t_y": 50}],
            markets=[{"node": "M", "product": "conc", "price_usd_t": 20000}],
            scenarios=[{"scenario": "more", "probability": 1}],
            events=[{"scenario": "more", "target_type": "purchase", "target": "D:ore", "demand_factor": 2}],
        )
    )
    assert plan.objective == pytest.approx(0.6)


def test_futures_that_differ_in_one_booked_gate_in_one_period() -> None:
    """Slots at 1,000; in the second of two years one future of two lets nothing pass.

    Year 1: 100 slots earn 100 x 18,000 = 1.8. Year 2: a slot earns 0.5 x 19,000 - 1,000 = 8,500: 0.85. Capital 1: 1.65.
    """
    plan = solved(
        one_mine(
            periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
            lanes=[{**lane("D-M", "D", "M", gate="G"), "usd_t": 1000}],
            gates=[{"gate": "G", "booking_usd_t_y": 1000}],
            scenarios=CALM_OR_SQUEEZE,
            events=[
                {"scenario": "squeeze", "target_type": "gate", "target": "G", "capacity_factor": 0, "first_year": 2031}
            ],
        )
    )
    assert total(plan, "sales", scenario="squeeze") == pytest.approx(100.0)
    assert plan.objective == pytest.approx(1.65)


@pytest.mark.parametrize(
    ("event", "term_name", "expected"),
    [
        ({"target_type": "territory", "target": "CN", "add_fee_usd_t": 200}, "fees", -0.04),
        ({"target_type": "territory", "target": "MN", "add_fee_usd_t": 200}, "fees", 0.0),
        ({"target_type": "territory", "target": "US", "add_fee_usd_t": 200, "first_year": 2031}, "fees", -0.02),
        ({"target_type": "node", "target": "M", "add_fee_usd_t": 200}, "fees", -0.04),
        ({"target_type": "node", "target": "D", "add_fee_usd_t": 200}, "fees", 0.0),
        ({"target_type": "mode", "target": "road", "cost_factor": 3, "last_year": 2030}, "freight", -0.4),
        ({"target_type": "product", "target": "ore", "cost_factor": 3}, "freight", -0.6),
        ({"target_type": "group", "target": "all", "cost_factor": 1.5}, "freight", -0.45),
        ({"target_type": "lane", "target": "D-M", "add_days": -99}, "transit_interest", 0.0),
        ({"target_type": "lane", "target": "D-M", "add_days": 73, "first_year": 2031}, "transit_interest", 0.0),
    ],
)
def test_events_by_target(event: dict[str, object], term_name: str, expected: float) -> None:
    """200 t over two years pass CN on one lane at 1,000 USD/t freight; entry is charged once, leaving never.

    A fee of 200: 0.04, or 0.02 when it holds in one of two years. Freight 0.2 x 3, x 2 on average when in one year,
    and x 1.5 twice (lane and its gate are both members of the group). At a rate of 0 days cost nothing.
    """
    tables: dict[str, Rows] = one_mine(
        periods=[{"period": "p1", "start_year": 2030, "years": 2}],
        lanes=[{**lane("D-M", "D", "M", gate="G", over="CN", days=10), "usd_t": 1000}],
        gates=[{"gate": "G"}],
        groups=[{"group": "all", "member": "D-M"}, {"group": "all", "member": "G"}],
        scenarios=[{"scenario": "w", "probability": 1}],
        events=[{"scenario": "w", **event}],
    )
    assert term(solved(tables), term_name) == pytest.approx(expected)


def test_days_that_are_added_cost_interest() -> None:
    """10% on 50,000 USD/t for 36.5 days and, in one of two years, 73 more: a mean of 73 days costs 1,000 USD/t.

    Timing start: years weigh 1 and 1/1.1: 100 t x 1,000 x (1 + 1/1.1).
    """
    plan = solved(
        one_mine(
            periods=[{"period": "p1", "start_year": 2030, "years": 2}],
            products=[{"product": "ore", "value_usd_t": 50000}],
            lanes=[{**lane("D-M", "D", "M", days=36.5), "fee_share_of_value": 0.02}],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[{"scenario": "w", "target_type": "lane", "target": "D-M", "add_days": 73, "first_year": 2031}],
        ),
        discount_rate=0.1,
        discount_timing="start",
    )
    assert term(plan, "transit_interest") == pytest.approx(-0.1 * (1 + 1 / 1.1))
    assert term(plan, "fees") == pytest.approx(-0.1 * (1 + 1 / 1.1))
