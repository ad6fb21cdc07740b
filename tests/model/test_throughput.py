"""What a process can do in the whole country: one feed used once, no more made than leaves, prices still true."""

from __future__ import annotations

import importlib

import pytest

from khovor.case import Case
from khovor.network import Group, derive, throughput
from support import Rows, case_of, one_mine, solve_and_check

bounds = importlib.import_module("khovor.network.throughput")


def chain(**changes: Rows) -> dict[str, Rows]:
    """100 t/y of ore, which two mills (tonne for tonne) compete for; the concentrate is sold."""
    tables = one_mine(
        products=[{"product": "ore"}, {"product": "conc"}],
        processes=[{"process": "mine"}, {"process": "mill_a"}, {"process": "mill_b"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            *(
                {"process": mill, "recipe": "float", "product": product, "t_per_t": t}
                for mill, yields in (("mill_a", 0.5), ("mill_b", 0.25))
                for product, t in (("ore", -1), ("conc", yields))
            ),
        ],
        sizes=[
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1},
            {"process": "mill_a", "size": "s", "capacity_t_y": 400, "capex_musd": 0.1},
            {"process": "mill_b", "size": "s", "capacity_t_y": 400, "capex_musd": 0.1},
        ],
        sites=[{"node": "D", "process": process} for process in ("mine", "mill_a", "mill_b")],
        markets=[{"node": "M", "product": "conc", "price_usd_t": 20000}],
    )
    return {**tables, **changes}


def most(case: Case, process: str) -> float:
    """The most of a process in the only period, at the one place where it stands."""
    (period,) = throughput(case, derive(case).reached)
    (found,) = [value for group, value in period.items() if group == Group(process, group.node)]
    return found


def test_a_mill_does_no_more_than_there_is_ore() -> None:
    """Mills of 400 t/y on 100 t/y of ore: each can do 100."""
    case = case_of(chain())
    assert most(case, "mill_a") == pytest.approx(100, rel=1e-5)
    assert most(case, "mill_b") == pytest.approx(100, rel=1e-5)


def test_nobody_makes_more_than_buyers_take() -> None:
    """Buyers take 20 t/y of concentrate: 40 t/y of ore in mill a, 80 in mill b, and no more from the mine."""
    case = case_of(chain(markets=[{"node": "M", "product": "conc", "price_usd_t": 20000, "max_t_y": 20}]))
    assert most(case, "mill_a") == pytest.approx(40, rel=1e-5)
    assert most(case, "mill_b") == pytest.approx(80, rel=1e-5)
    assert most(case, "mine") == pytest.approx(80, rel=1e-5)


def test_what_may_be_disposed_of_is_no_limit() -> None:
    """With a disposal outlet for concentrate the 20 t/y that buyers take bound nothing."""
    case = case_of(
        chain(
            products=[{"product": "ore"}, {"product": "conc", "disposal_usd_t": 1}],
            markets=[{"node": "M", "product": "conc", "price_usd_t": 20000, "max_t_y": 20}],
        )
    )
    assert most(case, "mine") == pytest.approx(100, rel=1e-5)


def test_goods_that_stay_are_held_at_their_node() -> None:
    """Ore that no lane carries: a mill without a mine beside it can never run, the other does what its mine digs."""
    case = case_of(
        chain(
            products=[{"product": "ore", "transport_class": "local"}, {"product": "conc", "transport_class": "bulk"}],
            nodes=[
                {"node": "D", "kind": "deposit"},
                {"node": "E", "kind": "site"},
                {"node": "M", "kind": "market"},
            ],
            sites=[{"node": "D", "process": p} for p in ("mine", "mill_a")] + [{"node": "E", "process": "mill_a"}],
            lanes=[
                {"lane": f"{n}-M", "from": n, "to": "M", "mode": "road", "usd_t": 1, "classes": "bulk"} for n in "DE"
            ],
        )
    )
    (period,) = throughput(case, derive(case).reached)
    assert period[Group("mill_a", "D")] == pytest.approx(100, rel=1e-5)
    assert ("mill_a", "E") not in period


def works(*capacities: float) -> Case:
    """Works of these capacities on 300 t/y of ore, each with a pit for its slag, which no lane carries."""
    sites = [f"S{n}" for n in range(len(capacities))]
    there = [{"node": "D", "process": "mine", "sizes": "s"}]
    there += [
        {"node": node, "process": process, "sizes": size}
        for node, size in zip(sites, [f"{capacity:g}" for capacity in capacities], strict=True)
        for process in ("mill", "pit")
    ]
    ways = [("mine", "dig", "ore", 1.0), ("mill", "float", "ore", -1.0), ("mill", "float", "conc", 0.5)]
    ways += [("mill", "float", "slag", 0.5), ("pit", "bury", "slag", -1.0)]
    tables = chain(
        products=[
            {"product": p, "transport_class": "local" if p == "slag" else "bulk"} for p in ("ore", "conc", "slag")
        ],
        nodes=[
            {"node": "D", "kind": "deposit"},
            *({"node": node, "kind": "site"} for node in sites),
            {"node": "M", "kind": "market"},
        ],
        processes=[{"process": process} for process in ("mine", "mill", "pit")],
        recipes=[{"process": p, "recipe": r, "product": g, "t_per_t": t} for p, r, g, t in ways],
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 300, "capex_musd": 1}]
        + [
            {"process": process, "size": f"{capacity:g}", "capacity_t_y": capacity, "capex_musd": 1}
            for process in ("mill", "pit")
            for capacity in sorted(set(capacities))
        ],
        sites=there,
        lanes=[
            {"lane": f"{a}-{b}", "from": a, "to": b, "mode": "road", "usd_t": 1, "classes": "bulk"}
            for node in sites
            for a, b in (("D", node), (node, "M"))
        ],
    )
    return case_of(tables)


@pytest.mark.parametrize("capacities", [(80, 80, 80), (400, 400, 400, 80), (100, 80, 80, 100, 60), (70,)])
def test_nodes_that_are_alike_are_bounded_as_if_each_stood_for_itself(
    capacities: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each kind asked about, the others counted together: the bounds of asking about every node."""
    case = works(*capacities)
    reached = derive(case).reached
    (together,) = throughput(case, reached)
    assert {group.node for group in together if group.process == "pit"} == {
        "",
        *(f"S{n}" for n in range(len(capacities))),
    }
    monkeypatch.setattr(bounds, "alike", lambda steps, _: [[node] for node in dict.fromkeys(s.node for s in steps)])
    (apart,) = throughput(case, reached)
    assert together == pytest.approx(apart, rel=1e-7)
    assert together[Group("pit", "S0")] == pytest.approx(min(capacities[0], 300) / 2, rel=1e-5)


def test_programs_in_parts_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few columns a program may have, the bounds are the same."""
    case = works(100, 80, 60)
    reached = derive(case).reached
    usual = throughput(case, reached)
    monkeypatch.setattr(bounds, "COLUMNS", 1)
    assert throughput(case, reached) == tuple(pytest.approx(period, rel=1e-7) for period in usual)


def test_an_event_may_raise_what_can_be_done() -> None:
    """In the future that doubles the mine, 200 t/y of ore: the bound is the kindest future's."""
    case = case_of(
        chain(
            scenarios=[{"scenario": "plain", "probability": 0.5}, {"scenario": "rich", "probability": 0.5}],
            events=[{"scenario": "rich", "target_type": "process", "target": "mine", "capacity_factor": 2}],
        )
    )
    assert most(case, "mill_a") == pytest.approx(200, rel=1e-5)


def test_a_plant_too_large_for_its_feed_has_no_price() -> None:
    """The mill of 400 t/y is four times the mine: more mill is worth nothing, more mine 9,500 USD a tonne of ore.

    Half a tonne of concentrate sells at 20,000 and travels at 1,000 USD/t: 0.5 x 19,000.
    """
    solution, verification = solve_and_check(case_of(chain()))
    assert verification.passed
    priced = solution.duals[solution.duals["rule"] == "activity_within_capacity"]
    assert priced["subject"].tolist() == ["capacity of mine at D"]
    assert priced["value"].tolist() == pytest.approx([0.5 * (20000 - 1000) / 1e6])
