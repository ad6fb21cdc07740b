"""The cases that are hedged in the tests, by name: random worlds, enumerated mines, and one that is priced by hand."""

from __future__ import annotations

from random_worlds import random_world
from test_brute_force import random_world as random_mines
from test_brute_force import tables_of

from khovor.case import Case
from support import case_of, one_mine

TIGHT = 1e-6
"""Gap at which a plan counts as proved."""


def world(name: str) -> Case:
    """`world-N` (random_worlds), `mines-N` (test_brute_force) or `contract`."""
    kind, _, seed = name.partition("-")
    if kind == "world":
        tables, settings = random_world(int(seed))
        return case_of(tables, **{**settings, "mip_gap": TIGHT})
    if kind == "mines":
        mines = random_mines(int(seed))
        return case_of(tables_of(mines), discount_rate=mines.rate, mip_gap=TIGHT)
    return contract()


def contract() -> Case:
    """60 t/y must be delivered at least cost; freight is 1,000 USD/t, or three times as much in every other future."""
    markets = [{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 60, "max_t_y": 80}]
    scenarios = [{"scenario": "calm", "probability": 0.5}, {"scenario": "dear", "probability": 0.5}]
    events = [{"scenario": "dear", "target_type": "lane", "target": "D-M", "cost_factor": 3}]
    return case_of(one_mine(markets=markets, scenarios=scenarios, events=events), objective="cost", mip_gap=TIGHT)
