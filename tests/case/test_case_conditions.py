"""Events by hand: whom each target type touches, how factors multiply, and how a part of a period counts."""

from __future__ import annotations

import pytest

from khovor.case import Case, Conditions, LegKey, conditions
from support import case_of, one_mine

Event = dict[str, object]

NODES = [
    {"node": "D", "kind": "deposit", "territory": "MN"},
    {"node": "X", "kind": "border", "territory": "CN"},
    {"node": "P", "kind": "port", "territory": "CN"},
    {"node": "M", "kind": "market", "territory": "US"},
]


def case_with(*events: Event) -> Case:
    """D (MN) - X - P (both CN) - M (US), an air lane D-M over CN and KZ, plants at D and P, trade at M and P."""
    return case_of(
        one_mine(
            periods=[
                {"period": "p1", "start_year": 2030, "years": 4},
                {"period": "p2", "start_year": 2034, "years": 2},
            ],
            products=[{"product": "ore"}, {"product": "coal"}],
            nodes=NODES,
            processes=[{"process": "mine"}, {"process": "wash"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "wash", "recipe": "wet", "product": "ore", "t_per_t": -1},
            ],
            sizes=[{"process": p, "size": "s", "capacity_t_y": 1} for p in ("mine", "wash")],
            sites=[{"node": n, "process": p} for n, p in (("D", "mine"), ("D", "wash"), ("P", "wash"))],
            modes=[{"mode": "road"}, {"mode": "sea"}, {"mode": "air"}],
            lanes=[
                {"lane": "D-X", "from": "D", "to": "X", "mode": "road", "both_ways": "yes", "gate": "G"},
                {"lane": "X-P", "from": "X", "to": "P", "mode": "road"},
                {"lane": "P-M", "from": "P", "to": "M", "mode": "sea"},
                {"lane": "D-M", "from": "D", "to": "M", "mode": "air", "over": "CN; KZ", "gate": "G"},
            ],
            gates=[{"gate": "G"}],
            groups=[{"group": "south", "member": "X-P"}, {"group": "south", "member": "G"}],
            markets=[
                {"node": n, "product": p, "price_usd_t": 1} for n, p in (("M", "ore"), ("M", "coal"), ("P", "ore"))
            ],
            purchases=[{"node": "P", "product": "coal", "price_usd_t": 1}],
            utilities=[{"utility": u, "unit": "kWh"} for u in ("power", "water")],
            utility_supply=[
                {"node": n, "utility": u, "price_usd": 1} for n, u in (("D", "power"), ("D", "water"), ("P", "power"))
            ],
            scenarios=[{"scenario": "w", "probability": 1}],
            events=[{"scenario": "w", **event} for event in events],
        )
    )


def felt(event: Event) -> set[tuple[str, str, str]]:
    """(aspect, kind, name) of all that an event touches, names shortened to what tells them apart."""
    case = case_with(event)
    found = conditions(case, case.scenarios[0])
    return {(hit.aspect, hit.kind, _short(hit.key)) for hit in found.effects}


def _short(key: object) -> str:
    if isinstance(key, LegKey):
        return f"{key.start}>{key.end}"
    return ":".join(str(k) for k in key[:2]) if isinstance(key, tuple) else str(key)


def each(aspects: str, kind: str, *names: str) -> set[tuple[str, str, str]]:
    """Every aspect of every name."""
    return {(aspect, kind, name) for aspect in aspects.split() for name in names}


LINK = {"capacity_factor": 0.5, "cost_factor": 2, "add_fee_usd_t": 9, "add_days": 3}
WORK = {"capacity_factor": 0.5, "cost_factor": 2}
TRADE = {"price_factor": 0.5, "demand_factor": 0.5}

TOUCHED = {
    "lane": (
        {"target_type": "lane", "target": "D-X", **LINK},
        each("capacity cost", "lane", "D-X") | each("fee days", "leg", "D>X", "X>D"),
    ),
    "gate": (
        {"target_type": "gate", "target": "G", **LINK},
        each("capacity", "gate", "G")
        | each("cost", "lane", "D-X", "D-M")
        | each("fee days", "leg", "D>X", "X>D", "D>M"),
    ),
    "group": (
        {"target_type": "group", "target": "south", **WORK},
        each("capacity", "gate", "G") | each("cost", "lane", "D-X", "D-M") | each("capacity cost", "lane", "X-P"),
    ),
    "mode": (
        {"target_type": "mode", "target": "road", **LINK},
        each("capacity cost", "lane", "D-X", "X-P") | each("fee days", "leg", "D>X", "X>D", "X>P"),
    ),
    # every lane starts, ends or crosses there; only from outside in, or over, is it entered
    "territory": (
        {"target_type": "territory", "target": "CN", **LINK, **TRADE},
        each("capacity cost", "lane", "D-X", "X-P", "P-M", "D-M")
        | each("fee days", "leg", "D>X", "D>M")
        | each("price demand", "market", "P:ore")
        | each("price demand", "purchase", "P:coal"),
    ),
    "territory on the way": (
        {"target_type": "territory", "target": "kz", **LINK},
        each("capacity cost", "lane", "D-M") | each("fee days", "leg", "D>M"),
    ),
    "node": (
        {"target_type": "node", "target": "P", **LINK, **TRADE},
        each("capacity cost", "lane", "X-P", "P-M")
        | each("fee days", "leg", "X>P")
        | each("capacity cost", "plant", "P:wash")
        | each("price demand", "market", "P:ore")
        | each("price demand", "purchase", "P:coal")
        | each("price", "utility", "P:power"),
    ),
    "process": (
        {"target_type": "process", "target": "wash", **WORK},
        each("capacity cost", "plant", "D:wash", "P:wash"),
    ),
    "product": (
        {"target_type": "product", "target": "coal", "cost_factor": 2, **TRADE},
        each("cost", "product", "coal")
        | each("price demand", "market", "M:coal")
        | each("price demand", "purchase", "P:coal"),
    ),
    "market by node": (
        {"target_type": "market", "target": "M", **TRADE},
        each("price demand", "market", "M:ore", "M:coal"),
    ),
    "market by product": (
        {"target_type": "market", "target": "M:coal", **TRADE},
        each("price demand", "market", "M:coal"),
    ),
    "purchase": (
        {"target_type": "purchase", "target": "P", **TRADE},
        each("price demand", "purchase", "P:coal"),
    ),
    "utility by name": (
        {"target_type": "utility", "target": "power", "capacity_factor": 0.5, "price_factor": 2},
        each("capacity price", "utility", "D:power", "P:power"),
    ),
    "utility by node": (
        {"target_type": "utility", "target": "D", "price_factor": 2},
        each("price", "utility", "D:power", "D:water"),
    ),
    "utility at a node": (
        {"target_type": "utility", "target": "D:power", "capacity_factor": 0.5},
        each("capacity", "utility", "D:power"),
    ),
}


@pytest.mark.parametrize("name", TOUCHED)
def test_whom_an_event_touches(name: str) -> None:
    """Each target type touches what the contract says, and nothing else."""
    event, touched = TOUCHED[name]
    assert felt(event) == touched


def of(*events: Event) -> Conditions:
    """The conditions these events make."""
    case = case_with(*events)
    return conditions(case, case.scenarios[0])


def test_a_part_of_a_period_counts_by_its_share() -> None:
    """A half from 2033 on: one year of four in p1 is 1 + 1/4 x (0.5 - 1) = 0.875; p2 whole. Fees and days likewise."""
    found = of({"target_type": "lane", "target": "X-P", "first_year": 2033, **LINK})
    leg = LegKey("X-P", "X", "P")
    assert [found.factor("capacity", "lane", "X-P", t) for t in (0, 1)] == pytest.approx([0.875, 0.5])
    assert [found.factor("cost", "lane", "X-P", t) for t in (0, 1)] == pytest.approx([1.25, 2.0])
    assert [found.extra("fee", leg, t) for t in (0, 1)] == pytest.approx([2.25, 9.0])
    assert [found.extra("days", leg, t) for t in (0, 1)] == pytest.approx([0.75, 3.0])


def test_events_multiply_and_add() -> None:
    """Two events on one lane: 0.5 x 0.5 of the capacity, twice the cost twice, fees 9 + 9; shares taken one by one."""
    whole = {"target_type": "lane", "target": "X-P", **LINK}
    found = of(whole, {"target_type": "mode", "target": "road", "last_year": 2031, **LINK})
    assert found.factor("capacity", "lane", "X-P", 0) == pytest.approx(0.5 * 0.75)
    assert found.factor("capacity", "lane", "X-P", 1) == pytest.approx(0.5)
    assert found.factor("cost", "lane", "X-P", 0) == pytest.approx(2 * 1.5)
    assert found.extra("fee", LegKey("X-P", "X", "P"), 0) == pytest.approx(9 + 4.5)


def test_what_no_event_touches_is_as_it_was() -> None:
    """Factors of 1 and extras of 0."""
    found = of({"target_type": "lane", "target": "X-P", **LINK})
    assert found.factor("capacity", "lane", "P-M", 0) == 1.0
    assert found.extra("fee", LegKey("P-M", "P", "M"), 1) == 0.0
