"""The register of tables, in the contract's order: what reader, validator, blank workbook, guide and reference use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from khovor.workbook.column import Column, prose, text
from khovor.workbook.futures import Event, Hazard, Scenario
from khovor.workbook.links import Gate, Group, Lane, Mode, Project, ProjectEffect
from khovor.workbook.places import Assay, Deposit, Node, Period, Product
from khovor.workbook.plants import Process, Recipe, Site, Size, Utility, UtilitySupply, UtilityUse
from khovor.workbook.row import Row, Sourced, columns_of
from khovor.workbook.settings import Settings
from khovor.workbook.support import Fiscal, Instrument, Override, Policy, Sweep
from khovor.workbook.trade import Market, Profile, Purchase, Stockpile


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name is its sheet's name."""

    name: str
    title: str
    purpose: str
    row: type[Row]
    required: bool
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """A column by name."""
        return next(c for c in self.columns if c.name == name)


class Setting(Sourced):
    """A setting as a row: keys and what they mean are declared in `Settings`."""

    TABLE, TITLE, KEYS, REQUIRED_TABLE = "settings", "Settings", ("key",), True
    PURPOSE = "What holds for the whole case."

    key: str = text("Which setting.", required=True, choices=tuple(n for n in Settings.model_fields if n != "where"))
    value: str | None = text("Its value.")
    unit: str | None = prose("Unit of the value (for reading only).")
    help: str | None = prose("What it means (for reading only).")


ROWS: Final[tuple[type[Row], ...]] = (
    Setting,
    Period,
    Product,
    Node,
    Assay,
    Deposit,
    Process,
    Recipe,
    Size,
    Site,
    Utility,
    UtilityUse,
    UtilitySupply,
    Mode,
    Lane,
    Gate,
    Group,
    Project,
    ProjectEffect,
    Market,
    Purchase,
    Stockpile,
    Profile,
    Scenario,
    Event,
    Hazard,
    Policy,
    Fiscal,
    Instrument,
    Override,
    Sweep,
)

TABLES: Final[Mapping[str, Table]] = {
    row.TABLE: Table(
        row.TABLE,
        row.TITLE,
        row.PURPOSE,
        row,
        row.REQUIRED_TABLE,
        row.KEYS,
        columns_of(row),
    )
    for row in ROWS
}
"""Every table by name."""


def setting_columns() -> dict[str, Column]:
    """The declaration of each setting, by key."""
    found: dict[str, Column] = {}
    for name, info in Settings.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict):
            column = extra["column"]
            assert isinstance(column, Column)
            found[name] = column.named(name)
    return found


def _defining() -> dict[str, tuple[str, ...]]:
    """Columns whose names count for others: keys of their own, and whatever a reference points at."""
    found: dict[str, list[str]] = {}
    declared = [(f"{t.name}.{c.name}", c) for t in TABLES.values() for c in t.columns]
    for place, column in [*declared, *((f"settings[{key}]", c) for key, c in setting_columns().items())]:
        for target in (*column.ref, *(target for _, targets in column.ref_by for target in targets)):
            if ":" not in target:
                found.setdefault(target, []).append(place)
        if column.key and column.kind == "text" and not column.choices:
            found.setdefault(place, [])
    own = {place: column for place, column in declared if not column.by and (column.beyond or not column.ref)}
    return {place: tuple(users) for place, users in found.items() if place in own}


DEFINING: Final[Mapping[str, tuple[str, ...]]] = _defining()
"""`table.column` that brings names into the case -> the columns that use them."""
