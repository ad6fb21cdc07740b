"""A program made smaller before it is branched: what no better plan builds is left out, and so are rows that wait.

With the prices `y` of its relaxation, which is worth `bound`, a plan of a maximisation that is worth more than `enough`
takes of an integer no more off its limit than

    (bound - enough) / |c_j - y·A_j|                                          (reduced cost fixing)

A row that holds whatever the columns do is left out for good. Of rows that a method of solution has added, and that say
nothing new of whole plants, those that the relaxation keeps with room to spare wait until an answer breaks them. H.
Crowder, E. Johnson and M. Padberg (1983), Solving large-scale zero-one linear programming problems.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from khovor.solve.arrays import Floats, Matrix, Places

Mask = npt.NDArray[np.bool_]

ROOM = 0.1
"""How far from its limit a row waits, as a share of its largest coefficient: a tenth of a plant."""

TOLERANCE = 1e-6
"""What HiGHS's tolerances may add to the worth of a relaxation, relatively, and by how much it may break a row."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is `left` of a program: columns `kept`, rows `held`; of the others, those that `wait`."""

    whole: Matrix
    left: Matrix
    kept: Places
    held: Places
    wait: Places

    @classmethod
    def of(cls, whole: Matrix, values: Floats, prices: Floats, enough: float, plan: Floats, asked: Mask) -> Reduced:
        """A maximisation by the point and prices of its relaxation, for plans worth more than `enough` [MUSD].

        A `plan` stays one (NaN = unknown), and rows that are `asked` for do not wait.
        """
        lower, upper = _within(whole, values, prices, enough, plan)
        free = lower < upper
        fixed = whole.sparse @ np.where(free, 0.0, lower)
        a = whole.sparse[:, np.flatnonzero(free)].tocsr()
        low, high = whole.row_lower - fixed, whole.row_upper - fixed
        least, most = _activity(a, lower[free], upper[free])
        size = np.maximum(abs(a).max(axis=1).toarray().ravel(), 1e-9)
        room = np.minimum(high + fixed - whole.sparse @ values, whole.sparse @ values - low - fixed) / size
        added = np.array([label is None for label in whole.rows])
        needed = (least < low) | (most > high)
        wait = needed & added & ~asked & (room > ROOM) & (np.abs(prices) <= TOLERANCE)
        held = needed & ~wait
        kept, rows = np.flatnonzero(free), np.flatnonzero(held)
        left = whole.with_entries(
            a[rows],
            cost=whole.cost[kept],
            offset=whole.offset + float(whole.cost @ np.where(free, 0.0, lower)),
            row_lower=low[rows],
            row_upper=high[rows],
            col_lower=lower[kept],
            col_upper=upper[kept],
            integer=whole.integer[kept],
            columns=[whole.columns[j] for j in kept.tolist()],
            rows=[whole.rows[r] for r in rows.tolist()],
        )
        return cls(replace(whole, col_lower=lower, col_upper=upper), left, kept, rows, np.flatnonzero(wait))

    def spread(self, values: Floats) -> Floats:
        """A point of what is left as one of the whole."""
        found = self.whole.col_lower.copy()
        found[self.kept] = values
        return found

    def broken(self, values: Floats) -> Mask:
        """Which rows that wait a point of the whole breaks."""
        body = self.whole.sparse @ values
        over = np.maximum(body - self.whole.row_upper, self.whole.row_lower - body)
        waits = np.zeros(len(body), dtype=np.bool_)
        waits[self.wait] = True
        return waits & (over > TOLERANCE)


def _within(whole: Matrix, values: Floats, prices: Floats, enough: float, plan: Floats) -> tuple[Floats, Floats]:
    """Limits of the columns that no better plan leaves: only integers' are drawn in, and never past the plan."""
    y = whole.proving(prices)
    gain = whole.cost - whole.sparse.T @ y
    bound = whole.offset + float(whole.cost @ values)
    spare = bound + TOLERANCE * max(abs(bound), 1.0) - enough
    known = np.where(np.isnan(plan), values, plan)
    dear = whole.integer & (np.abs(gain) >= spare)
    upper = np.where(dear & (gain < 0.0), np.maximum(whole.col_lower, np.ceil(known)), whole.col_upper)
    lower = np.where(dear & (gain > 0.0), np.minimum(whole.col_upper, np.floor(known)), whole.col_lower)
    return np.maximum(lower, whole.col_lower), np.minimum(upper, whole.col_upper)


def _activity(a: sp.csr_matrix, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """The least and the most that each row can come to."""
    at = a.tocoo()
    rising = at.data > 0.0
    low = np.where(rising, lower[at.col], upper[at.col]) * at.data
    high = np.where(rising, upper[at.col], lower[at.col]) * at.data
    rows = a.shape[0]
    return (
        np.bincount(at.row, low, minlength=rows).astype(np.float64),
        np.bincount(at.row, high, minlength=rows).astype(np.float64),
    )
