"""The program with some of its operation priced out: what remains is small enough to prove.

Nine columns in ten are shipments, and none of them is a decision. For any prices `y` of the rows that the columns `f`
priced out touch (balances, lanes, gates, slots, capacities) weak duality gives, for every plan,

    c·x + f·out  ≤  Σ_r y_r limit_r + Σ_j (c_j - y·A_j) x_j        if  f_i - y·A_i ≤ 0 for every column i priced out

so the right-hand side, maximised over what is kept, bounds the program. With the prices of the relaxation it has the
same relaxation; with further prices what each future's operation is worth in a period is the least that any says. Where
shipments alone are priced out no more is used of a commodity than is made, if only in all places together: the sum of
its balances holds without knowing where it went. A. Geoffrion (1974), Lagrangean relaxation for integer programming;
J. Benders (1962) for the further prices, and Crainic, Hewitt, Maggioni and Rei (2021) for keeping one future whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from khovor.solve.arrays import INFINITY, Floats, Label, Matrix, Places
from khovor.solve.folding import BALANCE
from khovor.solve.mending import Mending

NOTHING = 1e-12
"""What prices that are the same may differ by."""

SLOPPY = 0.1
"""Widening of the bound at which prices are no good [MUSD]."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The balances of each commodity, period and future added up (`entries`); what is priced out may add or take."""

    entries: sp.csr_matrix
    adds: npt.NDArray[np.bool_]
    takes: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, matrix: Matrix, rows: Places, entries: sp.csr_matrix, out: Places) -> Sums:
        """Of the balances among these rows, the columns `out` being priced out."""
        groups = defaultdict[Hashable, list[int]](list)
        for r in rows.tolist():
            label = matrix.rows[r]
            if label is not None and label[0] == BALANCE:
                groups[label[1][1:]].append(r)
        which = np.repeat(np.arange(len(groups)), [len(found) for found in groups.values()])
        balances = np.array([r for found in groups.values() for r in found], dtype=np.int64)
        sums = sp.csr_matrix((np.ones(len(balances)), (which, balances)), shape=(len(groups), len(matrix.rows)))
        gone = (sums @ entries[:, out]).tocsr()
        adds = np.asarray(gone.maximum(0).sum(axis=1)).ravel() > 0
        return cls(sums, adds, np.asarray(gone.minimum(0).sum(axis=1)).ravel() < 0)

    def limited(self, m: Matrix) -> tuple[sp.csr_matrix, Floats, Floats]:
        """Those that say something of what is kept, with their limits."""
        lower = np.where(self.adds, -INFINITY, self.entries @ m.row_lower)
        upper = np.where(self.takes, INFINITY, self.entries @ m.row_upper)
        said = np.flatnonzero(np.isfinite(lower) | np.isfinite(upper))
        return self.entries[said], lower[said], upper[said]


@dataclass(slots=True)
class Priced:
    """A maximisation of which the columns `out` are priced out, with the `rows` they touch, and `kept` remain.

    `most` is more than any flow can be [kt/y]. `part` numbers the touched rows by period and future, -1
    elsewhere, and `within` the columns `out`; what ties periods together makes one part of them. `entries` are all of
    the matrix, `beside` those of what is kept, row by row. `prices` are those found so far, one per row of the program,
    the first of them in the costs; `slack` is what each widens the bound by [MUSD], by part.
    """

    matrix: Matrix
    most: float
    out: Places
    rows: Places
    kept: Places
    part: Places
    within: Places
    entries: sp.csc_matrix
    beside: sp.csr_matrix
    mending: Mending
    sums: Sums
    prices: list[Floats] = field(default_factory=list)
    slack: list[Floats] = field(default_factory=list)

    @classmethod
    def of(cls, matrix: Matrix, out: npt.NDArray[np.bool_], most: float) -> Priced:
        """The program of `matrix`, a maximisation, with the columns `out` (a mask) priced out."""
        a = matrix.sparse.tocsr()
        columns = np.flatnonzero(out)
        moments: dict[Hashable, int] = {}
        when = np.array([moments.setdefault(_moment(matrix.columns[j]), len(moments)) for j in columns.tolist()], int)
        touched = a[:, columns].tocoo()
        part = np.full(a.shape[0], -1)
        within = _apart(touched.row, when[touched.col], a.shape[0], len(moments))[when]
        part[touched.row] = within[touched.col]
        kept, mending = np.flatnonzero(~out), Mending.of(matrix, columns, part >= 0, a)
        rows = np.flatnonzero(part >= 0)
        sums = Sums.of(matrix, rows, a, columns)
        return cls(matrix, most, columns, rows, kept, part, within, matrix.sparse, a[:, kept], mending, sums)

    @property
    def parts(self) -> int:
        """How many parts of operation are priced out."""
        return int(self.within.max(initial=-1)) + 1

    @property
    def balances(self) -> npt.NDArray[np.bool_]:
        """Which rows are balances of goods."""
        return self.mending.balances

    def price(self, duals: Floats) -> bool:
        """Add prices at which nothing priced out gains without end, from those given (one per row); False if none.

        What a column with a limit of its own still gains, it gains up to that limit.
        """
        m, y = self.matrix, self.mending.mended(self.matrix, duals)
        gain, upper = np.maximum(self._left(y), 0.0)[self.out], m.col_upper[self.out]
        endless = np.isinf(upper)
        if self.most * float(gain[endless].sum()) > SLOPPY:
            return False
        self.prices.append(y)
        gained = gain * np.where(endless, self.most, upper)
        self.slack.append(np.bincount(self.within, weights=gained, minlength=self.parts).astype(np.float64))
        return True

    def _left(self, y: Floats) -> Floats:
        """What a unit of each column is worth more than its price."""
        return np.asarray(self.matrix.cost - self.entries.T @ y)

    def worth(self, plan: Floats) -> float:
        """What the last prices say a plan is worth at most [MUSD]; it may lack columns at the end, which are then 0."""
        m, y = self.matrix, self.prices[-1]
        known = self.kept[self.kept < len(plan)]
        kept = float(self._left(y)[known] @ plan[known])
        return m.offset + float(y @ m.priced(y)) + float(self.slack[-1].sum()) + kept

    def drop(self) -> None:
        """Forget the last prices."""
        self.prices.pop()
        self.slack.pop()

    @property
    def width(self) -> int:
        """Columns of `without`."""
        return len(self.kept) + (self.parts if len(self.prices) > 1 else 0)

    def without(self) -> Matrix:
        """What remains: a relaxation of the program, over the columns kept and then one per part, its worth."""
        m, y = self.matrix, self.prices[0]
        other, (sums, lower, upper) = self._other(), self.sums.limited(self.matrix)
        parts = self.width - len(self.kept)
        cuts = [self._cuts(k) for k in range(1, len(self.prices))]
        stated, new = sp.vstack([self.beside[other], sums @ self.beside]), len(lower) + parts * len(cuts)
        worths = [sp.hstack([taken, sp.identity(parts)]) for taken, _ in cuts]
        return m.with_entries(
            sp.vstack([sp.hstack([stated, sp.csr_matrix((stated.shape[0], parts))]), *worths]),
            cost=np.append(self._left(y)[self.kept], np.ones(parts)),
            offset=m.offset + float(y @ m.priced(y)) + float(self.slack[0].sum()),
            row_lower=np.concatenate([m.row_lower[other], lower, np.full(parts * len(cuts), -INFINITY)]),
            row_upper=np.concatenate([m.row_upper[other], upper, *(most for _, most in cuts)]),
            col_lower=np.append(m.col_lower[self.kept], np.full(parts, -INFINITY)),
            col_upper=np.append(m.col_upper[self.kept], np.zeros(parts)),
            integer=np.append(m.integer[self.kept], np.zeros(parts, dtype=np.bool_)),
            columns=[*(m.columns[j] for j in self.kept.tolist()), *[None] * parts],
            rows=[*(m.rows[r] for r in other.tolist()), *[None] * new],
        )

    def duals(self, found: Floats) -> Floats:
        """Prices of all rows of the program, from the duals of `without`: what all its prices come to together."""
        other, (sums, _, _) = self._other(), self.sums.limited(self.matrix)
        y = self.prices[0].copy()
        y[other] = found[: len(other)]
        y += sums.T @ found[len(other) : len(other) + sums.shape[0]]
        parts, place = self.parts, len(other) + sums.shape[0]
        for further in self.prices[1:]:
            share = np.append(found[place : place + parts], 0.0)[self.part]
            y += share * (further - self.prices[0])
            place += parts
        return y

    def point(self, values: Floats) -> Floats:
        """A solution of `without` by column of the program: nothing of what is priced out."""
        found = np.zeros(len(self.matrix.columns))
        found[self.kept] = values[: len(self.kept)]
        return found

    def decided(self, values: Floats) -> dict[Label, float]:
        """The integers that a solution of `without` chooses, by label; zeros are left out."""
        chosen = {}
        for j, value in zip(self.kept.tolist(), values, strict=False):
            label = self.matrix.columns[j]
            if label is not None and self.matrix.integer[j] and round(value):
                chosen[label] = float(round(value))
        return chosen

    def _other(self) -> Places:
        return np.flatnonzero(self.part < 0)

    def _cuts(self, k: int) -> tuple[sp.csr_matrix, Floats]:
        """By part: worth + (prices k - first)·A x <= what the limits are worth more at prices k."""
        first, further = self.prices[0], self.prices[k]
        places = (self.part[self.rows], self.rows)
        moved = sp.csr_matrix(((further - first)[self.rows], places), shape=(self.parts, len(self.part)))
        taken = sp.csr_matrix(moved @ self.beside)
        taken.data[np.abs(taken.data) <= NOTHING] = 0.0
        taken.eliminate_zeros()
        limits = self.matrix.priced
        apart = (further * limits(further) - first * limits(first))[self.rows]
        more = np.bincount(self.part[self.rows], weights=apart, minlength=self.parts)
        return taken, more + self.slack[k] - self.slack[0]


def dual_bound(matrix: Matrix, duals: Floats, upper: Floats | None = None) -> float:
    """What these prices of its rows prove of a maximisation, by weak duality; infinite where they prove nothing.

    `upper`: upper bounds of the first columns, where the others are priced at nothing (their cost is their price).
    """
    upper = matrix.col_upper if upper is None else upper
    y = matrix.proving(duals)
    left = (matrix.cost - matrix.sparse.T @ y)[: len(upper)]
    ends = np.where(left > 0, upper, np.where(left < 0, matrix.col_lower[: len(upper)], 0.0))
    return matrix.offset + float(y @ matrix.priced(y)) + float(left @ ends)


def _apart(row: Places, when: Places, rows: int, moments: int) -> Places:
    """The part of each moment: moments that share a row, as stocks make them, are one part."""
    size = rows + moments
    graph = sp.coo_matrix((np.ones(len(row)), (row, rows + when)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    _, parts = np.unique(labels[rows:], return_inverse=True)
    return np.asarray(parts, dtype=np.int64)


def _moment(label: Label | None) -> Hashable:
    """Period and future of a column of operation."""
    return None if label is None else label[1][-2:]
