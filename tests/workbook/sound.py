"""A small sound workbook with a row in every table, and an editor that breaks it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from khovor.workbook import write

HEADER = 3

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
        {"process": "mill", "requires": "mine", "technology": "MN"},
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
        {
            "lane": "out",
            "from": "D1",
            "to": "M1",
            "mode": "road",
            "distance_km": 900,
            "gate": "G1",
            "classes": "bulk",
            "over": "KZ; MN",
        },
        {"lane": "in", "from": "S_UB", "to": "D1", "mode": "road", "usd_t": 30},
        {"lane": "rail", "from": "D1", "to": "M1", "mode": "road", "usd_t": 10, "status": "project"},
    ],
    "gates": [{"gate": "G1", "capacity_t_y": 500}],
    "groups": [{"group": "south", "member": "G1"}],
    "projects": [
        {"project": "track", "capex_musd": 1},
        {"project": "spur", "capex_musd": 1, "requires": "track"},
        {"project": "detour", "capex_musd": 1, "excludes": "track"},
    ],
    "project_effects": [
        {"project": "track", "target_type": "lane", "target": "rail", "adds": 100},
        {"project": "spur", "target_type": "utility", "target": "power", "node": "D1", "adds": 100},
        {"project": "detour", "target_type": "gate", "target": "G1", "adds": 100},
    ],
    "markets": [
        {"node": "M1", "product": "conc", "price_usd_t": 5000, "max_t_y": 400, "profile": "up", "component": "TREO"}
    ],
    "purchases": [{"node": "S_UB", "product": "acid", "price_usd_t": 150, "profile": "up"}],
    "stockpiles": [{"node": "D1", "product": "conc", "capacity_t": 10}],
    "profiles": [{"profile": "up", "year": 2031, "factor": 1.1}],
    "scenarios": [{"scenario": "calm", "probability": 0.7}, {"scenario": "storm", "probability": 0.3}],
    "events": [
        {"scenario": "storm", "target_type": kind, "target": target, "first_year": 2031, "last_year": 2032}
        for kind, target in {
            "lane": "out",
            "gate": "G1",
            "group": "south",
            "mode": "road",
            "territory": "KZ",
            "node": "S_UB",
            "process": "mill",
            "product": "acid",
            "market": "M1:conc",
            "purchase": "S_UB",
            "utility": "D1:power",
        }.items()
    ],
    "hazards": [
        {
            "group": "south",
            "annual_probability": 0.1,
            "mean_years": 2,
            "capacity_factor": 0.5,
            "price_factor": 1.2,
            "markets": "M1:conc",
        },
        {"group": "south", "hazard": "severe", "annual_probability": 0.01, "mean_years": 0.5, "capacity_factor": 0},
    ],
    "overrides": [
        {"node": "D1", "process": "mine", "size": "large", "period": "early", "units": 0},
        {"project": "spur", "units": 0},
    ],
    "policies": [
        {"policy": "emissions", "measure": "co2_t", "sense": "max", "limit": 1e6},
        {
            "policy": "China",
            "measure": "transit_share",
            "subject": "MN:land",
            "sense": "max",
            "limit": 1,
            "penalty_usd": 5,
        },
    ],
    "sweeps": [
        {"study": "gate", "name": "half", "table": "sizes", "row": "mine", "column": "capex_musd", "factor": 0.5},
        {"study": "gate", "name": "half", "table": "lanes", "row": "in", "column": "usd_t", "value": 40},
        {"study": "gate", "name": "wide", "table": "gates", "row": "G1", "column": "capacity_t_y", "value": 900},
    ],
}


def sound(folder: Path, name: str = "case.xlsx") -> Path:
    """Write the sound workbook into a folder."""
    path = folder / name
    write(path, TABLES, SETTINGS, title="A sound case")
    return path


@functools.cache
def _light() -> bytes:
    """The sound workbook without comments, lists, Excel Tables and widths: reading ignores them, and they cost time."""
    with tempfile.TemporaryDirectory() as folder:
        path = sound(Path(folder))
        excel = load_workbook(path)
        for sheet in excel.worksheets:
            sheet.legacy_drawing = None
            sheet.data_validations.dataValidation = []
            sheet.tables.clear()
            sheet.column_dimensions.clear()
            for cell in sheet[HEADER]:
                cell.comment = None
        excel.save(path)
        return path.read_bytes()


class Broken:
    """An editor of a copy of the sound workbook: finds cells by table, row number (0 = first data row) and column."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "case.xlsx"
        self.path.write_bytes(_light())
        self.excel: Any = load_workbook(self.path)

    def cell(self, table: str, row: int, column: str) -> Any:
        """The cell of a column in a data row; row -1 is the header."""
        sheet = self.excel[table]
        titles = {cell.value: cell.column for cell in sheet[HEADER]}
        return sheet.cell(HEADER + 1 + row, titles[column])

    def setting(self, key: str) -> Any:
        """The value cell of a setting."""
        sheet = self.excel["settings"]
        return next(sheet.cell(r, 2) for r in range(HEADER + 1, sheet.max_row + 1) if sheet.cell(r, 1).value == key)

    def append(self, table: str, /, **values: object) -> int:
        """Add a row below the data; returns its row number. `from_` stands for from."""
        sheet = self.excel[table]
        row = 0
        while any(cell.value is not None for cell in sheet[HEADER + 1 + row]):
            row += 1
        for column, value in values.items():
            self.cell(table, row, column.removesuffix("_")).value = value
        return row

    def save(self) -> Path:
        """Write the edits."""
        self.excel.save(self.path)
        return self.path
