"""What enters a territory for the first time, from a plan's shipments alone: two layers of flow.

Of every shipment, a part is of goods of home that have not been in the territory, the rest of all others. The first
layer starts where goods are made, bought or drawn from stock, and ends where they enter, or are taken in. Where
shipments leave open which goods are which, the reading counts that suits the limit best: a small linear program finds
it, for a commodity in a period and a future. A stockpile outside the territory forgets what was there before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from khovor.case import Commodity, way_in
from khovor.verify.plan import Flow
from khovor.verify.view import View

Rates = dict[str, float]
"""t/y by node."""


def entering(view: View, subject: str, t: int, w: str, least: bool) -> dict[Commodity, float]:
    """Tonnes a year of each commodity of home that enter `territory` or `territory:way` for the first time."""
    territory, _, way = subject.partition(":")
    flows: dict[Commodity, list[Flow]] = defaultdict(list)
    for row in view.tables.flows:
        if (row.t, row.w) == (t, w) and row.t_y > 0 and row.leg in view.legs:
            flows[row.commodity].append(row)
    goods = _goods_of_home(view)
    made, other = _made(view, t, w), _made_abroad(view, t, w)
    found = {}
    for commodity, rows in flows.items():
        ways = [way_in(view.case, row.leg, territory) for row in rows]
        if commodity in goods and any(how and way in ("", how) for how in ways):
            drawn = _stored(view, commodity, t - 1, w, t)
            outside = {n: x for n, x in drawn.items() if view.case.nodes[n].territory != territory}
            inside = {n: x for n, x in drawn.items() if n not in outside}
            fresh = _sum(made.get(commodity, {}), outside)
            rest = _sum(other.get(commodity, {}), inside)
            counted = [bool(how) and way in ("", how) for how in ways]
            found[commodity] = _first(view, rows, [bool(how) for how in ways], counted, fresh, rest, least)
    return found


def _first(
    view: View,
    rows: Sequence[Flow],
    enters: Sequence[bool],
    counted: Sequence[bool],
    fresh: Rates,
    rest: Rates,
    least: bool,
) -> float:
    """The least (or the most) of the first layer on the shipments counted."""
    kept = [1.0 - view.case.lanes[row.lane].loss_share for row in rows]
    nodes = {n: k for k, n in enumerate(dict.fromkeys(x for row in rows for x in (row.start, row.end)))}
    amounts = np.array([row.t_y for row in rows])
    entries = [(nodes[row.start], j, 1.0) for j, row in enumerate(rows)]
    entries += [(nodes[row.end], j, -kept[j]) for j, row in enumerate(rows) if not enters[j]]
    at, of, coefficients = zip(*entries, strict=True)
    net = coo_matrix((coefficients, (at, of)), shape=(len(nodes), len(rows))).tocsr()  # out less in, first layer
    supply = np.array([fresh.get(n, 0.0) for n in nodes])
    whole = supply + np.array([rest.get(n, 0.0) for n in nodes])
    for j, row in enumerate(rows):
        whole[nodes[row.end]] += kept[j] * row.t_y
        whole[nodes[row.start]] -= row.t_y
    taken = np.maximum(whole, 0.0)  # what is used, sold, disposed of or stored there, of either kind
    sign = 1.0 if least else -1.0
    limits = np.concatenate([supply, taken - supply])
    rows_of = coo_matrix(np.vstack([net.toarray(), -net.toarray()]))
    answer = linprog(
        sign * np.array(counted, dtype=float), A_ub=rows_of, b_ub=limits, bounds=[(0.0, x) for x in amounts]
    )
    if answer.status != 0:  # a plan whose goods do not balance, which fails for that: all that enters is counted
        return float(amounts[np.array(counted)].sum())
    return float(sign * answer.fun)


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> Rates:
    return {n: one.get(n, 0.0) + other.get(n, 0.0) for n in (*one, *other)}


def _abroad(view: View, node: str) -> bool:
    return view.case.nodes[node].territory != view.case.terms.home_territory


def _goods_of_home(view: View) -> frozenset[Commodity]:
    """What can be made, bought or in stock at home, and is not on offer abroad."""
    case = view.case
    made = {
        c
        for plant in case.plants
        if not _abroad(view, plant.key.node)
        for r in plant.recipes
        for c in r.balance
        if r.balance[c] > 0
    }
    bought = {Commodity(p.key.product, p.origin) for p in case.purchases if not _abroad(view, p.key.node)}
    held = {Commodity(s.product, "") for s in case.stockpiles if s.initial_t > 0 and not _abroad(view, s.node)}
    offered = {Commodity(p.key.product, p.origin) for p in case.purchases if _abroad(view, p.key.node)}
    return frozenset((made | bought | held) - offered)


def _made(view: View, t: int, w: str) -> dict[Commodity, Rates]:
    """Made or bought at home [t/y]."""
    return _gathered((n, c, x) for n, c, x in _supplies(view, t, w) if not _abroad(view, n))


def _made_abroad(view: View, t: int, w: str) -> dict[Commodity, Rates]:
    return _gathered((n, c, x) for n, c, x in _supplies(view, t, w) if _abroad(view, n))


def _supplies(view: View, t: int, w: str) -> Iterable[tuple[str, Commodity, float]]:
    for run, recipe in view.runs:
        if (run.t, run.w) == (t, w):
            yield from ((run.node, c, x * run.t_y) for c, x in recipe.balance.items() if x > 0)
    for row in view.tables.purchases:
        if (row.t, row.w) == (t, w) and row.node in view.case.nodes:
            yield row.node, row.commodity, row.t_y


def _gathered(rows: Iterable[tuple[str, Commodity, float]]) -> dict[Commodity, Rates]:
    found: dict[Commodity, Rates] = {}
    for node, commodity, t_y in rows:
        there = found.setdefault(commodity, {})
        there[node] = there.get(node, 0.0) + t_y
    return found


def _stored(view: View, commodity: Commodity, at: int, w: str, t: int) -> Rates:
    """What is in stock at the end of period `at` (-1: on the first day), per year of period t."""
    years = view.case.horizon.periods[t].years
    if at < 0:
        piles = view.case.stockpiles if commodity.origin == "" else ()
        return {s.node: s.initial_t / years for s in piles if s.product == commodity.product}
    rows = (s for s in view.tables.stocks if (s.commodity, s.t, s.w) == (commodity, at, w))
    return {s.node: s.tonnes / years for s in rows if s.node in view.case.nodes}
