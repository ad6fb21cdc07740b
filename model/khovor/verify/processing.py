"""What runs stays within what stands (model rules 2, 3 and 6): capacity online, minimum load, reserves."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Commodity, Deposit, Plant
from khovor.verify.check import Check, at_least, at_most
from khovor.verify.view import View, summed

CAPACITY = "activity stays within the capacity online"
LOAD = "a plant runs at its minimum load or more"
RESERVE = "no more is dug than the reserve holds"


def activity_within_capacity(view: View) -> Iterator[Check]:
    """Activity of all recipes and origins of a plant is at most its online capacity times the event factor."""
    run = _activity(view)
    for plant in view.case.plants:
        for t in view.periods:
            online = view.capacity(plant, t)
            for w in view.futures:
                subject = view.subject(f"{plant.key.process} ({plant.key.sizes}) at {plant.key.node}", t, w, plant.at)
                limit = online * _factor(view, plant, t, w)
                yield at_most(CAPACITY, subject, run.get((plant.key, t, w), 0.0), limit, unit="t/y")


def activity_above_minimum_load(view: View) -> Iterator[Check]:
    """Activity is at least the minimum load, a share of the same capacity."""
    run = _activity(view)
    for plant in (p for p in view.case.plants if p.min_load):
        for t in view.periods:
            online = view.capacity(plant, t)
            for w in view.futures:
                subject = view.subject(f"{plant.key.process} ({plant.key.sizes}) at {plant.key.node}", t, w, plant.at)
                least = plant.min_load * online * _factor(view, plant, t, w)
                yield at_least(LOAD, subject, run.get((plant.key, t, w), 0.0), least, unit="t/y")


def ore_within_reserve(view: View) -> Iterator[Check]:
    """What is dug over the horizon is at most the reserve."""
    for deposit in view.case.deposits:
        if deposit.reserve_t is None:
            continue
        dug = _dug(view, deposit)
        for w in view.futures:
            subject = view.subject(f"{deposit.product} of {deposit.node}", 0, w, deposit.at)._replace(period="")
            yield at_most(RESERVE, subject, dug.get(w, 0.0), deposit.reserve_t, unit="t")


def _dug(view: View, deposit: Deposit) -> dict[str, float]:
    """Tonnes made of a deposit's product at its node over the horizon, by future."""
    traced = view.case.products[deposit.product].traced
    ore = Commodity(deposit.product, deposit.node if traced else "")
    periods = view.case.horizon.periods
    return summed(
        (run.w, run.t_y * max(0.0, recipe.balance.get(ore, 0.0)) * periods[run.t].years)
        for run, recipe in view.runs
        if run.node == deposit.node
    )


def _activity(view: View) -> dict[tuple[object, int, str], float]:
    return summed(((run.plant, run.t, run.w), run.t_y) for run in view.tables.activity)


def _factor(view: View, plant: Plant, t: int, w: str) -> float:
    return view.conditions[w].factor("capacity", "plant", (plant.key.node, plant.key.process), t)
