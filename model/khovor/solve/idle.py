"""Columns that stay idle in every future under a fixed plan: plants that are not built, goods that are never made.

Where all entries of a row are of one sign and its limit is 0, its columns are 0. So it is with the sum of rows: the
balances of a good at all places to which it could be moved, where nothing gives any of it. What is left of it then can
only go round in circles, which uses room and gains nothing: without it a plan is as good, and keeps every rule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from khovor.solve.arrays import Floats, Places

Flags = npt.NDArray[np.bool_]


class Idle(NamedTuple):
    """Which columns are 0: `never` in any plan that keeps the rules, `circling` in some best one if they gain nothing.

    That holds wherever the steady rows are these, and all others have entries and limits on the same sides.
    """

    never: Flags
    circling: Flags


class _Rows(NamedTuple):
    """lower <= A x <= upper with x >= 0, an entry per `row`, `column` and `value`."""

    row: Places
    column: Places
    value: Floats
    lower: Floats
    upper: Floats


def idle_columns(a: sp.csc_matrix, lower: Floats, upper: Floats, steady: Flags) -> Idle:
    """What stays idle of a program lower <= A x <= upper, x >= 0, of which `steady` rows are always the same."""
    rows = _rows(a, np.where(steady, lower, -np.inf), np.where(steady, upper, np.inf))
    area = _areas(rows, a.shape)
    balance = area >= 0
    many = int(area.max(initial=-1)) + 1
    ones = sp.csr_matrix((np.ones(int(balance.sum())), (area[balance], np.flatnonzero(balance))), (many, a.shape[0]))
    sums = _rows(ones @ a, np.zeros(many), np.zeros(many))
    never = np.zeros(a.shape[1], dtype=np.bool_)
    while (found := (_forced(rows, never) | _forced(sums, never)) & ~never).any():
        never |= found
    given = np.zeros(many + 1, dtype=np.bool_)
    given[-1] = True  # of rows in no area
    given[sums.row[~never[sums.column]]] = True
    whole = _rows(a, lower, upper)
    while True:
        # all that touches an area without the good, unless a rule may ask for it: then the area stays whole
        idle = np.zeros(a.shape[1], dtype=np.bool_)
        idle[rows.column[~given[area[rows.row]]]] = True
        idle &= ~never
        touched = (balance & ~given[area])[rows.row] & (idle & _asked(whole, ~given[area], a.shape[1]))[rows.column]
        if not touched.any():
            return Idle(never, idle)
        given[area[rows.row[touched]]] = True


def _rows(a: sp.spmatrix, lower: Floats, upper: Floats) -> _Rows:
    entries = a.tocoo()
    return _Rows(entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data, lower, upper)


def _areas(rows: _Rows, shape: tuple[int, int]) -> Places:
    """By row, the number of the area of a balance, -1 for other rows.

    Balances are in one area where a column takes from one of them and gives to the other, and touches none else.
    """
    balance = (rows.lower == 0.0) & (rows.upper == 0.0)
    within = balance[rows.row]
    row, column, positive = rows.row[within], rows.column[within], rows.value[within] > 0.0
    takes, gives = (np.bincount(column[side], minlength=shape[1]) for side in (~positive, positive))
    moves = (takes == 1) & (gives == 1)
    ends = np.zeros((2, shape[1]), dtype=np.int64)
    ends[positive.astype(np.int64), column] = row
    links = sp.coo_matrix((np.ones(int(moves.sum())), (ends[0, moves], ends[1, moves])), shape=(shape[0], shape[0]))
    _, area = connected_components(links, directed=False)
    numbers = np.full(shape[0], -1)
    numbers[balance] = np.unique(area[balance], return_inverse=True)[1]
    return numbers


def _forced(rows: _Rows, never: Flags) -> Flags:
    """Columns that are 0 by rows with a limit of 0, all of whose other entries are of the sign that meets it."""
    alive = ~never[rows.column] & (rows.value != 0.0)
    many = len(rows.lower)
    negative, positive = (
        np.bincount(rows.row[alive & side], minlength=many) for side in (rows.value < 0, rows.value > 0)
    )
    shut = ((rows.upper == 0.0) & (negative == 0)) | ((rows.lower == 0.0) & (positive == 0))
    forced = np.zeros(len(never), dtype=np.bool_)
    forced[rows.column[alive & shut[rows.row]]] = True
    return forced


def _asked(rows: _Rows, closed: Flags, width: int) -> Flags:
    """Columns of which some row, other than the closed ones, may need more than nothing."""
    more = np.where(rows.value > 0.0, np.isfinite(rows.lower)[rows.row], np.isfinite(rows.upper)[rows.row])
    asked = np.zeros(width, dtype=np.bool_)
    asked[rows.column[more & ~closed[rows.row] & (rows.value != 0.0)]] = True
    return asked
