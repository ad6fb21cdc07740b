"""How goods travel: the flows of a plan taken apart into paths, and what those paths pass through.

Flows of one commodity in one period and future are a network with losses. Paths are peeled off it one by one, from a
node with supply left along the largest flow left, until they meet a node with demand left. What remains circulates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from khovor.case import Case, Commodity, LegKey
from khovor.solution import Solution

TINY_T = 1e-3
"""Tonnes a year below which a remainder is rounding."""

Group = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Path:
    """Tonnes a year (at departure) of a commodity that travel one way, in one period and future.

    `sold` says whether the path ends in a sale (else a plant takes the goods in).
    """

    commodity: Commodity
    period: str
    scenario: str
    legs: tuple[LegKey, ...]
    t_y: float
    sold: bool

    @property
    def start(self) -> str:
        """Where it begins."""
        return self.legs[0].start

    @property
    def end(self) -> str:
        """Where it ends."""
        return self.legs[-1].end


@dataclass(slots=True)
class _Flow:
    legs: dict[LegKey, float] = field(default_factory=dict)
    supply: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    sales: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    uses: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def paths(case: Case, solution: Solution) -> list[Path]:
    """Every path of a plan, longest-travelled groups first in the order of the flows table."""
    found = []
    for (product, origin, period, scenario), flow in _flows(case, solution).items():
        for legs, tonnes, sold in _peel(case, flow):
            found.append(Path(Commodity(product, origin), period, scenario, legs, tonnes, sold))
    return found


def _flows(case: Case, solution: Solution) -> dict[Group, _Flow]:
    flows: dict[Group, _Flow] = defaultdict(_Flow)
    for r in solution.flows.itertuples(index=False):
        lane, start, end, product, origin, period, scenario, t_y = r
        flows[product, origin, period, scenario].legs[LegKey(lane, start, end)] = t_y
    for r in solution.sales.itertuples(index=False):
        flows[r.product, r.origin, r.period, r.scenario].sales[r.node] += r.t_y
    for r in solution.purchases.itertuples(index=False):
        flows[r.product, r.origin, r.period, r.scenario].supply[r.node] += r.t_y
    recipes = {(p.key, x.name, x.origin): x for p in case.plants for x in p.recipes}
    plants = {tuple(p.key): p.key for p in case.plants}
    for r in solution.activity.itertuples(index=False):
        recipe = recipes[plants[r.node, r.process, r.sizes], r.recipe, r.origin]
        for commodity, amount in recipe.balance.items():
            flow = flows[commodity.product, commodity.origin, r.period, r.scenario]
            (flow.supply if amount > 0 else flow.uses)[r.node] += abs(amount) * r.t_y
    for stock in solution.stocks.itertuples(index=False):
        flows[stock.product, stock.origin, stock.period, stock.scenario].supply[stock.node] += 0.0
    return {group: flow for group, flow in flows.items() if flow.legs}


def _peel(case: Case, flow: _Flow) -> Iterator[tuple[tuple[LegKey, ...], float, bool]]:
    """Paths of one flow; what a node supplies to itself never travels."""
    for node in list(flow.supply):
        for sinks in (flow.uses, flow.sales):
            own = min(flow.supply[node], sinks.get(node, 0.0))
            flow.supply[node] -= own
            sinks[node] -= own
    out: dict[str, list[LegKey]] = defaultdict(list)
    for leg in flow.legs:
        out[leg.start].append(leg)
    for start in sorted(out, key=lambda n: -flow.supply.get(n, 0.0)):
        while flow.supply.get(start, 0.0) > TINY_T:
            walked = _walk(flow, out, start)
            if walked is None:
                break
            yield from _take(case, flow, start, *walked)


def _walk(flow: _Flow, out: dict[str, list[LegKey]], start: str) -> tuple[tuple[LegKey, ...], bool] | None:
    """Follow the largest flow left until a node wants the goods; None when it leads nowhere."""
    legs: list[LegKey] = []
    seen, node = {start}, start
    while True:
        onward = [leg for leg in out[node] if flow.legs[leg] > TINY_T and leg.end not in seen]
        if not onward:
            return None
        leg = max(onward, key=lambda candidate: flow.legs[candidate])
        legs.append(leg)
        node = leg.end
        seen.add(node)
        if flow.sales.get(node, 0.0) > TINY_T:
            return tuple(legs), True
        if flow.uses.get(node, 0.0) > TINY_T:
            return tuple(legs), False


def _take(
    case: Case, flow: _Flow, start: str, legs: tuple[LegKey, ...], sold: bool
) -> Iterator[tuple[tuple[LegKey, ...], float, bool]]:
    """Take the most this path can carry out of the flow."""
    sinks = flow.sales if sold else flow.uses
    kept, most = 1.0, flow.supply[start]
    for leg in legs:
        most = min(most, flow.legs[leg] / kept)
        kept *= 1.0 - case.lanes[leg.lane].loss_share
    most = min(most, sinks[legs[-1].end] / kept) if kept else most
    kept = 1.0
    for leg in legs:
        flow.legs[leg] -= most * kept
        kept *= 1.0 - case.lanes[leg.lane].loss_share
    flow.supply[start] -= most
    sinks[legs[-1].end] -= most * kept
    yield legs, most, sold


def exports(case: Case, found: list[Path]) -> list[Path]:
    """The paths that leave home and end in a sale."""
    home = case.terms.home_territory
    return [
        path
        for path in found
        if path.sold
        and case.nodes[path.start].territory == home
        and any(case.nodes[leg.end].territory != home for leg in path.legs)
    ]


def label(case: Case, path: Path) -> str:
    """The corridor in words: the borders, ports and airports it passes, by name of the node."""
    gates = [leg.end for leg in path.legs if case.nodes[leg.end].kind in ("border", "port", "airport")]
    return " > ".join(gates) or "direct"


def entry(case: Case, path: Path, territory: str) -> str:
    """How a path first meets a territory: land, sea, air or overflight; empty when it does not."""
    for leg in path.legs:
        lane = case.lanes[leg.lane]
        inside = case.nodes[leg.start].territory == territory
        if not inside and case.nodes[leg.end].territory == territory:
            return {"sea": "sea", "air": "air"}.get(lane.mode.split("_")[0], "land")
        if not inside and territory in lane.over:
            return "overflight" if lane.mode.startswith("air") else "land"
    return ""


def cost_usd_t(case: Case, path: Path) -> float:
    """Freight and fees along a path in an ordinary year [USD per tonne at departure]."""
    value = case.products[path.commodity.product].value_usd_t
    lanes = [case.lanes[leg.lane] for leg in path.legs]
    return sum(lane.freight_usd_t + lane.fee_usd_t + lane.fee_share_of_value * value for lane in lanes)


def days(case: Case, path: Path) -> float:
    """Days in transit in an ordinary year."""
    return sum(case.lanes[leg.lane].days for leg in path.legs)


def corridor_table(case: Case, found: list[Path]) -> pd.DataFrame:
    """Expected exports by corridor, product, buyer and period.

    Columns: corridor, product, buyer, period, t_y (mean over futures), usd_t, days.
    """
    odds = {s.name: s.probability for s in case.scenarios}
    rows = [
        (
            label(case, path),
            path.commodity.product,
            path.end,
            path.period,
            odds[path.scenario] * path.t_y,
            cost_usd_t(case, path),
            days(case, path),
        )
        for path in exports(case, found)
    ]
    frame = pd.DataFrame(rows, columns=["corridor", "product", "buyer", "period", "t_y", "usd_t", "days"])
    if frame.empty:
        return frame
    frame["weighted_usd"], frame["weighted_days"] = frame["t_y"] * frame["usd_t"], frame["t_y"] * frame["days"]
    total = (
        frame.groupby(["corridor", "product", "buyer", "period"], sort=False)[["t_y", "weighted_usd", "weighted_days"]]
        .sum()
        .reset_index()
    )
    total["usd_t"], total["days"] = total["weighted_usd"] / total["t_y"], total["weighted_days"] / total["t_y"]
    return total[["corridor", "product", "buyer", "period", "t_y", "usd_t", "days"]]
