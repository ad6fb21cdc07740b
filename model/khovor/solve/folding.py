"""Shipments on legs read as shipments on corridors, wherever rows or money of the pattern speak of them.

Rules and charges are stated for legs (`formulation/shipping.py`); a program has a column for each corridor
(`network/contraction.py`). With x the shipments on legs and y those on corridors it is x = T y: every row's entries and
every charge are multiplied with T, and the balances of the places that goods only pass say 0 = 0 and go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.formulation.frame import Amounts
from khovor.formulation.operation import Operation
from khovor.formulation.sums import Block, Equations
from khovor.solve.arrays import Floats, Places

SHIPMENT, BALANCE = "ship", "goods_balance"

Charge = Callable[[int], Amounts]


class Folding:
    """What turns columns, rows and charges as they are stated into those of the pattern.

    `operation` are the variables of operation as the pattern has them: a shipment's index is (legs, period). Where no
    place is passed the corridors are the legs, in the same order, and all stays as it is stated.
    """

    def __init__(self, f: Formulation) -> None:
        assert SHIPMENT not in f.limits, "a shipment on a leg has no bound of its own: no corridor could keep it"
        self.operation, self._passed = operation_of(f), f.network.contraction.passed
        stated, ways = f.operation[SHIPMENT], self.operation[SHIPMENT]
        self._first, self._end = stated.first, stated.first + len(stated)
        self._more = len(ways) - len(stated)
        self._t = _on_legs(f, ways)
        self._of_period = [sp.csr_matrix(self._t[stated.places[t]][:, ways.places[t]].T) for t in f.periods]

    def moved(self, columns: Places) -> Places:
        """Where columns stand in the pattern that are not shipments."""
        found: Places = np.where(columns < self._first, columns, columns + self._more)
        return found

    def block(self, stated: Block) -> Block:
        """Rows over the columns of the pattern."""
        if not self._passed:
            return stated
        ship = (stated.column >= self._first) & (stated.column < self._end)
        places = stated.row[ship], stated.column[ship] - self._first
        shape = len(stated.lower), self._end - self._first
        folded = sp.coo_matrix(sp.csr_matrix((stated.value[ship], places), shape=shape) @ self._t)
        said = folded.data != 0.0
        row = np.concatenate([stated.row[~ship], folded.row[said]])
        column = np.concatenate([self.moved(stated.column[~ship]), folded.col[said] + self._first])
        value = np.concatenate([stated.value[~ship], folded.data[said]])
        order = np.argsort(row, kind="stable")
        return Block(stated.lower, stated.upper, row[order], column[order], value[order])

    def equations(self, name: str, stated: Equations) -> Equations:
        """Equations without the balances of places that goods only pass."""
        if name != BALANCE or not self._passed:
            return stated
        kept = np.array([key not in self._passed for key in stated.rows], dtype=np.bool_)
        block, place = stated.block, np.cumsum(kept) - 1
        said = kept[block.row]
        row, column, value = place[block.row[said]], block.column[said], block.value[said]
        index = [key for key, stays in zip(stated.rows, kept.tolist(), strict=True) if stays]
        return Equations(index, Block(block.lower[kept], block.upper[kept], row, column, value))

    def charge(self, name: str, stated: Charge) -> Charge:
        """What the members of a variable of the pattern pay, from what those that are stated pay."""
        if name != SHIPMENT or not self._passed:
            return stated

        def folded(t: int) -> Amounts:
            for term, when, amounts in stated(t):
                yield term, when, self._of_period[t] @ amounts

        return folded


def operation_of(f: Formulation) -> dict[str, Operation]:
    """The variables of operation as the pattern has them: shipments are those on corridors."""
    ways = Operation(f.operation[SHIPMENT].first, f.network.contraction.corridors, None, f.periods)
    return {name: ways if name == SHIPMENT else own for name, own in f.operation.items()}


def _on_legs(f: Formulation, ways: Operation) -> sp.csr_matrix:
    """T: what goes on each leg (in the order of the shipments that are stated) of a unit on each corridor."""
    stated, corridors = f.operation[SHIPMENT], f.network.contraction.corridors
    counts = np.array([len(legs) for legs, _ in corridors], dtype=np.int64)
    pair = np.array([i for legs, _ in corridors for i in legs], dtype=np.int64)
    of, starts = np.repeat(np.arange(len(corridors)), counts), np.cumsum(counts) - counts
    kept: Floats = np.array([1.0 - pair.lane.loss_share for pair in f.network.pairs])
    share = np.ones(len(pair))
    for step in range(1, int(counts.max(initial=0))):
        at = starts[counts > step] + step
        share[at] = share[at - 1] * kept[pair[at - 1]]
    member = np.zeros((len(f.network.pairs), len(f.periods)), dtype=np.int64)
    member[stated.things, stated.period] = np.arange(len(stated))
    row = member[pair, ways.period[of]]
    return sp.csr_matrix((share, (row, of)), shape=(len(stated), len(corridors)))
