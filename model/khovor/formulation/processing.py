"""What runs where, and on what (rules 2, 3 and 6): activity within the capacity online, minimum load, reserves.

act[x,t,w] activity of a recipe at a plant [kt/y]. Capacity coefficients are the smallest of a unit's capacity, what can
ever be fed to the plant, and what its process can do in the whole country (rule 9). What that takes off a unit is kept
in `Frame.tightened`: once the units are known it is given back, so that prices are those of true limits.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from khovor.case import Commodity, Option, Plant
from khovor.formulation.frame import Frame, Subject, kilotonnes, summed, weighted
from khovor.formulation.operation import Members
from khovor.network import Group, unit_capacity
from khovor.units import T_PER_KT

Unit = tuple[float, Any]
"""What one unit can do [kt/y], and the decision that counts it."""


def variables(f: Frame) -> None:
    """Declare activity."""
    f.operate("act", f.network.acts, doc="act[x,t,w]: activity of a recipe at a plant  [kt/y]")


def constraints(f: Frame) -> None:
    """Declare capacity, minimum load and reserves."""
    run_at = _run_at(f)
    units = _units(f)
    _activity_within_capacity(f, run_at, units)
    _activity_above_minimum_load(f, run_at, units)
    _ore_within_reserve(f)


def _run_at(f: Frame) -> dict[tuple[int, int], Members]:
    """Activities by (plant, period)."""
    places = {plant.key: a for a, plant in enumerate(f.case.plants)}
    return f.operation["act"].by([places[activity.plant.key] for activity in f.network.activities])


def _units(f: Frame) -> dict[tuple[int, int], list[Unit]]:
    """By plant and period, what a unit of everything that may be online there can do; closing one takes that away.

    What existing units do before closures is a constant (`_existing`).
    """
    m, places = f.model, {option.key: o for o, option in enumerate(f.options)}
    able = _Ability(f)
    found: dict[tuple[int, int], list[Unit]] = defaultdict(list)
    for a, plant in enumerate(f.case.plants):
        for option in plant.options:
            o = places[option.key]
            for v, unit in f.built[o]:
                for t, capacity in enumerate(able.of(option, v)[v:], start=v):
                    found[a, t].append((capacity, unit))
            if option.existing_units:
                for t, capacity in enumerate(able.of(option, None)):
                    found[a, t] += [(-capacity, m.close[o, v]) for v in range(t + 1)]
    return found


class _Ability:
    """What one unit can do [kt/y], found once for all options of the same size and life."""

    def __init__(self, f: Frame) -> None:
        self._case = f.case
        self._known: dict[tuple[Any, ...], list[float]] = {}

    def of(self, option: Option, v: int | None) -> list[float]:
        """By period, what a unit available from v (None: existing) can do."""
        alike = (option.capacity_t_y, option.lifetime_years, option.ramp, v)
        if alike not in self._known:
            periods = self._case.horizon.indices
            self._known[alike] = [unit_capacity(self._case, option, v, t) / T_PER_KT for t in periods]
        return self._known[alike]


def _fed(f: Frame, run_at: dict[tuple[int, int], Members]) -> dict[tuple[int, int], float]:
    """The most each plant can do in each period, whatever is built [t/y]."""
    fed, everywhere = {}, f.network.throughput
    for (a, t), members in run_at.items():
        key = f.case.plants[a].key
        sites = [everywhere[t].get(Group(key.process, node), float("inf")) for node in ("", key.node)]
        fed[a, t] = min(sum(f.network.act_bounds[x, t] for x in members.things), *sites)
    return fed


def _existing(f: Frame, plant: Plant, t: int) -> float:
    """Capacity of existing units before closures [kt/y]."""
    return sum(_existing_capacity(f, option, t) for option in plant.options)


def _existing_capacity(f: Frame, option: Option, t: int) -> float:
    return option.existing_units * unit_capacity(f.case, option, None, t) / T_PER_KT if option.existing_units else 0.0


def _activity_within_capacity(
    f: Frame, run_at: dict[tuple[int, int], Members], units: dict[tuple[int, int], list[Unit]]
) -> None:
    plants, fed = f.case.plants, _fed(f, run_at)

    @f.rows(list(run_at), doc="Σ_r act[x,t,w] ≤ factor[n,k,t,w] · Σ_v min(cap·ramp, feed) · build[o,v]  [kt/y]")
    def activity_within_capacity(m: Any, a: int, t: int) -> Any:
        key = plants[a].key
        factor = f.future.factor("capacity", "plant", (key.node, key.process), t)
        most = fed[a, t] / T_PER_KT / factor if factor else 0.0
        f.tightened["activity_within_capacity", (a, t, f.future.name)] = [
            (factor * (able - most), (unit.parent_component().local_name, unit.index()))
            for able, unit in units[a, t]
            if able > most
        ]
        online = [(-factor * min(able, most), unit) for able, unit in units[a, t]]
        return summed(run_at[a, t], online) <= factor * _existing(f, plants[a], t)

    f.subjects["activity_within_capacity"] = lambda a, t, w: Subject(
        f"capacity of {plants[a].key.process} at {plants[a].key.node}", plants[a].at, "t/y"
    )


def _activity_above_minimum_load(
    f: Frame, run_at: dict[tuple[int, int], Members], units: dict[tuple[int, int], list[Unit]]
) -> None:
    plants = f.case.plants
    index = [
        (a, t)
        for a, plant in enumerate(plants)
        if plant.min_load
        for t in f.periods
        if units[a, t] or _existing(f, plant, t)
    ]

    @f.rows(index, doc="Σ_r act[x,t,w] ≥ min_load · factor[n,k,t,w] · Σ_v cap·ramp · build[o,v]  [kt/y]")
    def activity_above_minimum_load(m: Any, a: int, t: int) -> Any:
        plant = plants[a]
        factor = plant.min_load * f.future.factor("capacity", "plant", (plant.key.node, plant.key.process), t)
        run = run_at.get((a, t), f.operation["act"].none())
        return summed(run, [(-factor * able, unit) for able, unit in units[a, t]]) >= factor * _existing(f, plant, t)

    f.subjects["activity_above_minimum_load"] = lambda a, t, w: Subject(
        f"minimum load of {plants[a].key.process} at {plants[a].key.node}", plants[a].at, "t/y"
    )


def _ore_within_reserve(f: Frame) -> None:
    deposits = f.case.deposits
    index = [d for d in range(len(deposits)) if d not in f.network.slack_reserves and _taken(f, d)]

    @f.rows(index, doc="Σ_t years[t] · Σ_x out[x] · act[x,t,w] ≤ reserve  [kt]", tying=True)
    def ore_within_reserve(m: Any, d: int) -> Any:
        return weighted((c, m.act[x, t]) for c, x, t in _taken(f, d)) <= kilotonnes(deposits[d].reserve_t)

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
