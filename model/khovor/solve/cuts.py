"""Cuts that the root of one branching found, for the next: rows that hold for all that is worth finding.

The root takes most of the time of a branching, and a hundred of its rows hold what it came to. Where the next program
leaves less, as it does with more prices, they hold there too. HiGHS derives them knowing the best plan so far, from
its worth as well: a plan that is worth no more they may cut off, and no bound they give says anything below it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from khovor.solve.arrays import Floats, Matrix, Places


@dataclass(frozen=True, slots=True)
class Cuts:
    """Rows that HiGHS has found at the root to hold for every plan that is worth more than `beyond`."""

    rows: sp.csr_matrix
    lower: Floats
    upper: Floats
    beyond: float

    @classmethod
    def of(
        cls, entries: tuple[Floats, Places, Places], columns: int, lower: Floats, upper: Floats, beyond: float
    ) -> Cuts:
        """From values, columns and starts, row by row."""
        return cls(sp.csr_matrix(entries, shape=(len(lower), columns)), lower, upper, beyond)

    def on(self, matrix: Matrix) -> Matrix:
        """A matrix with these rows at its end; columns that it has more of are in none of them."""
        count, columns = self.rows.shape
        more = sp.csr_matrix((count, matrix.shape[1] - columns))
        return matrix.with_entries(
            sp.vstack([matrix.sparse, sp.hstack([self.rows, more])]),
            row_lower=np.append(matrix.row_lower, self.lower),
            row_upper=np.append(matrix.row_upper, self.upper),
            rows=[*matrix.rows, *[None] * count],
        )

    def after(self, others: Cuts) -> Cuts:
        """These and others, of a program with as many columns or fewer."""
        count, columns = others.rows.shape
        wider = sp.hstack([others.rows, sp.csr_matrix((count, self.rows.shape[1] - columns))])
        return Cuts(
            sp.csr_matrix(sp.vstack([wider, self.rows])),
            np.append(others.lower, self.lower),
            np.append(others.upper, self.upper),
            max(others.beyond, self.beyond),
        )
