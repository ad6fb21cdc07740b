"""Plants, lanes, profiles and futures of a case by hand: site factors, pooling, existing units, rates of modes."""

from __future__ import annotations

import pytest

from khovor.case import Case, Option, Plant, Window, with_scenario
from support import case_of, one_mine

SIZES = [
    {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 10, "fixed_opex_musd_y": 2}
    | {"variable_opex_usd_t": 30, "sustaining_capex_share_y": 0.04},
    {"process": "mine", "size": "m", "capacity_t_y": 200, "capex_musd": 15, "variable_opex_usd_t": 30},
    {"process": "mine", "size": "l", "capacity_t_y": 400, "capex_musd": 20, "variable_opex_usd_t": 20},
]


def sited(*sites: dict[str, object]) -> Case:
    """Mines of three sizes on these sites, closing at a quarter of their capital."""
    return case_of(one_mine(sizes=SIZES, sites=sites, processes=[{"process": "mine", "closing_cost_share": 0.25}]))


def options(plants: tuple[Plant, ...]) -> dict[str, Option]:
    """Options by size."""
    return {o.key.size: o for p in plants for o in p.options}


def test_site_factors_make_the_cost_of_a_unit() -> None:
    """Capital 10 x 1.2 + 3 = 15; sustaining 4% and closing 25% of that; fixed 2 x 1.5; variable 30 x 1.5 + 7."""
    case = sited(
        {"node": "D", "process": "mine", "sizes": "s", "capex_factor": 1.2, "extra_capex_musd": 3}
        | {"opex_factor": 1.5, "extra_variable_usd_t": 7, "max_units": 3, "first_year": 2031, "last_year": 2040}
    )
    (plant,) = case.plants
    (option,) = plant.options
    assert option.capex_musd == pytest.approx(15.0)
    assert option.sustaining_musd_y == pytest.approx(0.6)
    assert option.closing_cost_musd == pytest.approx(3.75)
    assert option.fixed_opex_musd_y == pytest.approx(3.0)
    assert plant.variable_opex_usd_t == pytest.approx(52.0)
    assert (option.max_units, option.window) == (3, Window(2031, 2040))


def test_options_of_one_variable_cost_are_one_plant() -> None:
    """Sizes s and m cost 30 USD/t and run as one plant, l costs 20 USD/t and runs as another."""
    plants = sited({"node": "D", "process": "mine"}).plants
    assert {p.key.sizes: p.variable_opex_usd_t for p in plants} == {"s;m": 30.0, "l": 20.0}


def test_plants_that_would_share_a_name_are_told_apart() -> None:
    """Two rows of one size with different variable cost are two plants, named by their rows."""
    rows = [
        {"node": "D", "process": "mine", "sizes": "s", "extra_variable_usd_t": y, "first_year": 2030 + y}
        for y in (0, 1)
    ]
    plants = sited(*rows).plants
    assert len({p.key for p in plants}) == 2
    assert all(p.key.sizes.startswith("s (row ") for p in plants)


def test_existing_units_stand_in_their_size() -> None:
    """Two old units of size s; the row lists size l, so that alone may be built there."""
    case = sited(
        {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 2}
        | {"sizes": "l", "max_units": 3}
    )
    found = options(case.plants)
    assert {size: (o.existing_units, o.candidate) for size, o in found.items()} == {"s": (2, False), "l": (0, True)}


def test_a_closed_site_has_no_plant() -> None:
    """A site that is closed offers nothing."""
    assert sited({"node": "D", "process": "mine", "status": "closed"}).plants == ()


def test_lanes_take_the_rates_of_their_mode() -> None:
    """200 km x 0.05 + 3 handling = 13 USD/t in 4 days; usd_t and days of the lane go before, handling is added."""
    case = case_of(
        one_mine(
            modes=[{"mode": "road", "usd_per_tkm": 0.05, "handling_usd_t": 3, "km_per_day": 50, "co2_kg_per_tkm": 0.1}],
            lanes=[
                {"lane": "plain", "from": "D", "to": "M", "mode": "road", "distance_km": 200},
                {"lane": "own", "from": "D", "to": "M", "mode": "road", "distance_km": 200, "usd_t": 40, "days": 1},
                {"lane": "bare", "from": "D", "to": "M", "mode": "road", "both_ways": "yes"},
                {"lane": "new", "from": "D", "to": "M", "mode": "road", "status": "project"},
            ],
        )
    )
    told = {name: (lane.freight_usd_t, lane.days) for name, lane in case.lanes.items()}
    assert told == {
        "plain": (pytest.approx(13.0), 4.0),
        "own": (43.0, 1.0),
        "bare": (3.0, 0.0),
        "new": (3.0, 0.0),
    }
    assert case.lanes["plain"].co2_kg_t == pytest.approx(20.0)
    assert [leg[1:] for leg in case.lanes["bare"].legs] == [("D", "M"), ("M", "D")]
    assert (case.lanes["bare"].capacity_t_y, case.lanes["new"].capacity_t_y) == (None, 0.0)


def test_a_profile_is_a_step_function() -> None:
    """1 before the first row, then each row until the next; an unknown profile is 1."""
    case = case_of(
        one_mine(
            profiles=[{"profile": "p", "year": 2035, "factor": 0.8}, {"profile": "p", "year": 2032, "factor": 1.5}],
        )
    )
    assert [case.profile("p", y) for y in (2031, 2032, 2034, 2035, 2050)] == [1.0, 1.5, 1.5, 0.8, 0.8]
    assert case.profile("", 2040) == 1.0


def test_one_future_alone_is_certain() -> None:
    """The case of one scenario has that scenario, with its events, at probability 1."""
    case = case_of(
        one_mine(
            scenarios=[{"scenario": "a", "probability": 0.3}, {"scenario": "b", "probability": 0.7}],
            events=[{"scenario": "a", "target_type": "node", "target": "D", "capacity_factor": 0.5}],
        )
    )
    (alone,) = with_scenario(case, "a").scenarios
    assert (alone.name, alone.probability, len(alone.events)) == ("a", 1.0, 1)
    with pytest.raises(KeyError):
        with_scenario(case, "c")


def test_without_scenarios_the_future_is_certain() -> None:
    """No scenarios table: one future of probability 1 in which nothing happens."""
    (only,) = case_of(one_mine()).scenarios
    assert (only.probability, only.events) == (1.0, ())
