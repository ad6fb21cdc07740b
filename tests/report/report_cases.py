"""Small runs to report on: cases solved in code, plans written by hand, and the sheets read back as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from khovor.case import Case, build_case
from khovor.report import Content, summarise
from khovor.report.sheets.results import write_results
from khovor.solution import COLUMNS, Size, Solution, empty_tables
from khovor.workbook import from_tables, parse_change
from support import SETTINGS, Rows, one_mine, solve_and_check
from verify.good_plan import tables_in

SECONDS = {"read": 0.1, "check": 0.1, "build": 0.1, "solve": 0.1, "verify": 0.1}

PLACES = {"D": (44.2, 104.7), "B": (49.5, 105.9), "M": (33.7, -118.2)}
"""Latitude and longitude of the nodes of `everything`."""


def everything() -> dict[str, Rows]:
    """A case with every feature: stocks, losses, booking, a project, closures, two futures, two periods."""
    tables: dict[str, Any] = tables_in()
    return tables


def on_the_map(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """The same with coordinates for its nodes D, B and M."""
    nodes = [{**n, "lat": PLACES[str(n["node"])][0], "lon": PLACES[str(n["node"])][1]} for n in tables["nodes"]]
    return {**tables, "nodes": nodes}


def two_ways() -> dict[str, Rows]:
    """Ore from a mine in MN leaves by road through CN and by sea to US, or in the air over RU; 100 t a year, ten years.

    The road takes 60 t/y (10 USD/t, then 20 at sea), the air the rest (500 USD/t); acid comes from CN.
    """
    return one_mine(
        periods=[
            {"period": "early", "start_year": 2030, "years": 4},
            {"period": "late", "start_year": 2034, "years": 6},
        ],
        products=[{"product": "ore", "name": "Ore", "value_usd_t": 1000}, {"product": "acid", "name": "Acid"}],
        nodes=[
            {"node": "D", "name": "Red Hill (ore)", "kind": "deposit", "territory": "MN", "lat": 44.2, "lon": 104.7},
            {"node": "X", "name": "Crossing", "kind": "border", "territory": "CN", "lat": 43.6, "lon": 112.0},
            {"node": "P", "name": "Harbour", "kind": "port", "territory": "CN", "lat": 39.0, "lon": 117.8},
            {"node": "G", "name": "Gateway", "kind": "port", "territory": "US", "lat": 33.7, "lon": -118.2},
            {"node": "M", "name": "Buyer", "kind": "market", "territory": "US"},
        ],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mine", "recipe": "dig", "product": "acid", "t_per_t": -0.5},
        ],
        modes=[{"mode": mode} for mode in ("road", "sea", "air", "link")],
        lanes=[
            {"lane": "D-X", "from": "D", "to": "X", "mode": "road", "usd_t": 10, "capacity_t_y": 60, "days": 3}
            | {"both_ways": "yes"},
            {"lane": "X-P", "from": "X", "to": "P", "mode": "road", "usd_t": 0, "days": 1},
            {"lane": "P-G", "from": "P", "to": "G", "mode": "sea", "usd_t": 20, "days": 20},
            {"lane": "D-G", "from": "D", "to": "G", "mode": "air", "usd_t": 500, "over": "RU", "days": 1},
            {"lane": "A-D", "from": "X", "to": "D", "mode": "road", "usd_t": 10},
            {"lane": "G-M", "from": "G", "to": "M", "mode": "link", "usd_t": 0},
        ],
        purchases=[{"node": "X", "product": "acid", "price_usd_t": 100}],
    )


def content_of(tables: Mapping[str, Rows], changes: Sequence[str] = (), **settings: object) -> Content:
    """A case solved, checked and summarised, ready to be written."""
    told = {"home_territory": "MN", "title": "A case", **SETTINGS, **settings}
    workbook = from_tables(tables, told, [parse_change(change) for change in changes])
    case = build_case(workbook)
    solution, verification = solve_and_check(case)
    assert verification.passed, verification.failures[:3]
    summary = summarise(case, workbook, solution, verification, SECONDS)
    return Content(case, workbook, solution, verification, summary)


def written(content: Content, folder: Path) -> Any:
    """The results workbook of a run, read back: formulas as formulas."""
    write_results(folder / "results.xlsx", content)
    return openpyxl.load_workbook(BytesIO((folder / "results.xlsx").read_bytes()))


def table(sheet: Any, header: str, nth: int = 0) -> list[dict[str, Any]]:
    """The rows below the nth header row whose first cell is `header`, as dictionaries; `none` is no row."""
    tops = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == header]
    top = tops[nth]
    names = [c.value for c in sheet[top] if c.value is not None]
    rows = []
    for row in range(top + 1, sheet.max_row + 1):
        values = [sheet.cell(row, place).value for place in range(1, len(names) + 1)]
        if values[0] in (None, "none") or str(values[0]).startswith("Sum"):
            break
        rows.append(dict(zip(names, values, strict=True)))
    return rows


def by_hand(case: Case, **tables: Sequence[Sequence[object]]) -> Solution:
    """A plan of these rows (see COLUMNS); what it is worth is left at 0."""
    frames = {name: pd.DataFrame([list(r) for r in rows], columns=list(COLUMNS[name])) for name, rows in tables.items()}
    return Solution("optimal", "maximize", 0.0, 0.0, 0.0, {**empty_tables(), **frames}, Size(1, 1, 0, 1))
