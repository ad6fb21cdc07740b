"""How a program falls apart once what is decided once is fixed: parts of operation that share nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import Matrix

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """`column` and `row` give the part of each column and row; -1 = decided once, or tying only what is.

    `likely` marks the parts of the future that is most probable in their period: together one course of events.
    """

    column: Places
    row: Places
    likely: npt.NDArray[np.bool_]


def split(formulation: Formulation, matrix: Matrix) -> Split:
    """Find the parts: connected components of the operating columns, and the rows that touch them."""
    once = np.array([c is not None and c[0] in DECIDED_ONCE for c in matrix.columns], dtype=bool)
    operating = np.flatnonzero(~once)
    n_rows, n_columns = matrix.shape
    links = matrix.sparse[:, operating].tocoo()
    size = n_rows + len(operating)
    graph = sp.coo_matrix((np.ones(links.nnz), (links.row, links.col + n_rows)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    found, of_column = np.unique(labels[n_rows:], return_inverse=True)
    column = np.full(n_columns, -1)
    column[operating] = of_column
    places = np.searchsorted(found, labels[:n_rows])
    tied = np.isin(labels[:n_rows], found)
    return Split(column, np.where(tied, places, -1), _likely(formulation, matrix, column, len(found)))


def _likely(formulation: Formulation, matrix: Matrix, column: Places, parts: int) -> npt.NDArray[np.bool_]:
    spoken: dict[int, tuple[int, str]] = {}
    for label, part in zip(matrix.columns, column, strict=True):
        if label is not None and part >= 0 and part not in spoken:
            spoken[int(part)] = label[1][-2], label[1][-1]
    most: dict[int, tuple[float, str]] = {}
    for t, w in dict.fromkeys(spoken.values()):
        share = sum(s.probability for s in formulation.spoken_for(t, w))
        if t not in most or share > most[t][0]:
            most[t] = share, w
    return np.array([spoken[part][1] == most[spoken[part][0]][1] for part in range(parts)], dtype=bool)
