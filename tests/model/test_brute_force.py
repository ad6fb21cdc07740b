"""An oracle that shares nothing with the model: every build tried, operation settled by greedy matching."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest

from support import Rows, solved


@dataclass(frozen=True)
class Mine:
    """Capacity [t/y], capital [MUSD], and the cost to put one tonne in front of the market [USD/t]."""

    capacity: int
    capex: float
    freight: int


@dataclass(frozen=True)
class World:
    """Mines, market tiers (price, max), and futures (probability, price factor, lane factor of mine 0), two years."""

    mines: tuple[Mine, ...]
    tiers: tuple[tuple[int, int], ...]
    futures: tuple[tuple[float, float, float], ...]
    rate: float


YEARS = (2030, 2031)


def random_world(seed: int) -> World:
    """A world in which building everything, something or nothing may all be best."""
    dice = random.Random(seed)
    mines = tuple(
        Mine(dice.randint(5, 40), dice.randint(1, 120) / 100, dice.randint(0, 6) * 1000)
        for _ in range(dice.randint(1, 3))
    )
    tiers = tuple((dice.randint(8, 40) * 1000, dice.randint(5, 50)) for _ in range(dice.randint(1, 3)))
    odds = dice.choice([0.25, 0.5, 0.75])
    futures = ((odds, 1.0, 1.0), (1 - odds, dice.choice([0.5, 1.0, 1.5]), dice.choice([0.0, 0.5, 1.0])))
    return World(mines, tiers, futures, dice.choice([0.0, 0.1]))


def best_by_enumeration(world: World) -> float:
    """Value of the best plan [MUSD]: all first years (or never) of all mines."""
    choices = [(*YEARS, None)] * len(world.mines)
    return max(value_of(world, first) for first in itertools.product(*choices))


def value_of(world: World, first: tuple[int | None, ...]) -> float:
    """Value when mine i opens in first[i]: capital then, and the greedy margin of each year and future."""
    value = 0.0
    for i, year in enumerate(first):
        if year is not None:
            value -= world.mines[i].capex * weight(world, year)
    for year in YEARS:
        for odds, price, passes in world.futures:
            open_now = [
                (mine.freight, mine.capacity * (passes if i == 0 else 1.0))
                for i, mine in enumerate(world.mines)
                if first[i] is not None and first[i] <= year
            ]
            value += odds * weight(world, year) * greedy(open_now, [(p * price, m) for p, m in world.tiers])
    return value


def weight(world: World, year: int) -> float:
    """End-of-year discounting from base year 2030."""
    return (1 + world.rate) ** -(year - 2030 + 1)


def greedy(supply: list[tuple[float, float]], demand: list[tuple[float, float]]) -> float:
    """Cheapest tonnes against dearest tiers while the margin is positive [MUSD]."""
    sources, sinks = [list(s) for s in sorted(supply)], [list(d) for d in sorted(demand, reverse=True)]
    earned = 0.0
    while sources and sinks and sinks[0][0] > sources[0][0]:
        tonnes = min(sources[0][1], sinks[0][1])
        earned += tonnes * (sinks[0][0] - sources[0][0]) / 1e6
        for side in (sources, sinks):
            side[0][1] -= tonnes
            if side[0][1] <= 1e-12:
                side.pop(0)
    return earned


def tables_of(world: World) -> dict[str, Rows]:
    """The same world in khovor's tables; the lane of mine 0 carries at most its mine's capacity, times the factor."""
    n = len(world.mines)
    return {
        "periods": [{"period": str(y), "start_year": y, "years": 1} for y in YEARS],
        "products": [{"product": "ore"}],
        "nodes": [{"node": f"D{i}", "kind": "site"} for i in range(n)] + [{"node": "M", "kind": "market"}],
        "processes": [{"process": f"mine{i}"} for i in range(n)],
        "recipes": [{"process": f"mine{i}", "recipe": "dig", "product": "ore", "t_per_t": 1} for i in range(n)],
        "sizes": [
            {"process": f"mine{i}", "size": "s", "capacity_t_y": mine.capacity, "capex_musd": mine.capex}
            for i, mine in enumerate(world.mines)
        ],
        "sites": [{"node": f"D{i}", "process": f"mine{i}"} for i in range(n)],
        "modes": [{"mode": "road"}],
        "lanes": [
            {
                "lane": f"L{i}",
                "from": f"D{i}",
                "to": "M",
                "mode": "road",
                "usd_t": mine.freight,
                "capacity_t_y": mine.capacity,
            }
            for i, mine in enumerate(world.mines)
        ],
        "markets": [
            {"node": "M", "product": "ore", "tier": k + 1, "price_usd_t": price, "max_t_y": most}
            for k, (price, most) in enumerate(world.tiers)
        ],
        "scenarios": [{"scenario": f"w{k}", "probability": odds} for k, (odds, _, _) in enumerate(world.futures)],
        "events": [
            event
            for k, (_, price, passes) in enumerate(world.futures)
            for event in (
                {"scenario": f"w{k}", "target_type": "product", "target": "ore", "price_factor": price},
                {"scenario": f"w{k}", "target_type": "lane", "target": "L0", "capacity_factor": passes},
            )
        ],
    }


@pytest.mark.parametrize("seed", range(40))
def test_model_agrees_with_enumeration(seed: int) -> None:
    """On a random tiny world the model's value is the best of all plans enumerated by hand-written code."""
    world = random_world(seed)
    plan = solved(tables_of(world), discount_rate=world.rate)
    assert plan.objective == pytest.approx(best_by_enumeration(world), abs=1e-7, rel=1e-6)


def test_the_worlds_are_not_all_trivial() -> None:
    """The random worlds include ones where nothing, something and everything is built."""
    built = [len(solved(tables_of(random_world(s)), discount_rate=random_world(s).rate).builds) for s in range(12)]
    assert len(set(built)) > 1
