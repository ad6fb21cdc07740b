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
from khovor.solve.counts import Row, with_rows

ROUNDS = 500
"""Times a price may be carried on over one more leg; with costs that are not negative far fewer are needed."""

NEGLIGIBLE = 1e-8
"""What rounding may leave a shipment to gain [MUSD/kt]; the bound is widened by it."""

SLOPPY = 0.1
"""Widening of the bound at which prices are no good [MUSD]."""

REPAIRS = (
    ("use", "utility_supplied"),
    ("act", "activity_within_capacity"),
    ("paid", "paid_for_closure"),
    ("topped", "topped_within_sales"),
    ("sell", "sales_within_tier"),
)
"""What rounding leaves other columns to gain is taken by the price of the rule that limits them, in this order."""


@dataclass(slots=True)
class Priced:
    """A maximisation of which the columns `out` are priced out, with the `rows` they touch, and `kept` remain.

    `most` is more than any flow can be [kt/y]. `part` numbers the touched rows by period and future, -1
    elsewhere, and `within` the columns `out`; what ties periods together makes one part of them. `prices` are those
    found so far, one per row of the program, the first of them in the costs; `slack` is what each widens the bound by
    [MUSD], by part.
    """

    matrix: Matrix
    most: float
    out: Places
    rows: Places
    kept: Places
    part: Places
    within: Places
    entries: sp.csr_matrix
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
        return cls(matrix, most, columns, np.flatnonzero(part >= 0), np.flatnonzero(~out), part, within, a)

    @property
    def parts(self) -> int:
        """How many parts of operation are priced out."""
        return int(self.within.max(initial=-1)) + 1

    @property
    def balances(self) -> npt.NDArray[np.bool_]:
        """Which rows are balances of goods, worked out anew at each call."""
        return np.array([_is(label, "goods_balance") for label in self.matrix.rows])

    def price(self, duals: Floats) -> bool:
        """Add prices at which nothing priced out gains without end, from those given (one per row); False if none.

        Signs are those the rows' limits allow, what is shut costs what it takes, and a good is worth at least what it
        is worth at the next node less the way there. What a column with a limit of its own still gains, it gains up to
        that limit.
        """
        m = self.matrix
        y = np.zeros(len(m.row_lower))
        y[self.rows] = duals[self.rows]
        y = m.proving(y)
        ships = np.array([_is(m.columns[j], "ship") for j in self.out.tolist()])
        moved = self.out[ships]
        ways, start = self.entries[:, moved].T.tocsr(), self._starts(moved)
        y += self._shut(moved, m.cost[moved] - ways @ y)
        for _ in range(ROUNDS):
            gain = m.cost[moved] - ways @ y
            if (gain <= NEGLIGIBLE).all():
                break
            cut = np.zeros(len(y))
            np.maximum.at(cut, start, gain)
            y -= cut
        for name, rule in REPAIRS:
            y += self._repair(y, name, rule)
        gain, upper = np.maximum(m.cost - self.entries.T @ y, 0.0)[self.out], m.col_upper[self.out]
        endless = np.isinf(upper)
        if self.most * float(gain[endless].sum()) > SLOPPY:
            return False
        self.prices.append(y)
        gained = gain * np.where(endless, self.most, upper)
        self.slack.append(np.bincount(self.within, weights=gained, minlength=self.parts).astype(np.float64))
        return True

    def worth(self, plan: Floats) -> float:
        """What the last prices say a plan is worth at most [MUSD]; it may lack columns at the end, which are then 0."""
        m, y = self.matrix, self.prices[-1]
        known = self.kept[self.kept < len(plan)]
        kept = float((m.cost - self.entries.T @ y)[known] @ plan[known])
        return m.offset + float(y @ m.priced(y)) + float(self.slack[-1].sum()) + kept

    def drop(self) -> None:
        """Forget the last prices."""
        self.prices.pop()
        self.slack.pop()

    def _repair(self, y: Floats, name: str, rule: str) -> Floats:
        """What to add to the prices of a rule for the columns of a variable that it touches to gain nothing."""
        m = self.matrix
        columns = self.out[[_is(m.columns[j], name) for j in self.out.tolist()]]
        rows = np.flatnonzero([_is(label, rule) for label in m.rows])
        gain = np.maximum(m.cost[columns] - self.entries[:, columns].T @ y, 0.0)
        over = self.entries[rows][:, columns].tocoo()
        added = np.zeros(len(rows))
        steps = np.where(over.data != 0, gain[over.col] / over.data, 0.0)
        np.maximum.at(added, over.row, np.maximum(steps, 0.0))
        np.minimum.at(added, over.row, np.minimum(steps, 0.0))
        whole = np.zeros(len(y))
        whole[rows] = np.maximum(added, -y[rows])
        return whole

    def _shut(self, moved: Places, gain: Floats) -> Floats:
        """What must be added to the prices of rows that let nothing through for no shipment over them to gain."""
        shut = (self.part >= 0) & ~self.balances & (self.matrix.row_upper == 0.0)
        shut[shut] = np.diff(self.entries[shut][:, self.kept].indptr) == 0
        over = self.entries[:, moved].tocoo()
        added = np.zeros(len(shut))
        np.maximum.at(added, over.row, np.where(over.data > 0, gain[over.col], 0.0))
        return np.where(shut, added, 0.0)

    def _starts(self, moved: Places) -> Places:
        """The row of the balance that each shipment leaves."""
        found = self.entries[:, moved].tocoo()
        leaving = self.balances[found.row] & (found.data < 0)
        starts = np.zeros(len(moved), dtype=np.int64)
        starts[found.col[leaving]] = found.row[leaving]
        return starts

    @property
    def width(self) -> int:
        """Columns of `without`."""
        return len(self.kept) + (self.parts if len(self.prices) > 1 else 0)

    def without(self) -> Matrix:
        """What remains: a relaxation of the program, over the columns kept and then one per part, its worth."""
        m, a, y = self.matrix, self.entries, self.prices[0]
        other, (sums, lower, upper) = self._other(), self._sums()
        least = m.with_entries(
            sp.vstack([a[other][:, self.kept], (sums @ a)[:, self.kept]]),
            cost=(m.cost - a.T @ y)[self.kept],
            offset=m.offset + float(y @ m.priced(y)) + float(self.slack[0].sum()),
            row_lower=np.append(m.row_lower[other], lower),
            row_upper=np.append(m.row_upper[other], upper),
            col_lower=m.col_lower[self.kept],
            col_upper=m.col_upper[self.kept],
            integer=m.integer[self.kept],
            columns=[m.columns[j] for j in self.kept.tolist()],
            rows=[*(m.rows[r] for r in other.tolist()), *[None] * len(lower)],
        )
        parts = self.width - len(self.kept)
        cuts = [cut for k in range(1, len(self.prices)) for cut in self._cuts(k)]
        worths = with_rows(least, cuts, [1.0] * parts, integer=False)
        worths.col_upper[len(self.kept) :] = 0.0
        return worths

    def duals(self, found: Floats) -> Floats:
        """Prices of all rows of the program, from the duals of `without`: what all its prices come to together."""
        other, (sums, _, _) = self._other(), self._sums()
        y = self.prices[0].copy()
        y[other] = found[: len(other)]
        y += sums.T @ found[len(other) : len(other) + sums.shape[0]]
        parts, place = self.parts, len(other) + sums.shape[0]
        for further in self.prices[1:]:
            share = np.append(found[place : place + parts], 0.0)[self.part]
            y += share * (further - self.prices[0])
            place += parts
        return y

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

    def _cuts(self, k: int) -> list[Row]:
        """By part: worth + (prices k - first)·A x <= what the limits are worth more at prices k."""
        first, further = self.prices[0], self.prices[k]
        places = (self.part[self.rows], self.rows)
        apart = sp.csr_matrix((np.ones(len(self.rows)), places), shape=(self.parts, len(self.part)))
        taken = sp.csr_matrix((apart @ sp.diags(further - first) @ self.entries)[:, self.kept])
        taken.data[np.abs(taken.data) <= 1e-12] = 0.0
        taken.eliminate_zeros()
        limits = self.matrix.priced
        more = apart @ (further * limits(further) - first * limits(first)) + self.slack[k] - self.slack[0]
        cuts: list[Row] = []
        for part, (row, most) in enumerate(zip(taken, more.tolist(), strict=True)):
            terms = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
            cuts.append((terms | {len(self.kept) + part: 1.0}, -INFINITY, most))
        return cuts

    def _sums(self) -> tuple[sp.csr_matrix, Floats, Floats]:
        """The balances of each commodity, period and future added up, with the limits of the sums of what is kept."""
        m, groups = self.matrix, defaultdict[Hashable, list[int]](list)
        for r in self.rows.tolist():
            label = m.rows[r]
            if label is not None and label[0] == "goods_balance":
                groups[label[1][1:]].append(r)
        which = np.repeat(np.arange(len(groups)), [len(rows) for rows in groups.values()])
        rows = np.array([r for found in groups.values() for r in found], dtype=np.int64)
        sums = sp.csr_matrix((np.ones(len(rows)), (which, rows)), shape=(len(groups), len(m.rows)))
        gone = (sums @ self.entries[:, self.out]).tocsr()
        gained = np.asarray(gone.maximum(0).sum(axis=1)).ravel() > 0
        lost = np.asarray(gone.minimum(0).sum(axis=1)).ravel() < 0
        lower = np.where(gained, -INFINITY, sums @ m.row_lower)
        upper = np.where(lost, INFINITY, sums @ m.row_upper)
        said = np.flatnonzero(np.isfinite(lower) | np.isfinite(upper))
        return sums[said], lower[said], upper[said]


def dual_bound(matrix: Matrix, duals: Floats, upper: Floats | None = None) -> float:
    """What these prices of its rows prove of a maximisation, by weak duality; infinite where they prove nothing.

    `upper`: upper bounds of the first columns, where the others are priced at nothing (their cost is their price).
    """
    upper = matrix.col_upper if upper is None else upper
    y = matrix.proving(duals)
    left = (matrix.cost - matrix.sparse.T @ y)[: len(upper)]
    ends = np.where(left > 0, upper, np.where(left < 0, matrix.col_lower[: len(upper)], 0.0))
    return matrix.offset + float(y @ matrix.priced(y)) + float(left @ ends)


def _is(label: Label | None, name: str) -> bool:
    return label is not None and label[0] == name


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
