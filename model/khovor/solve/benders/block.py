"""The operation of one part of the horizon in one future, for any decisions, and what its prices say of all of them.

For decisions x the best operation z is worth V(x) = max c·z over A z + T x within limits, 0 <= z <= most. By weak
duality prices y of its rows bound it for every x, not only for the one at which they were found:

    V(x)  ≤  y·limits + Σ_j max(c_j - y·A_j, 0) most_j - (y·T) x

J. Benders (1962), Partitioning procedures for solving mixed-variables programming problems.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.solve.arrays import Floats, Matrix


class Cut(NamedTuple):
    """constant + slopes·x, by column of the decisions [MUSD]."""

    constant: float
    slopes: Floats


@dataclass(frozen=True, slots=True)
class Block:
    """Operation as it is where nothing is decided, and what a unit of each decision takes of its rows."""

    program: Matrix
    taken: sp.csr_matrix

    def under(self, decided: Floats) -> Matrix:
        """The program that decisions leave."""
        taken, m = self.taken @ decided, self.program
        return replace(m, row_lower=m.row_lower - taken, row_upper=m.row_upper - taken)

    def cut(self, prices: Floats, most: float, cost: Floats | None = None) -> Cut:
        """What prices of the rows say of any decisions; `most` is more than any column can be [kt/y]."""
        m = self.program
        y = m.proving(prices)
        gain = np.maximum((m.cost if cost is None else cost) - m.sparse.T @ y, 0.0)
        upper = np.where(np.isinf(m.col_upper), most, m.col_upper)
        offset = m.offset if cost is None else 0.0
        return Cut(offset + float(y @ m.priced(y)) + float(gain @ upper), -(self.taken.T @ y))

    def lacking(self, decided: Floats) -> Matrix:
        """The program that finds by how much the rules cannot all be kept: none of it where its value is 0."""
        m = self.under(decided)
        rows, columns = m.shape
        short = sp.identity(rows, format="csc")
        return m.with_entries(
            sp.hstack([m.sparse, short, -short]),
            cost=np.concatenate([np.zeros(columns), np.full(2 * rows, -1.0)]),
            offset=0.0,
            col_lower=np.concatenate([m.col_lower, np.zeros(2 * rows)]),
            col_upper=np.concatenate([m.col_upper, np.full(2 * rows, np.inf)]),
            integer=np.zeros(columns + 2 * rows, dtype=np.bool_),
            columns=[None] * (columns + 2 * rows),
        )

    def limit(self, prices: Floats, most: float) -> Cut:
        """What prices of `lacking` ask of all decisions: the cut must not be below 0."""
        return self.cut(prices, most, np.zeros(len(self.program.cost)))
