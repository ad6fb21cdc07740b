"""Exposure to other territories, always in its parts: transit, sales, and what is bought there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from khovor.case import Case
from khovor.report.corridors import Path, entry, exports
from khovor.solution import Solution

ENTRIES = ("land", "sea", "air", "overflight")


def exposure(case: Case, solution: Solution, found: list[Path]) -> dict[str, dict[str, Any]]:
    """By territory: shares over the horizon, in expectation, and by period.

    `transit`: tonnes that enter or overfly the territory, each once, over all tonnes that leave home; `entry` divides
    them by how they first meet it; `sales` and `sales_by_value`: shares of what is sold; `inputs`: share of the
    purchases' value that is bought there; `by_period`: {period: {transit, sales}}.
    """
    leaving = exports(case, found)
    years = {p.name: p.years for p in case.horizon.periods}
    odds = {s.name: s.probability for s in case.scenarios}
    weight = {id(path): odds[path.scenario] * years[path.period] * path.t_y for path in leaving}
    territories = sorted(_territories(case, leaving) | _trading(case, solution))
    trade = _trade(case, solution)
    report = {}
    for territory in territories:
        met = [(path, entry(case, path, territory)) for path in leaving]
        report[territory] = {
            "transit": _ratio(sum(weight[id(p)] for p, how in met if how), sum(weight.values())),
            "entry": {
                kind: _ratio(sum(weight[id(p)] for p, how in met if how == kind), sum(weight.values()))
                for kind in ENTRIES
            },
            **{name: _ratio(parts.get(territory, 0.0), sum(parts.values())) for name, parts in trade.items()},
            "by_period": _by_period(case, solution, met, territory, weight),
        }
    return report


def _by_period(
    case: Case, solution: Solution, met: list[tuple[Path, str]], territory: str, weight: dict[int, float]
) -> dict[str, dict[str, float]]:
    sold: dict[str, float] = defaultdict(float)
    there: dict[str, float] = defaultdict(float)
    odds = {s.name: s.probability for s in case.scenarios}
    for r in solution.sales.itertuples(index=False):
        sold[r.period] += odds[r.scenario] * r.t_y
        if case.nodes[r.node].territory == territory:
            there[r.period] += odds[r.scenario] * r.t_y
    shares = {}
    for period in (p.name for p in case.horizon.periods):
        total = sum(weight[id(p)] for p, _ in met if p.period == period)
        entering = sum(weight[id(p)] for p, how in met if how and p.period == period)
        if total or sold[period]:
            shares[period] = {"transit": _ratio(entering, total), "sales": _ratio(there[period], sold[period])}
    return shares


def _territories(case: Case, leaving: list[Path]) -> set[str]:
    met = {case.nodes[leg.end].territory for path in leaving for leg in path.legs}
    met |= {over for path in leaving for leg in path.legs for over in case.lanes[leg.lane].over}
    return met - {case.terms.home_territory, "", "sea"}


def _trading(case: Case, solution: Solution) -> set[str]:
    nodes = set(solution.sales["node"]) | set(solution.purchases["node"])
    return {case.nodes[n].territory for n in nodes} - {case.terms.home_territory, ""}


def _trade(case: Case, solution: Solution) -> dict[str, dict[str, float]]:
    """Sales by tonnes and by value, and purchases by value, of each territory, over the horizon and in expectation."""
    years = {p.name: p.years for p in case.horizon.periods}
    odds = {s.name: s.probability for s in case.scenarios}
    markets = {m.key: m for m in case.markets}
    keys = {tuple(k): k for k in markets}
    offers = {p.key.row: p for p in case.purchases}
    parts: dict[str, dict[str, float]] = {
        "sales": defaultdict(float),
        "sales_by_value": defaultdict(float),
        "inputs": defaultdict(float),
    }
    for r in solution.sales.itertuples(index=False):
        market = markets[keys[r.node, r.product, r.tier, r.row]]
        tonnes = odds[r.scenario] * years[r.period] * r.t_y
        place = case.nodes[r.node].territory
        parts["sales"][place] += tonnes
        parts["sales_by_value"][place] += tonnes * market.price_usd_t * market.content[r.origin] * market.payable_share
    for r in solution.purchases.itertuples(index=False):
        value = odds[r.scenario] * years[r.period] * r.t_y * offers[r.row].price_usd_t
        parts["inputs"][case.nodes[r.node].territory] += value
    return parts


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
