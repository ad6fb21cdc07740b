"""The program without its roads: shipments are priced out, and what remains is small enough to prove.

Nine columns in ten are shipments, and none of them is a decision. For any prices `y` of the rows that shipments touch
(balances, lanes, gates, slots) weak duality gives, for every plan,

    c·x + f·ship  ≤  Σ_r y_r limit_r + Σ_j (c_j - y·A_j) x_j        if  f_i - y·A_i ≤ 0 for every shipment i

so the right-hand side, maximised over everything but shipments, bounds the program. With the prices of the relaxation
it has the same relaxation; with further prices (those of a plan, say) what each future's roads are worth in a period
is the least that any of them says. No more is used of a commodity than is made, if only in all places together: the
sum of its balances holds without knowing where it went. A. Geoffrion (1974), Lagrangean relaxation for integer
programming; J. Benders (1962) for the further prices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from khovor.solve.arrays import INFINITY, Floats, Label, Matrix, Places
from khovor.solve.counts import with_rows

ROUNDS = 500
"""Times a price may be carried on over one more leg; with costs that are not negative far fewer are needed."""

NEGLIGIBLE = 1e-8
"""What rounding may leave a shipment to gain [MUSD/kt]; the bound is widened by it."""


@dataclass(slots=True)
class Roads:
    """What is priced out of a maximisation: columns of `ships`, the `rows` they touch; and the columns `kept`.

    `most` is more than any shipment can be [kt/y]. `prices` are those found so far, one per row of the program, the
    first of them in the costs. `part` gives the (period, future) of a row as a number.
    """

    matrix: Matrix
    most: float
    ships: Places
    rows: Places
    kept: Places
    part: Places
    entries: sp.csr_matrix
    prices: list[Floats] = field(default_factory=list)

    @classmethod
    def of(cls, matrix: Matrix, most: float) -> Roads:
        """The roads of a program; `matrix` must be a maximisation."""
        a = matrix.sparse.tocsr()
        ships = np.array([_is(label, "ship") for label in matrix.columns])
        rows = np.flatnonzero(np.diff(a[:, np.flatnonzero(ships)].indptr))
        numbers: dict[Hashable, int] = {}
        part = np.full(a.shape[0], -1)
        for r in rows.tolist():
            label = matrix.rows[r]
            if label is not None:
                part[r] = numbers.setdefault(label[1][-2:], len(numbers))
        return cls(matrix, most, np.flatnonzero(ships), rows, np.flatnonzero(~ships), part, a)

    def price(self, duals: Floats) -> bool:
        """Add prices at which no shipment gains, from those given (one per row); False where there are none.

        Signs are those the rows' limits allow, and a good is worth at least what it is worth at the next node less the
        way there.
        """
        m = self.matrix
        y = np.zeros(len(m.row_lower))
        y[self.rows] = duals[self.rows]
        y = np.where(((y > 0) & ~np.isfinite(m.row_upper)) | ((y < 0) & ~np.isfinite(m.row_lower)), 0.0, y)
        ways, start = self.entries[:, self.ships].T.tocsr(), self._starts()
        for _ in range(ROUNDS):
            gain = m.cost[self.ships] - ways @ y
            if (gain <= NEGLIGIBLE).all():
                self.prices.append(y)
                return True
            cut = np.zeros(len(y))
            np.maximum.at(cut, start, gain)
            y -= cut
        return False

    def _starts(self) -> Places:
        """The row of the balance that each shipment leaves."""
        balances = np.array([_is(label, "goods_balance") for label in self.matrix.rows])
        found = self.entries[:, self.ships].tocoo()
        leaving = balances[found.row] & (found.data < 0)
        starts = np.zeros(len(self.ships), dtype=np.int64)
        starts[found.col[leaving]] = found.row[leaving]
        return starts

    def without(self) -> Matrix:
        """What remains: a relaxation of the program, over the columns kept and then one per part, its roads' worth."""
        m, a, y = self.matrix, self.entries, self.prices[0]
        other = np.setdiff1d(np.arange(a.shape[0]), self.rows)
        sums, lower, upper = self._sums()
        gains = np.maximum(m.cost[self.ships] - a[:, self.ships].T @ y, 0.0)
        least = m.with_entries(
            sp.vstack([a[other][:, self.kept], (sums @ a)[:, self.kept]]),
            cost=(m.cost - a.T @ y)[self.kept],
            offset=m.offset + float(y @ self._limits(y)) + self.most * float(gains.sum()),
            row_lower=np.append(m.row_lower[other], lower),
            row_upper=np.append(m.row_upper[other], upper),
            col_lower=m.col_lower[self.kept],
            col_upper=m.col_upper[self.kept],
            integer=m.integer[self.kept],
            columns=[m.columns[j] for j in self.kept.tolist()],
            rows=[*(m.rows[r] for r in other.tolist()), *[None] * len(lower)],
        )
        parts = self.part.max() + 1 if len(self.prices) > 1 else 0
        cuts = [cut for further in self.prices[1:] for cut in self._cuts(further)]
        worths = with_rows(least, cuts, [1.0] * parts, integer=False)
        worths.col_upper[len(self.kept) :] = 0.0
        return worths

    def decided(self, values: Floats) -> dict[Label, float]:
        """The integers that a solution of `without` chooses, by label; zeros are left out."""
        chosen = {}
        for j, value in zip(self.kept.tolist(), values, strict=False):
            label = self.matrix.columns[j]
            if label is not None and self.matrix.integer[j] and round(value):
                chosen[label] = float(round(value))
        return chosen

    def _limits(self, y: Floats) -> Floats:
        return np.where(y > 0, self.matrix.row_upper, np.where(y < 0, self.matrix.row_lower, 0.0))

    def _cuts(self, further: Floats) -> list[tuple[dict[int, float], float, float]]:
        """By part: worth + (further - first)·A x <= what the limits are worth more at the further prices."""
        first, a, cuts = self.prices[0], self.entries, []
        loss = np.maximum(self.matrix.cost[self.ships] - a[:, self.ships].T @ further, 0.0)
        slack = self.most * float(loss.sum())
        for k in range(self.part.max() + 1):
            rows = np.flatnonzero(self.part == k)
            more = further[rows] - first[rows]
            taken = (a[rows].T @ more)[self.kept]
            constant = float(further[rows] @ self._limits(further)[rows] - first[rows] @ self._limits(first)[rows])
            used = np.flatnonzero(np.abs(taken) > 1e-12)
            terms = dict(zip(used.tolist(), taken[used].tolist(), strict=True))
            cuts.append((terms | {len(self.kept) + k: 1.0}, -INFINITY, constant + slack))
        return cuts

    def _sums(self) -> tuple[sp.csr_matrix, Floats, Floats]:
        """The balances of each commodity, period and future added up, with the limits of the sums without shipments."""
        m, groups = self.matrix, defaultdict[Hashable, list[int]](list)
        for r, label in enumerate(m.rows):
            if label is not None and label[0] == "goods_balance":
                groups[label[1][1:]].append(r)
        which = np.repeat(np.arange(len(groups)), [len(rows) for rows in groups.values()])
        rows = np.array([r for found in groups.values() for r in found], dtype=np.int64)
        sums = sp.csr_matrix((np.ones(len(rows)), (which, rows)), shape=(len(groups), len(m.rows)))
        moved = (sums @ self.entries[:, self.ships]).tocsr()
        gained = np.asarray(moved.maximum(0).sum(axis=1)).ravel() > 0
        lost = np.asarray(moved.minimum(0).sum(axis=1)).ravel() < 0
        lower, upper = sums @ m.row_lower, sums @ m.row_upper
        return sums, np.where(gained, -INFINITY, lower), np.where(lost, INFINITY, upper)


def _is(label: Label | None, name: str) -> bool:
    return label is not None and label[0] == name
