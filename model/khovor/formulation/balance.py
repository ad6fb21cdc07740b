"""Nothing is lost (rule 1): what arrives, is made, bought or drawn from stock leaves, is used, sold or disposed of.

Most of a program are these equations, and no future changes them: they are stated as arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.case import Commodity
from khovor.formulation.frame import Frame, Subject
from khovor.formulation.operation import Operation
from khovor.formulation.sums import Block, Floats, Places, each_of
from khovor.units import T_PER_KT

Place = tuple[str, str, str]
"""Node, product and origin."""


class Touching(NamedTuple):
    """What some columns do to the balances they touch: an entry per place, period, column and coefficient."""

    places: list[Place]
    place: Places
    period: Places
    column: Places
    value: Floats


def constraints(f: Frame) -> None:
    """Declare the balance of every (node, commodity, period) that anything touches."""
    parts = [part for flows in (_moved, _processed, _traded, _stored) for part in flows(f)]
    number: dict[Place, int] = {}
    for part in parts:
        for place in part.places:
            number.setdefault(place, len(number))
    own = [np.array([number[place] for place in part.places], dtype=np.int64)[part.place] for part in parts]
    where = np.concatenate([part.period for part in parts]) * len(number) + np.concatenate(own)
    first = np.full(len(number) * len(f.periods), len(where))
    first[where[::-1]] = np.arange(len(where))[::-1]
    rows = np.flatnonzero(first < len(where))
    # rows stand by period, and within it in the order in which anything first touches them
    rows = rows[np.lexsort((first[rows], rows // max(1, len(number))))]
    places, rank = list(number), np.empty(len(first), dtype=np.int64)
    rank[rows] = np.arange(len(rows))
    index = [(*places[k % len(number)], k // len(number)) for k in rows.tolist()]
    column, value = np.concatenate([part.column for part in parts]), np.concatenate([part.value for part in parts])
    a = sp.csr_matrix((value, (rank[where], column)), shape=(len(rows), int(column.max(initial=-1)) + 1))
    a.eliminate_zeros()
    right = np.zeros(len(index))
    openings = _openings(f)
    for r, key in enumerate(index) if openings else ():
        right[r] = -openings.get(key, 0.0)
    f.equations(
        "goods_balance",
        index,
        Block(right, right, np.repeat(np.arange(len(index)), np.diff(a.indptr)), a.indices.astype(np.int64), a.data),
        doc="Σ (1-loss)·ship + Σ_x coef·act + buy + (stock[t-1] - stock[t])/years = Σ out ship + sell + dump [kt/y]",
    )
    f.subjects["goods_balance"] = lambda n, p, o, t, w: Subject(f"{Commodity(p, o)} at {n}", f.case.nodes[n].at, "t/y")


def _each(part: Operation, places: list[Place], coefficients: list[float] | Floats) -> Touching:
    """Every member touches one place: that of its thing, with the coefficient of it."""
    columns = part.first + np.arange(len(part))
    return Touching(places, part.things, part.period, columns, np.asarray(coefficients, dtype=np.float64)[part.things])


def _moved(f: Frame) -> Iterator[Touching]:
    pairs, ship = f.network.pairs, f.operation["ship"]
    starts = [(pair.leg.start, *pair.commodity) for pair in pairs]
    ends = [(pair.leg.end, *pair.commodity) for pair in pairs]
    arriving = np.array([1.0 - pair.lane.loss_share for pair in pairs])
    both = np.arange(2 * len(pairs)).reshape(2, -1)[:, ship.things].T.ravel()
    yield Touching(
        starts + ends,
        both,
        np.repeat(ship.period, 2),
        np.repeat(ship.first + np.arange(len(ship)), 2),
        np.concatenate([-np.ones(len(pairs)), arriving])[both],
    )


def _processed(f: Frame) -> Iterator[Touching]:
    act, activities = f.operation["act"], f.network.activities
    sizes = np.array([len(activity.recipe.balance) for activity in activities], dtype=np.int64)
    touched = [((a.node, *commodity), amount) for a in activities for commodity, amount in a.recipe.balance.items()]
    count = sizes[act.things]
    entry = each_of((np.cumsum(sizes) - sizes)[act.things], count)
    yield Touching(
        [place for place, _ in touched],
        entry,
        np.repeat(act.period, count),
        np.repeat(act.first + np.arange(len(act)), count),
        np.array([amount for _, amount in touched], dtype=np.float64)[entry],
    )


def _traded(f: Frame) -> Iterator[Touching]:
    offers, purchases = f.network.offers, f.case.purchases
    sold = [(offer.market.key.node, *offer.commodity) for offer in offers]
    yield _each(f.operation["sell"], sold, [-1.0] * len(sold))
    bought = [(purchase.key.node, purchase.key.product, purchase.origin) for purchase in purchases]
    yield _each(f.operation["buy"], bought, [1.0] * len(bought))
    dump = f.operation["dump"]
    yield _own(dump, np.arange(len(dump)), dump.period, -np.ones(len(dump)))


def _own(part: Operation, members: Places, period: Places, value: Floats) -> Touching:
    """Some members touch the place that their index names, in a period each."""
    places = [key[:3] for key in part.index]
    return Touching(places, members, period, part.first + members, value)


def _stored(f: Frame) -> Iterator[Touching]:
    """What is drawn from stock; the stock at the start of the first period is in `_openings`."""
    stock = f.operation["stock"]
    rate = 1.0 / np.array([period.years for period in f.case.horizon.periods])
    every = np.arange(len(stock))
    kept = np.flatnonzero(stock.period < len(f.periods) - 1)
    yield _own(stock, every, stock.period, -rate[stock.period])
    yield _own(stock, kept, stock.period[kept] + 1, rate[stock.period[kept] + 1])


def _openings(f: Frame) -> dict[tuple[str, str, str, int], float]:
    """What the stock of the first day adds to the first period's balance [kt/y]."""
    first = {(pile.node, pile.product, "", 0): pile.initial_t for pile in reversed(f.case.stockpiles)}
    years = f.case.horizon.periods[0].years
    return {index: first.get(index, 0.0) / years / T_PER_KT for index in f.network.stocks if index in first}
