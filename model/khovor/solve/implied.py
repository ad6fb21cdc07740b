"""Upper limits that the rows of a program imply for its columns.

A row Σ_k a_k x_k ≤ u leaves x_j, with a_j > 0, no more than (u - the least that the others come to) / a_j, and so does
the other side of a row for a_j < 0. A. Brearley, G. Mitra and H. Williams (1975), Analysis of mathematical programming
problems prior to applying the simplex algorithm.
"""

from __future__ import annotations

import numpy as np

from khovor.solve.arrays import Floats, Matrix

TURNS = 2
"""What limits a column may follow from the limit of another, found before: a mine by its units, its ore by the mine."""


def implied_upper(matrix: Matrix) -> Floats:
    """By column, the least upper limit that was found; infinite where no row says anything."""
    upper, a = matrix.col_upper.copy(), matrix.sparse
    a.eliminate_zeros()
    entries = a.tocoo()
    for _ in range(TURNS):
        for sign, limit in ((1.0, matrix.row_upper), (-1.0, -matrix.row_lower)):
            value = sign * entries.data
            least = value * np.where(value > 0.0, matrix.col_lower[entries.col], upper[entries.col])
            endless = np.isinf(least)
            finite = np.where(endless, 0.0, least)
            total = np.bincount(entries.row, finite, len(limit))[entries.row]
            others_endless = np.bincount(entries.row, endless, len(limit))[entries.row] > endless
            says = (value > 0.0) & ~others_endless & np.isfinite(limit[entries.row])
            most = (limit[entries.row] - (total - finite))[says] / value[says]
            np.minimum.at(upper, entries.col[says], most)
    return upper
