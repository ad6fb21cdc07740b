"""What the network is made of, listed once: activities, legs and offers, with when each can be used."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from khovor.case import Case, Commodity, Lane, LegKey, Option, Outlook, Plant, Recipe, outlook_of


@dataclass(frozen=True, slots=True)
class Activity:
    """One recipe (of one origin) at one plant: what an `act` variable measures."""

    plant: Plant
    recipe: Recipe

    @property
    def node(self) -> str:
        """Where it runs."""
        return self.plant.key.node

    @property
    def inputs(self) -> list[Commodity]:
        """What it takes in."""
        return [c for c, amount in self.recipe.balance.items() if amount < 0]

    @property
    def outputs(self) -> list[Commodity]:
        """What it makes."""
        return [c for c, amount in self.recipe.balance.items() if amount > 0]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that could matter, before reachability is asked. Periods are places in the horizon."""

    case: Case
    activities: tuple[Activity, ...]
    lanes_from: dict[str, list[tuple[LegKey, Lane]]]
    lanes_into: dict[str, list[tuple[LegKey, Lane]]]
    open_lanes: tuple[frozenset[str], ...]
    running: tuple[frozenset[int], ...]
    outlook: Outlook

    def commodities(self, product: str) -> list[Commodity]:
        """Every commodity of a product that anything in the case makes, buys, uses or has in stock on the first day."""
        seen = {c for a in self.activities for c in a.recipe.balance if c.product == product}
        seen |= {Commodity(product, p.origin) for p in self.case.purchases if p.key.product == product}
        seen |= {Commodity(product, "") for s in self.case.stockpiles if s.product == product and s.initial_t > 0}
        return sorted(seen)


def parts_of(case: Case, outlook: Outlook | None = None) -> Parts:
    """List activities and legs, and in which periods each may run or be open; `outlook` where it is known already."""
    activities = tuple(Activity(plant, recipe) for plant in case.plants for recipe in plant.recipes)
    lanes_from: dict[str, list[tuple[LegKey, Lane]]] = defaultdict(list)
    lanes_into: dict[str, list[tuple[LegKey, Lane]]] = defaultdict(list)
    for lane in case.lanes.values():
        for leg in lane.legs:
            lanes_from[leg.start].append((leg, lane))
            lanes_into[leg.end].append((leg, lane))
    periods = case.horizon.indices
    return Parts(
        case=case,
        activities=activities,
        lanes_from=dict(lanes_from),
        lanes_into=dict(lanes_into),
        open_lanes=tuple(_open_lanes(case, t) for t in periods),
        running=tuple(_running(case, activities, t) for t in periods),
        outlook=outlook_of(case) if outlook is None else outlook,
    )


def build_periods(case: Case, option: Option) -> list[int]:
    """The periods from whose first day a unit of this option may be available."""
    if not option.candidate:
        return []
    return [t for t in case.horizon.indices if case.horizon.ready(t, option.build_years, option.window)]


def project_periods(case: Case, name: str) -> list[int]:
    """The periods from whose start a project may be available."""
    project = case.projects[name]
    return [t for t in case.horizon.indices if case.horizon.ready(t, project.build_years, project.window)]


def can_run(case: Case, option: Option, t: int) -> bool:
    """Whether any unit of the option could be alive in period t."""
    vintages: list[int | None] = [v for v in build_periods(case, option) if v <= t]
    if option.existing_units:
        vintages.append(None)
    return any(case.horizon.years_alive(v, option.lifetime_years, t) for v in vintages)


def additions(case: Case, kind: str, target: str, t: int) -> list[float]:
    """What each project that may be available by period t adds to a lane or gate [t/y]."""
    return [
        effect.adds
        for project in case.projects.values()
        for effect in project.effects
        if (effect.kind, effect.target) == (kind, target) and any(v <= t for v in project_periods(case, project.name))
    ]


def added_capacity(case: Case, kind: str, target: str, t: int) -> float:
    """The most that projects available by period t can add to a lane or gate [t/y]."""
    return sum(additions(case, kind, target, t))


def _open_lanes(case: Case, t: int) -> frozenset[str]:
    return frozenset(
        lane.name
        for lane in case.lanes.values()
        if case.horizon.share(t, lane.window) > 0 and _has_capacity(lane, additions(case, "lane", lane.name, t))
    )


def _has_capacity(lane: Lane, added: list[float]) -> bool:
    """A project that adds nothing still opens a project lane that has a capacity of its own."""
    own = lane.capacity_t_y != 0 and (not lane.project or bool(added))
    return own or sum(added) > 0


def _running(case: Case, activities: tuple[Activity, ...], t: int) -> frozenset[int]:
    alive = {plant.key for plant in case.plants if any(can_run(case, option, t) for option in plant.options)}
    supplied = {(s.key.node, s.key.utility) for s in case.utilities if case.horizon.share(t, s.window) > 0}
    supplied |= {
        (activity.node, u)
        for activity in activities
        if activity.plant.key in alive
        for u, need in activity.recipe.utilities.items()
        if need < 0
    }
    return frozenset(
        x
        for x, activity in enumerate(activities)
        if activity.plant.key in alive
        and all((activity.node, u) in supplied for u, need in activity.recipe.utilities.items() if need > 0)
    )
