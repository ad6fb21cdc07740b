"""The proof: prices of what is not decided, found in rounds, and a small program of decisions that they bound.

1. Of one future the shipments are priced out, at the prices of its relaxation. Of many, all operation is but that of
   the likely future of each period, at prices found in rounds: the relaxation of what is left says what to build, and
   the whole program's, with that built, prices it again. Worth and bound close in on the relaxation from both sides.
2. What the rounds found is put together in one set of prices, beside those of the best plan. What is left is a program
   of decisions; its bound is proved by branching (`branching.py`). What it decides is valued in all futures, which is a
   plan and prices the futures again; it ends when plan and bound meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Floats, Matrix
from khovor.solve.branching import Search, branch, price_near, proved, sense
from khovor.solve.highs import Answer, held, relaxed
from khovor.solve.implied import implied_upper
from khovor.solve.priced import Priced, dual_bound
from khovor.solve.risk import RISK
from khovor.solve.start import Prices
from khovor.units import T_PER_KT

RELAXING: dict[str, Any] = {"solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-4}
"""Prices need no vertex, and no more digits than the bound they give is worth: it is valid whatever they are."""

ROUNDS = 8
"""Rounds of prices before branching, at most: the shipped case, with its ten futures, needs three or four of some 5 s,
from no plan at all (51 s instead of 58 with prices of shipments first) as from one (50 s on one thread instead of 105).
"""

ROUNDING = 1e-6
"""How far off a central point may be of keeping a rule [kt/y]: HiGHS finds no plan for a program that is held to it.

With limits that much wider there is one; its prices prove what they prove, and tell what the first of a plant is worth.
"""

BRANCHED = 2
"""Sets of prices with which branching begins (see `_together`); what follows was called for by it."""


def maximised(matrix: Matrix) -> Matrix:
    """The same program as a maximisation."""
    sign = sense(matrix)
    return replace(matrix, cost=sign * matrix.cost, offset=sign * matrix.offset, maximise=True)


def roads_of(formulation: Formulation, strong: Matrix) -> Priced:
    """A program with its shipments to be priced out."""
    ships = np.array([label is not None and label[0] == "ship" for label in strong.columns])
    return Priced.of(maximised(strong), ships, largest_flow(formulation))


def relaxation(s: Search) -> Answer:
    """The relaxation of a program of one future; its prices begin the proof."""
    return s.solve(relaxed(s.strong), s.left, "relaxation", says="silence", **RELAXING)


def prove_alone(s: Search, loose: Answer) -> None:
    """Tighten the bound of a program of one future, and find plans, until the two meet or time is up.

    `loose` is its relaxation: where that has no prices nothing is proved.
    """
    roads = roads_of(s.formulation, s.strong)
    if loose.duals is not None and roads.price(sense(s.strong) * loose.duals):
        branch(s, roads)


def prove(s: Search, alone: Matrix, point: Floats) -> None:
    """The same of many futures, from a point of `alone`, the program of the likely one: what is best there, or near."""
    futures = _futures(s)
    pinned = _priced_at(s, futures, _chosen(s, alone, point))
    begin = [] if pinned.duals is None else [pinned.duals]
    found = _rounds(s, futures, begin, pinned.objective) if begin else _Found()
    branch(s, _together(s, futures, found), found.middle)


def prove_from(s: Search, before: Prices | None) -> None:
    """The same from the best plan so far, and from the prices `before`, of the proof of a program like this.

    What was proved there may prove enough here. If not they begin the rounds, and no future is solved alone. Prices of
    a plan say little of what it does not build: the first relaxation is loose, and the rounds mend it; those of a
    proof leave the rounds little to do. What is branched then is proved for all programs between the two as well.
    """
    futures = _futures(s)
    handed = [] if before is None else before.on(s.strong.rows)
    good = [duals for duals in handed if futures.price(duals)]
    if before is not None and before.proved is not None and good:
        s.proving, s.proved_by = [*futures.prices], before.proved
        s.tighten(sense(s.strong) * before.proved.of(futures.without()), "proof of another program")
        if s.over:
            return
    own = [] if s.prices is None else [s.prices]
    worth = -np.inf if s.value is None else sense(s.strong) * s.value
    found = _rounds(s, futures, own, worth)
    branch(s, _together(s, futures, found, good[BRANCHED:]), found.middle, before)


def _futures(s: Search) -> Priced:
    """The whole program with all to be priced out that is neither decided nor likely."""
    return Priced.of(maximised(s.strong), _unlikely(s), largest_flow(s.formulation))


@dataclass(frozen=True, slots=True)
class _Found:
    """What rounds come to: all prices together, and the point that the last relaxation asked for."""

    prices: Floats | None = None
    middle: Floats | None = None


def _rounds(s: Search, futures: Priced, begin: Sequence[Floats], worth: float) -> _Found:
    """Price the futures, from their prices and those to `begin` with, until the relaxation is known to half the gap.

    `worth` is that of the point they price. The points that follow are central ones, by interior point: they settle,
    where vertices leap from one end to another. J. Gondzio, P. Gonzalez-Brevis and P. Munari (2013), New developments
    in the primal-dual column generation technique.
    """
    found, more = _Found(), begin
    for turn in range(ROUNDS):
        told = any([futures.price(duals) for duals in more]) or (turn == 0 and bool(futures.prices))
        if s.over or not told:
            break
        small = futures.without()
        loose = s.solve(relaxed(small), s.left, "proof", says="silence", **RELAXING)
        if loose.duals is None or loose.values is None:
            break
        bound = dual_bound(small, loose.duals, implied_upper(small))
        s.proving, s.proved_by = [*futures.prices], proved(futures, small, bound)
        s.tighten(sense(s.strong) * s.proved_by.bound, "relaxation")
        asked = futures.point(loose.values)
        found = _Found(futures.duals(loose.duals), asked)
        if _near(s, loose.objective, worth):
            break
        pinned = _priced_at(s, futures, asked)
        if pinned.duals is None:
            break
        more, worth = [pinned.duals], max(worth, pinned.objective)
        if _near(s, loose.objective, worth):
            break
    return found


def _near(s: Search, asked: float, worth: float) -> bool:
    """Whether prices ask for no more, by half the gap, than a point is worth."""
    return bool(np.isfinite(worth)) and asked - worth <= s.limits.gap / 2.0 * abs(worth)


def _together(s: Search, futures: Priced, found: _Found, further: Sequence[Floats] = ()) -> Priced:
    """The futures at what the rounds found and at the prices of the best plan: branching is slow with more.

    But what branching has called for in the proof of a program like this (`further`), it would call for again. Where
    none is any good, at what there is.
    """
    fresh = replace(futures, prices=[], slack=[])
    if found.prices is not None:
        fresh.price(found.prices)
    if s.prices is not None:
        price_near(s, fresh, s.prices, s.plan, found.middle)
    for duals in further:
        fresh.price(duals)
    return fresh if fresh.prices else futures


def _chosen(s: Search, alone: Matrix, values: Floats) -> Floats:
    """What a relaxation of the likely future builds, as columns of the whole."""
    known = {label: value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is not None}
    counts = iter([value for label, value in zip(alone.columns, values.tolist(), strict=True) if label is None])
    return np.array([next(counts) if label is None else known.get(label, 0.0) for label in s.strong.columns])


def _priced_at(s: Search, priced: Priced, chosen: Floats) -> Answer:
    """The relaxation of the whole with its units at what was chosen, fractions and all; their counts follow."""
    m = priced.matrix
    units = m.integer & np.array([label is not None for label in m.columns])
    pinned = held(m, np.where(units, np.clip(chosen, m.col_lower, m.col_upper), np.nan))
    wider = np.where(m.row_lower < m.row_upper, ROUNDING, 0.0)
    pinned = replace(pinned, row_lower=m.row_lower - wider, row_upper=m.row_upper + wider)
    return s.operate(pinned, s.left, "proof", says="silence", lacking=True)


def _unlikely(s: Search) -> npt.NDArray[np.bool_]:
    """Columns of shipments, and of all operation of futures other than the likely one of their period."""
    f = s.formulation
    kept = {(t, max(f.told_apart[t], key=lambda w: sum(x.probability for x in f.spoken_for(t, w)))) for t in f.periods}
    return np.array(
        [
            label is not None
            and label[0] not in (*DECIDED_ONCE, *RISK)
            and (label[0] == "ship" or label[1][-2:] not in kept)
            for label in s.strong.columns
        ]
    )


def largest_flow(formulation: Formulation) -> float:
    """More than any flow can be in a period: all finite supplies together [kt/y]."""
    periods = formulation.network.supply
    return max(sum(v for v in supply.values() if np.isfinite(v)) for supply in periods) / T_PER_KT + 1.0
