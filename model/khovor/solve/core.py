"""What of a part of the horizon can be busy under a fixed plan, and its program in one future after the other.

Most columns of operation are of plants the plan does not build and of goods it never makes (`idle`). What is left is
taken from the pattern once; of a future only the rows that can still matter and read otherwise are stated, each once
for the conditions that it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.formulation.objective import counts
from khovor.solve.arrays import INFINITY, Floats, Labels, Matrix, Places
from khovor.solve.idle import idle_columns
from khovor.solve.pattern import Pattern, restated


class Part(NamedTuple):
    """What ends with one period (or the whole horizon, where periods are tied), as the pattern states it.

    `rows` and `columns` are places in the pattern; `a` has the entries of these rows on the columns that operate, and
    `once` those on what is decided once.
    """

    periods: tuple[int, ...]
    rows: Places
    columns: Places
    a: sp.csc_matrix
    once: sp.csr_matrix
    lower: Floats
    upper: Floats


class _Stated(NamedTuple):
    """A row as some futures read it: its limits with the plan fixed, entries where they differ from the pattern's."""

    lower: float
    upper: float
    entries: tuple[Places, Floats] | None


class Core:
    """The part of a program of operation that can be busy under decisions (a value by column of the pattern)."""

    def __init__(self, f: Formulation, pattern: Pattern, part: Part, money: Money, decided: Floats) -> None:
        self._f, self._pattern, self._decided = f, pattern, decided
        taken = part.once @ decided
        lower, upper = part.lower - taken, part.upper - taken
        asked = f.future.asked()
        labels = [pattern.rows[place] for place in part.rows.tolist()]
        steady = np.array([label not in asked for label in labels], dtype=np.bool_)
        idle = idle_columns(part.a, lower, upper, steady)
        self._circling = np.flatnonzero(idle.circling)
        self._columns = np.flatnonzero(~(idle.never | idle.circling))
        entries = part.a[:, self._columns].tocsr()
        # a row without columns matters where nothing is too little, or may be in another future
        lacking = (upper < 0.0) | np.where(steady, lower > 0.0, np.isfinite(lower))
        self._rows = np.flatnonzero((np.diff(entries.indptr) > 0) | lacking)
        self._entries = entries[self._rows]
        self._a = sp.csc_matrix(self._entries)
        self._a.sort_indices()
        self._lower, self._upper = lower[self._rows], upper[self._rows]
        self._start, self._index = self._a.indptr.astype(np.int32), self._a.indices.astype(np.int32)
        self._labels = (
            Labels(pattern.columns, [(part.columns[self._columns], "")]),
            Labels(pattern.rows, [(part.rows[self._rows], "")]),
        )
        self._place = np.full(len(pattern.columns), -1)
        self._place[part.columns[self._columns]] = np.arange(len(self._columns))
        self._changing = [(r, labels[place]) for r, place in enumerate(self._rows.tolist()) if not steady[place]]
        told = [asked[row] for _, row in self._changing]
        self._factors: Callable[[str], Floats] = f.conditions.reader([one for these in told for one in these])
        self._ends = np.cumsum([len(these) for these in told], dtype=np.int64).tolist()
        self._of = np.repeat(np.arange(len(told)), [len(these) for these in told])
        self._usual = self._factors(f.future.pattern)
        self._known: dict[tuple[int, bytes], _Stated] = {}
        self._money = money
        self._limits = [
            (place, limit, index)
            for variable, limit in f.limits.items()
            for t in part.periods
            for index, column in zip(
                f.operation[variable].members[t], pattern.members[variable, t].tolist(), strict=True
            )
            if (place := int(self._place[column])) >= 0
        ]

    def program(self, w: str) -> Matrix | None:
        """Its program in a future [MUSD, kt/y]; None where that is no program: the whole is to be asked then.

        So it is where goods gain by going round in circles, and where rows are left that no column can keep.
        """
        if len(self._rows) and not len(self._columns):
            return None
        with self._f.future.stated_for(w):
            cost = self._money.gains()
            if (cost[self._circling] > 0.0).any():
                return None
            most = np.full(len(self._columns), INFINITY)
            for place, limit, index in self._limits:
                bound = limit(*index)
                most[place] = INFINITY if bound is None else bound
        changed = self._changed(w)
        lower, upper = self._lower.copy(), self._upper.copy()
        for r, stated in changed:
            lower[r], upper[r] = stated.lower, stated.upper
        start, index, value = self._start, self._index, self._a.data
        again = [(r, stated.entries) for r, stated in changed if stated.entries is not None]
        if again:
            a = self._with(again)
            start, index, value = a.indptr.astype(np.int32), a.indices.astype(np.int32), a.data
        return Matrix(
            cost=cost[self._columns],
            offset=self._money.constant,
            maximise=True,
            start=start,
            index=index,
            value=value,
            row_lower=lower,
            row_upper=upper,
            col_lower=np.zeros(len(most)),
            col_upper=most,
            integer=np.zeros(len(most), dtype=np.bool_),
            columns=self._labels[0],
            rows=self._labels[1],
        )

    def _changed(self, w: str) -> list[tuple[int, _Stated]]:
        """The rows that read otherwise than the pattern's, each stated once for the factors that it asks for."""
        factors = self._factors(w)
        places = np.unique(self._of[factors != self._usual]).tolist()
        found, unknown = [], []
        for k in places:
            first = self._ends[k - 1] if k else 0
            key = k, factors[first : self._ends[k]].tobytes()
            found.append(key)
            if key not in self._known:
                unknown.append(key)
        if unknown:
            with self._f.future.stated_for(w):
                self._state(unknown)
        return [(self._changing[key[0]][0], self._known[key]) for key in found]

    def _state(self, unknown: Sequence[tuple[int, bytes]]) -> None:
        """State rows in the future that is being stated, and keep them by what they ask for."""
        pattern = self._pattern
        rows = [self._changing[k] for k, _ in unknown]
        block = restated(self._f, pattern, [row for _, row in rows])
        taken = np.bincount(block.row, block.value * self._decided[block.column], minlength=len(rows))
        local = self._place[block.column]
        kept = (local >= 0) & (block.value != 0.0)
        row, column, value = block.row[kept], local[kept], block.value[kept]
        ends = np.searchsorted(row, np.arange(len(rows) + 1)).tolist()
        for i, key in enumerate(unknown):
            span = slice(ends[i], ends[i + 1])
            order = np.argsort(column[span])
            own = column[span][order], value[span][order]
            before = self._entries[rows[i][0]]
            same = np.array_equal(before.indices, own[0]) and np.array_equal(before.data, own[1])
            limits = float(block.lower[i] - taken[i]), float(block.upper[i] - taken[i])
            self._known[key] = _Stated(*limits, None if same else own)

    def _with(self, again: Sequence[tuple[int, tuple[Places, Floats]]]) -> sp.csc_matrix:
        """The entries with some rows put in the place of the pattern's."""
        rows = np.array([r for r, _ in again])
        keep = np.ones(len(self._rows))
        keep[rows] = 0.0
        size = np.repeat(rows, [len(columns) for _, (columns, _) in again])
        column = np.concatenate([columns for _, (columns, _) in again])
        value = np.concatenate([values for _, (_, values) in again])
        return cleaned(sp.diags(keep) @ self._entries + sp.csr_matrix((value, (size, column)), self._entries.shape))


def cleaned(entries: Any) -> sp.csc_matrix:
    """By column, sorted, without zeros: equal programs look equal, and the engine may change one into the other."""
    a = sp.csc_matrix(entries)
    a.eliminate_zeros()
    a.sort_indices()
    return a


class Money:
    """What a unit of each column of a part gains in the future that is being stated, and what is paid anyway [MUSD]."""

    def __init__(self, f: Formulation, pattern: Pattern, part: Part) -> None:
        self._f = f
        self._width = len(part.columns)
        place = np.full(len(pattern.columns), -1)
        place[part.columns] = np.arange(self._width)
        self._charged = [
            (charge, t, place[pattern.members[variable, t]])
            for t in part.periods
            for variable, charge in pattern.charges(f).items()
            if len(pattern.members[variable, t])
        ]
        self.constant = sum(
            linear.constant for (name, v, t), linear in f.money.items() if v and t in part.periods and counts(f, name)
        )

    def gains(self) -> Floats:
        """By column, in order."""
        cost = np.zeros(self._width)
        for charge, t, places in self._charged:
            for name, _, amounts in charge(t):
                if counts(self._f, name):
                    cost[places] += amounts
        return cost
