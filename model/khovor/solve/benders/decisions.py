"""The program of what is decided once, with what operation is worth by group of futures, as cuts say so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.formulation.objective import counts
from khovor.solve.arrays import INFINITY, Floats, Label, Matrix
from khovor.solve.benders.block import Cut
from khovor.solve.counts import Anywhere, Row, with_counts, with_rows
from khovor.solve.priced import dual_bound


class Program(NamedTuple):
    """What is decided once, and counts of it, as a maximisation without any operation.

    `places` are its columns by label, `counted` those of the counts of each process and period.
    """

    matrix: Matrix
    places: Mapping[Label, int]
    counted: Anywhere

    @property
    def width(self) -> int:
        """Columns."""
        return self.matrix.shape[1]


def decisions_of(alone: Formulation, matrix: Matrix, most: float = INFINITY) -> Program:
    """The decisions of a case, from the program of any one of its futures.

    `most` is as much of a slot as is any use [kt/y]: cuts, which are few at first, may ask for more without end.
    """
    counted, anywhere = with_counts(alone, matrix)
    once = np.array([label is None or label[0] in DECIDED_ONCE for label in counted.columns])
    kept, a = np.flatnonzero(once), counted.sparse.tocsr()
    rows = np.flatnonzero((np.diff(a[:, ~once].indptr) == 0) & (np.diff(a[:, kept].indptr) > 0))
    place = np.full(len(once), -1)
    place[kept] = np.arange(len(kept))
    terms = matrix.terms
    assert terms is not None
    mine = np.array([float(not w and counts(alone, name)) for name, w, _ in terms.keys])
    cost = np.zeros(len(once))
    cost[: matrix.shape[1]] = mine @ terms.entries
    columns = [counted.columns[j] for j in kept.tolist()]
    booked = np.array([label is not None and label[0] == "book" for label in columns])
    upper = np.where(booked, np.minimum(counted.col_upper[kept], most), counted.col_upper[kept])
    counting = a[rows][:, kept]
    program = counted.with_entries(
        counting,
        cost=cost[kept],
        offset=float(mine @ terms.constants),
        maximise=True,
        row_lower=counted.row_lower[rows],
        row_upper=counted.row_upper[rows],
        col_lower=counted.col_lower[kept],
        col_upper=np.where(np.isinf(upper), _most_counted(columns, counting, upper), upper),
        integer=counted.integer[kept],
        columns=columns,
        rows=[counted.rows[r] for r in rows.tolist()],
    )
    places = {label: j for j, label in enumerate(columns) if label is not None}
    return Program(program, places, {key: place[np.array(these)].tolist() for key, these in anywhere.items()})


def _most_counted(columns: Sequence[Label | None], rows: sp.csr_matrix, upper: Floats) -> Floats:
    """The most of each count, by the row that says what it counts; others have no limit."""
    counts = np.array([label is None for label in columns])
    most = np.full(len(columns), INFINITY)
    summed = rows[:, counts].tocoo()
    units = np.abs(rows.multiply(~counts)) @ np.where(counts, 0.0, upper)
    most[np.flatnonzero(counts)[summed.col]] = units[summed.row]
    return most


@dataclass(slots=True)
class Master:
    """Decisions, and what each of so many groups of futures is worth under them: no more than every cut says.

    `limits` are cuts that must not be below 0: where rules cannot be kept otherwise.
    """

    program: Program
    groups: int
    cuts: list[tuple[int, Cut]] = field(default_factory=list)
    limits: list[Cut] = field(default_factory=list)

    def matrix(self) -> Matrix:
        """The program as cuts bound it so far; a column for the worth of each group stands at the end."""
        width = self.program.width
        rows: list[Row] = [(_terms(cut) | {width + g: 1.0}, -INFINITY, cut.constant) for g, cut in self.cuts]
        rows += [(_terms(cut), -INFINITY, cut.constant) for cut in self.limits]
        return with_rows(self.program.matrix, rows, [1.0] * self.groups, integer=False)

    def bound(self, matrix: Matrix, duals: Floats) -> float:
        """What prices of the rows of `matrix` prove, those of the cuts of a group made to add up to 1."""
        first = self.program.matrix.shape[0]
        y = duals.copy()
        group = np.array([g for g, _ in self.cuts], dtype=np.int64)
        own = np.maximum(y[first : first + len(group)], 0.0)
        sums = np.bincount(group, own, minlength=self.groups)
        many = np.bincount(group, minlength=self.groups)
        if (many == 0).any():
            return INFINITY
        y[first : first + len(group)] = np.where(
            sums[group] > 0, own / np.where(sums[group] > 0, sums[group], 1.0), 1.0 / many[group]
        )
        return dual_bound(matrix, y, self.program.matrix.col_upper)


def _terms(cut: Cut) -> dict[int, float]:
    """A cut on the other side of its row."""
    places = np.flatnonzero(cut.slopes)
    return dict(zip(places.tolist(), (-cut.slopes[places]).tolist(), strict=True))
