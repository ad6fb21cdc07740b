"""Random small worlds in which many features meet: two mines, a mill with two recipes, a hub, a market, projects."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from khovor.case import Case
from support import Rows, case_of

Row = dict[str, Any]


def random_world(seed: int) -> tuple[dict[str, Rows], dict[str, object]]:
    """Tables and settings. Goods that nobody takes never travel on a lane that loses some: losing is no outlet."""
    dice = random.Random(seed)
    traced = "yes" if dice.random() < 0.5 else "no"
    lengths = dice.choice([(1, 1, 1), (2, 2), (1, 3), (3, 2, 1)])
    periods = [{"period": f"p{i}", "start_year": 2030 + sum(lengths[:i]), "years": n} for i, n in enumerate(lengths)]
    tables: dict[str, Rows] = {
        "periods": periods,
        "products": [
            {"product": "ore", "traced": traced, "transport_class": "goods", "value_usd_t": 1000},
            {"product": "conc", "transport_class": "goods", "value_usd_t": 5000},
            {"product": "acid", "transport_class": "goods"},
            {"product": "tails", "transport_class": "waste", "disposal_usd_t": dice.choice([None, None, 50])},
        ],
        "nodes": [
            *({"node": n, "kind": "deposit", "territory": "MN"} for n in ("D", "E")),
            {"node": "B", "kind": "site", "territory": "MN"},
            {"node": "H", "kind": "hub", "territory": "CN"},
            {"node": "M", "kind": "market", "territory": "US"},
        ],
        "deposits": [{"node": n, "product": "ore", "reserve_t": dice.choice([None, None, 150])} for n in ("D", "E")],
        "assays": [
            {"product": "ore", "component": "C", "fraction": 0.08},
            {"origin": "E", "product": "ore", "component": "C", "fraction": 0.05},
            {"product": "conc", "component": "C", "fraction": 0.4},
        ],
        "modes": [{"mode": "road"}, {"mode": "air", "handling_usd_t": 10}],
        "profiles": [{"profile": "up", "year": 2031, "factor": 1.2}],
        **_plants(dice),
        **_links(dice),
        **_trade(dice, traced == "yes"),
        **_futures(dice),
    }
    settings = {"discount_rate": dice.choice([0.0, 0.08]), "objective": dice.choice(["npv", "npv", "cost"])}
    return tables, {**settings, "mip_gap": 1e-7}


def _years(dice: random.Random, odds: float) -> Row:
    """Bounds in time, most often none."""
    first = dice.randint(2029, 2033) if dice.random() < odds else None
    last = dice.randint(first or 2029, 2034) if dice.random() < odds else None
    return {"first_year": first, "last_year": last}


def _plants(dice: random.Random) -> dict[str, Rows]:
    lives = [
        {"process": p, "build_years": dice.choice([0, 0, 1]), "lifetime_years": dice.choice([None, 2, 3])}
        | {"ramp_1": dice.choice([1, 0.5]), "closing_cost_share": dice.choice([0, 0.1])}
        for p in ("mine", "mill", "boiler")
    ]
    tails = [{"process": "mill", "recipe": "a", "product": "tails", "t_per_t": 0.5}] if dice.random() < 0.5 else []
    stands = {"status": "existing", "existing_size": "s", "existing_units": dice.choice([1, 2])}
    return {
        "processes": lives,
        "recipes": [
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mill", "recipe": "a", "product": "ore", "t_per_t": -1},
            {"process": "mill", "recipe": "a", "product": "conc", "t_per_t": 0.9, "recovers": "C"},
            *tails,
            {"process": "mill", "recipe": "b", "product": "ore", "t_per_t": -1},
            {"process": "mill", "recipe": "b", "product": "acid", "t_per_t": -0.2},
            {"process": "mill", "recipe": "b", "product": "conc", "t_per_t": 0.8, "recovers": "C"},
            {"process": "boiler", "recipe": "make", "product": "acid", "t_per_t": 1},
        ],
        "sizes": [
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1, "min_load": dice.choice([0, 0.3])},
            {"process": "mine", "size": "l", "capacity_t_y": 250, "capex_musd": 0.2, "variable_opex_usd_t": 5},
            {"process": "mill", "size": "s", "capacity_t_y": 120, "capex_musd": 0.1, "fixed_opex_musd_y": 0.01},
            {"process": "mill", "size": "l", "capacity_t_y": 300, "capex_musd": 0.2, "min_load": dice.choice([0, 0.2])},
            {"process": "boiler", "size": "s", "capacity_t_y": 40, "capex_musd": 0.02},
        ],
        "sites": [
            {"node": "D", "process": "mine", "max_units": dice.choice([1, 2])},
            {"node": "E", "process": "mine", **(stands if dice.random() < 0.4 else _years(dice, 0.2))},
            {"node": "B", "process": "mill", **(stands if dice.random() < 0.4 else _years(dice, 0.2))},
            {"node": "B", "process": "boiler"},
        ],
        "utilities": [{"utility": "steam", "unit": "t"}],
        "utility_use": [
            {"process": "mill", "recipe": "b", "utility": "steam", "use_per_t": 0.2},
            {"process": "boiler", "utility": "steam", "use_per_t": -1},
        ],
    }


def _links(dice: random.Random) -> dict[str, Rows]:
    def lane(name: str, start: str, end: str, **more: object) -> Row:
        loss = dice.choice([0, 0, 0.1])
        return {
            "lane": name,
            "from": start,
            "to": end,
            "mode": dice.choice(["road", "air"]),
            "usd_t": 50,
            "loss_share": loss,
            "classes": "goods" if loss else "",
            "both_ways": dice.choice(["no", "yes"]),
            "capacity_t_y": dice.choice([None, None, 20, 80]),
            "gate": dice.choice([None, "G", "K"]),
            **_years(dice, 0.15),
            **more,
        }

    return {
        "lanes": [
            lane("a", "D", "B", gate=dice.choice([None, "K"])),
            lane("b", "E", "B"),
            lane("c", "B", "M", gate="G"),
            lane("d", "B", "H", gate="G"),
            lane("e", "H", "M", over="RU"),
            lane("f", "D", "M"),
            lane("j", "B", "M", status="project"),
        ],
        "gates": [
            {"gate": "G", "capacity_t_y": dice.choice([None, 10, 60, 0]), "booking_share_max": dice.choice([None, 0.5])}
            | {"booking_usd_t_y": dice.choice([None, None, 200])},
            {"gate": "K", "capacity_t_y": dice.choice([None, 0, 40])},
        ],
        "projects": [
            {"project": "P", "capex_musd": 0.02, "build_years": dice.choice([0, 1]), **_years(dice, 0.2)},
            {
                "project": "Q",
                "capex_musd": 0.01,
                "requires": dice.choice(["", "P"]),
                "excludes": dice.choice(["", "P"]),
            },
        ],
        "project_effects": [
            {"project": "P", "target_type": "lane", "target": "j", "adds": dice.choice([0, 30, 500])},
            {"project": "P", "target_type": "gate", "target": "G", "adds": dice.choice([10, 500])},
            {"project": "Q", "target_type": "gate", "target": "K", "adds": dice.choice([20, 900])},
        ],
    }


def _trade(dice: random.Random, traced: bool) -> dict[str, Rows]:
    piles = [
        {"node": "B", "product": "conc", "capacity_t": 30, "holding_usd_t_y": 50},
        {"node": "B", "product": "tails", "capacity_t": dice.choice([20, 200])},
        {"node": "B", "product": "acid", "capacity_t": 100, "initial_t": 60},
        {"node": "B", "product": "ore", "capacity_t": 100, "initial_t": 0 if traced else 80, "holding_usd_t_y": 10},
    ]
    return {
        "markets": [
            {"node": "M", "product": "conc", "tier": 1, "price_usd_t": 25000, "max_t_y": dice.choice([10, 40, None])}
            | {"profile": dice.choice([None, "up"]), "payable_share": 0.9, **_years(dice, 0.2)},
            {"node": "M", "product": "conc", "tier": 2, "price_usd_t": 40000, "component": "C", "max_t_y": 5}
            | {"min_t_y": dice.choice([0, 3]), "shortfall_usd_t": 1000},
            {"node": "M", "product": "ore", "price_usd_t": 1500, "max_t_y": 30},
        ],
        "purchases": [
            {
                "node": "B",
                "product": "acid",
                "price_usd_t": 100,
                "max_t_y": dice.choice([None, 10]),
                **_years(dice, 0.4),
            },
            {"node": "H", "product": "ore", "price_usd_t": 300, "max_t_y": 50, "first_year": dice.choice([None, 2099])},
        ],
        "stockpiles": [pile for pile in piles if dice.random() < 0.25],
    }


def _futures(dice: random.Random) -> dict[str, Rows]:
    events: list[Row] = [
        {"target_type": "gate", "target": "G", "capacity_factor": dice.choice([0, 0.5])},
        {"target_type": "process", "target": "mine", "capacity_factor": dice.choice([0.5, 2]), "cost_factor": 1.3},
        {"target_type": "territory", "target": "RU", "add_fee_usd_t": 10, "capacity_factor": dice.choice([0.5, 1])},
        {"target_type": "group", "target": "way out", "cost_factor": 2, "capacity_factor": dice.choice([0.8, 1.5])},
        {"target_type": "market", "target": "M:conc", "price_factor": dice.choice([0.5, 2]), "demand_factor": 1.3},
        {"target_type": "purchase", "target": "B:acid", "demand_factor": dice.choice([0, 2]), "price_factor": 0.8},
    ]
    names = [f"w{i}" for i in range(dice.choice([1, 2, 3]))]
    odds = {1: (1.0,), 2: (0.4, 0.6), 3: (0.2, 0.3, 0.5)}[len(names)]
    struck = [(name, event) for name in names for event in events if dice.random() < 0.4]
    return {
        "groups": [{"group": "way out", "member": "c"}, {"group": "way out", "member": "K"}],
        "scenarios": [{"scenario": name, "probability": p} for name, p in zip(names, odds, strict=True)],
        "events": [{"scenario": name, **event, **_years(dice, 0.5)} for name, event in struck],
    }


EVENTS: tuple[dict[str, object], ...] = (
    {"target_type": "gate", "target": "K", "capacity_factor": 0},
    {"target_type": "gate", "target": "G", "capacity_factor": 0.5, "cost_factor": 1.2},
    {"target_type": "lane", "target": "b", "capacity_factor": 0, "add_days": 5, "last_year": 2030},
    {"target_type": "node", "target": "B", "price_factor": 1.4, "capacity_factor": 0.5},
    {"target_type": "territory", "target": "RU", "add_fee_usd_t": 10, "add_days": -3},
    {"target_type": "market", "target": "M:conc", "price_factor": 0.5, "demand_factor": 0},
    {"target_type": "purchase", "target": "B:acid", "demand_factor": 0, "price_factor": 0.8},
    {"target_type": "product", "target": "ore", "cost_factor": 1.7, "demand_factor": 0.5},
    {"target_type": "utility", "target": "steam", "capacity_factor": 0, "price_factor": 3},
    {"target_type": "process", "target": "mine", "capacity_factor": 0.5, "cost_factor": 1.3},
    {"target_type": "mode", "target": "air", "cost_factor": 2, "capacity_factor": 0.9},
)


def eventful(seed: int, stored: bool) -> Case:
    """A random world with bought steam and four futures that share events of every kind; with or without stocks."""
    tables, settings = random_world(seed)
    dice = np.random.default_rng(seed)
    names = ["w0", "w1", "w2", "w3"]
    struck = [(w, event) for w in names for event in EVENTS if dice.random() < 0.4]
    events = [{"scenario": w, "last_year": int(dice.choice([2030, 2035])), **event} for w, event in struck]
    pile = {"node": "B", "product": "acid", "capacity_t": 100, "initial_t": 60, "final_min_t": 5}
    conc = {"node": "B", "product": "conc", "capacity_t": 30, "holding_usd_t_y": 50}
    kept = [{**d, "reserve_t": 150.0 if stored else None} for d in tables["deposits"]]
    steam = {"node": "B", "utility": "steam", "price_usd": 4.0, "limit_y": float(dice.choice([0.0, 40.0])) or None}
    changed = {
        "deposits": kept,
        "stockpiles": [pile, conc] if stored else [],
        "utility_supply": [steam],
        "scenarios": [{"scenario": w, "probability": 0.25} for w in names],
        "events": events,
    }
    return case_of({**tables, **changed}, **settings)
