"""Nothing is lost (rule 1): what arrives, is made, bought or drawn from stock leaves, is used, sold or disposed of."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from khovor.case import Commodity
from khovor.formulation.frame import Frame, Subject
from khovor.formulation.sums import Sum
from khovor.units import T_PER_KT

Place = tuple[str, str, str]
"""Node, product and origin."""

Terms = dict[Place, tuple[list[float], list[Any]]]
"""Coefficients, and the variable of each, of every term of a balance."""


def constraints(f: Frame) -> None:
    """Declare the balance of every (node, commodity, period) that anything touches."""
    terms, openings = _touching(f), _openings(f)

    @f.rows(
        [(*place, t) for t in f.periods for place in terms[t]],
        doc="Σ (1-loss)·ship + Σ_x coef·act + buy + (stock[t-1] - stock[t])/years = Σ out ship + sell + dump [kt/y]",
    )
    def goods_balance(m: Any, n: str, p: str, o: str, t: int) -> Any:
        return Sum(*terms[t][n, p, o]) == -openings.get((n, p, o, t), 0.0)

    f.subjects["goods_balance"] = lambda n, p, o, t, w: Subject(f"{Commodity(p, o)} at {n}", f.case.nodes[n].at, "t/y")


def _touching(f: Frame) -> list[Terms]:
    """By period, the terms of each balance."""
    terms: list[Terms] = [defaultdict(lambda: ([], [])) for _ in f.periods]
    for flows in (_moved, _processed, _traded, _stored):
        flows(f, terms)
    return terms


def _add(terms: Terms, place: Place, coefficient: float, variable: Any) -> None:
    coefficients, variables = terms[place]
    if coefficient:
        coefficients.append(coefficient)
        variables.append(variable)


def _moved(f: Frame, terms: list[Terms]) -> None:
    ends = [
        ((pair.leg.start, *pair.commodity), (pair.leg.end, *pair.commodity), 1.0 - pair.lane.loss_share)
        for pair in f.network.pairs
    ]
    for (i, t), moved in f.listed["ship"]:
        start, end, arriving = ends[i]
        _add(terms[t], start, -1.0, moved)
        _add(terms[t], end, arriving, moved)


def _processed(f: Frame, terms: list[Terms]) -> None:
    for (x, t), run in f.listed["act"]:
        activity = f.network.activities[x]
        for commodity, amount in activity.recipe.balance.items():
            _add(terms[t], (activity.node, *commodity), amount, run)


def _traded(f: Frame, terms: list[Terms]) -> None:
    for (q, t), sold in f.listed["sell"]:
        offer = f.network.offers[q]
        _add(terms[t], (offer.market.key.node, *offer.commodity), -1.0, sold)
    for (b, t), bought in f.listed["buy"]:
        purchase = f.case.purchases[b]
        _add(terms[t], (purchase.key.node, purchase.key.product, purchase.origin), 1.0, bought)
    for (*place, t), dumped in f.listed["dump"]:
        _add(terms[t], (*place,), -1.0, dumped)


def _stored(f: Frame, terms: list[Terms]) -> None:
    """What is drawn from stock; the stock at the start of the first period is in `_openings`."""
    for (n, p, o, t), stock in f.listed["stock"]:
        rate = 1.0 / f.case.horizon.periods[t].years
        _add(terms[t], (n, p, o), -rate, stock)
        if t > 0:
            _add(terms[t], (n, p, o), rate, f.model.stock[n, p, o, t - 1])


def _openings(f: Frame) -> dict[tuple[str, str, str, int], float]:
    """What the stock of the first day adds to the first period's balance [kt/y]."""
    first = {(pile.node, pile.product, "", 0): pile.initial_t for pile in reversed(f.case.stockpiles)}
    years = f.case.horizon.periods[0].years
    return {index: first.get(index, 0.0) / years / T_PER_KT for index in f.network.stocks if index in first}
