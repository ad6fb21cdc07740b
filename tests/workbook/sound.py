"""A small sound workbook with a row in every table that is honoured today, and ways to break it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from khovor.workbook import write

SETTINGS: dict[str, object] = {"base_year": 2030, "discount_rate": 0.1, "home_territory": "MN", "title": "A sound case"}

TABLES: dict[str, list[dict[str, object]]] = {
    "periods": [
        {"period": "early", "start_year": 2030, "years": 2},
        {"period": "late", "start_year": 2032, "years": 3},
    ],
    "products": [
        {"product": "ore", "transport_class": "bulk", "traced": "yes"},
        {"product": "conc", "transport_class": "bulk", "traced": "yes", "value_usd_t": 900},
        {"product": "acid", "transport_class": "dg"},
    ],
    "nodes": [
        {"node": "D1", "kind": "deposit", "territory": "MN"},
        {"node": "S_UB", "kind": "site", "territory": "MN"},
        {"node": "M1", "kind": "market", "territory": "US"},
    ],
    "assays": [
        {"origin": "D1", "product": "ore", "component": "TREO", "fraction": 0.02},
        {"origin": "D1", "product": "conc", "component": "TREO", "fraction": 0.4},
        {"origin": "D1", "component": "NdPr", "fraction": 0.19, "of": "TREO"},
    ],
    "deposits": [{"node": "D1", "product": "ore", "reserve_t": 100000}],
    "processes": [
        {"process": "mine", "build_years": 1, "lifetime_years": 20},
        {"process": "mill", "requires": "mine"},
    ],
    "recipes": [
        {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
        {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
        {"process": "mill", "recipe": "float", "product": "acid", "t_per_t": -0.1},
        {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 0.8, "recovers": "TREO"},
    ],
    "sizes": [
        {"process": "mine", "size": "large", "capacity_t_y": 1000, "capex_musd": 2},
        {"process": "mill", "size": "large", "capacity_t_y": 1000, "capex_musd": 3},
    ],
    "sites": [
        {"node": "D1", "process": "mine", "sizes": "large"},
        {
            "node": "D1",
            "process": "mill",
            "status": "existing",
            "sizes": "large",
            "existing_size": "large",
            "existing_units": 1,
        },
    ],
    "utilities": [{"utility": "power", "unit": "MWh"}],
    "utility_use": [{"process": "mill", "recipe": "float", "utility": "power", "use_per_t": 0.05}],
    "utility_supply": [{"node": "D1", "utility": "power", "price_usd": 80, "limit_y": 1000}],
    "modes": [{"mode": "road", "usd_per_tkm": 0.1}],
    "lanes": [
        {"lane": "out", "from": "D1", "to": "M1", "mode": "road", "distance_km": 900, "gate": "G1", "classes": "bulk"},
        {"lane": "in", "from": "S_UB", "to": "D1", "mode": "road", "usd_t": 30},
        {"lane": "rail", "from": "D1", "to": "M1", "mode": "road", "usd_t": 10, "status": "project"},
    ],
    "gates": [{"gate": "G1", "capacity_t_y": 500}],
    "groups": [{"group": "south", "member": "G1"}],
    "projects": [
        {"project": "track", "capex_musd": 1},
        {"project": "spur", "capex_musd": 1, "requires": "track", "excludes": "track"},
    ],
    "project_effects": [
        {"project": "track", "target_type": "lane", "target": "rail", "adds": 100},
        {"project": "spur", "target_type": "utility", "target": "power", "node": "D1", "adds": 100},
    ],
    "markets": [
        {"node": "M1", "product": "conc", "price_usd_t": 5000, "max_t_y": 400, "profile": "up", "component": "TREO"}
    ],
    "purchases": [{"node": "S_UB", "product": "acid", "price_usd_t": 150, "profile": "up"}],
    "stockpiles": [{"node": "D1", "product": "conc", "capacity_t": 10}],
    "profiles": [{"profile": "up", "year": 2031, "factor": 1.1}],
    "scenarios": [{"scenario": "calm", "probability": 0.7}, {"scenario": "storm", "probability": 0.3}],
    "events": [
        {"scenario": "storm", "target_type": "lane", "target": "out", "capacity_factor": 0.5},
        {"scenario": "storm", "target_type": "market", "target": "M1:conc", "price_factor": 0.9},
        {"scenario": "storm", "target_type": "group", "target": "south", "cost_factor": 1.2, "first_year": 2031},
    ],
    "overrides": [{"node": "D1", "process": "mine", "size": "large", "period": "early", "units": 0}],
}


def sound(folder: Path, name: str = "case.xlsx") -> Path:
    """Write the sound workbook into a folder."""
    path = folder / name
    write(path, TABLES, SETTINGS, title="A sound case")
    return path


class Broken:
    """An editor of a workbook on disk: finds cells by table, row number (0 = first data row) and column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.excel: Any = load_workbook(path)

    def cell(self, table: str, row: int, column: str) -> Any:
        """The cell of a column in a data row."""
        sheet = self.excel[table]
        titles = {sheet.cell(3, i).value: i for i in range(1, sheet.max_column + 1)}
        return sheet.cell(4 + row, titles[column])

    def setting(self, key: str) -> Any:
        """The value cell of a setting."""
        sheet = self.excel["settings"]
        return next(sheet.cell(r, 2) for r in range(4, sheet.max_row + 1) if sheet.cell(r, 1).value == key)

    def append(self, table: str, **values: object) -> int:
        """Add a row below the data; returns its row number."""
        sheet = self.excel[table]
        row = len(TABLES[table]) if table in TABLES else 0
        while any(sheet.cell(4 + row, i).value is not None for i in range(1, sheet.max_column + 1)):
            row += 1
        for column, value in values.items():
            self.cell(table, row, column).value = value
        return row

    def save(self) -> Path:
        """Write the edits."""
        self.excel.save(self.path)
        return self.path
