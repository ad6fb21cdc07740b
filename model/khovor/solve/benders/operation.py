"""All parts of the horizon in all futures, each a `Block` over the columns of the decisions, made when first asked for.

Beside its own rows a block has those that only fractions of plants break (`strengthen.py`), so that its prices know of
whole plants. Rows, columns and entries stand at the same places in every future, so that an engine that is kept goes
on from the last basis.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.solve.arrays import INFINITY, Label, Matrix, Places
from khovor.solve.benders.block import Block
from khovor.solve.benders.decisions import Program
from khovor.solve.pattern import ONCE
from khovor.solve.recourse import Recourse
from khovor.solve.strengthen import WholeUnits


class Operation:
    """The operation of a case in all its futures. Raises as `refuse_averages`. For several threads."""

    def __init__(self, f: Formulation, program: Program) -> None:
        self._f, self._program = f, program
        self._recourse = Recourse(f, {})
        self._units = WholeUnits.of(f, program.places, program.counted)
        self._odds = {s.name: s.probability for s in f.case.scenarios}
        self._stating = threading.Lock()
        self._blocks: dict[tuple[int, str], Block] = {}
        self._alike: dict[tuple[int, bytes], Any] = {}
        self._further: dict[tuple[object, ...], tuple[sp.csr_matrix, sp.csr_matrix]] = {}
        self._once = self._columns_once()

    @property
    def parts(self) -> range:
        """Places of the parts of the horizon."""
        return range(len(self._f.periods) if self._f.network.separable else 1)

    def futures(self, part: int) -> list[tuple[str, float]]:
        """The futures that are told apart in a part, like ones together, each with its weight."""
        told = self._recourse.told_apart(part, 0, 1)
        return [(w, sum(self._odds[s] for s in spoken)) for w, spoken in told]

    def size(self) -> tuple[int, int, int]:
        """Rows, columns and entries of the operation of all futures together."""
        rows = columns = entries = 0
        for part in self.parts:
            a, once, _, _ = self._recourse.rows(part, self._f.future.pattern)
            many = len(self.futures(part))
            rows, columns, entries = rows + many * a.shape[0], columns + many * a.shape[1], entries + many * once.nnz
        return rows, columns, entries

    def block(self, part: int, w: str) -> Block:
        """The operation of a part in a future."""
        with self._stating:
            if (part, w) not in self._blocks:
                self._blocks[part, w] = self._made(part, w)
        return self._blocks[part, w]

    def _made(self, part: int, w: str) -> Block:
        recourse = self._recourse
        a, once, lower, upper = recourse.rows(part, w)
        cost, most = recourse.gains(part, w)
        doing, deciding = self._tightening(part, w)
        whole = sp.csc_matrix(sp.vstack([a, doing]))
        whole.sort_indices()
        start, index = whole.indptr.astype(np.int32), whole.indices.astype(np.int32)
        program = Matrix(
            cost=cost,
            offset=recourse.constant(part),
            maximise=True,
            start=self._interned(part, start),
            index=self._interned(part, index),
            value=self._interned(part, whole.data),
            row_lower=np.append(lower, np.full(doing.shape[0], -INFINITY)),
            row_upper=np.append(upper, np.zeros(doing.shape[0])),
            col_lower=np.zeros(len(cost)),
            col_upper=most,
            integer=np.zeros(len(cost), dtype=np.bool_),
            columns=(),
            rows=(),
        )
        return Block(program, sp.csr_matrix(sp.vstack([(once @ self._once), deciding])))

    def _interned(self, part: int, array: Any) -> Any:
        """One array for all that are equal: most futures differ in a few numbers."""
        return self._alike.setdefault((part, hashlib.blake2b(array.tobytes(), digest_size=16).digest()), array)

    def _columns_once(self) -> sp.csr_matrix:
        """Columns of the pattern by columns of the decisions."""
        pattern = self._recourse.pattern
        once = np.flatnonzero(pattern.column_period == ONCE)
        to = [self._program.places[pattern.columns[j]] for j in once.tolist()]
        shape = (len(pattern.columns), self._program.width)
        return sp.csr_matrix((np.ones(len(once)), (once, to)), shape=shape)

    def _tightening(self, part: int, w: str) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        """Entries of the rows of whole plants, on what operates and on what is decided; equal ones once."""
        periods = self._recourse.periods(part)
        key = (part, *self._units.asked(periods, w))
        if key not in self._further:
            place = _Places(self._program.places, self._recourse.columns(part), self._program.width)
            apart = [(w,) if t in periods else () for t in self._f.periods]
            rows = [terms for terms, _, _ in self._units.rows(place, apart, steady=True)]
            row = np.repeat(np.arange(len(rows)), [len(terms) for terms in rows])
            column = np.array([j for terms in rows for j in terms], dtype=np.int64)
            value = np.array([v for terms in rows for v in terms.values()], dtype=np.float64)
            operating, width = column >= self._program.width, self._program.width
            self._further[key] = (
                _sparse(row, column - width, value, operating, (len(rows), len(place.columns))),
                _sparse(row, column, value, ~operating, (len(rows), width)),
            )
        return self._further[key]


class _Places(Mapping[Label, int]):
    """Columns by label, whatever the future: of decisions as they are, of operation behind them."""

    def __init__(self, decided: Mapping[Label, int], columns: list[Label], width: int) -> None:
        self._decided, self.columns = decided, columns
        self._operating = {label: width + j for j, label in enumerate(columns)}

    def __getitem__(self, label: Label) -> int:
        name, index = label
        return self._decided[label] if label in self._decided else self._operating[name, index[:-1]]

    def __iter__(self) -> Iterator[Label]:
        return iter((*self._decided, *self._operating))

    def __len__(self) -> int:
        return len(self._decided) + len(self._operating)


def _sparse(row: Places, column: Places, value: Any, kept: Any, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((value[kept], (row[kept], column[kept])), shape=shape)
