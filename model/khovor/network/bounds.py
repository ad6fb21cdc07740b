"""The most that can be made, bought and fed: tight bounds for capacity coefficients (rule 9), never a big constant."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

from khovor.case import Case, Commodity, Option, Plant
from khovor.network.parts import Parts, build_periods
from khovor.network.reach import Reach

SWEEPS = 12


def unit_capacity(case: Case, option: Option, built: int | None, t: int) -> float:
    """What one unit available from period `built` (None: existing) can do in period t [t/y], ramp and life included."""
    return option.capacity_t_y * case.horizon.availability(built, option.lifetime_years, option.ramp, t)


def plant_capacity(case: Case, plant: Plant, t: int) -> float:
    """The most a plant's options can do in period t [t/y], each site row filled with its best unit."""
    by_row: dict[int, list[float]] = defaultdict(list)
    existing = 0.0
    for option in plant.options:
        if option.existing_units:
            existing += option.existing_units * unit_capacity(case, option, None, t)
        vintages = [v for v in build_periods(case, option) if v <= t]
        best = max((unit_capacity(case, option, v, t) for v in vintages), default=0.0)
        by_row[option.key.row].append(best * option.max_units)
    return existing + sum(max(best) for best in by_row.values())


def supply_bounds(parts: Parts, reach: Reach, t: int) -> tuple[dict[int, float], dict[Commodity, float]]:
    """Upper bounds in period t: activity by its place in the list [t/y], total supply by commodity [t/y].

    Starts from capacities and cuts each activity by what its inputs can supply in total, until nothing changes.
    """
    case = parts.case
    limits = {plant.key: plant_capacity(case, plant, t) for plant in case.plants}
    act = {x: limits[parts.activities[x].plant.key] for x in reach.live[t]}
    total: dict[Commodity, float] = {}
    for _ in range(SWEEPS):
        total = _totals(parts, act, t)
        cut = {x: min(bound, _fed(parts, x, total)) for x, bound in act.items()}
        if cut == act:
            break
        act = cut
    return act, total


def _fed(parts: Parts, x: int, total: Mapping[Commodity, float]) -> float:
    balance = parts.activities[x].recipe.balance
    return min((total.get(c, 0.0) / -amount for c, amount in balance.items() if amount < 0), default=math.inf)


def _totals(parts: Parts, act: Mapping[int, float], t: int) -> dict[Commodity, float]:
    case = parts.case
    total: dict[Commodity, float] = defaultdict(float)
    for x, bound in act.items():
        for commodity, amount in parts.activities[x].recipe.balance.items():
            if amount > 0:
                total[commodity] += bound * amount
    for purchase in case.purchases:
        share = case.horizon.share(t, purchase.window)
        if share > 0:
            limit = math.inf if purchase.max_t_y is None else purchase.max_t_y * share
            total[Commodity(purchase.key.product, purchase.origin)] += limit
    stored = {s.product for s in case.stockpiles}
    return {c: math.inf if c.product in stored else amount for c, amount in total.items()}
