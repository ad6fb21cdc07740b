"""Corridors: what the paths that leave home pass through, what that costs, how long it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import pandas as pd

from khovor.case import PASSED, Case, way_in
from khovor.report.names import Names
from khovor.report.paths import Path

COLUMNS = ("corridor", "name", "product", "buyer", "period", "t_y", "usd_t", "days")


def exports(case: Case, found: Iterable[Path]) -> list[Path]:
    """The paths that begin at home and leave it."""
    home = case.terms.home_territory
    return [
        path
        for path in found
        if case.nodes[path.start].territory == home and any(case.nodes[n].territory != home for n in path.nodes)
    ]


def passed(case: Case, path: Path) -> tuple[str, ...]:
    """The borders, ports and airports a path passes."""
    return tuple(leg.end for leg in path.legs if case.nodes[leg.end].kind in PASSED)


def label(case: Case, names: Names, nodes: Sequence[str]) -> str:
    """A corridor in words; the two sides of a border stand as one."""
    if not nodes:
        return "direct"
    stops = groupby(nodes, lambda n: case.nodes[n].kind == "border")
    words = (
        ["/".join(names.short(n) for n in group)] if border else map(names.short, group) for border, group in stops
    )
    return " > ".join(word for group in words for word in group)


def entry(case: Case, path: Path, territory: str) -> str:
    """How a path first meets a territory: land, sea, air or overflight; empty when it does not."""
    return next((how for leg in path.legs if (how := way_in(case, leg, territory))), "")


def cost_usd_t(case: Case, path: Path) -> float:
    """Freight and fees along a path in an ordinary year [USD per tonne at departure]."""
    value = case.products[path.commodity.product].value_usd_t
    cost, kept = 0.0, 1.0
    for lane in (case.lanes[leg.lane] for leg in path.legs):
        cost += kept * (lane.freight_usd_t + lane.fee_usd_t + lane.fee_share_of_value * value)
        kept *= 1.0 - lane.loss_share
    return cost


def days(case: Case, path: Path) -> float:
    """Days in transit in an ordinary year."""
    return sum(case.lanes[leg.lane].days for leg in path.legs)


def corridor_table(case: Case, names: Names, found: Iterable[Path]) -> pd.DataFrame:
    """Expected exports by corridor, product, buyer and period, at departure.

    Columns: corridor (nodes passed), name (in words), product, buyer, period, t_y (mean over futures), usd_t, days.
    """
    odds = {s.name: s.probability for s in case.scenarios}
    rows = []
    for path in exports(case, found):
        nodes = passed(case, path)
        tonnes = odds[path.scenario] * path.t_y
        key = (" > ".join(nodes) or "direct", label(case, names, nodes), path.commodity.product, path.end, path.period)
        rows.append((*key, tonnes, tonnes * cost_usd_t(case, path), tonnes * days(case, path)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if frame.empty:
        return frame
    total = frame.groupby(list(COLUMNS[:5]), sort=False)[["t_y", "usd_t", "days"]].sum().reset_index()
    total = total[total["t_y"] > 0]
    return total.assign(usd_t=total["usd_t"] / total["t_y"], days=total["days"] / total["t_y"])
