"""A bound for many futures: the likely course of events whole, every other future by cuts (partial Benders).

The master holds what is decided once and the operation of the likely future; what the rest is worth is one column,
kept below cuts. A cut is a price of the resources that the rest would need: for any prices `y` of its rows,

    worth(x) <= sum_r y_r (limit_r - T_r x) + sum_j max(c_j - W_j y, 0) upper_j      (weak duality)

so every bound of the master is a bound of the program, whatever the prices; with the prices of the relaxation the two
have the same relaxation. J. Benders (1962); Crainic, Hewitt, Maggioni and Rei (2021) for the partial form.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.solve.arrays import INFINITY, Floats, Matrix
from khovor.solve.counts import Row, with_counts, with_rows
from khovor.solve.split import Split

SLOPPY = 1e-7
"""Reduced cost above which a column without an upper limit makes its prices useless for a cut [MUSD per unit]."""


@dataclass(slots=True)
class Master:
    """The program in the sense of `max`; `kept` and `rows` are its columns and rows in the whole, `rest` what is cut.

    `cuts` are rows over (kept columns, worth of the rest): worth + coefficients . x <= constant.
    """

    formulation: Formulation
    whole: Matrix
    kept: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    rest: npt.NDArray[np.int64]
    rest_rows: npt.NDArray[np.int64]
    once: npt.NDArray[np.int64]
    sparse: sp.csr_matrix
    cuts: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, formulation: Formulation, whole: Matrix, parts: Split) -> Master:
        """The master of a program that is split in parts; `whole` must be a maximisation."""
        rest_part = np.append(~parts.likely, False)  # the last for -1: decided once
        return cls(
            formulation,
            whole,
            kept=np.flatnonzero(~rest_part[parts.column]),
            rows=np.flatnonzero(~rest_part[parts.row]),
            rest=np.flatnonzero(rest_part[parts.column]),
            rest_rows=np.flatnonzero(rest_part[parts.row]),
            once=np.flatnonzero(parts.column < 0),
            sparse=whole.sparse.tocsr(),
        )

    def matrix(self) -> Matrix:
        """The master with its cuts and counting integers; the worth of the rest stands after the kept columns."""
        m = self.whole
        kept = m.with_entries(
            self.sparse[self.rows][:, self.kept],
            cost=m.cost[self.kept],
            row_lower=m.row_lower[self.rows],
            row_upper=m.row_upper[self.rows],
            col_lower=m.col_lower[self.kept],
            col_upper=m.col_upper[self.kept],
            integer=m.integer[self.kept],
            columns=[m.columns[j] for j in self.kept],
            rows=[m.rows[r] for r in self.rows],
        )
        costs = [1.0] if len(self.rest) else []
        return with_counts(self.formulation, with_rows(kept, self.cuts, costs, integer=False))

    def cut(self, prices: Floats) -> bool:
        """Add the cut of these prices (one per row of the whole); False where they bound nothing."""
        if not len(self.rest):
            return True
        m = self.whole
        y = np.zeros(len(m.row_lower))
        y[self.rest_rows] = prices[self.rest_rows]
        y = np.where(((y > 0) & ~np.isfinite(m.row_upper)) | ((y < 0) & ~np.isfinite(m.row_lower)), 0.0, y)
        limit = np.where(y > 0, m.row_upper, np.where(y < 0, m.row_lower, 0.0))
        taken = self.sparse.T @ y
        left = (m.cost - taken)[self.rest]
        upper, lower = m.col_upper[self.rest], m.col_lower[self.rest]
        endless = (left > 0) & ~np.isfinite(upper)
        if (left[endless] > SLOPPY).any():
            return False
        upper = np.where(np.isfinite(upper), upper, self._most())
        constant = float(y @ limit + np.where(left > 0, left * upper, left * lower).sum())
        place = {int(j): k for k, j in enumerate(self.kept)}
        slopes = {place[int(j)]: float(taken[j]) for j in self.once if abs(taken[j]) > 1e-12}
        self.cuts.append(({**slopes, len(self.kept): 1.0}, -INFINITY, constant))
        return True

    def start(self, plan: Floats, width: int) -> Floats:
        """A plan of the whole as a start of the master: its integers, the rest left to the solver."""
        known = np.full(width, np.nan)
        known[: len(self.kept)] = np.where(self.whole.integer[self.kept], np.round(plan[self.kept]), np.nan)
        return known

    def decisions(self, values: Floats) -> Floats:
        """What a solution of the master decides once, as values of the whole's columns; 0 elsewhere."""
        found = np.zeros(len(self.whole.cost))
        found[self.kept] = values[: len(self.kept)]
        return found

    def _most(self) -> float:
        """More than any flow can be: all finite supplies together [kt/y]."""
        finite = [v for supply in self.formulation.network.supply for v in supply.values() if np.isfinite(v)]
        return sum(finite) / 1000.0 + 1000.0
