"""The shipped case, made from the dossier: `python -m inputs.mongolia` writes inputs/mongolia.xlsx.

Beside it stands the same case with royalty, tax and the support on offer, mongolia_support.xlsx.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inputs.mongolia import futures, guide, hazards, links, ore, places, plants, projects, public, steps, trade
from khovor.workbook import write

TARGET = Path(__file__).parents[1] / "mongolia.xlsx"
SUPPORTED = TARGET.with_name("mongolia_support.xlsx")

Rows = list[dict[str, Any]]

PARTS = (ore, steps, plants, trade, places, links, projects, futures, hazards)
"""Each has `tables() -> {table: rows}`; no table is made by two of them."""


def tables() -> dict[str, Rows]:
    """Every table of the case. Raises ValueError when two parts make the same one."""
    found: dict[str, Rows] = {}
    for part in PARTS:
        made = part.tables()
        if twice := found.keys() & made.keys():
            raise ValueError(f"{part.__name__} makes tables that another part makes: {sorted(twice)}")
        found |= made
    return found


def build(path: Path = TARGET) -> None:
    """Write the workbook, in place of an older one."""
    _write(path, tables())


def build_supported(path: Path = SUPPORTED) -> None:
    """Write the case with royalty, tax and support."""
    _write(path, tables() | public.tables())


def _write(path: Path, made: dict[str, Rows]) -> None:
    path.unlink(missing_ok=True)
    write(path, made, guide.SETTINGS, guide.SETTINGS_KNOWN, guide.TITLE, guide.SECTIONS)
