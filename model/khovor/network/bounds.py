"""The most that can be made, bought and fed: tight bounds for capacity coefficients (rule 9), never a big constant."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from khovor.case import Case, Commodity, Option, Plant, PlantKey
from khovor.network.parts import Parts, build_periods
from khovor.network.reach import Reach

SWEEPS = 12


def unit_capacity(case: Case, option: Option, built: int | None, t: int) -> float:
    """What one unit available from period `built` (None: existing) can do in period t [t/y], ramp and life included."""
    return option.capacity_t_y * case.horizon.availability(built, option.lifetime_years, option.ramp, t)


def plant_capacity(parts: Parts, plant: Plant, t: int) -> float:
    """The most a plant's options can do in period t [t/y] in any future, each site row filled with its best unit."""
    case = parts.case
    by_row: dict[int, list[float]] = defaultdict(list)
    existing = 0.0
    for option in plant.options:
        if option.existing_units:
            existing += option.existing_units * unit_capacity(case, option, None, t)
        vintages = [v for v in build_periods(case, option) if v <= t]
        best = max((unit_capacity(case, option, v, t) for v in vintages), default=0.0)
        by_row[option.key.row].append(best * option.max_units)
    return (existing + sum(max(best) for best in by_row.values())) * _peak(parts, plant, t)


def horizon_capacity(parts: Parts, plant: Plant) -> float:
    """The most a plant can do over the whole horizon [t] in any future.

    Where no unit can be replaced within its site's window, each place holds one unit for one life; else the best unit
    of every period is taken.
    """
    case, total = parts.case, 0.0
    peaks = [_peak(parts, plant, t) for t in case.horizon.indices]
    rows: dict[int, list[Option]] = defaultdict(list)
    for option in plant.options:
        rows[option.key.row].append(option)
        total += option.existing_units * _life_work(case, option, None, peaks) if option.existing_units else 0.0
    for options in rows.values():
        units = [(o, v) for o in options for v in build_periods(case, o)]
        if not units:
            continue
        most = options[0].max_units
        if _one_life(case, units):
            total += most * max(_life_work(case, o, v, peaks) for o, v in units)
        else:
            total += sum(
                most * work * max((unit_capacity(case, o, v, t) for o, v in units if v <= t), default=0.0)
                for t, work in enumerate(p.years * peak for p, peak in zip(case.horizon.periods, peaks, strict=True))
            )
    return total


def _peak(parts: Parts, plant: Plant, t: int) -> float:
    return parts.outlook.most("capacity", "plant", (plant.key.node, plant.key.process), t)


def _life_work(case: Case, option: Option, built: int | None, peaks: Sequence[float]) -> float:
    return sum(
        p.years * peaks[t] * unit_capacity(case, option, built, t)
        for t, p in enumerate(case.horizon.periods)
        if t >= (built or 0)
    )


def _one_life(case: Case, units: list[tuple[Option, int]]) -> bool:
    """Whether the last possible start comes before the first possible end of life."""
    starts = [case.horizon.periods[v].start_year for _, v in units]
    ends = [case.horizon.periods[v].start_year + o.lifetime_years for o, v in units if o.lifetime_years is not None]
    return not ends or max(starts) < min(ends)


def slack_reserves(parts: Parts) -> frozenset[int]:
    """Deposits (by place) whose reserve no plan can ever reach: their rule can be left out of the model."""
    case = parts.case
    work = {plant.key: horizon_capacity(parts, plant) for plant in case.plants}
    slack = set()
    for d, deposit in enumerate(case.deposits):
        traced = case.products[deposit.product].traced
        ore = Commodity(deposit.product, deposit.node if traced else "")
        most: dict[PlantKey, float] = defaultdict(float)
        for activity in parts.activities:
            if activity.node == deposit.node:
                key = activity.plant.key
                most[key] = max(most[key], activity.recipe.balance.get(ore, 0.0))
        if deposit.reserve_t is None or sum(work[key] * out for key, out in most.items()) <= deposit.reserve_t:
            slack.add(d)
    return frozenset(slack)


def supply_bounds(parts: Parts, reach: Reach, t: int) -> tuple[dict[int, float], dict[Commodity, float]]:
    """Upper bounds in period t: activity by its place in the list [t/y], total supply by commodity [t/y].

    Starts from capacities and cuts each activity by what its inputs can supply in total, until nothing changes. What
    has a stockpile may come out of it in any amount, whoever made it, and whenever.
    """
    case = parts.case
    limits = {plant.key: plant_capacity(parts, plant, t) for plant in case.plants}
    act = {x: limits[parts.activities[x].plant.key] for x in reach.live[t]}
    total: dict[Commodity, float] = {}
    stored = {c: math.inf for s in case.stockpiles for c in parts.commodities(s.product)}
    for _ in range(SWEEPS):
        total = _totals(parts, act, t) | stored
        cut = {x: min(bound, _fed(parts, x, total)) for x, bound in act.items()}
        if cut == act:
            break
        act = cut
    return act, total


def _fed(parts: Parts, x: int, total: Mapping[Commodity, float]) -> float:
    balance = parts.activities[x].recipe.balance
    return min((total.get(c, 0.0) / -amount for c, amount in balance.items() if amount < 0), default=math.inf)


def _totals(parts: Parts, act: Mapping[int, float], t: int) -> dict[Commodity, float]:
    total: dict[Commodity, float] = defaultdict(float)
    for x, bound in act.items():
        for commodity, amount in parts.activities[x].recipe.balance.items():
            if amount > 0:
                total[commodity] += bound * amount
    for commodity, limit in on_offer(parts, t).items():
        total[commodity] += limit
    return dict(total)


def on_offer(parts: Parts, t: int) -> dict[Commodity, float]:
    """The most of each commodity that can be bought in period t in any future [t/y]."""
    total: dict[Commodity, float] = defaultdict(float)
    for purchase in parts.case.purchases:
        share = parts.case.horizon.share(t, purchase.window)
        if share > 0:
            peak = parts.outlook.most("demand", "purchase", purchase.key, t)
            limit = math.inf if purchase.max_t_y is None else purchase.max_t_y * share * peak
            total[Commodity(purchase.key.product, purchase.origin)] += limit
    return dict(total)
