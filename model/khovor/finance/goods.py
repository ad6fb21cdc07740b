"""Goods on their way through a plan: pools, how much of each goes where, and by which borders, ports and airports.

In a pool all goods of a commodity mix: what leaves it has the composition of what is in it. A state is that part of a
pool which passed the same places since it was made. How much there is of each is the solution of a linear system, for
goods may go in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import scipy.sparse.linalg

from khovor.case import PASSED
from khovor.finance.charges import Pool
from khovor.verify.plan import Flow, Run, Sold
from khovor.verify.view import View

K = TypeVar("K", bound=Hashable)
Floats = npt.NDArray[np.float64]


class State(NamedTuple):
    """Goods in a pool that passed these borders, ports and airports, in this order."""

    pool: Pool
    passed: tuple[str, ...]


class Move(NamedTuple):
    """Tonnes that leave a pool for another, on a flow or (None) from one period to the next, and that arrive there."""

    flow: Flow | None
    end: Pool
    tonnes: float
    arrive: float


@dataclass(frozen=True)
class Goods:
    """Where the goods of a plan come from and go to [t over the period]."""

    view: View

    @cached_property
    def made(self) -> Mapping[Pool, list[tuple[Run, float]]]:
        """Who makes what comes into a pool."""
        return self._worked[0]

    @cached_property
    def used(self) -> Mapping[Pool, list[tuple[Run, float]]]:
        """Who takes in what goes out of a pool."""
        return self._worked[1]

    @cached_property
    def _worked(self) -> tuple[dict[Pool, list[tuple[Run, float]]], dict[Pool, list[tuple[Run, float]]]]:
        found: tuple[dict[Pool, list[tuple[Run, float]]], ...] = (defaultdict(list), defaultdict(list))
        for run, recipe in self.view.runs:
            for commodity, per_t in recipe.balance.items():
                pool = Pool(run.node, *commodity, run.t, run.w)
                found[per_t < 0][pool].append((run, abs(per_t) * run.t_y * self._years[run.t]))
        return found[0], found[1]

    @cached_property
    def moves(self) -> Mapping[Pool, list[Move]]:
        """What leaves a pool for another one."""
        found: dict[Pool, list[Move]] = defaultdict(list)
        for flow in self.view.tables.flows:
            tonnes = flow.t_y * self._years[flow.t]
            arrive = tonnes * (1.0 - self.view.case.lanes[flow.lane].loss_share)
            start, end = (Pool(node, *flow.commodity, flow.t, flow.w) for node in (flow.start, flow.end))
            found[start].append(Move(flow, end, tonnes, arrive))
        for s in self.view.tables.stocks:
            if s.t < self.view.periods[-1]:
                start, end = (Pool(s.node, *s.commodity, t, s.w) for t in (s.t, s.t + 1))
                found[start].append(Move(None, end, s.tonnes, s.tonnes))
        return found

    @cached_property
    def sales(self) -> Mapping[Pool, list[tuple[Sold, float]]]:
        """What is sold out of a pool."""
        found: dict[Pool, list[tuple[Sold, float]]] = defaultdict(list)
        for s in self.view.tables.sales:
            found[Pool(s.node, *s.commodity, s.t, s.w)].append((s, s.t_y * self._years[s.t]))
        return found

    @cached_property
    def gone(self) -> Mapping[Pool, float]:
        """What is disposed of, or left in stock at the end: nobody buys it."""
        found: dict[Pool, float] = defaultdict(float)
        for d in self.view.tables.disposals:
            found[Pool(d.node, *d.commodity, d.t, d.w)] += d.t_y * self._years[d.t]
        for s in self.view.tables.stocks:
            if s.t == self.view.periods[-1]:
                found[Pool(s.node, *s.commodity, s.t, s.w)] += s.tonnes
        return found

    @cached_property
    def outflow(self) -> Mapping[Pool, float]:
        """All that leaves a pool."""
        found: dict[Pool, float] = defaultdict(float)
        for table in (self.used, self.sales):
            for pool, rows in table.items():
                found[pool] += sum(tonnes for _, tonnes in rows)
        for pool, moves in self.moves.items():
            found[pool] += sum(move.tonnes for move in moves)
        for pool, tonnes in self.gone.items():
            found[pool] += tonnes
        return found

    @cached_property
    def _first(self) -> Mapping[Pool, float]:
        """What comes from outside the plan: bought, or in stock from the first day."""
        found: dict[Pool, float] = defaultdict(float)
        for b in self.view.tables.purchases:
            found[Pool(b.node, *b.commodity, b.t, b.w)] += b.t_y * self._years[b.t]
        for pile in self.view.case.stockpiles:
            for w in self.view.futures if pile.initial_t else ():
                found[Pool(pile.node, pile.product, "", 0, w)] += pile.initial_t
        return found

    @cached_property
    def _years(self) -> list[int]:
        return [p.years for p in self.view.case.horizon.periods]

    def after(self, state: State, move: Move) -> State:
        """The state that a move leads to."""
        end, passed = move.end.node, state.passed
        new = move.flow is not None and end not in passed and self.view.case.nodes[end].kind in PASSED
        return State(move.end, (*passed, end) if new else passed)

    @cached_property
    def states(self) -> Mapping[Pool, Mapping[State, float]]:
        """The states of each pool, each with its share of the pool."""
        sources = {State(pool, ()): sum(t for _, t in rows) for pool, rows in self.made.items()}
        for pool, bought in self._first.items():
            sources[State(pool, ())] = sources.get(State(pool, ()), 0.0) + bought
        arcs: dict[State, dict[State, float]] = {}
        ahead = list(sources)
        while ahead:
            state = ahead.pop()
            if state not in arcs:
                arcs[state] = self._onward(state)
                ahead += arcs[state]
        leaving = [s for s, to in arcs.items() if sum(to.values()) < 1.0 - 1e-12]
        tonnes = spread({s: [(t, to[t]) for t in to] for s, to in arcs.items()}, leaving, sources)
        pools: dict[Pool, dict[State, float]] = defaultdict(dict)
        for state, amount in tonnes.items():
            if amount > 0:
                pools[state.pool][state] = amount
        return {pool: normal(found) for pool, found in pools.items()}

    def _onward(self, state: State) -> dict[State, float]:
        found: dict[State, float] = defaultdict(float)
        for move in self.moves.get(state.pool, ()):
            if move.tonnes > 0:
                found[self.after(state, move)] += move.arrive / self.outflow[state.pool]
        return found


def normal(amounts: Mapping[K, float]) -> dict[K, float]:
    """Amounts as shares of their sum; nothing where there is none."""
    total = sum(amounts.values())
    return {key: amount / total for key, amount in amounts.items()} if total > 0 else {}


def spread(arcs: Mapping[K, Iterable[tuple[K, float]]], ends: Iterable[K], given: Mapping[K, float]) -> dict[K, float]:
    """x = given + what comes by the arcs: x[k] = given[k] + Σ share · x[j], for all that leads to one of the `ends`.

    What leads to none of them goes in a circle for ever, and has no solution: it is left out.
    """
    places = sorted_places(arcs, ends)
    matrix = system(arcs, places)
    right = np.array([given.get(k, 0.0) for k in places])
    return dict(zip(places, solve(matrix, right).tolist(), strict=True))


def sorted_places(arcs: Mapping[K, Iterable[tuple[K, float]]], ends: Iterable[K]) -> dict[K, int]:
    """All that leads to one of the ends by arcs with a share, each with a place of its own."""
    back: dict[K, list[K]] = defaultdict(list)
    for start, to in arcs.items():
        for end, share in to:
            if share:
                back[end].append(start)
    found = set(ends)
    ahead = list(found)
    while ahead:
        for k in back[ahead.pop()]:
            if k not in found:
                found.add(k)
                ahead.append(k)
    return {k: place for place, k in enumerate(k for k in arcs if k in found)}


def system(arcs: Mapping[K, Iterable[tuple[K, float]]], places: Mapping[K, int]) -> sp.csc_matrix:
    """I - (shares)ᵀ over the places."""
    entries = list(_entries(arcs, places))
    rows, columns, shares = zip(*entries, strict=True) if entries else ((), (), ())
    size = len(places)
    return sp.identity(size, format="csc") - sp.csc_matrix((shares, (rows, columns)), shape=(size, size))


def _entries(arcs: Mapping[K, Iterable[tuple[K, float]]], places: Mapping[K, int]) -> Iterator[tuple[int, int, float]]:
    for start, place in places.items():
        yield from ((places[end], place, share) for end, share in arcs[start] if end in places)


def solve(matrix: sp.csc_matrix, right: Floats) -> Floats:
    """The solution of a sparse system, for one right-hand side or several in columns."""
    if not matrix.shape[0]:
        return right
    solution: Floats = scipy.sparse.linalg.splu(matrix).solve(right)
    return solution
