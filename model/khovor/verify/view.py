"""Case and plan side by side, indexed: what each row means, which units stand, what projects add, what events do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from khovor.case import (
    Case,
    Commodity,
    Conditions,
    Instrument,
    LegKey,
    Market,
    Option,
    OptionKey,
    Plant,
    PlantKey,
    Purchase,
    Recipe,
    StepKey,
    Stockpile,
    TradeKey,
    UtilityStep,
    net_exports,
    outlook_of,
)
from khovor.verify.check import Subject
from khovor.verify.plan import Run, Units
from khovor.verify.tables import Tables

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class View:
    """A case and the rows of a plan for it."""

    case: Case
    tables: Tables

    @property
    def futures(self) -> tuple[str, ...]:
        """Names of the scenarios."""
        return tuple(s.name for s in self.case.scenarios)

    @property
    def periods(self) -> range:
        """Places of the periods."""
        return self.case.horizon.indices

    @cached_property
    def conditions(self) -> Mapping[str, Conditions]:
        """What events do, by scenario."""
        return outlook_of(self.case)

    @cached_property
    def options(self) -> Mapping[OptionKey, Option]:
        """Plant options by key."""
        return {option.key: option for option in self.case.options}

    @cached_property
    def instruments(self) -> Mapping[str, Instrument]:
        """Support instruments by name."""
        return {x.name: x for x in self.case.instruments}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each period by its name."""
        return {p.name: t for t, p in enumerate(self.case.horizon.periods)}

    @cached_property
    def plants(self) -> Mapping[PlantKey, Plant]:
        """Plants by key."""
        return {plant.key: plant for plant in self.case.plants}

    @cached_property
    def recipes(self) -> Mapping[tuple[PlantKey, str, str], Recipe]:
        """Recipes by plant, name and origin."""
        return {(plant.key, r.name, r.origin): r for plant in self.case.plants for r in plant.recipes}

    @cached_property
    def legs(self) -> frozenset[LegKey]:
        """Every direction of every lane."""
        return frozenset(leg for lane in self.case.lanes.values() for leg in lane.legs)

    @cached_property
    def markets(self) -> Mapping[TradeKey, Market]:
        """Market tiers by key."""
        return {m.key: m for m in self.case.markets}

    @cached_property
    def offers(self) -> Mapping[TradeKey, Purchase]:
        """Purchases by key."""
        return {p.key: p for p in self.case.purchases}

    @cached_property
    def steps(self) -> Mapping[StepKey, UtilityStep]:
        """Utility price steps by key."""
        return {s.key: s for s in self.case.utilities}

    @cached_property
    def piles(self) -> Mapping[tuple[str, str], Stockpile]:
        """Stockpiles by node and product."""
        return {(s.node, s.product): s for s in self.case.stockpiles}

    @cached_property
    def commodities(self) -> frozenset[Commodity]:
        """Whatever is made, used, bought or in stock from the first day."""
        made = {c for recipe in self.recipes.values() for c in recipe.balance}
        bought = {Commodity(p.key.product, p.origin) for p in self.case.purchases}
        return frozenset(made | bought | {Commodity(s.product, "") for s in self.case.stockpiles if s.initial_t > 0})

    @cached_property
    def leaving(self) -> Mapping[tuple[LegKey, Commodity], int]:
        """Moves by which goods of home leave it (1) and come back (-1)."""
        return net_exports(self.case)

    def subject(self, name: str, t: int, w: str = "", at: str = "") -> Subject:
        """What is compared in a period and a future."""
        return Subject(name, self.case.horizon.periods[t].name, w, at)

    def recipe(self, run: Run) -> Recipe | None:
        """The recipe an activity means, or None."""
        return self.recipes.get((run.plant, run.recipe, run.origin))

    @cached_property
    def runs(self) -> tuple[tuple[Run, Recipe], ...]:
        """Every activity with its recipe; activities of no recipe at that plant are left out (they fail elsewhere)."""
        return tuple((run, recipe) for run in self.tables.activity if (recipe := self.recipe(run)) is not None)

    @cached_property
    def _built(self) -> Mapping[OptionKey, list[Units]]:
        return grouped(self.tables.builds, lambda row: row.option)

    @cached_property
    def _closed(self) -> Mapping[OptionKey, list[Units]]:
        return grouped(self.tables.closures, lambda row: row.option)

    def kept(self, option: Option, t: int) -> float:
        """Existing units not closed by the first day of period t."""
        closed = sum(c.units for c in self._closed.get(option.key, ()) if c.t <= t)
        return max(0.0, option.existing_units - closed)

    def vintages(self, option: Option, t: int) -> Iterator[tuple[int | None, float]]:
        """(first period, units) of all that came by period t, None = existing; those past their life included."""
        if option.existing_units:
            yield None, self.kept(option, t)
        yield from ((b.t, b.units) for b in self._built.get(option.key, ()) if b.t <= t)

    def alive(self, option: Option, t: int) -> float:
        """Units that run in at least one year of period t."""
        horizon, life = self.case.horizon, option.lifetime_years
        return sum(units for v, units in self.vintages(option, t) if horizon.years_alive(v, life, t))

    def capacity(self, plant: Plant, t: int) -> float:
        """Capacity online at a plant in period t, ramp and life included, before events [t/y]."""
        horizon = self.case.horizon
        return sum(
            units * option.capacity_t_y * horizon.availability(v, option.lifetime_years, option.ramp, t)
            for option in plant.options
            for v, units in self.vintages(option, t)
        )

    @cached_property
    def since(self) -> Mapping[str, int]:
        """The first period of each project taken."""
        first: dict[str, int] = {}
        for row in self.tables.projects:
            first[row.project] = min(row.t, first.get(row.project, row.t))
        return first

    def added(self, kind: str, target: str, t: int, node: str = "") -> float:
        """What projects available by period t add to a lane or gate [t/y], or to a utility at a node [units/y]."""
        return sum(self.effects(kind, target, t, node))

    def effects(self, kind: str, target: str, t: int, node: str = "") -> list[float]:
        """Each amount that a project available by period t adds there."""
        return [
            effect.adds
            for name, project in self.case.projects.items()
            if self.since.get(name, t + 1) <= t
            for effect in project.effects
            if (effect.kind, effect.target) == (kind, target) and (kind != "utility" or effect.node == node)
        ]


def grouped(rows: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    """Rows by key."""
    found: dict[K, list[V]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def summed(pairs: Iterable[tuple[K, float]]) -> dict[K, float]:
    """Amounts added up by key."""
    total: dict[K, float] = defaultdict(float)
    for key, amount in pairs:
        total[key] += amount
    return dict(total)
