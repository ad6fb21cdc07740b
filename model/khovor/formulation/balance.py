"""Nothing is lost (rule 1): what arrives, is made, bought or drawn from stock leaves, is used, sold or disposed of."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from khovor.case import Commodity
from khovor.formulation.frame import Frame, Subject, weighted
from khovor.units import T_PER_KT

Place = tuple[str, str, str]
"""Node, product and origin."""

Terms = dict[Place, list[tuple[float, Any]]]


def constraints(f: Frame) -> None:
    """Declare the balance of every (node, commodity, period) that anything touches."""
    terms, openings = _touching(f), _openings(f)

    @f.rows(
        [(*place, t) for t in f.periods for place in terms[t]],
        doc="Σ (1-loss)·ship + Σ_x coef·act + buy + (stock[t-1] - stock[t])/years = Σ out ship + sell + dump [kt/y]",
    )
    def goods_balance(m: Any, n: str, p: str, o: str, t: int) -> Any:
        return weighted(terms[t][n, p, o]) == -openings.get((n, p, o, t), 0.0)

    f.subjects["goods_balance"] = lambda n, p, o, t, w: Subject(f"{Commodity(p, o)} at {n}", f.case.nodes[n].at, "t/y")


def _touching(f: Frame) -> list[Terms]:
    """By period, (coefficient, variable) of every term of each balance."""
    terms: list[Terms] = [defaultdict(list) for _ in f.periods]
    for flows in (_moved, _processed, _traded, _stored):
        flows(f, terms)
    return terms


def _moved(f: Frame, terms: list[Terms]) -> None:
    ends = [
        ((pair.leg.start, *pair.commodity), (pair.leg.end, *pair.commodity), 1.0 - pair.lane.loss_share)
        for pair in f.network.pairs
    ]
    for (i, t), moved in f.listed["ship"]:
        (start, end, arriving), there = ends[i], terms[t]
        there[start].append((-1.0, moved))
        there[end].append((arriving, moved))


def _processed(f: Frame, terms: list[Terms]) -> None:
    for x, t in f.network.acts:
        activity, run = f.network.activities[x], f.model.act[x, t]
        for commodity, amount in activity.recipe.balance.items():
            terms[t][activity.node, *commodity].append((amount, run))


def _traded(f: Frame, terms: list[Terms]) -> None:
    m = f.model
    for q, t in f.network.sells:
        offer = f.network.offers[q]
        terms[t][offer.market.key.node, *offer.commodity].append((-1.0, m.sell[q, t]))
    for b, t in f.network.buys:
        purchase = f.case.purchases[b]
        terms[t][purchase.key.node, purchase.key.product, purchase.origin].append((1.0, m.buy[b, t]))
    for n, p, o, t in f.network.dumps:
        terms[t][n, p, o].append((-1.0, m.dump[n, p, o, t]))


def _stored(f: Frame, terms: list[Terms]) -> None:
    """What is drawn from stock; the stock at the start of the first period is in `_openings`."""
    m = f.model
    for n, p, o, t in f.network.stocks:
        rate = 1.0 / f.case.horizon.periods[t].years
        drawn = [(rate, m.stock[n, p, o, t - 1])] if t > 0 else []
        terms[t][n, p, o] += [(-rate, m.stock[n, p, o, t]), *drawn]


def _openings(f: Frame) -> dict[tuple[str, str, str, int], float]:
    """What the stock of the first day adds to the first period's balance [kt/y]."""
    first = {(pile.node, pile.product, "", 0): pile.initial_t for pile in reversed(f.case.stockpiles)}
    years = f.case.horizon.periods[0].years
    return {index: first.get(index, 0.0) / years / T_PER_KT for index in f.network.stocks if index in first}
