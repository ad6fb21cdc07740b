"""Contracted graphs: the corridors are the walks that matter, each once, and nothing that goods can do is lost."""

from __future__ import annotations

import random
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy.optimize import linprog

from khovor.network.contraction import Leg, contracted


def legs_of(text: str, useful: str = "") -> list[Leg]:
    """Legs from "AB BC": letters are nodes; those in `useful` may be worth going round on."""
    return [Leg(leg[0], leg[1], leg not in useful.split()) for leg in text.split()]


def told(text: str, kept: str, useful: str = "") -> tuple[set[str], set[str]]:
    """Corridors as the nodes they come to, and the nodes that are gone."""
    legs = legs_of(text, useful)
    ways, gone = contracted(legs, set(kept))
    return {legs[way[0]].start + "".join(legs[k].end for k in way) for way in ways}, set(gone)


def test_a_chain_is_one_corridor() -> None:
    """Three legs in a row, nothing done in between: one corridor, two places gone."""
    assert told("AB BC CD", "AD") == ({"ABCD"}, {"B", "C"})


def test_a_place_where_something_is_done_stays() -> None:
    """A chain is cut where goods are stored, made, used or sold."""
    assert told("AB BC CD", "ACD") == ({"ABC", "CD"}, {"B"})


def test_parallel_lanes_are_told_apart() -> None:
    """Two lanes to a place and one on: two corridors; the lanes may have other costs, gates and events."""
    legs = [Leg("A", "B", True), Leg("A", "B", True), Leg("B", "C", True)]
    assert contracted(legs, {"A", "C"}) == ([(0, 2), (1, 2)], ["B"])


def test_a_branch_goes_while_there_are_no_more_columns() -> None:
    """Two in, two out: four corridors for four legs, and a balance less; three in, three out would be nine for six."""
    assert told("AX BX XC XD", "ABCD") == ({"AXC", "AXD", "BXC", "BXD"}, {"X"})
    assert told("AX BX EX XC XD XF", "ABCDEF") == ({"AX", "BX", "EX", "XC", "XD", "XF"}, set())


def test_nobody_turns_round() -> None:
    """Lanes both ways along a chain: there and back are two corridors, and none turns in the middle."""
    assert told("AB BA BC CB", "AC") == ({"ABC", "CBA"}, {"B"})


def test_who_may_gain_by_it_turns_round() -> None:
    """Where a round may be worth something it stays: here and back again, from either end."""
    ways, gone = told("AB BA BC CB", "AC", useful="AB BA")
    assert gone == {"B"}
    assert ways == {"ABC", "CBA", "ABA"}


def test_a_place_with_a_round_of_its_own_stays() -> None:
    """A round from a place to itself would need a balance to be told: the place stays, whatever it costs."""
    ways, gone = told("AB BC CB BD", "AD", useful="BC CB")
    assert gone == {"C"}
    assert ways == {"AB", "BCB", "BD"}


def simple_walks(legs: list[Leg], kept: set[str], gone: set[str]) -> set[tuple[int, ...]]:
    """By brute force: every walk between places that stay, over places that are gone, no place twice."""
    found = set()
    for length in range(1, len(legs) + 1):
        for way in permutations(range(len(legs)), length):
            nodes = [legs[way[0]].start, *(legs[k].end for k in way)]
            joined = all(legs[a].end == legs[b].start for a, b in pairwise(way))
            if (
                joined
                and len(set(nodes)) == len(nodes)
                and set(nodes[1:-1]) <= gone
                and not {nodes[0], nodes[-1]} & gone
            ):
                found.add(way)
    return found


def drawn(seed: int, size: int = 7) -> tuple[list[Leg], set[str]]:
    """A small graph, and the nodes where something is done."""
    dice = random.Random(seed)
    nodes = "ABCDE"
    legs = [Leg(*dice.sample(nodes, 2), True) for _ in range(dice.randint(3, size))]
    return legs, {node for node in nodes if dice.random() < 0.5}


@pytest.mark.parametrize("seed", range(60))
def test_the_corridors_are_the_simple_walks(seed: int) -> None:
    """Where no round is of use, every walk that comes to no place twice is a corridor once, and there are no others."""
    legs, kept = drawn(seed)
    ways, gone = contracted(legs, kept)
    assert len(set(ways)) == len(ways) <= len(legs)
    assert not kept & set(gone)
    assert set(ways) == simple_walks(legs, kept, set(gone))


def test_the_graphs_drawn_have_something_to_contract() -> None:
    """In most of them a place goes, and in some a chain of two."""
    found = [contracted(*drawn(seed)) for seed in range(60)]
    assert sum(bool(gone) for _, gone in found) > 30
    assert any(len(way) > 2 for ways, _ in found for way in ways)


def best(balances: list[dict[int, float]], costs: np.ndarray, limits: list[dict[int, float]], n: int) -> float:
    """The least cost of shipments within limits; balances are to be met."""

    def rows(terms: list[dict[int, float]]) -> np.ndarray:
        a = np.zeros((len(terms), n))
        for r, row in enumerate(terms):
            for k, value in row.items():
                a[r, k] += value
        return a

    if not n:
        return 0.0
    answer = linprog(costs, rows(limits), np.ones(len(limits)), rows(balances), np.zeros(len(balances)))
    assert answer.status == 0
    return float(answer.fun)


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_is_lost(seed: int) -> None:
    """With losses, rewards and limits on any leg a graph is worth the same on legs and on corridors, rounds and all.

    What leaves or comes to a place that stays is worth something; each leg has a limit, so that nothing is endless.
    """
    dice = random.Random(seed)
    nodes = "ABCDE"
    loss = [dice.choice([0.0, 0.0, 0.1, 0.3]) for _ in range(8)]
    cost = [dice.choice([1.0, 2.0, 3.0, -0.5]) for _ in range(8)]
    kept = {"A"} | {node for node in nodes if dice.random() < 0.3}
    legs = [Leg(*dice.sample(nodes, 2), loss[k] == 0 and cost[k] >= 0) for k in range(8)]
    worth = {node: dice.choice([-4.0, 0.0, 6.0]) for node in nodes}
    ways, gone = contracted(legs, kept)

    def paid(k: int, amount: float) -> float:
        start, end = (worth[node] if node not in gone else 0.0 for node in legs[k][:2])
        return amount * (cost[k] + start - (1 - loss[k]) * end)

    balances = [
        {k: ((1 - loss[k]) * (leg.end == node) - (leg.start == node)) for k, leg in enumerate(legs)} for node in gone
    ]
    shares = [dict(zip(way, np.cumprod([1.0, *(1 - loss[k] for k in way[:-1])]), strict=True)) for way in ways]
    on_legs = best(balances, np.array([paid(k, 1.0) for k in range(8)]), [{k: 1.0} for k in range(8)], len(legs))
    on_ways = best(
        [],
        np.array([sum(paid(k, share) for k, share in way.items()) for way in shares]),
        [{w: way[k] for w, way in enumerate(shares) if k in way} for k in range(8)],
        len(ways),
    )
    assert on_ways == pytest.approx(on_legs, abs=1e-9)
