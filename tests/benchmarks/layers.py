"""The program as other modelling layers state it, up to one that HiGHS holds; each is given it as finished arrays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import linopy
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import xarray as xr
from linopy.io import to_highspy

from khovor.solve import Limits, Matrix
from khovor.solve.highs import loaded

LIMITS = Limits(1e-4, 60.0, threads=1)
Places = npt.NDArray[np.int64]


class Given(NamedTuple):
    """What the other layers start from."""

    matrix: Matrix
    columns: dict[str, Places]
    rows: dict[str, Places]
    entries: sp.csr_matrix
    senses: list[str]
    limits: npt.NDArray[np.float64]


def held(program: Given) -> object:
    """HiGHS given finished arrays: the limit."""
    return loaded(program.matrix, LIMITS)


def given(matrix: Matrix) -> Given:
    """A program as the other layers get it: places of each name, rows, senses and right-hand sides, all at hand."""
    upper = np.isfinite(matrix.row_upper)  # no row of this program has two different limits
    senses = np.where(matrix.row_lower == matrix.row_upper, "=", np.where(upper, "<=", ">="))
    limits = np.where(upper, matrix.row_upper, matrix.row_lower)
    bare = replace(matrix, columns=(), rows=(), terms=None)
    return Given(bare, _blocks(matrix.columns), _blocks(matrix.rows), matrix.sparse.tocsr(), senses.tolist(), limits)


def _blocks(labels: Sequence[Any]) -> dict[str, Places]:
    names = np.array([name for name, _ in labels])
    return {str(name): np.flatnonzero(names == name) for name in dict.fromkeys(names)}


def _variables(model: linopy.Model, program: Given) -> Places:
    """Declare a variable per name; the label linopy gives to each column."""
    matrix, labels = program.matrix, np.empty(program.matrix.shape[1], dtype=np.int64)
    for name, columns in program.columns.items():
        variable = model.add_variables(
            lower=matrix.col_lower[columns],
            upper=matrix.col_upper[columns],
            coords=[pd.RangeIndex(len(columns), name="column")],
            name=name,
            integer=bool(matrix.integer[columns[0]]),
        )
        labels[columns] = variable.labels.values
    return labels


def _held(model: linopy.Model, matrix: Matrix, labels: Places) -> object:
    cost = xr.Dataset({"coeffs": ("_term", matrix.cost), "vars": ("_term", labels)})
    model.add_objective(linopy.LinearExpression(cost, model), sense="max" if matrix.maximise else "min")
    return to_highspy(model)


def linopy_padded(program: Given) -> object:
    """linopy given what it stores: per rule, rows x terms of labels and coefficients, filled up with nothing."""
    model = linopy.Model()
    labels = _variables(model, program)
    for name, rows in program.rows.items():
        part = program.entries[rows]
        counts = np.diff(part.indptr)
        row = np.repeat(np.arange(len(rows)), counts)
        term = np.arange(part.nnz) - np.repeat(part.indptr[:-1], counts)
        variables = np.full((len(rows), counts.max()), -1, dtype=np.int64)
        coefficients = np.full(variables.shape, np.nan)
        variables[row, term], coefficients[row, term] = labels[part.indices], part.data
        data = {"coeffs": (("row", "_term"), coefficients), "vars": (("row", "_term"), variables)}
        body = linopy.LinearExpression(xr.Dataset(data, coords={"row": np.arange(len(rows))}), model)
        limit = xr.DataArray(program.limits[rows], dims="row", coords={"row": np.arange(len(rows))})
        model.add_constraints(body, program.senses[rows[0]], limit, name=name)
    return _held(model, program.matrix, labels)


def linopy_grouped(program: Given) -> object:
    """linopy as its users state sparse sums: coefficient x variable per entry, grouped by row and summed."""
    model = linopy.Model()
    labels = _variables(model, program)
    for name, rows in program.rows.items():
        part = program.entries[rows].tocoo()
        data = {
            "coeffs": (("entry", "_term"), part.data[:, None]),
            "vars": (("entry", "_term"), labels[part.col][:, None]),
        }
        entries = linopy.LinearExpression(xr.Dataset(data, coords={"entry": np.arange(part.nnz)}), model)
        body = entries.groupby(pd.Series(part.row, index=pd.RangeIndex(part.nnz, name="entry"), name="row")).sum()
        limit = xr.DataArray(program.limits[rows], dims="row", coords={"row": np.arange(len(rows))})
        model.add_constraints(body, program.senses[rows[0]], limit, name=name)
    return _held(model, program.matrix, labels)


def pulp_written(program: Given) -> object:
    """PuLP: an expression per row, the problem written to a file that HiGHS would read."""
    import pulp

    kinds = {True: "Integer", False: "Continuous"}
    problem = pulp.LpProblem("khovor", pulp.LpMaximize if program.matrix.maximise else pulp.LpMinimize)
    matrix = program.matrix
    facts = zip(matrix.col_lower.tolist(), matrix.col_upper.tolist(), matrix.integer.tolist(), strict=True)
    columns = [
        pulp.LpVariable(f"x{j}", low, up if np.isfinite(up) else None, kinds[whole])
        for j, (low, up, whole) in enumerate(facts)
    ]
    problem.setObjective(pulp.LpAffineExpression(zip(columns, matrix.cost.tolist(), strict=True)))
    relations = {"=": pulp.LpConstraintEQ, "<=": pulp.LpConstraintLE, ">=": pulp.LpConstraintGE}
    for r, (places, values, sense, limit) in enumerate(_rows(program)):
        body = pulp.LpAffineExpression([(columns[j], value) for j, value in zip(places, values, strict=True)])
        problem.addConstraint(pulp.LpConstraint(body, relations[sense], f"r{r}", limit))
    with tempfile.TemporaryDirectory() as folder:
        problem.writeMPS(str(Path(folder) / "program.mps"))
    return problem


def pyoptinterface_held(program: Given) -> object:
    """PyOptInterface: a function per row, added to a HiGHS model as it goes."""
    from pyoptinterface import ConstraintSense, ObjectiveSense, ScalarAffineFunction, VariableDomain, highs

    model = highs.Model()
    matrix = program.matrix
    facts = zip(matrix.col_lower.tolist(), matrix.col_upper.tolist(), matrix.integer.tolist(), strict=True)
    columns = [
        model.add_variable(lb=low, ub=up, domain=VariableDomain.Integer if whole else VariableDomain.Continuous).index
        for low, up, whole in facts
    ]
    relations = {
        "=": ConstraintSense.Equal,
        "<=": ConstraintSense.LessEqual,
        ">=": ConstraintSense.GreaterEqual,
    }
    for places, values, sense, limit in _rows(program):
        model.add_linear_constraint(ScalarAffineFunction(values, [columns[j] for j in places]), relations[sense], limit)
    sense = ObjectiveSense.Maximize if matrix.maximise else ObjectiveSense.Minimize
    model.set_objective(ScalarAffineFunction(matrix.cost.tolist(), columns), sense)
    return model


def _rows(program: Given) -> Iterator[tuple[list[int], list[float], str, float]]:
    """Columns, coefficients, sense and limit of every row."""
    a = program.entries
    starts, places, values = a.indptr.tolist(), a.indices.tolist(), a.data.tolist()
    for r, (sense, limit) in enumerate(zip(program.senses, program.limits.tolist(), strict=True)):
        span = slice(starts[r], starts[r + 1])
        yield places[span], values[span], sense, limit
