"""How the input is known, and which of its rows this plan touches: builds, runs, ships on, buys at, sells to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from khovor.case import Case
from khovor.solution import Solution
from khovor.workbook import Workbook

BASES: Final = ("sourced", "literature", "assumption", "unstated")


def basis_counts(workbook: Workbook) -> dict[str, dict[str, int]]:
    """Rows by basis, for each table that has any."""
    return {table: counted(rows) for table, rows in workbook.rows.items() if rows}


def counted(rows: Iterator[Any] | tuple[Any, ...] | list[Any]) -> dict[str, int]:
    """Rows by basis, in the order from sourced to unstated."""
    found = [row.basis or "unstated" for row in rows]
    return {basis: found.count(basis) for basis in BASES if basis in found}


def touched(case: Case, workbook: Workbook, solution: Solution) -> list[tuple[str, Any]]:
    """(table, row) of every input row that the plan touches, table by table; every future counts as touched."""
    tests = _tests(case, solution)
    return [(name, row) for name, test in tests.items() for row in workbook.rows.get(name, ()) if test(row)]


def _tests(case: Case, s: Solution) -> Mapping[str, Callable[[Any], bool]]:
    """Whether a row of each table is touched; tables whose figures weigh most come first."""
    sites, sizes, online = _plants(case, s)
    lanes, origins = set(s.flows["lane"]), set(s.activity["origin"]) | set(s.activity["node"])
    modes, gates = {case.lanes[lane].mode for lane in lanes}, {case.lanes[lane].gate for lane in lanes}
    products = {c.product for c in _commodities(case, s)}
    sold, bought, drawn = set(s.sales["row"]), set(s.purchases["row"]), set(s.utilities["row"])
    profiles = {m.profile for m in case.markets if m.key.row in sold}
    profiles |= {p.profile for p in case.purchases if p.key.row in bought}
    projects = set(s.projects["project"])
    return {
        "markets": lambda r: r.where.row in sold,
        "purchases": lambda r: r.where.row in bought,
        "sizes": lambda r: (r.process, r.size) in sizes,
        "sites": lambda r: (r.node, r.process) in sites,
        "recipes": lambda r: r.process in online,
        "utility_use": lambda r: r.process in online,
        "utility_supply": lambda r: r.where.row in drawn,
        "processes": lambda r: r.process in online,
        "deposits": lambda r: r.node in origins,
        "lanes": lambda r: r.lane in lanes,
        "modes": lambda r: r.mode in modes,
        "gates": lambda r: r.gate in gates,
        "projects": lambda r: r.project in projects,
        "project_effects": lambda r: r.project in projects,
        "stockpiles": lambda r: r.product in set(s.stocks["product"]) and r.node in set(s.stocks["node"]),
        "products": lambda r: r.product in products,
        "profiles": lambda r: r.profile in profiles,
        "scenarios": lambda r: True,
        "events": lambda r: True,
        "assays": lambda r: r.origin in origins or (not r.origin and r.product in products),
    }


def _plants(case: Case, s: Solution) -> tuple[set[tuple[str, str]], set[tuple[str, str]], set[str]]:
    """Sites (node, process), sizes (process, size) and processes that are built, or stand and run."""
    ran = set(zip(s.activity["node"], s.activity["process"], strict=True))
    stood = {o.key for o in case.options if o.existing_units and (o.key.node, o.key.process) in ran}
    sites = set(zip(s.builds["node"], s.builds["process"], strict=True)) | ran
    sizes = set(zip(s.builds["process"], s.builds["size"], strict=True)) | {(k.process, k.size) for k in stood}
    return sites, sizes, {process for _, process in sites}


def _commodities(case: Case, s: Solution) -> set[Any]:
    recipes = {(*plant.key, r.name, r.origin): r for plant in case.plants for r in plant.recipes}
    keys = set(s.activity[["node", "process", "sizes", "recipe", "origin"]].itertuples(index=False, name=None))
    return {commodity for key in keys for commodity in recipes[key].balance}
