"""Flows taken apart into paths: hand-made networks, with losses, cycles, dead ends, stocks and several origins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_cases import by_hand

from khovor.case import Case, Commodity
from khovor.report.paths import paths
from support import case_of, one_mine

Flow = tuple[str, str, float]


def network(*lanes: tuple[str, str], loss: float = 0.0, **changes: object) -> Case:
    """Nodes joined by lanes named `a-b`; all may mine, sell and store ore."""
    names = sorted({n for lane in lanes for n in lane})
    return case_of(
        one_mine(
            nodes=[{"node": n, "kind": "deposit", "territory": "MN"} for n in names],
            sites=[{"node": n, "process": "mine"} for n in names],
            lanes=[
                {"lane": f"{a}-{b}", "from": a, "to": b, "mode": "road", "usd_t": 1, "loss_share": loss}
                for a, b in lanes
            ],
            markets=[{"node": n, "product": "ore", "price_usd_t": 1} for n in names],
            **changes,  # type: ignore[arg-type]
        )
    )


def told(case: Case, mined: dict[str, float], flows: Sequence[Flow], sold: dict[str, float], **more: object) -> list:
    """The paths of a plan as (nodes, t/y at departure, sold)."""
    rows = {m.key.node: m.key.row for m in case.markets}
    solution = by_hand(
        case,
        activity=[(n, "mine", "s", "dig", "", "p1", case.scenarios[0].name, t) for n, t in mined.items()],
        flows=[(f"{a}-{b}", a, b, "ore", "", "p1", case.scenarios[0].name, t) for a, b, t in flows],
        sales=[(n, "ore", 1, rows[n], "", "p1", case.scenarios[0].name, t) for n, t in sold.items()],
        **more,  # type: ignore[arg-type]
    )
    return [("".join(p.nodes), round(p.t_y, 6), p.sold) for p in paths(case, solution)]


def test_one_way() -> None:
    """What is mined at one end and sold at the other travels the whole way."""
    case = network(("a", "b"), ("b", "c"))
    assert told(case, {"a": 10}, [("a", "b", 10), ("b", "c", 10)], {"c": 10}) == [("abc", 10, True)]


def test_largest_way_first() -> None:
    """Where ways part, the larger flow is followed first, and each is told with its own tonnes."""
    case = network(("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"))
    flows = [("a", "b", 3.0), ("a", "c", 7.0), ("b", "d", 3.0), ("c", "d", 7.0)]
    assert told(case, {"a": 10}, flows, {"d": 10}) == [("acd", 7, True), ("abd", 3, True)]


def test_two_origins_share_a_road() -> None:
    """Two mines on one road: each path begins at its own mine, and the buyers get what they bought."""
    case = network(("a", "c"), ("b", "c"), ("c", "d"))
    flows = [("a", "c", 4.0), ("b", "c", 6.0), ("c", "d", 10.0)]
    assert sorted(told(case, {"a": 4, "b": 6}, flows, {"d": 10})) == [("acd", 4, True), ("bcd", 6, True)]


def test_sold_on_the_way() -> None:
    """A place that sells takes its share; the rest goes on."""
    case = network(("a", "b"), ("b", "c"))
    assert told(case, {"a": 10}, [("a", "b", 10), ("b", "c", 6)], {"b": 4, "c": 6}) == [
        ("ab", 4, True),
        ("abc", 6, True),
    ]


def test_losses_are_paid_at_departure() -> None:
    """With a tenth lost on each of two lanes, 100 t leave for 81 t sold."""
    case = network(("a", "b"), ("b", "c"), loss=0.1)
    assert told(case, {"a": 100}, [("a", "b", 100), ("b", "c", 90)], {"c": 81}) == [("abc", 100, True)]


def test_losses_with_a_sale_on_the_way() -> None:
    """Losses apply leg by leg where a path parts: 50 t leave for 45 t sold at b, 50 t for 40.5 t sold at c."""
    case = network(("a", "b"), ("b", "c"), loss=0.1)
    found = told(case, {"a": 100}, [("a", "b", 100), ("b", "c", 45)], {"b": 45, "c": 40.5})
    assert found == [("ab", 50, True), ("abc", 50, True)]


def test_what_circulates_is_left_out() -> None:
    """A cycle that feeds nobody is no path, and does not keep the goods beside it from arriving."""
    case = network(("a", "b"), ("b", "c"), ("c", "b"), ("b", "d"))
    flows = [("a", "b", 5.0), ("b", "c", 9.0), ("c", "b", 9.0), ("b", "d", 5.0)]
    assert told(case, {"a": 5}, flows, {"d": 5}) == [("abd", 5, True)]


def test_turns_back_at_a_dead_end() -> None:
    """A larger flow into a corner that wants nothing more is given up for the smaller one that leads on."""
    case = network(("a", "b"), ("b", "e"), ("e", "f"), ("b", "d"))
    flows = [("a", "b", 5.0), ("b", "e", 8.0), ("e", "f", 8.0), ("b", "d", 5.0)]
    assert told(case, {"a": 5}, flows, {"d": 5}) == [("abd", 5, True)]


def test_own_supply_never_travels() -> None:
    """A place that mines and sells the same serves itself first."""
    case = network(("a", "b"))
    assert told(case, {"a": 5, "b": 7}, [("a", "b", 5)], {"b": 12}) == [("ab", 5, True)]


def test_stock_is_an_end_and_a_beginning() -> None:
    """Goods put into a stockpile end there unsold; drawn from it later, they begin there."""
    case = network(
        ("a", "b"),
        ("b", "c"),
        periods=[{"period": "p1", "start_year": 2030, "years": 2}, {"period": "p2", "start_year": 2032, "years": 1}],
        stockpiles=[{"node": "b", "product": "ore", "capacity_t": 50}],
    )
    w = case.scenarios[0].name
    row = {m.key.node: m.key.row for m in case.markets}["c"]
    solution = by_hand(
        case,
        activity=[("a", "mine", "s", "dig", "", "p1", w, 10.0)],
        flows=[("a-b", "a", "b", "ore", "", "p1", w, 10.0), ("b-c", "b", "c", "ore", "", "p2", w, 20.0)],
        stocks=[("b", "ore", "", "p1", w, 20.0)],
        sales=[("c", "ore", 1, row, "", "p2", w, 20.0)],
    )
    found = [(p.period, "".join(p.nodes), p.t_y, p.sold) for p in paths(case, solution)]
    assert found == [("p1", "ab", 10.0, False), ("p2", "bc", 20.0, True)]


def test_first_stock_begins_a_path() -> None:
    """What lies in a stockpile on the first day can travel without ever being mined."""
    pile = {"node": "a", "product": "ore", "capacity_t": 50, "initial_t": 30}
    case = network(("a", "b"), stockpiles=[pile])
    assert told(case, {}, [("a", "b", 30)], {"b": 30}) == [("ab", 30, True)]


def test_disposal_is_an_end() -> None:
    """What is tipped elsewhere travels to the tip, unsold."""
    case = network(("a", "b"), products=[{"product": "ore", "disposal_usd_t": 1}])
    w = case.scenarios[0].name
    assert told(case, {"a": 8}, [("a", "b", 8)], {}, disposals=[("b", "ore", "", "p1", w, 8.0)]) == [("ab", 8, False)]


def test_commodities_and_futures_are_kept_apart() -> None:
    """Traced ore of two deposits, in two futures, gives a path for each with its origin and future."""
    case = case_of(
        one_mine(
            products=[{"product": "ore", "traced": "yes"}],
            nodes=[
                {"node": "a", "kind": "deposit", "territory": "MN"},
                {"node": "b", "kind": "deposit", "territory": "MN"},
                {"node": "M", "kind": "market", "territory": "US"},
            ],
            deposits=[{"node": "a", "product": "ore"}, {"node": "b", "product": "ore"}],
            sites=[{"node": "a", "process": "mine"}, {"node": "b", "process": "mine"}],
            lanes=[{"lane": f"{n}-M", "from": n, "to": "M", "mode": "road", "usd_t": 1} for n in "ab"],
            scenarios=[{"scenario": "x", "probability": 0.5}, {"scenario": "y", "probability": 0.5}],
        )
    )
    row = case.markets[0].key.row
    keys = [(n, w) for n in "ab" for w in "xy"]
    solution = by_hand(
        case,
        activity=[(n, "mine", "s", "dig", n, "p1", w, 5.0) for n, w in keys],
        flows=[(f"{n}-M", n, "M", "ore", n, "p1", w, 5.0) for n, w in keys],
        sales=[("M", "ore", 1, row, n, "p1", w, 5.0) for n, w in keys],
    )
    found = {(p.commodity, p.scenario, p.start, p.t_y) for p in paths(case, solution)}
    assert found == {(Commodity("ore", n), w, n, 5.0) for n, w in keys}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.permutations(list("abcdef")), st.integers(2, 6), st.integers(1, 50)), min_size=1, max_size=8)
)
def test_every_tonne_is_told_once(routes: list[tuple[list[str], int, int]]) -> None:
    """Whatever ways are added up into flows, the paths carry as much from every mine and to every buyer."""
    flows: dict[tuple[str, str], float] = {}
    mined: dict[str, float] = {}
    sold: dict[str, float] = {}
    for nodes, length, tonnes in routes:
        way = nodes[:length]
        mined[way[0]] = mined.get(way[0], 0.0) + tonnes
        sold[way[-1]] = sold.get(way[-1], 0.0) + tonnes
        for leg in pairwise(way):
            flows[leg] = flows.get(leg, 0.0) + tonnes
    case = network(*sorted(flows))
    found = told(case, mined, [(*leg, t) for leg, t in flows.items()], sold)
    for node in "abcdef":
        kept = min(mined.get(node, 0.0), sold.get(node, 0.0))
        starts = sum(t for nodes, t, _ in found if nodes[0] == node)
        ends = sum(t for nodes, t, _ in found if nodes[-1] == node)
        assert starts == pytest.approx(mined.get(node, 0.0) - kept)
        assert ends == pytest.approx(sold.get(node, 0.0) - kept)
