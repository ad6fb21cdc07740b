"""A program made smaller before it is branched: what no better plan builds is left out.

At the prices `y` of its relaxation, which is worth `bound`, a plan of a maximisation that takes of an integer one more
than its limit is worth no more than

    bound - |c_j - y·A_j|            so where that is not `enough` the integer stays at its limit (reduced cost fixing)

and a row that then holds whatever the columns do says nothing. H. Crowder, E. Johnson and M. Padberg (1983), Solving
large-scale zero-one linear programming problems. HiGHS fixes as much, but keeps the columns and rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from khovor.solve.arrays import Floats, Matrix, Places

ROUNDED = 1e-6
"""What HiGHS's tolerances may add to the worth of a relaxation, relatively."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is `left` of a program: columns `kept`, the others where `fixed` says. `bound` is that of its relaxation."""

    left: Matrix
    bound: float
    kept: Places
    fixed: Floats

    @classmethod
    def of(cls, whole: Matrix, loose: Floats, prices: Floats, enough: float, plan: Floats) -> Reduced:
        """A maximisation, by a point and the prices of its relaxation, for plans worth more than `enough` [MUSD].

        `plan` is one of its plans, NaN for a column that it does not know: it stays one.
        """
        bound = whole.offset + float(whole.cost @ loose)
        bound += ROUNDED * max(abs(bound), 1.0)
        lower, upper = _limits(whole, loose, prices, bound - enough, plan)
        free = lower < upper
        fixed, kept = np.where(free, 0.0, lower), np.flatnonzero(free)
        entries, body = whole.sparse[:, kept].tocsr(), whole.sparse @ fixed
        low, high = whole.row_lower - body, whole.row_upper - body
        least, most = _activity(entries, lower[kept], upper[kept])
        rows = np.flatnonzero((least < low) | (most > high))
        left = whole.with_entries(
            entries[rows],
            cost=whole.cost[kept],
            offset=whole.offset + float(whole.cost @ fixed),
            row_lower=low[rows],
            row_upper=high[rows],
            col_lower=lower[kept],
            col_upper=upper[kept],
            integer=whole.integer[kept],
            columns=[whole.columns[j] for j in kept.tolist()],
            rows=[whole.rows[r] for r in rows.tolist()],
        )
        return cls(left, bound, kept, fixed)

    def spread(self, values: Floats) -> Floats:
        """A point of what is left as one of the whole."""
        found = self.fixed.copy()
        found[self.kept] = values
        return found


def _limits(whole: Matrix, loose: Floats, prices: Floats, spare: float, plan: Floats) -> tuple[Floats, Floats]:
    """Limits of the columns: an integer that costs too much for a better plan stays where it is, or at the plan's."""
    gain = whole.cost - whole.sparse.T @ whole.proving(prices)
    dear, known = whole.integer & (np.abs(gain) >= spare), np.where(np.isnan(plan), loose, plan)
    lower, upper = whole.col_lower, whole.col_upper
    least = np.where(dear & (gain > 0.0), np.minimum(upper, np.floor(known)), lower)
    most = np.where(dear & (gain < 0.0), np.maximum(lower, np.ceil(known)), upper)
    return np.maximum(least, lower), np.minimum(most, upper)


def _activity(entries: sp.csr_matrix, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """The least and the most that each row can come to."""
    at, rows = entries.tocoo(), entries.shape[0]
    rising = at.data > 0.0
    least = np.where(rising, lower[at.col], upper[at.col]) * at.data
    most = np.where(rising, upper[at.col], lower[at.col]) * at.data
    return np.bincount(at.row, least, rows).astype(np.float64), np.bincount(at.row, most, rows).astype(np.float64)
