"""A case is worth the same on legs and on corridors, its plan is one that the checker accepts, leg by leg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from random_worlds import random_world
from test_random_policies import policies

from khovor.case import Case
from khovor.errors import InfeasibleError
from khovor.formulation import build
from khovor.network import Network, derive
from khovor.network.contraction import useful_rounds
from khovor.solution import Solution, collect
from khovor.solve import Limits, compile_model, optimize
from khovor.solve.pattern import pattern_of
from khovor.verify import verify
from support import PATIENCE_S, Rows, case_of, one_mine, total

Row = Mapping[str, object]


def plan_of(case: Case, network: Network) -> Solution | None:
    """The best plan, which the checker accepts; None where there is none."""
    formulation = build(case, network)
    try:
        outcome = optimize(formulation, Limits(1e-9, PATIENCE_S, threads=1, seed=1))
    except InfeasibleError:
        return None
    plan = collect(case, formulation, outcome)
    verdict = verify(case, plan)
    assert verdict.passed, verdict.failures[:3]
    return plan


def both(case: Case) -> tuple[Solution | None, Network]:
    """The plan on corridors, worth as much as that on legs, and the network it is on."""
    network = derive(case)
    contracted, plain = plan_of(case, network), plan_of(case, derive(case, contract=False))
    assert (contracted is None) == (plain is None)
    if contracted is not None and plain is not None:
        assert contracted.objective == pytest.approx(plain.objective, rel=1e-9, abs=1e-9)
    return contracted, network


def nodes(*between: str, **territories: str) -> Rows:
    """The mine's deposit and market, and what lies between them."""
    there = [{"node": n, "kind": "hub", "territory": territories.get(n, "MN")} for n in between]
    ends = [
        {"node": "D", "kind": "deposit", "territory": "MN"},
        {"node": "M", "kind": "market", "territory": "US"},
    ]
    return [*ends, *there]


def lane(ends: str, usd_t: float = 100.0, **more: object) -> Row:
    """A lane named after its ends."""
    return {"lane": ends, "from": ends[0], "to": ends[1], "mode": "road", "usd_t": usd_t, **more}


CHAIN = [lane("DA"), lane("AB"), lane("BM")]
WAYS = [lane("DA"), lane("AB"), lane("AC", 50.0), lane("BM"), lane("CM", 250.0)]
FUTURES = {"scenarios": [{"scenario": w, "probability": 0.5} for w in ("calm", "hit")]}


def struck(**event: object) -> dict[str, Rows]:
    """A calm future, and one in which something happens."""
    return {**FUTURES, "events": [{"scenario": "hit", **event}]}


def passed(network: Network) -> set[str]:
    """The nodes that are gone."""
    return {node for node, *_ in network.contraction.passed}


HAND_MADE: dict[str, tuple[dict[str, Rows], set[str], float]] = {
    # 100 t at 20,000 - 300, less 1 MUSD
    "chain": ({"nodes": nodes("A", "B"), "lanes": CHAIN}, {"A", "B"}, 0.97),
    # by B at 300 USD/t
    "branch": ({"nodes": nodes("A", "B", "C"), "lanes": WAYS}, {"A", "B", "C"}, 0.97),
    "both ways": (
        {"nodes": nodes("A", "B"), "lanes": [{**way, "both_ways": "yes"} for way in CHAIN]},
        {"A", "B"},
        0.97,
    ),
    # a tenth is lost on the way to A, and so on: 72.9 t are sold, and 100, 90 and 81 t are carried
    "losses": (
        {"nodes": nodes("A", "B"), "lanes": [{**way, "loss_share": 0.1} for way in CHAIN]},
        {"A", "B"},
        72.9 * 0.02 - 271 * 1e-4 - 1,
    ),
    # half of the time B is shut: C costs 100 USD/t more
    "event in the middle": (
        {"nodes": nodes("A", "B", "C"), "lanes": WAYS, **struck(target_type="lane", target="AB", capacity_factor=0)},
        {"A", "B", "C"},
        0.97 - 0.005,
    ),
    # half of the time every leg to or from B costs 2,500 USD/t more
    "fee in the middle": (
        {"nodes": nodes("A", "B", "C"), "lanes": WAYS, **struck(target_type="node", target="B", add_fee_usd_t=2500)},
        {"A", "B", "C"},
        0.97 - 0.005,
    ),
    # a gate lets 60 t through on a lane in the middle, the rest costs 100 USD/t more
    "gate in the middle": (
        {
            "nodes": nodes("A", "B", "C"),
            "lanes": [{**way, "gate": "G"} if way["lane"] == "AB" else way for way in WAYS],
            "gates": [{"gate": "G", "capacity_t_y": 60}],
        },
        {"A", "B", "C"},
        0.97 - 0.004,
    ),
    # a gate passed twice holds half as much: 30 t by B
    "gate passed twice": (
        {
            "nodes": nodes("A", "B", "C"),
            "lanes": [{**way, "gate": "G"} if way["lane"] in ("AB", "BM") else way for way in WAYS],
            "gates": [{"gate": "G", "capacity_t_y": 60}],
        },
        {"A", "B", "C"},
        0.97 - 0.007,
    ),
    # slots at 50 USD/t are cheaper than the other way
    "booking": (
        {
            "nodes": nodes("A", "B", "C"),
            "lanes": [{**way, "gate": "G"} if way["lane"] == "AB" else way for way in WAYS],
            "gates": [{"gate": "G", "capacity_t_y": 60, "booking_usd_t_y": 50}],
        },
        {"A", "B", "C"},
        0.97 - 0.004 - 0.003,
    ),
    # goods may wait at A: it stays, B goes
    "stock in the middle": (
        {
            "nodes": nodes("A", "B"),
            "lanes": CHAIN,
            "stockpiles": [{"node": "A", "product": "ore", "capacity_t": 50}],
        },
        {"B"},
        0.97,
    ),
    # 10 t are asked for at B by a buyer there: it stays
    "sale in the middle": (
        {
            "nodes": nodes("A", "B"),
            "lanes": CHAIN,
            "markets": [
                {"node": "M", "product": "ore", "price_usd_t": 20000},
                {"node": "B", "product": "ore", "price_usd_t": 30000, "max_t_y": 10},
            ],
        },
        {"A"},
        90 * 0.0197 + 10 * 0.0298 - 1,
    ),
}


@pytest.mark.parametrize("name", HAND_MADE)
def test_by_hand(name: str) -> None:
    """The value worked out by hand, on legs and on corridors; the places that only pass goods on are gone."""
    tables, gone, worth = HAND_MADE[name]
    plan, network = both(case_of(one_mine(**tables)))
    assert plan is not None
    assert plan.objective == pytest.approx(worth)
    assert passed(network) == gone


@pytest.mark.parametrize("name", ["chain", "both ways", "losses"])
def test_flows_are_told_leg_by_leg(name: str) -> None:
    """What goes on a corridor is told on each of its legs, less what was lost on the legs before."""
    plan, _ = both(case_of(one_mine(**HAND_MADE[name][0])))
    assert plan is not None
    kept = 0.9 if name == "losses" else 1.0
    assert {flow.lane: flow.t_y for flow in plan.flows.itertuples()} == pytest.approx(
        {"DA": 100.0, "AB": 100.0 * kept, "BM": 100.0 * kept**2}
    )


def test_corridors_that_share_a_leg_add_up() -> None:
    """60 t by B and 40 t by C are 100 t on the leg to A, told once."""
    plan, _ = both(case_of(one_mine(**HAND_MADE["gate in the middle"][0])))
    assert plan is not None
    assert {flow.lane: flow.t_y for flow in plan.flows.itertuples()} == pytest.approx(
        {"DA": 100.0, "AB": 60.0, "AC": 40.0, "BM": 60.0, "CM": 40.0}
    )


def test_a_round_that_pays_is_kept() -> None:
    """A fee that an event turns into a subsidy of 150 USD/t pays for going round, as often as the lane lets through.

    In the future that is hit 100 t/y more go from A to B and back: 50 USD/t each, half of the time.
    """
    lanes = [lane("DA"), lane("AB", capacity_t_y=200), lane("BA", 0.0), lane("BM")]
    given = struck(target_type="lane", target="AB", add_fee_usd_t=-150)
    plan, _ = both(case_of(one_mine(nodes=nodes("A", "B"), lanes=lanes, **given)))
    assert plan is not None
    assert plan.objective == pytest.approx(0.97 + 0.5 * (0.015 + 0.005))
    assert total(plan, "flows", lane="BA", scenario="hit") == pytest.approx(100.0)


def test_a_round_that_loses_goods_is_kept() -> None:
    """Waste that nobody takes beyond 10 t wears away where lanes lose a tenth: 90 t go round between A and B.

    A mine that must run at half makes 50 t; 1 in 10 is lost at each turn, and what is not sold has nowhere else to go.
    """
    lanes = [lane("DA", 0.0), lane("AB", 1.0, loss_share=0.1), lane("BA", 1.0, loss_share=0.1), lane("BM", 0.0)]
    tables = one_mine(
        nodes=nodes("A", "B"),
        lanes=lanes,
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1, "min_load": 0.5}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 10}],
    )
    plan, _ = both(case_of(tables))
    assert plan is not None
    assert total(plan, "sales") == pytest.approx(10.0)
    assert total(plan, "flows", lane="BA") > 100.0


def test_entries_are_told_apart_where_they_meet() -> None:
    """Goods that were in China and goods that were not meet at R and go on by China: half of all enter there once."""
    places = nodes("C", "R", "P", C="CN", R="RU", P="CN")
    lanes = [lane("DC", capacity_t_y=50), lane("DR", capacity_t_y=50), lane("CR"), lane("RP"), lane("PM")]
    for limit in (1.0, 0.9, 0.5):
        policy = {"policy": "p", "measure": "transit_share", "subject": "CN", "limit": limit, "sense": "max"}
        tables = one_mine(nodes=places, lanes=lanes, policies=[{**policy, "penalty_usd": 700}])
        plan, network = both(case_of(tables, home_territory="MN"))
        assert plan is not None
        assert passed(network)


def threaded(tables: Mapping[str, Rows], dice: Random) -> dict[str, Rows]:
    """The world with places along its lanes that goods pass, and lanes between them, some lossy, gated or both ways."""
    places: list[Row] = []
    lanes: list[Row] = []
    for way in tables["lanes"]:
        if way.get("status") == "project" or dice.random() < 0.3:
            lanes.append(way)
            continue
        middle = f"via {way['lane']}"
        places.append({"node": middle, "kind": "hub", "territory": dice.choice(["MN", "CN", "RU"])})
        lanes.append({**way, "to": middle, "usd_t": 20})
        more = {"lane": f"{way['lane']}2", "from": middle, "gate": dice.choice([None, None, "G", "K"]), "usd_t": 25}
        lanes.append({**way, **more, "capacity_t_y": dice.choice([None, 60])})
    for k in range(2 if len(places) > 1 else 0):
        start, end = dice.sample([str(place["node"]) for place in places], 2)
        across = {"lane": f"across {k}", "from": start, "to": end, "mode": dice.choice(["road", "air"]), "usd_t": 5}
        loss = dice.choice([0, 0, 0.05])
        bend = {"both_ways": dice.choice(["no", "yes"]), "loss_share": loss, "classes": "goods" if loss else ""}
        lanes.append({**across, **bend})
    return {**tables, "nodes": [*tables["nodes"], *places], "lanes": lanes}


def drawn(seed: int, ruled: bool) -> Case:
    """A random world with places along its lanes; with a policy of every measure where it is ruled."""
    tables, settings = random_world(seed)
    case = case_of(threaded(tables, Random(seed)), **{**settings, "home_territory": "MN"})
    return replace(case, policies=policies(case, Random(seed))) if ruled else case


@pytest.mark.parametrize("ruled", [False, True], ids=["plain", "policies"])
@pytest.mark.parametrize("seed", range(20))
def test_random_worlds_are_worth_the_same(seed: int, ruled: bool) -> None:
    """On corridors and on legs the best value is the same to the ninth digit, and the checker accepts both plans."""
    both(drawn(seed, ruled))


def test_the_worlds_drawn_are_contracted() -> None:
    """In most of them places go, with losses in some, and corridors have three legs or more."""
    found = [derive(drawn(seed, ruled=False)) for seed in range(30)]
    assert sum(bool(network.contraction.passed) for network in found) > 20
    assert max(len(legs) for network in found for legs, _ in network.contraction.corridors) > 2
    lossy = [
        any(
            network.pairs[i].lane.loss_share for legs, _ in network.contraction.corridors if len(legs) > 1 for i in legs
        )
        for network in found
    ]
    assert any(lossy) and not all(lossy)


@pytest.mark.parametrize("ruled", [False, True], ids=["plain", "policies"])
@pytest.mark.parametrize("seed", range(10))
def test_the_program_is_that_on_legs_with_corridors_put_in(seed: int, ruled: bool) -> None:
    """With x = T y, T found corridor by corridor, every row, limit and gain on legs is one on corridors, or 0 = 0."""
    case = drawn(seed, ruled)
    on_ways, on_legs = build(case, derive(case)), build(case, derive(case, contract=False))
    contracted, plain = compile_model(on_ways), compile_model(on_legs)
    pairs, places = on_legs.network.pairs, plain.places
    t = np.zeros((plain.shape[1], contracted.shape[1]))
    for j, label in enumerate(contracted.columns):
        assert label is not None
        name, index = label
        if name != "ship":
            t[places[label], j] = 1.0
            continue
        legs, *when = index
        share = 1.0
        for i in legs:
            t[places["ship", ((i,), *when)], j] += share
            share *= 1.0 - pairs[i].lane.loss_share
    assert np.allclose(contracted.cost, plain.cost @ t, rtol=1e-12, atol=1e-15)
    entries, stated = plain.sparse @ t, dict(zip(contracted.rows, contracted.sparse.toarray(), strict=True))
    limits = dict(zip(contracted.rows, zip(contracted.row_lower, contracted.row_upper, strict=True), strict=True))
    gone = 0
    for r, row in enumerate(plain.rows):
        if row not in stated:
            assert row is not None and row[0] == "goods_balance"
            assert row[1][:-1] in on_ways.network.contraction.passed
            assert plain.row_lower[r] == plain.row_upper[r] == 0.0
            assert np.abs(entries[r]).max(initial=0.0) < 1e-15
            gone += 1
            continue
        assert np.allclose(stated[row], entries[r], rtol=1e-12, atol=1e-15)
        assert limits[row] == (plain.row_lower[r], plain.row_upper[r])
    assert gone + contracted.shape[0] == plain.shape[0]


@pytest.mark.parametrize("seed", range(30))
def test_no_rule_wants_more_of_what_may_not_go_round(seed: int) -> None:
    """A leg on which rounds are left out is in balances, in limits from above, and nowhere else with a use for it."""
    f = build(case := drawn(seed, ruled=True), derive(case, contract=False))
    useful, pattern = useful_rounds(f.network), pattern_of(f)
    a = pattern.block
    for row, column, value in zip(a.row.tolist(), a.column.tolist(), a.value.tolist(), strict=True):
        name, index = pattern.columns[column]
        rule = pattern.rows[row][0]
        if name == "ship" and index[0][0] not in useful and rule != "goods_balance" and value:
            assert np.isinf(a.lower[row]) if value > 0 else np.isinf(a.upper[row]), (rule, index)


def test_the_size_is_told_at_each_step() -> None:
    """Legs and corridors, and the places that are left, are among the sizes; on legs alone nothing goes."""
    tables: dict[str, Any] = HAND_MADE["branch"][0]
    case = case_of(one_mine(**tables))
    assert derive(case).sizes[-2:] == (
        ("shipments: legs, then corridors", 5, 2),
        ("places goods come to: commodity, period", 5, 2),
    )
    assert [size[1:] for size in derive(case, contract=False).sizes[-2:]] == [(5, 5), (5, 5)]
