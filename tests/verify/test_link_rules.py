"""Lanes, gates, markets, stockpiles and utilities used beyond what they hold: each caught, by that rule alone."""

from __future__ import annotations

import pytest
from changes import Break, add, both, clear, copy, event, put, scale
from good_plan import judge

from khovor.verify import existence, trade, transport, utilities

NO_OFFER = event(target_type="purchase", target="B:acid", demand_factor=0)
NO_DEMAND = event(target_type="market", target="M", demand_factor=0, first_year=2032)
POWER_CUT = event(target_type="utility", target="B:power", capacity_factor=0.95, first_year=2032)
CHEAP_POWER = {"node": "B", "utility": "power", "price_usd": 10, "limit_y": 0}
RING = {"scenario": "calm", "period": "p2", "t_y": 15.0}

BREAKS = (
    Break("a lane too narrow", (transport.LANE,), into=put("lanes", 0, capacity_t_y=9995)),
    Break(
        "a lane shared by both directions",
        (transport.LANE,),
        into=put("lanes", 2, capacity_t_y=330, both_ways="yes"),
        out=both(scale("flows", 13, "t_y", 1.03), copy("flows", 9, **RING, **{"from": "M", "to": "B"})),
    ),
    Break("a lane open half the period", (transport.LANE,), into=put("lanes", 0, capacity_t_y=12000, last_year=2032)),
    Break("a project lane before its project", (transport.LANE,), out=put("projects", 0, period="p2")),
    Break(
        "a project lane with room of its own before its project",
        (transport.LANE,),
        into=put("lanes", 3, capacity_t_y=1000),
        out=put("projects", 0, period="p2"),
    ),
    Break(
        "a project that adds to a lane open half the period", (transport.LANE,), into=put("lanes", 3, first_year=2031)
    ),
    Break("a project that adds too little", (transport.LANE,), into=put("project_effects", 0, adds=450)),
    Break(
        "a lane without limit shut by an event",
        (transport.LANE,),
        into=event(target_type="lane", target="air", capacity_factor=0),
    ),
    Break(
        "a mode slowed by an event",
        (transport.LANE,),
        into=event(target_type="mode", target="road", capacity_factor=0.7),
    ),
    Break("a gate too narrow", (transport.GATE,), into=put("gates", 1, capacity_t_y=300)),
    Break(
        "a gate without limit shut by an event",
        (transport.GATE,),
        into=both(put("gates", 1, capacity_t_y=None), event(target_type="gate", target="H", capacity_factor=0)),
    ),
    Break("fewer slots than goods", (transport.SLOTS,), out=put("bookings", 0, t_y=799)),
    Break("slots squeezed by an event", (transport.SLOTS,), into=put("events", 0, capacity_factor=0.4)),
    Break("no slots", (transport.SLOTS,), out=clear("bookings")),
    Break("more slots than are sold", (transport.BOOKING,), out=put("bookings", 1, t_y=1902)),
    Break("slots at a gate without booking", (transport.BOOKING,), out=copy("bookings", 0, gate="H", t_y=1.0)),
    Break("a tier overfilled", (trade.TIER,), into=put("markets", 0, max_t_y=990)),
    Break("a tier of content overfilled", (trade.TIER,), into=put("markets", 1, max_t_y=355)),
    Break("demand falls away", (trade.TIER,), into=event(target_type="product", target="conc", demand_factor=0.9)),
    Break("a market without limit shut by an event", (trade.TIER,), into=NO_DEMAND),
    Break("a contract missed", (trade.CONTRACT,), out=put("shortfalls", 0, t_y=39.0)),
    Break("no shortfall told", (trade.CONTRACT,), out=clear("shortfalls")),
    Break(
        "a hard contract missed",
        (trade.CONTRACT,),
        into=put("markets", 1, shortfall_usd_t=None),
        out=clear("shortfalls"),
    ),
    Break("more bought than offered", (trade.OFFER,), into=put("purchases", 0, max_t_y=940)),
    Break(
        "an offer without limit withdrawn by an event",
        (trade.OFFER,),
        into=both(put("purchases", 0, max_t_y=None), NO_OFFER),
    ),
    Break("stock over its room", (trade.ROOM,), into=put("stockpiles", 0, capacity_t=599)),
    Break("too little stock left", (trade.LAST,), into=put("stockpiles", 0, final_min_t=201)),
    Break("power from nowhere", (utilities.SUPPLIED,), out=scale("utilities", 4, "use_y", 0.999)),
    Break("a hungrier recipe", (utilities.SUPPLIED,), into=put("utility_use", 0, use_per_t=2.002)),
    Break("a price step overdrawn", (utilities.STEP,), into=put("utility_supply", 0, limit_y=9990)),
    Break("a price step cut by an event", (utilities.STEP,), into=POWER_CUT),
    Break(
        "a project adds to the cheapest step only",
        (utilities.STEP,),
        into=put("utility_supply", 1, price_usd=40, limit_y=20000),
    ),
    Break(
        "a project adds to the cheapest step of its day",
        (utilities.STEP,),
        into=add("utility_supply", **CHEAP_POWER, first_year=2032),
    ),
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.what)
def test_broken_links_are_caught(broken: Break) -> None:
    """The good plan, broken in this way, fails this rule and no other."""
    verdict = judge(broken.into, broken.out)
    assert not verdict.passed
    assert {f.rule for f in verdict.failures} == set(broken.rules), verdict.failures


def test_a_step_that_is_gone_when_the_project_comes_takes_nothing_from_it() -> None:
    """Cheaper power offered in the first period only leaves what the grid adds in the second to the step in force."""
    assert judge(add("utility_supply", **CHEAP_POWER, last_year=2031)).passed


def test_power_from_steps_that_are_all_over_is_a_failure_not_an_exception() -> None:
    """Both steps end before the second period: what is taken then is refused."""
    verdict = judge(both(put("utility_supply", 0, last_year=2031), put("utility_supply", 1, last_year=2031)))
    assert existence.STEPS in {f.rule for f in verdict.failures}
