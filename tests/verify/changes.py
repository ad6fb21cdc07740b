"""Ways to change tables in place: a cell, a number, a row more or less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from good_plan import Tables

Change = Callable[[Tables], None]


def nothing(tables: Tables) -> None:
    """Leave it as it is."""


class Break(NamedTuple):
    """One way to go wrong: what it is, the rules that must fail (and no others), changes to input and to plan."""

    what: str
    rules: tuple[str, ...]
    into: Change = nothing
    out: Change = nothing


def put(table: str, place: int, **cells: Any) -> Change:
    """Change cells of a row."""

    def change(tables: Tables) -> None:
        tables[table][place].update(cells)

    return change


def scale(table: str, place: int, column: str, factor: float) -> Change:
    """Multiply a number."""

    def change(tables: Tables) -> None:
        tables[table][place][column] *= factor

    return change


def add(table: str, **cells: Any) -> Change:
    """Add a row."""

    def change(tables: Tables) -> None:
        tables.setdefault(table, []).append(cells)

    return change


def copy(table: str, place: int, **cells: Any) -> Change:
    """Add a row like another, but for some cells."""

    def change(tables: Tables) -> None:
        tables[table].append({**tables[table][place], **cells})

    return change


def drop(table: str, place: int) -> Change:
    """Take a row out."""

    def change(tables: Tables) -> None:
        del tables[table][place]

    return change


def clear(table: str) -> Change:
    """Take every row out."""

    def change(tables: Tables) -> None:
        tables[table].clear()

    return change


def event(**cells: Any) -> Change:
    """An event in the calm future."""
    return add("events", scenario="calm", **cells)


def both(*changes: Change) -> Change:
    """One change after another."""

    def change(tables: Tables) -> None:
        for one in changes:
            one(tables)

    return change


def undiscounted(tables: Tables) -> None:
    """A dollar is a dollar in every year."""
    add("settings", key="discount_rate", value=0.0)(tables)
