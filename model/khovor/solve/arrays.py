"""The model as arrays: one hand-over to the solver, no row-by-row calls, and the ranges of its coefficients."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

Floats = npt.NDArray[np.float64]
INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Matrix:
    """min or max cost·x + offset, lower <= A x <= upper, column bounds, integers. A is column-wise sparse (CSC).

    `columns` and `rows` are the Pyomo variables and constraints in order.
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
    columns: list[Any]
    rows: list[Any]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.row_lower), len(self.col_lower)

    @property
    def sparse(self) -> sp.csc_matrix:
        """A as a sparse matrix."""
        return sp.csc_matrix((self.value, self.index, self.start), shape=self.shape)

    def with_entries(self, entries: Any, **changed: Any) -> Matrix:
        """The same program with another A, and whatever else is changed with it."""
        a = sp.csc_matrix(entries)
        a.sort_indices()
        start, index = a.indptr.astype(np.int32), a.indices.astype(np.int32)
        return replace(self, start=start, index=index, value=a.data.astype(np.float64), **changed)

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


def compile_model(model: pyo.ConcreteModel) -> Matrix:
    """Turn a Pyomo model into arrays. Garbage collection is paused: nothing is freed while the walk lasts."""
    paused = gc.isenabled()
    gc.disable()
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    finally:
        if paused:
            gc.enable()
    matrix = form.A.tocsc()
    matrix.sort_indices()
    kinds = np.array([multiplier for _, multiplier in form.rows], dtype=np.int8)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    lower, upper = _column_bounds(form.columns)
    return Matrix(
        cost=np.asarray(form.c.todense(), dtype=np.float64).ravel(),
        offset=float(form.c_offset[0]),
        maximise=form.objectives[0].sense == pyo.maximize,
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(np.float64),
        row_lower=np.where(kinds <= 0, rhs, -INFINITY),
        row_upper=np.where(kinds >= 0, rhs, INFINITY),
        col_lower=lower,
        col_upper=upper,
        integer=np.array([v.is_integer() or v.is_binary() for v in form.columns], dtype=np.bool_),
        columns=list(form.columns),
        rows=[row for row, _ in form.rows],
    )


def _column_bounds(columns: list[Any]) -> tuple[Floats, Floats]:
    bounds = [v.bounds for v in columns]
    lower = np.array([-INFINITY if low is None else low for low, _ in bounds], dtype=np.float64)
    upper = np.array([INFINITY if up is None else up for _, up in bounds], dtype=np.float64)
    return lower, upper


def name_of(column: Any) -> tuple[str, Any]:
    """The variable and index of a column."""
    return column.parent_component().name, column.index()
