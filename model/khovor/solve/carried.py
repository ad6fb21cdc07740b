"""What the proof of one program proves of others that differ in limits: a bound without any branching.

At the same prices (`priced.py`) two programs of decisions `x` with the same columns and rows differ in what the limits
of what is priced out are worth: in the offset, and in the limits of the cuts that bound the worth `z_p` of each part,

    maximise  c·x + Σ_p z_p + offset      z_p + D_kp·x ≤ most_kp  for every set of prices k,   x in X

Whatever `x` is best in the other program (marked '), it is in X if X' lies within X, and its worth there is at most

    bound + Δoffset + max Δc·x + Σ_p max(0, max_k max (Δmost_kp - ΔD_kp·x))       each max over the ranges of x

That is loose where the sets of prices disagree. So a program that began from the proof of another is proved for all
programs on the line through both: how far along, `t`, is one more column, at a price `slope` (Lagrange's), and

    bound + slope · t      holds for every program of which offset and most are those of the line at t, least ≤ t ≤ most

A limit that moves changes the bound by what its prices say, as long as they hold: sensitivity of an integer program by
its Lagrangean dual; A. Geoffrion and R. Nauss (1977), Parametric and postoptimality analysis in integer programming.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from khovor.solve.arrays import INFINITY, Floats, Matrix


@dataclass(frozen=True, slots=True)
class Line:
    """What a step along a line of programs adds to the offset and to the upper limits of the cuts [MUSD].

    `slope` is the price of a step; the proof holds from `least` to `most` steps.
    """

    offset: float
    cuts: Floats
    slope: float
    least: float
    most: float

    def with_steps(self, program: Matrix) -> Matrix:
        """The program with how far along as one more column, its last."""
        others, cuts = program.shape[0] - len(self.cuts), sp.csc_matrix(-self.cuts.reshape(-1, 1))
        return program.with_entries(
            sp.hstack([program.sparse, sp.vstack([sp.csc_matrix((others, 1)), cuts])]),
            cost=np.append(program.cost, self.offset - self.slope),
            col_lower=np.append(program.col_lower, self.least),
            col_upper=np.append(program.col_upper, self.most),
            integer=np.append(program.integer, False),
            columns=[*program.columns, None],
        )

    def steps_to(self, offset: float, cuts: Floats) -> float:
        """How far along these are nearest (by least squares), within the line."""
        size = self.offset**2 + float(self.cuts @ self.cuts)
        along = (self.offset * offset + float(self.cuts @ cuts)) / size if size > 0.0 else 0.0
        return min(max(along, self.least), self.most)


@dataclass(frozen=True, slots=True)
class Proved:
    """A program of decisions, a maximisation, and its bound. Its last rows are cuts: `sets` of one for each of `parts`.

    `most` is more than a column without a limit can be [kt/y]. Where there is a `line`, the bound is that of the
    program with steps along it.
    """

    program: Matrix
    sets: int
    parts: int
    most: float
    bound: float
    line: Line | None = None

    def of(self, other: Matrix) -> float:
        """What it proves of another program; infinite where the other is not alike, or may do what this one may not."""
        mine, stated = self.program, self.program.shape[0] - self.sets * self.parts
        if mine.shape != other.shape or not np.array_equal(mine.integer, other.integer):
            return INFINITY
        if not _within(other, mine, stated):
            return INFINITY
        offset, cuts, along = other.offset - mine.offset, other.row_upper[stated:] - mine.row_upper[stated:], 0.0
        if self.line is not None:
            steps = self.line.steps_to(offset, cuts)
            offset, cuts, along = (
                offset - steps * self.line.offset,
                cuts - steps * self.line.cuts,
                steps * self.line.slope,
            )
        least, most = other.col_lower, np.where(np.isinf(other.col_upper), self.most, other.col_upper)
        gained = _most(sp.csr_matrix(other.cost - mine.cost), least, most).sum()
        moved = cuts + _most((mine.sparse - other.sparse).tocsr()[stated:], least, most)
        worth = np.maximum(moved.reshape(self.sets, self.parts).max(axis=0, initial=0.0), 0.0).sum()
        return float(self.bound + along + offset + gained + worth)


def _within(inner: Matrix, outer: Matrix, rows: int) -> bool:
    """Whether what one program may do the other may too, by the limits of its columns and of its first `rows`."""
    if (inner.col_lower < outer.col_lower).any() or (inner.col_upper > outer.col_upper).any():
        return False
    upper, lower = outer.row_upper[:rows], outer.row_lower[:rows]
    if (inner.row_upper[:rows] > upper).any() or (inner.row_lower[:rows] < lower).any():
        return False
    above, below = np.isfinite(upper), np.isfinite(lower)
    less = (inner.sparse - outer.sparse).tocsr()[:rows].tocoo()
    free = inner.col_lower[less.col] < 0.0
    wider = ((less.data < 0.0) & above[less.row]) | ((less.data > 0.0) & below[less.row]) | ((less.data != 0.0) & free)
    return not wider.any()


def _most(terms: sp.csr_matrix, least: Floats, most: Floats) -> Floats:
    """The most that each row of terms comes to, over the ranges of the columns."""
    at = terms.tocoo()
    kept = at.data != 0.0
    row, column, value = at.row[kept], at.col[kept], at.data[kept]
    worth = value * np.where(value > 0.0, most[column], least[column])
    return np.bincount(row, worth, minlength=terms.shape[0]).astype(np.float64)
