"""Exposure to other territories, always in three parts: transit, processing (plants, technology, inputs), sales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from khovor.case import AIR, LAND, OVERFLIGHT, SEA, Case, value_added
from khovor.report.corridors import entry, exports
from khovor.report.paths import Path
from khovor.report.worth import Worth, earnings
from khovor.solution import Solution

ENTRIES = (LAND, SEA, AIR, OVERFLIGHT)

PROCESSING = ("plants", "technology", "inputs")
"""Where value is added, by whose technology, and where what that takes is bought."""


def exposure(case: Case, solution: Solution, found: list[Path]) -> dict[str, dict[str, Any]]:
    """By territory: shares over the horizon, in expectation, and by period; the most exposed first.

    `transit`: tonnes that enter or overfly the territory, each once, over all tonnes that leave home, and
    `transit_by_value` the same weighted by price; `entry` divides transit by how the territory is first met;
    `processing`: shares of the value added (by reference values) at `plants` there and by its `technology` anywhere,
    and of the purchases' value that is bought there (`inputs`, which stands beside it too); `sales` and
    `sales_by_value`: shares of what is sold; `by_period`: {period: {transit, sales}}.
    """
    leaving = exports(case, found)
    earned = earnings(case, solution)
    trade, worth = _trade(case, solution, earned), Worth(case, earned)
    made = _made(case, solution)
    years = {p.name: p.years for p in case.horizon.periods}
    odds = {s.name: s.probability for s in case.scenarios}
    tonnes = [odds[path.scenario] * years[path.period] * path.t_y for path in leaving]
    value = [t * worth.usd_t(path) for path, t in zip(leaving, tonnes, strict=True)]
    report: dict[str, dict[str, Any]] = {}
    for territory in _territories(case, leaving) | _trading(case, solution) | _making(case, made):
        how = [entry(case, path, territory) for path in leaving]
        report[territory] = {
            "transit": _share(tonnes, [bool(x) for x in how]),
            "transit_by_value": _share(value, [bool(x) for x in how]),
            "entry": {kind: _share(tonnes, [x == kind for x in how]) for kind in ENTRIES},
            "processing": _part(made | {"inputs": trade["inputs"]}, territory),
            **_part(trade, territory),
            "by_period": _by_period(case, solution, territory, list(zip(leaving, tonnes, how, strict=True))),
        }
    return dict(sorted(report.items(), key=lambda item: (-_weight(item[1]), item[0])))


def _weight(part: Mapping[str, Any]) -> float:
    return float(part["transit"] + part["sales"] + sum(part["processing"].values()))


def _by_period(
    case: Case, solution: Solution, territory: str, met: list[tuple[Path, float, str]]
) -> dict[str, dict[str, float]]:
    """Transit and sales shares of the periods in which anything leaves or is sold."""
    odds = {s.name: s.probability for s in case.scenarios}
    all_left: dict[str, float] = defaultdict(float)
    entered: dict[str, float] = defaultdict(float)
    all_sold: dict[str, float] = defaultdict(float)
    sold: dict[str, float] = defaultdict(float)
    for path, tonnes, how in met:
        all_left[path.period] += tonnes
        entered[path.period] += tonnes if how else 0.0
    for r in solution.sales.itertuples(index=False):
        all_sold[r.period] += odds[r.scenario] * r.t_y
        sold[r.period] += odds[r.scenario] * r.t_y if case.nodes[r.node].territory == territory else 0.0
    return {
        p.name: {"transit": _ratio(entered[p.name], all_left[p.name]), "sales": _ratio(sold[p.name], all_sold[p.name])}
        for p in case.horizon.periods
        if all_left[p.name] or all_sold[p.name]
    }


def _territories(case: Case, leaving: list[Path]) -> set[str]:
    met = {case.nodes[leg.end].territory for path in leaving for leg in path.legs}
    met |= {over for path in leaving for leg in path.legs for over in case.lanes[leg.lane].over}
    return met - {case.terms.home_territory, ""}


def _trading(case: Case, solution: Solution) -> set[str]:
    nodes = set(solution.sales["node"]) | set(solution.purchases["node"])
    return {case.nodes[n].territory for n in nodes} - {case.terms.home_territory, ""}


def _trade(case: Case, solution: Solution, earned: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Sales by tonnes and by value, and purchases by value, of each territory, over the horizon and in expectation."""
    years = {p.name: p.years for p in case.horizon.periods}
    odds = {s.name: s.probability for s in case.scenarios}
    offers = {p.key.row: p for p in case.purchases}
    parts: dict[str, dict[str, float]] = {name: defaultdict(float) for name in ("sales", "sales_by_value", "inputs")}
    for r in earned.itertuples(index=False):
        place, weight = case.nodes[r.node].territory, odds[r.scenario] * years[r.period]
        parts["sales"][place] += weight * r.t_y
        parts["sales_by_value"][place] += weight * r.usd_y
    for r in solution.purchases.itertuples(index=False):
        value = odds[r.scenario] * years[r.period] * r.t_y * offers[r.row].price_usd_t
        parts["inputs"][case.nodes[r.node].territory] += value
    return parts


def _made(case: Case, solution: Solution) -> dict[str, dict[str, float]]:
    """Value added by the territory of the plant and by that of its technology, over the horizon and in expectation."""
    years = {p.name: p.years for p in case.horizon.periods}
    odds = {s.name: s.probability for s in case.scenarios}
    recipes = {(*plant.key, r.name, r.origin): r for plant in case.plants for r in plant.recipes}
    parts: dict[str, dict[str, float]] = {name: defaultdict(float) for name in ("plants", "technology")}
    for r in solution.activity.itertuples(index=False):
        recipe = recipes[r.node, r.process, r.sizes, r.recipe, r.origin]
        added = odds[r.scenario] * years[r.period] * r.t_y * value_added(case, recipe)
        parts["plants"][case.nodes[r.node].territory] += added
        parts["technology"][case.processes[r.process].technology] += added
    return parts


def _making(case: Case, made: Mapping[str, Mapping[str, float]]) -> set[str]:
    found = {territory for parts in made.values() for territory, added in parts.items() if added > 0}
    return found - {case.terms.home_territory, ""}


def _part(shares: Mapping[str, Mapping[str, float]], territory: str) -> dict[str, float]:
    """The territory's part in each of these."""
    return {name: _ratio(parts.get(territory, 0.0), sum(parts.values())) for name, parts in shares.items()}


def _share(amounts: list[float], counted: list[bool]) -> float:
    return _ratio(sum(a for a, c in zip(amounts, counted, strict=True) if c), sum(amounts))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
