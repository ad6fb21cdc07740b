"""A small case that uses every feature, and a plan for it made by hand: what the checker is tried on.

Ore from D (95 of 100 t arrive) is leached at B with acid, its waste burnt in an old kiln or disposed of;
concentrate goes to M by rail (a gate with booking), by air (a gate without) and by a spur that a project opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pandas as pd

from khovor.case import Case
from khovor.solution import COLUMNS, Size, Solution
from khovor.verify import Verification, verify
from support import case_of

Tables = dict[str, list[dict[str, Any]]]

SETTINGS = {"discount_rate": 0.1, "terminal_value": "book", "mip_gap": 1e-4}


def tables_in() -> Tables:
    """The input tables of the case."""
    return {
        "periods": [
            {"period": "p1", "start_year": 2030, "years": 2},
            {"period": "p2", "start_year": 2032, "years": 2},
        ],
        "products": [
            {"product": "ore", "transport_class": "bulk", "traced": "yes", "value_usd_t": 50},
            {"product": "conc", "transport_class": "goods", "value_usd_t": 10000},
            {"product": "acid", "transport_class": "acid"},
            {"product": "waste", "disposal_usd_t": 5},
        ],
        "nodes": [
            {"node": "D", "kind": "deposit", "territory": "MN"},
            {"node": "B", "kind": "site", "territory": "MN"},
            {"node": "M", "kind": "market", "territory": "US"},
        ],
        "assays": [
            {"origin": "D", "product": "ore", "component": "REO", "fraction": 0.1},
            {"product": "conc", "component": "REO", "fraction": 0.5},
        ],
        "deposits": [{"node": "D", "product": "ore", "reserve_t": 100000}],
        "processes": [
            {"process": "mine", "lifetime_years": 3, "closing_cost_share": 0.1},
            {"process": "leach", "lifetime_years": 10, "requires": "camp", "ramp_1": 0.5, "ramp_2": 0.75},
            {"process": "camp", "lifetime_years": 10},
            {"process": "kiln", "lifetime_years": 10, "closing_cost_share": 0.1},
        ],
        "recipes": [
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "leach", "recipe": "acid", "product": "ore", "t_per_t": -1},
            {"process": "leach", "recipe": "acid", "product": "acid", "t_per_t": -0.1},
            {"process": "leach", "recipe": "acid", "product": "conc", "t_per_t": 0.8, "recovers": "REO"},
            {"process": "leach", "recipe": "acid", "product": "waste", "t_per_t": 0.5},
            {"process": "camp", "recipe": "live", "product": "acid", "t_per_t": -1},
            {"process": "kiln", "recipe": "burn", "product": "waste", "t_per_t": -1},
        ],
        "sizes": [
            {"process": "mine", "size": "s", "capacity_t_y": 25000, "capex_musd": 10, "variable_opex_usd_t": 3},
            {
                "process": "leach",
                "size": "s",
                "capacity_t_y": 20000,
                "capex_musd": 40,
                "fixed_opex_musd_y": 2,
                "variable_opex_usd_t": 100,
                "sustaining_capex_share_y": 0.05,
                "min_load": 0.2,
            },
            {"process": "camp", "size": "s", "capacity_t_y": 100, "capex_musd": 1, "fixed_opex_musd_y": 0.5},
            {"process": "kiln", "size": "s", "capacity_t_y": 2000, "capex_musd": 4, "fixed_opex_musd_y": 0.5},
        ],
        "sites": [
            {"node": "D", "process": "mine", "max_units": 2},
            {"node": "B", "process": "leach"},
            {"node": "B", "process": "camp"},
            {"node": "B", "process": "kiln", "status": "existing", "existing_size": "s", "existing_units": 2}
            | {"max_units": 2},
        ],
        "utilities": [{"utility": "power", "unit": "MWh"}],
        "utility_use": [{"process": "leach", "utility": "power", "use_per_t": 2}],
        "utility_supply": [
            {"node": "B", "utility": "power", "price_usd": 50, "limit_y": 10000},
            {"node": "B", "utility": "power", "price_usd": 90},
        ],
        "modes": [{"mode": "road", "usd_per_tkm": 0.1, "handling_usd_t": 2, "km_per_day": 50}, {"mode": "air"}],
        "lanes": [
            {"lane": "haul", "from": "D", "to": "B", "mode": "road", "distance_km": 100, "loss_share": 0.05}
            | {"capacity_t_y": 12000, "both_ways": "yes", "classes": "bulk"},
            {"lane": "rail", "from": "B", "to": "M", "mode": "road", "usd_t": 80, "fee_usd_t": 5, "gate": "G"}
            | {"fee_share_of_value": 0.01, "days": 20},
            {"lane": "air", "from": "B", "to": "M", "mode": "air", "usd_t": 900, "gate": "H", "days": 2},
            {"lane": "spur", "from": "B", "to": "M", "mode": "road", "usd_t": 40, "status": "project"},
        ],
        "gates": [
            {"gate": "G", "capacity_t_y": 2000, "booking_usd_t_y": 30, "booking_share_max": 0.95},
            {"gate": "H", "capacity_t_y": 500},
        ],
        "projects": [
            {"project": "spur line", "capex_musd": 3, "fixed_opex_musd_y": 0.2, "excludes": "tunnel"},
            {"project": "grid", "capex_musd": 1, "requires": "spur line"},
            {"project": "tunnel", "capex_musd": 9, "build_years": 2},
        ],
        "project_effects": [
            {"project": "spur line", "target_type": "lane", "target": "spur", "adds": 600},
            {"project": "grid", "target_type": "utility", "target": "power", "node": "B", "adds": 4000},
            {"project": "tunnel", "target_type": "gate", "target": "H", "adds": 900},
        ],
        "markets": [
            {"node": "M", "product": "conc", "tier": 1, "price_usd_t": 20000, "max_t_y": 1000, "profile": "boom"},
            {"node": "M", "product": "conc", "tier": 2, "price_usd_t": 30000, "component": "REO", "min_t_y": 300}
            | {"shortfall_usd_t": 5000, "payable_share": 0.9},
            {"node": "M", "product": "conc", "tier": 3, "price_usd_t": 0, "min_t_y": 0, "last_year": 2031},
        ],
        "purchases": [{"node": "B", "product": "acid", "price_usd_t": 200, "max_t_y": 1000}],
        "stockpiles": [
            {"node": "B", "product": "conc", "capacity_t": 800, "holding_usd_t_y": 10, "initial_t": 400}
            | {"final_min_t": 150}
        ],
        "profiles": [{"profile": "boom", "year": 2031, "factor": 1.2}],
        "scenarios": [{"scenario": "calm", "probability": 0.6}, {"scenario": "squeeze", "probability": 0.4}],
        "events": [
            {"scenario": "squeeze", "target_type": "gate", "target": "G", "capacity_factor": 0.5, "first_year": 2032}
            | {"cost_factor": 1.5, "add_fee_usd_t": 7, "add_days": 10},
            {"scenario": "squeeze", "target_type": "market", "target": "M:conc", "price_factor": 0.8}
            | {"first_year": 2033},
        ],
        "overrides": [{"node": "D", "process": "mine", "period": "p1", "units": 1}],
    }


def _yearly(case: Case) -> Tables:
    """What happens every year, the same in both futures."""
    steps = [step.key.row for step in case.utilities]
    tiers = {m.key.tier: m.key.row for m in case.markets}
    bought = case.purchases[0].key.row
    at: Tables = {
        "activity": [
            {"node": "D", "process": "mine", "sizes": "s", "recipe": "dig", "origin": "D", "t_y": (10000, 10000)},
            {"node": "B", "process": "leach", "sizes": "s", "recipe": "acid", "origin": "D", "t_y": (9500, 9500)},
            {"node": "B", "process": "kiln", "sizes": "s", "recipe": "burn", "origin": "", "t_y": (1000, 1000)},
        ],
        "flows": [
            {"lane": "haul", "from": "D", "to": "B", "product": "ore", "origin": "D", "t_y": (10000, 10000)},
            {"lane": "rail", "from": "B", "to": "M", "product": "conc", "origin": "", "t_y": (800, 900)},
            {"lane": "air", "from": "B", "to": "M", "product": "conc", "origin": "", "t_y": (220, 320)},
            {"lane": "spur", "from": "B", "to": "M", "product": "conc", "origin": "", "t_y": (400, 500)},
        ],
        "purchases": [{"node": "B", "product": "acid", "row": bought, "origin": "", "t_y": (950, 950)}],
        "sales": [
            {"node": "M", "product": "conc", "tier": 1, "row": tiers[1], "origin": "", "t_y": (900, 1000)},
            {"node": "M", "product": "conc", "tier": 2, "row": tiers[2], "origin": "", "t_y": (520, 720)},
        ],
        "shortfalls": [{"node": "M", "product": "conc", "tier": 2, "row": tiers[2], "t_y": (40, 0)}],
        "utilities": [
            {"node": "B", "utility": "power", "row": steps[0], "use_y": (10000, 14000)},
            {"node": "B", "utility": "power", "row": steps[1], "use_y": (9000, 5000)},
        ],
        "disposals": [{"node": "B", "product": "waste", "origin": "", "t_y": (3750, 3750)}],
        "stocks": [{"node": "B", "product": "conc", "origin": "", "t": (600, 200)}],
    }
    return {
        name: [
            {**row, "period": period, "scenario": scenario, COLUMNS[name][-1]: row[COLUMNS[name][-1]][place]}
            for row in rows
            for scenario in ("calm", "squeeze")
            for place, period in enumerate(("p1", "p2"))
            if row[COLUMNS[name][-1]][place]
        ]
        for name, rows in at.items()
    }


def tables_out(case: Case) -> Tables:
    """The plan's tables, but for its money."""
    rows = {option.key.process: option.key.row for option in case.options}
    unit = {"size": "s", "units": 1}
    return {
        "builds": [
            {"node": "D", "process": "mine", "row": rows["mine"], "period": "p1", **unit},
            {"node": "B", "process": "leach", "row": rows["leach"], "period": "p1", **unit},
            {"node": "B", "process": "camp", "row": rows["camp"], "period": "p1", **unit},
        ],
        "closures": [{"node": "B", "process": "kiln", "row": rows["kiln"], "period": "p2", **unit}],
        "projects": [{"project": "spur line", "period": "p1"}, {"project": "grid", "period": "p2"}],
        "bookings": [{"gate": "G", "period": "p1", "t_y": 850}, {"gate": "G", "period": "p2", "t_y": 1900}],
        **_yearly(case),
    }


def solution_of(case: Case, tables: Tables) -> Solution:
    """The tables as a solution with the checker's own money, so that only what was broken on purpose is broken."""
    bare = _solution(case, _frames(tables), 0.0)
    own = verify(case, bare)
    return _solution(case, {**bare.tables, "terms": own.terms}, own.objective)


def judge(
    into: Callable[[Tables], None] = lambda tables: None, out: Callable[[Tables], None] = lambda tables: None
) -> Verification:
    """The verdict on the good plan after changes to the input and to the plan, its money worked out anew."""
    told = tables_in()
    into(told)
    settings = {**SETTINGS, **{row["key"]: row["value"] for row in told.pop("settings", [])}}
    case = case_of(told, **settings)
    plan = deepcopy(tables_out(case))
    out(plan)
    return verify(case, solution_of(case, plan))


def good() -> tuple[Case, Solution]:
    """The case and its plan."""
    case = case_of(tables_in(), **SETTINGS)
    return case, solution_of(case, tables_out(case))


def _frames(tables: Tables) -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame(tables.get(name, []), columns=list(columns)) for name, columns in COLUMNS.items()}


def _solution(case: Case, frames: Mapping[str, pd.DataFrame], objective: float) -> Solution:
    sense = "minimize" if case.terms.objective == "cost" else "maximize"
    return Solution("optimal", sense, objective, objective, 0.0, frames, Size(0, 0, 0, 0))
