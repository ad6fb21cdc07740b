"""How prices of a program's rows are made to prove something: at them, nothing that is priced out gains without end.

What this takes of a program is worked out once, and prices are mended many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from khovor.solve.arrays import Floats, Label, Matrix, Places
from khovor.solve.folding import BALANCE, SHIPMENT

TURNS = 500
"""Times a price may be carried on over one more leg; with costs that are not negative far fewer are needed."""

NEGLIGIBLE = 1e-8
"""What rounding may leave a shipment to gain [MUSD/kt]; the bound is widened by it."""

REPAIRS = (
    ("use", "utility_supplied"),
    ("act", "activity_within_capacity"),
    ("paid", "paid_for_closure"),
    ("topped", "topped_within_sales"),
    ("sell", "sales_within_tier"),
)
"""What rounding leaves other columns to gain is taken by the price of the rule that limits them, in this order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rows of a rule, and what each takes of the columns of the variable that it limits: `over` (row by row)."""

    rows: Places
    columns: Places
    entries: sp.csr_matrix
    over: sp.coo_matrix


@dataclass(frozen=True, slots=True)
class Mending:
    """What mends prices of a program of which the columns `out` are priced out, with the rows that they touch.

    `moved` are the shipments among them that take from a balance, `ways` their entries (one row each) and `start` the
    row of that balance; `loose` rows are touched ones, no balances, that take nothing of what is kept.
    """

    touched: npt.NDArray[np.bool_]
    balances: npt.NDArray[np.bool_]
    moved: Places
    ways: sp.csr_matrix
    start: Places
    loose: npt.NDArray[np.bool_]
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, matrix: Matrix, out: Places, touched: npt.NDArray[np.bool_], entries: sp.csr_matrix) -> Mending:
        """`out` are columns, `touched` masks rows, and `entries` are those of the matrix row by row."""
        names, rules = names_of(matrix.columns), names_of(matrix.rows)
        balances, named = rules == BALANCE, names[out]
        moved, ways, start = _leaving(out[named == SHIPMENT], balances, entries)
        kept = np.ones(len(names), dtype=np.bool_)
        kept[out] = False
        loose = touched & ~balances
        loose[loose] = np.diff(entries[loose][:, kept].indptr) == 0
        limited = []
        for name, rule in REPAIRS:
            rows, columns = np.flatnonzero(rules == rule), out[named == name]
            if len(rows) and len(columns):
                mine = entries[:, columns]
                limited.append(Rule(rows, columns, mine.T.tocsr(), mine[rows].tocoo()))
        return cls(touched, balances, moved, ways, start, loose, tuple(limited))

    def mended(self, m: Matrix, duals: Floats) -> Floats:
        """Prices that prove something of a program, from those given (one per row), as far as they can be mended.

        Signs are those the rows' limits allow, what is shut costs what it takes, and a good is worth at least what it
        is worth at the next node less the way there.
        """
        y = m.proving(np.where(self.touched, duals, 0.0))
        worth = m.cost[self.moved]
        y += self._shut(m, worth - self.ways @ y)
        for _ in range(TURNS):
            gain = worth - self.ways @ y
            if (gain <= NEGLIGIBLE).all():
                break
            cut = np.zeros(len(y))
            np.maximum.at(cut, self.start, gain)
            y -= cut
        for rule in self.rules:
            _take(m, y, rule)
        return y

    def _shut(self, m: Matrix, gain: Floats) -> Floats:
        """What must be added to the prices of rows that let nothing through for no shipment over them to gain."""
        shut = self.loose & (m.row_upper == 0.0)
        added = np.zeros(len(shut))
        over = self.ways.tocoo()
        np.maximum.at(added, over.col, np.where(over.data > 0, gain[over.row] / over.data, 0.0))
        return np.where(shut, added, 0.0)


def _leaving(
    moved: Places, balances: npt.NDArray[np.bool_], entries: sp.csr_matrix
) -> tuple[Places, sp.csr_matrix, Places]:
    """Those shipments that take from a balance, their entries (one row each), and the row of it.

    What goes round without any loss takes from none.
    """
    ways = entries[:, moved].T.tocsr()
    told = ways.tocoo()
    leaves = balances[told.col] & (told.data < 0)
    start = np.full(len(moved), -1)
    start[told.row[leaves]] = told.col[leaves]
    leaving = np.flatnonzero(start >= 0)
    return moved[leaving], ways[leaving], start[leaving]


def _take(m: Matrix, y: Floats, rule: Rule) -> None:
    """Add to the prices of a rule what its columns gain."""
    gain = np.maximum(m.cost[rule.columns] - rule.entries @ y, 0.0)
    over, added = rule.over, np.zeros(len(rule.rows))
    steps = np.where(over.data != 0, gain[over.col] / over.data, 0.0)
    np.maximum.at(added, over.row, np.maximum(steps, 0.0))
    np.minimum.at(added, over.row, np.minimum(steps, 0.0))
    y[rule.rows] += np.maximum(added, -y[rule.rows])


def names_of(labels: Sequence[Label | None]) -> npt.NDArray[np.object_]:
    """The name of each label; "" where there is none."""
    return np.array(["" if label is None else label[0] for label in labels], dtype=object)
