"""The program as arrays: one hand-over to the solver, no row-by-row calls, and the ranges of its coefficients."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Columns = npt.NDArray[np.int32]
"""Columns of a whole program: as many as HiGHS can count."""

Label = tuple[str, tuple[Any, ...]]
"""Name of a variable or rule, and the index of one of its columns or rows; the future is last where there is one."""

INFINITY = float("inf")


class Named(Sequence[Label]):
    """The labels of the pattern's columns or rows in order, and the place of each, made when first asked for.

    `parts` are (name, indices) of variables or constraints.
    """

    def __init__(self, parts: Sequence[tuple[str, Collection[Any]]]) -> None:
        self._parts = parts
        self._size = sum(len(indices) for _, indices in parts)
        self._within: dict[str, dict[Any, int]] = {}

    @cached_property
    def _made(self) -> list[Label]:
        return [
            (name, index if isinstance(index, tuple) else (index,))
            for name, indices in self._parts
            for index in indices
        ]

    @cached_property
    def _of_name(self) -> dict[str, tuple[int, Collection[Any]]]:
        starts = accumulate((len(indices) for _, indices in self._parts), initial=0)
        return {name: (start, indices) for (name, indices), start in zip(self._parts, starts, strict=False)}

    def of(self, name: str) -> dict[tuple[Any, ...], int]:
        """The place of every index of a variable or constraint; none where there is none of this name."""
        if name not in self._within:
            start, indices = self._of_name.get(name, (0, ()))
            keys = (index if isinstance(index, tuple) else (index,) for index in indices)
            self._within[name] = {key: start + k for k, key in enumerate(keys)}
        return self._within[name]

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Label: ...
    @overload
    def __getitem__(self, place: slice) -> list[Label]: ...
    def __getitem__(self, place: int | slice) -> Label | list[Label]:
        return self._made[place]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._made)


class Labels(Sequence[Label | None]):
    """The labels of columns or rows in order, made when first asked for: `parts` of (places in the pattern, future).

    Future "" = decided once: the label of the pattern as it is.
    """

    def __init__(self, pattern: Sequence[Label], parts: Sequence[tuple[Places, str]]) -> None:
        self._pattern, self._parts = pattern, parts

    @cached_property
    def _made(self) -> list[Label | None]:
        made: list[Label | None] = []
        for places, w in self._parts:
            labels = [self._pattern[place] for place in places.tolist()]
            made += [(name, (*index, w)) for name, index in labels] if w else labels
        return made

    def __len__(self) -> int:
        return sum(len(places) for places, _ in self._parts)

    @overload
    def __getitem__(self, place: int) -> Label | None: ...
    @overload
    def __getitem__(self, place: slice) -> list[Label | None]: ...
    def __getitem__(self, place: int | slice) -> Label | list[Label | None] | None:
        return self._made[place]

    def __iter__(self) -> Iterator[Label | None]:
        return iter(self._made)


@dataclass(frozen=True, slots=True)
class Terms:
    """The money of a program: term k is `entries[k] @ columns + constants[k]` [MUSD], and counts `weights[k]` times."""

    keys: list[tuple[str, str, int]]
    entries: sp.csr_matrix
    constants: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Matrix:
    """min or max cost·x + offset, lower <= A x <= upper, column bounds, integers. A is column-wise sparse (CSC).

    `columns` and `rows` are labels in order, None for what a method of solution has added. `terms` is what
    value is made of; None once columns were changed.
    """

    cost: Floats
    offset: float
    maximise: bool
    start: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    value: Floats
    row_lower: Floats
    row_upper: Floats
    col_lower: Floats
    col_upper: Floats
    integer: npt.NDArray[np.bool_]
    columns: Sequence[Label | None]
    rows: Sequence[Label | None]
    terms: Terms | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.row_lower), len(self.col_lower)

    @property
    def sparse(self) -> sp.csc_matrix:
        """A as a sparse matrix."""
        return sp.csc_matrix((self.value, self.index, self.start), shape=self.shape)

    @property
    def places(self) -> dict[Label, int]:
        """The column of each label, listed anew at each call."""
        return {label: j for j, label in enumerate(self.columns) if label is not None}

    def with_entries(self, entries: Any, **changed: Any) -> Matrix:
        """The same program with another A, and whatever else is changed with it."""
        a = sp.csc_matrix(entries)
        a.sort_indices()
        start, index = a.indptr.astype(np.int32), a.indices.astype(np.int32)
        return replace(self, start=start, index=index, value=a.data.astype(np.float64), terms=None, **changed)

    def with_slacks(self, rows: Places, signs: Floats, cost: Floats) -> Matrix:
        """The same program with a slack in each of these rows, at a cost, as its last columns; they have no labels."""
        new = len(rows)
        slacks = sp.csc_matrix((signs, (rows, np.arange(new))), shape=(self.shape[0], new))
        return self.with_entries(
            sp.hstack([self.sparse, slacks]),
            cost=np.append(self.cost, cost),
            col_lower=np.append(self.col_lower, np.zeros(new)),
            col_upper=np.append(self.col_upper, np.full(new, INFINITY)),
            integer=np.append(self.integer, np.zeros(new, dtype=np.bool_)),
            columns=[*self.columns, *[None] * new],
        )

    def proving(self, prices: Floats) -> Floats:
        """Prices of the rows of a maximisation that prove something: those of a sign that no limit goes with are 0."""
        free = ((prices > 0) & ~np.isfinite(self.row_upper)) | ((prices < 0) & ~np.isfinite(self.row_lower))
        return np.where(free, 0.0, prices)

    def priced(self, y: Floats) -> Floats:
        """By row, the limit that a price of it goes with; 0 where it has none."""
        return np.where(y > 0, self.row_upper, np.where(y < 0, self.row_lower, 0.0))

    def ranges(self) -> str:
        """The smallest and largest size of coefficients, costs, bounds and right-hand sides, for the log."""
        parts = [
            ("matrix", self.value),
            ("cost", self.cost),
            ("column bounds", np.concatenate([self.col_lower, self.col_upper])),
            ("right-hand sides", np.concatenate([self.row_lower, self.row_upper])),
        ]
        return "coefficient ranges: " + ", ".join(f"{name} {_range(values)}" for name, values in parts)


def _range(values: Floats) -> str:
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    return f"[{sizes.min():.1e}, {sizes.max():.1e}]" if sizes.size else "[none]"
