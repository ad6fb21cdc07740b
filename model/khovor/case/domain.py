"""The case: frozen domain objects in the input's own units (t, km, years, USD, MUSD). No Excel, no solver.

Amounts per year are t/y (or utility units/y); `None` capacity means unlimited, 0 means shut. `at` on each object is the
workbook cell it came from (`sheet!cell`), so that every later message can point at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from khovor.case.ambiguity import Ambiguity
from khovor.case.fiscal import UNTAXED, Fiscal
from khovor.case.hazard import Hazard
from khovor.case.instruments import Instrument
from khovor.case.policy import Policy
from khovor.case.terms import Terms
from khovor.case.years import Horizon, Window


class Commodity(NamedTuple):
    """A product, or a traced product of one origin; `origin` is "" when the product is not traced."""

    product: str
    origin: str

    def __str__(self) -> str:
        return f"{self.product} of {self.origin}" if self.origin else self.product


class OptionKey(NamedTuple):
    """One row of `sites` in one size: the thing of which units are built. `row` is the row on the sheet."""

    node: str
    process: str
    size: str
    row: int


class PlantKey(NamedTuple):
    """Options at one node and process that operate as one: same variable cost, same minimum load."""

    node: str
    process: str
    sizes: str


class LegKey(NamedTuple):
    """One direction of a lane."""

    lane: str
    start: str
    end: str


class TradeKey(NamedTuple):
    """One row of `markets` (tier) or `purchases` (tier 0)."""

    node: str
    product: str
    tier: int
    row: int


class StepKey(NamedTuple):
    """One row of `utility_supply`."""

    node: str
    utility: str
    row: int


@dataclass(frozen=True, slots=True)
class Product:
    """A good; `value_usd_t` is its reference value for fees, value shares and in-transit interest."""

    name: str
    label: str
    transport_class: str
    traced: bool
    value_usd_t: float
    disposal_usd_t: float | None
    at: str


@dataclass(frozen=True, slots=True)
class Node:
    """A place; `kind` is one of deposit, site, hub, border, port, airport, market."""

    name: str
    label: str
    kind: str
    territory: str
    lat: float | None
    lon: float | None
    at: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """What the ground holds: at most `reserve_t` tonnes of `product` over the horizon (None = unlimited)."""

    node: str
    product: str
    reserve_t: float | None
    at: str


@dataclass(frozen=True, slots=True)
class Process:
    """A step: lead time, life and ramp shared by its sizes. `lifetime_years` None = beyond the horizon.

    `technology` is the territory whose know-how it takes, "" where nobody's in particular.
    """

    name: str
    label: str
    build_years: int
    lifetime_years: int | None
    ramp: tuple[float, float, float]
    requires: str
    closing_cost_share: float
    technology: str
    at: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to run a process on one origin (`origin` "" when nothing in it is traced).

    `balance` maps each commodity to tonnes per tonne of activity: negative = input, positive = output.
    `utilities` maps each utility to units per tonne of activity (negative = credit).
    """

    process: str
    name: str
    origin: str
    balance: Mapping[Commodity, float]
    utilities: Mapping[str, float]
    at: str


@dataclass(frozen=True, slots=True)
class Option:
    """A plant option o = (node, process, size): costs are those of one unit at this site, factors applied.

    `window` bounds the first day it can be available. `existing_units` are online from the first day, without capital.
    """

    key: OptionKey
    capacity_t_y: float
    capex_musd: float
    fixed_opex_musd_y: float
    sustaining_musd_y: float
    closing_cost_musd: float
    build_years: int
    lifetime_years: int | None
    ramp: tuple[float, float, float]
    window: Window
    candidate: bool
    existing_units: int
    max_units: int
    at: str


@dataclass(frozen=True, slots=True)
class Plant:
    """Options that share one activity: capacity adds up, variable cost (USD/t) and minimum load are common."""

    key: PlantKey
    options: tuple[Option, ...]
    variable_opex_usd_t: float
    min_load: float
    requires: str
    recipes: tuple[Recipe, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A link. Per tonne at departure: `freight_usd_t` (line haul and handling), `fee_usd_t`, `fee_share_of_value`."""

    name: str
    start: str
    end: str
    mode: str
    distance_km: float | None
    freight_usd_t: float
    fee_usd_t: float
    fee_share_of_value: float
    loss_share: float
    capacity_t_y: float | None
    gate: str
    days: float
    classes: frozenset[str] | None
    over: tuple[str, ...]
    both_ways: bool
    project: bool
    co2_kg_t: float
    window: Window
    at: str

    @property
    def legs(self) -> tuple[LegKey, ...]:
        """The directions in which goods may move."""
        there = LegKey(self.name, self.start, self.end)
        return (there, LegKey(self.name, self.end, self.start)) if self.both_ways else (there,)

    def carries(self, transport_class: str) -> bool:
        """Whether goods of this transport class may move here (rule 5)."""
        return self.classes is None or transport_class in self.classes


@dataclass(frozen=True, slots=True)
class Gate:
    """A cap shared by all lanes that name it; with a booking price only booked slots carry."""

    name: str
    capacity_t_y: float | None
    booking_usd_t_y: float | None
    booking_share_max: float | None
    at: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a built project adds: t/y to a lane or gate, units/y to a utility at a node."""

    kind: Literal["lane", "gate", "utility"]
    target: str
    node: str
    adds: float


@dataclass(frozen=True, slots=True)
class Project:
    """A link project, available from the start of a period; `window` bounds that start."""

    name: str
    label: str
    capex_musd: float
    fixed_opex_musd_y: float
    build_years: int
    window: Window
    requires: tuple[str, ...]
    excludes: tuple[str, ...]
    effects: tuple[Effect, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Market:
    """A tier of demand. `content` maps origin to tonnes of the priced basis per tonne of product (1 if none)."""

    key: TradeKey
    price_usd_t: float
    max_t_y: float | None
    min_t_y: float
    shortfall_usd_t: float | None
    payable_share: float
    profile: str
    component: str
    content: Mapping[str, float]
    window: Window
    at: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """An offer to sell us a product."""

    key: TradeKey
    origin: str
    price_usd_t: float
    max_t_y: float | None
    profile: str
    window: Window
    at: str


@dataclass(frozen=True, slots=True)
class UtilityStep:
    """One step of the price ladder of a utility at a node (units/y)."""

    key: StepKey
    price_usd: float
    limit_y: float | None
    window: Window
    at: str


@dataclass(frozen=True, slots=True)
class Stockpile:
    """Room to store a product at a node; holding cost in USD per tonne and year."""

    node: str
    product: str
    capacity_t: float
    holding_usd_t_y: float
    initial_t: float
    final_min_t: float
    at: str


@dataclass(frozen=True, slots=True)
class Event:
    """One effect of a future on a target within a window of years."""

    target_type: str
    target: str
    window: Window
    capacity_factor: float
    cost_factor: float
    price_factor: float
    demand_factor: float
    add_fee_usd_t: float
    add_days: float
    at: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A future and its probability. Where `mean_of` names others, its conditions are their mean, not its own events."""

    name: str
    label: str
    probability: float
    events: tuple[Event, ...]
    at: str
    mean_of: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Fixes a decision: the units built (or project taken) over all that match the named fields; "" matches all."""

    node: str
    process: str
    size: str
    project: str
    period: str
    units: int
    at: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case, complete: what the formulation builds from and the checker checks against."""

    terms: Terms
    horizon: Horizon
    products: Mapping[str, Product]
    nodes: Mapping[str, Node]
    deposits: tuple[Deposit, ...]
    processes: Mapping[str, Process]
    plants: tuple[Plant, ...]
    lanes: Mapping[str, Lane]
    gates: Mapping[str, Gate]
    groups: Mapping[str, tuple[str, ...]]
    projects: Mapping[str, Project]
    markets: tuple[Market, ...]
    purchases: tuple[Purchase, ...]
    utilities: tuple[UtilityStep, ...]
    stockpiles: tuple[Stockpile, ...]
    profiles: Mapping[str, Mapping[int, float]]
    scenarios: tuple[Scenario, ...]
    hazards: tuple[Hazard, ...]
    overrides: tuple[Override, ...]
    policies: tuple[Policy, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    ambiguity: Ambiguity | None = None
    fiscal: Fiscal = UNTAXED

    @property
    def options(self) -> tuple[Option, ...]:
        """Every plant option, in workbook order."""
        return tuple(option for plant in self.plants for option in plant.options)

    def profile(self, name: str, year: int) -> float:
        """The factor of a profile in a year: a step function, 1 before its first row."""
        steps = self.profiles.get(name, {})
        reached = [y for y in steps if y <= year]
        return steps[max(reached)] if reached else 1.0
