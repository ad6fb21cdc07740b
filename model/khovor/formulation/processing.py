"""What runs where, and on what (rules 2, 3 and 6): activity within the capacity online, minimum load, reserves.

act[x,t,w] activity of a recipe at a plant [kt/y]. Capacity coefficients are the smallest of a unit's capacity, what can
ever be fed to the plant, and what its process can do in the whole country (rule 9). What that takes off a unit is kept
in `Frame.tightened`: once the units are known it is given back, so that prices are those of true limits.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from khovor.case import Commodity, Option, Plant
from khovor.formulation.frame import Frame, Subject, grouped, kilotonnes, weighted
from khovor.network import build_periods, throughput, unit_capacity
from khovor.units import T_PER_KT


def variables(f: Frame) -> None:
    """Declare activity."""
    m = f.model
    m.ACT = pyo.Set(initialize=f.each(f.network.acts), dimen=3)
    m.act = pyo.Var(m.ACT, domain=pyo.NonNegativeReals, doc="act[x,t,w]: activity of a recipe at a plant  [kt/y]")


def constraints(f: Frame) -> None:
    """Declare capacity, minimum load and reserves."""
    run_at = _run_at(f)
    _activity_within_capacity(f, run_at)
    _activity_above_minimum_load(f, run_at)
    _ore_within_reserve(f)


def _run_at(f: Frame) -> dict[tuple[int, int], list[int]]:
    """Activities by (plant, period)."""
    places = {plant.key: a for a, plant in enumerate(f.case.plants)}
    return grouped(((places[f.network.activities[x].plant.key], t), x) for x, t in f.network.acts)


def _online(f: Frame, plant: Plant, t: int, most: float) -> list[tuple[float, Any]]:
    """(capacity in kt/y, units) of everything that may be online, each unit's capacity cut to `most` t/y; the constant
    of existing units is carried by a fixed coefficient on 1.
    """
    m, places = f.model, {option.key: o for o, option in enumerate(f.case.options)}
    terms: list[tuple[float, Any]] = []
    for option in plant.options:
        o = places[option.key]
        for v in build_periods(f.case, option):
            if v <= t:
                terms.append((min(unit_capacity(f.case, option, v, t), most) / T_PER_KT, m.build[o, v]))
        if option.existing_units:
            capacity = unit_capacity(f.case, option, None, t) / T_PER_KT
            terms += [(-capacity, m.close[o, v]) for v in range(t + 1)]
    return terms


def _fed(f: Frame, run_at: dict[tuple[int, int], list[int]]) -> dict[tuple[int, int], float]:
    """The most each plant can do in each period, whatever is built [t/y]."""
    fed, everywhere = {}, throughput(f.case, f.network.reached)
    for (a, t), members in run_at.items():
        key = f.case.plants[a].key
        sites = [everywhere[t].get((key.process, node), float("inf")) for node in ("", key.node)]
        fed[a, t] = min(sum(f.network.act_bounds[x, t] for x in members), *sites)
    return fed


def _existing(f: Frame, plant: Plant, t: int) -> float:
    """Capacity of existing units before closures [kt/y]."""
    return sum(_existing_capacity(f, option, t) for option in plant.options)


def _existing_capacity(f: Frame, option: Option, t: int) -> float:
    return option.existing_units * unit_capacity(f.case, option, None, t) / T_PER_KT if option.existing_units else 0.0


def _activity_within_capacity(f: Frame, run_at: dict[tuple[int, int], list[int]]) -> None:
    m, plants = f.model, f.case.plants
    fed = _fed(f, run_at)

    @m.Constraint(f.each(run_at), doc="Σ_r act[x,t,w] ≤ factor[n,k,t,w] · Σ_v min(cap·ramp, feed) · build[o,v]  [kt/y]")
    def activity_within_capacity(m: Any, a: int, t: int, w: str) -> Any:
        key = plants[a].key
        factor = f.conditions[w].factor("capacity", "plant", (key.node, key.process), t)
        used = [(1.0, m.act[x, t, w]) for x in run_at[a, t]]
        tight = _online(f, plants[a], t, fed[a, t] / factor if factor else 0.0)
        true = _online(f, plants[a], t, float("inf"))
        f.tightened["activity_within_capacity", (a, t, w)] = [
            (factor * (whole - c), unit) for (c, unit), (whole, _) in zip(tight, true, strict=True) if whole > c
        ]
        return weighted(used + [(-factor * c, unit) for c, unit in tight]) <= factor * _existing(f, plants[a], t)

    f.subjects["activity_within_capacity"] = lambda a, t, w: Subject(
        f"capacity of {plants[a].key.process} at {plants[a].key.node}", plants[a].at, "t/y"
    )


def _activity_above_minimum_load(f: Frame, run_at: dict[tuple[int, int], list[int]]) -> None:
    m, plants = f.model, f.case.plants
    index = [
        (a, t)
        for a, plant in enumerate(plants)
        if plant.min_load
        for t in f.periods
        if _online(f, plant, t, 1.0) or _existing(f, plant, t)
    ]

    @m.Constraint(f.each(index), doc="Σ_r act[x,t,w] ≥ min_load · factor[n,k,t,w] · Σ_v cap·ramp · build[o,v]  [kt/y]")
    def activity_above_minimum_load(m: Any, a: int, t: int, w: str) -> Any:
        plant = plants[a]
        factor = plant.min_load * f.conditions[w].factor("capacity", "plant", (plant.key.node, plant.key.process), t)
        used = [(1.0, m.act[x, t, w]) for x in run_at.get((a, t), [])]
        online = [(-factor * c, unit) for c, unit in _online(f, plant, t, float("inf"))]
        return weighted(used + online) >= factor * _existing(f, plant, t)

    f.subjects["activity_above_minimum_load"] = lambda a, t, w: Subject(
        f"minimum load of {plants[a].key.process} at {plants[a].key.node}", plants[a].at, "t/y"
    )


def _ore_within_reserve(f: Frame) -> None:
    m, deposits = f.model, f.case.deposits
    index = [d for d, deposit in enumerate(deposits) if d not in f.network.slack_reserves and _taken(f, d)]

    @m.Constraint(index, list(f.scenarios), doc="Σ_t years[t] · Σ_x out[x] · act[x,t,w] ≤ reserve  [kt]")
    def ore_within_reserve(m: Any, d: int, w: str) -> Any:
        return weighted((c, m.act[x, t, w]) for c, x, t in _taken(f, d)) <= kilotonnes(deposits[d].reserve_t)

    f.subjects["ore_within_reserve"] = lambda d, w: Subject(
        f"reserve of {deposits[d].product} at {deposits[d].node}", deposits[d].at, "t"
    )


def _taken(f: Frame, d: int) -> list[tuple[float, int, int]]:
    """(years x output per tonne of activity, activity, period) of all that comes out of a deposit."""
    deposit = f.case.deposits[d]
    traced = f.case.products[deposit.product].traced
    ore = Commodity(deposit.product, deposit.node if traced else "")
    taken = []
    for x, t in f.network.acts:
        activity = f.network.activities[x]
        amount = activity.recipe.balance.get(ore, 0.0)
        if activity.node == deposit.node and amount > 0:
            taken.append((amount * f.case.horizon.periods[t].years, x, t))
    return taken
