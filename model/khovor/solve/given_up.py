"""The linear program that decisions leave, with what they cannot keep given up at a price.

Decisions may build too little for what a rule asks: a target, a contract, a minimum load. The program they leave then
has no plan and no prices, and nothing is learned of what to build instead. Here each row that operation must do
something for has a slack, dearer than all that operation can gain. Its prices bound the program for all decisions, as
any prices do, and say of these that they lack what they lack. The slack is that of an exact penalty; its prices lead
where the rays of J. Benders (1962) lead, and are those of a plan where there is one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from khovor.solve.arrays import Matrix

DEAR: Final = 100.0
"""Price of what is given up at first, as a multiple of the most that a unit of anything that operates gains or costs.

Where decisions come up again that lack something, what they would have to build costs more: then it is dearer by the
same factor, up to `DEAREST`.
"""

DEAREST: Final = 1e8

KEPT: Final = 1e-7
"""By how much a row may be off and still be kept, as HiGHS sees it."""


def given_up(matrix: Matrix, dear: float = DEAR) -> Matrix:
    """A program, of which some columns are held, with a slack in each row that it breaks where nothing operates.

    A slack costs `dear` times the most that anything that operates gains or costs. The slacks are the last columns;
    rows are as they were, so prices are prices of the rows of `matrix`.
    """
    idle = np.clip(0.0, matrix.col_lower, matrix.col_upper)
    body = matrix.sparse @ idle
    short, over = np.flatnonzero(body < matrix.row_lower - KEPT), np.flatnonzero(body > matrix.row_upper + KEPT)
    rows, signs = np.append(short, over), np.append(np.ones(len(short)), -np.ones(len(over)))
    free = matrix.col_lower < matrix.col_upper
    price = dear * float(np.abs(matrix.cost[free]).max(initial=1.0)) * (-1.0 if matrix.maximise else 1.0)
    return matrix.with_slacks(rows, signs, np.full(len(rows), price))
