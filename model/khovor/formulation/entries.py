"""Goods that enter a territory again (rule 8): parted from those that enter it first, where both can be.

fresh[i,k,t,w] of the shipment of pair k, the part that has not been in the territory of policy i [kt/y]. It is stated
where goods of both kinds can leave a place; elsewhere a shipment is all of one kind. Whatever leaves, is used, sold or
stored at such a place may be of either kind, as suits the policy least to be missed: what a share counts is exact.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from khovor.case import Commodity, home_goods
from khovor.formulation.frame import Frame, weighted
from khovor.network import Entries, first_entries
from khovor.units import T_PER_KT

Terms = list[tuple[float, Any]]

Index = tuple[int, str, str, str, int]
"""Policy, node, product, origin, period."""


def variables(f: Frame) -> None:
    """Declare the part of shipments that has not been in a territory."""
    pairs = f.network.pairs
    index = [
        (i, k, t)
        for i, found in _entries(f).items()
        for k, t in f.network.ships
        if (pairs[k].leg.start, pairs[k].commodity) in found.mixed
    ]
    f.operate("fresh", index, doc="fresh[i,k,t,w]: part of a shipment that was not yet in the territory of i  [kt/y]")


def constraints(f: Frame) -> None:
    """Declare what is known of these parts; each place's in the periods in which anything leaves it."""
    leaving = _leaving(f)
    coming, taken = (_coming(f, leaving), _taken(f)) if leaving else ({}, {})
    _fresh_within_shipment(f)
    _fresh_leaves_once(f, leaving, coming)
    _fresh_leaves_or_stays(f, leaving, coming, taken)


def _entries(f: Frame) -> dict[int, Entries]:
    """First entries, by the policies that count them."""
    transit = [(i, p.subject.partition(":")[0]) for i, p in enumerate(f.case.policies) if p.measure == "transit_share"]
    return {i: first_entries(f.network, territory) for i, territory in transit}


def _leaving(f: Frame) -> dict[Index, list[Any]]:
    found: dict[Index, list[Any]] = defaultdict(list)
    for (i, k, t), part in f.operation["fresh"].listed:
        pair = f.network.pairs[k]
        found[i, pair.leg.start, *pair.commodity, t].append(part)
    return found


def _coming(f: Frame, leaving: dict[Index, list[Any]]) -> dict[Index, tuple[Terms, float]]:
    """What comes to each place that has not been in the territory: (coefficient, variable), and a constant [kt/y]."""
    m, terms = f.model, {index: list[tuple[float, Any]]() for index in leaving}
    for i, found in _entries(f).items():
        for k, t in f.network.ships:
            pair = f.network.pairs[k]
            start, index = (pair.leg.start, pair.commodity), (i, pair.leg.end, *pair.commodity, t)
            if index in terms and k not in found.ways and start in found.fresh:
                part = m.fresh[i, k, t] if start in found.mixed else m.ship[k, t]
                terms[index].append((1.0 - pair.lane.loss_share, part))
    made, opening = _made(f), _opening(f)
    within = {i: f.case.policies[i].subject.partition(":")[0] for i, *_ in leaving}
    for index in terms:
        i, node = index[:2]
        terms[index] += made.get(index[1:], [])
        if f.case.nodes[node].territory != within[i]:
            terms[index] += _drawn(f, *index[1:])
    outside = {index for index in terms if f.case.nodes[index[1]].territory != within[index[0]]}
    return {index: (terms[index], opening.get(index[1:], 0.0) if index in outside else 0.0) for index in terms}


def _made(f: Frame) -> dict[tuple[str, str, str, int], Terms]:
    """What is made or bought at home, by place and period."""
    sources, found = home_goods(f.case), defaultdict[tuple[str, str, str, int], Terms](list)
    for (x, t), run in f.operation["act"].listed:
        activity = f.network.activities[x]
        for commodity, amount in activity.recipe.balance.items():
            if amount > 0 and (activity.node, commodity) in sources:
                found[activity.node, *commodity, t].append((amount, run))
    for (b, t), bought in f.operation["buy"].listed:
        offer = f.case.purchases[b]
        if (offer.key.node, Commodity(offer.key.product, offer.origin)) in sources:
            found[offer.key.node, offer.key.product, offer.origin, t].append((1.0, bought))
    return found


def _drawn(f: Frame, node: str, product: str, origin: str, t: int) -> Terms:
    """The stock of the period before, per year."""
    rate = 1.0 / f.case.horizon.periods[t].years
    before = (node, product, origin, t - 1)
    return [(rate, f.model.stock[before])] if before in f.model.stock else []


def _opening(f: Frame) -> dict[tuple[str, str, str, int], float]:
    """The stock of the first day, per year of the first period [kt/y]."""
    years = f.case.horizon.periods[0].years
    return {(s.node, s.product, "", 0): s.initial_t / years / T_PER_KT for s in f.case.stockpiles}


def _taken(f: Frame) -> dict[tuple[str, str, str, int], Terms]:
    """What is used, sold, disposed of or in stock at the end, by place and period."""
    found: dict[tuple[str, str, str, int], Terms] = defaultdict(list)
    for (x, t), run in f.operation["act"].listed:
        activity = f.network.activities[x]
        for commodity, amount in activity.recipe.balance.items():
            if amount < 0:
                found[activity.node, *commodity, t].append((-amount, run))
    for (q, t), sold in f.operation["sell"].listed:
        offer = f.network.offers[q]
        found[offer.market.key.node, *offer.commodity, t].append((1.0, sold))
    for place, dumped in f.operation["dump"].listed:
        found[place].append((1.0, dumped))
    for place, stock in f.operation["stock"].listed:
        found[place].append((1.0 / f.case.horizon.periods[place[-1]].years, stock))
    return found


def _fresh_within_shipment(f: Frame) -> None:
    m = f.model

    @f.rows(list(m.fresh), doc="fresh[i,k,t,w] ≤ ship[k,t,w]  [kt/y]")
    def fresh_within_shipment(m: Any, i: int, k: int, t: int) -> Any:
        return weighted([(1.0, m.fresh[i, k, t]), (-1.0, m.ship[k, t])]) <= 0.0


def _fresh_leaves_once(f: Frame, leaving: dict[Index, list[Any]], coming: dict[Index, tuple[Terms, float]]) -> None:
    @f.rows(list(leaving), doc="Σ out fresh ≤ Σ (1-loss)·fresh + Σ_x coef·act + buy + stock[t-1]/years  [kt/y]")
    def fresh_leaves_once(m: Any, *index: Any) -> Any:
        terms, constant = coming[index]
        return weighted([*((1.0, part) for part in leaving[index]), *((-c, v) for c, v in terms)]) <= constant


def _fresh_leaves_or_stays(
    f: Frame,
    leaving: dict[Index, list[Any]],
    coming: dict[Index, tuple[Terms, float]],
    taken: dict[tuple[str, str, str, int], Terms],
) -> None:
    @f.rows(
        list(leaving),
        doc="Σ (1-loss)·fresh + Σ_x coef·act + buy + stock[t-1]/years ≤ Σ out fresh + used + sell + dump + "
        "stock[t]/years  [kt/y]",
    )
    def fresh_leaves_or_stays(m: Any, *index: Any) -> Any:
        terms, constant = coming[index]
        out = [(-1.0, part) for part in leaving[index]]
        return weighted([*terms, *out, *((-c, v) for c, v in taken.get(index[1:], []))]) <= -constant
