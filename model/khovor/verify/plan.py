"""What the checker reads of a solution, in its own words: the rows of each table and the few numbers beside them.

The plan is described by its shape alone, so that nothing of the model, and not even Pyomo, is loaded with the checker.
A field is the column of the same name (`start` and `end` are the columns `from` and `to`); `t` is the place of the
period in the horizon, `w` the name of the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple, Protocol

import pandas as pd

from khovor.case import Commodity, LegKey, OptionKey, PlantKey, StepKey, TradeKey


class Plan(Protocol):
    """A solution as the checker sees it; `objective` and `bound` in MUSD."""

    @property
    def status(self) -> str:
        """`optimal`, `feasible`, `interrupted`..."""

    @property
    def sense(self) -> str:
        """`maximize` or `minimize`."""

    @property
    def objective(self) -> float:
        """Value (or cost) of the plan."""

    @property
    def bound(self) -> float:
        """What no plan can better."""

    @property
    def gap(self) -> float:
        """|bound - objective| / |objective|."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The result tables by name."""


class Units(NamedTuple):
    """A row of `builds` or `closures` [units]."""

    node: str
    process: str
    size: str
    row: int
    t: int
    units: float

    @property
    def option(self) -> OptionKey:
        """The plant option meant."""
        return OptionKey(*self[:4])


class Taken(NamedTuple):
    """A row of `projects`."""

    project: str
    t: int


class Booked(NamedTuple):
    """A row of `bookings` [t/y]."""

    gate: str
    t: int
    t_y: float


class Financed(NamedTuple):
    """A row of `financed`: capital financed or insured, as it is spent [MUSD]."""

    instrument: str
    build_years: int
    t: int
    musd: float


class Topped(NamedTuple):
    """A row of `topped`: sales topped up to a price floor [t/y]."""

    instrument: str
    node: str
    product: str
    tier: int
    row: int
    origin: str
    t: int
    w: str
    t_y: float


class Paid(NamedTuple):
    """A row of `payouts`: what a guarantee on the capital of a period pays [MUSD/y]."""

    instrument: str
    since: str
    t: int
    w: str
    musd_y: float


class Run(NamedTuple):
    """A row of `activity` [t/y]."""

    node: str
    process: str
    sizes: str
    recipe: str
    origin: str
    t: int
    w: str
    t_y: float

    @property
    def plant(self) -> PlantKey:
        """The plant meant."""
        return PlantKey(*self[:3])


class Flow(NamedTuple):
    """A row of `flows` [t/y at departure]."""

    lane: str
    start: str
    end: str
    product: str
    origin: str
    t: int
    w: str
    t_y: float

    @property
    def leg(self) -> LegKey:
        """The direction of the lane meant."""
        return LegKey(*self[:3])

    @property
    def commodity(self) -> Commodity:
        """What moves."""
        return Commodity(self.product, self.origin)


class Bought(NamedTuple):
    """A row of `purchases` [t/y]."""

    node: str
    product: str
    row: int
    origin: str
    t: int
    w: str
    t_y: float

    @property
    def offer(self) -> TradeKey:
        """The row of the input meant."""
        return TradeKey(self.node, self.product, 0, self.row)

    @property
    def commodity(self) -> Commodity:
        """What is bought."""
        return Commodity(self.product, self.origin)


class Sold(NamedTuple):
    """A row of `sales` [t/y]."""

    node: str
    product: str
    tier: int
    row: int
    origin: str
    t: int
    w: str
    t_y: float

    @property
    def market(self) -> TradeKey:
        """The tier meant."""
        return TradeKey(*self[:4])

    @property
    def commodity(self) -> Commodity:
        """What is sold."""
        return Commodity(self.product, self.origin)


class Missed(NamedTuple):
    """A row of `shortfalls` [t/y of the priced basis]."""

    node: str
    product: str
    tier: int
    row: int
    t: int
    w: str
    t_y: float

    @property
    def market(self) -> TradeKey:
        """The contract meant."""
        return TradeKey(*self[:4])


class Used(NamedTuple):
    """A row of `utilities` [units/y]."""

    node: str
    utility: str
    row: int
    t: int
    w: str
    use_y: float

    @property
    def step(self) -> StepKey:
        """The price step meant."""
        return StepKey(*self[:3])


class Dumped(NamedTuple):
    """A row of `disposals` [t/y]."""

    node: str
    product: str
    origin: str
    t: int
    w: str
    t_y: float

    @property
    def commodity(self) -> Commodity:
        """What is disposed of."""
        return Commodity(self.product, self.origin)


class Stored(NamedTuple):
    """A row of `stocks`: tonnes at the end of the period."""

    node: str
    product: str
    origin: str
    t: int
    w: str
    tonnes: float

    @property
    def commodity(self) -> Commodity:
        """What is kept."""
        return Commodity(self.product, self.origin)


class Term(NamedTuple):
    """A row of `terms` [MUSD, signed, discounted]; `w` is "" for what is paid in every future."""

    term: str
    w: str
    t: int
    musd: float


ROWS: Final[Mapping[str, type[Any]]] = {
    "builds": Units,
    "closures": Units,
    "projects": Taken,
    "bookings": Booked,
    "financed": Financed,
    "activity": Run,
    "flows": Flow,
    "purchases": Bought,
    "sales": Sold,
    "shortfalls": Missed,
    "utilities": Used,
    "disposals": Dumped,
    "stocks": Stored,
    "topped": Topped,
    "payouts": Paid,
    "terms": Term,
}
"""The tables the checker reads, and the shape of a row of each. Prices (`duals`) are no part of a plan."""

COLUMN_OF: Final[Mapping[str, str]] = {
    "t": "period",
    "w": "scenario",
    "start": "from",
    "end": "to",
    "tonnes": "t",
}


@cache
def columns(table: str) -> tuple[str, ...]:
    """The columns of a table, in the order of the fields of its row."""
    fields: tuple[str, ...] = ROWS[table]._fields
    return tuple(COLUMN_OF.get(field, field) for field in fields)


def amount_column(table: str) -> str:
    """The column of the number in a row, or "" where the row itself is the decision."""
    return "" if table == "projects" else columns(table)[-1]
