"""Building a case and handing it to HiGHS, against other modelling layers that state the same program.

The others are given the finished index lists and coefficients; khovor works them out as well. Every figure is the
least of a few tries in this run, in seconds of the processor.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
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

from khovor.case import Case
from khovor.formulation import build
from khovor.network import Network, derive
from khovor.solve import Limits, Matrix, compile_model
from khovor.solve.highs import loaded

TRIES = 3
LIMITS = Limits(1e-4, 60.0, threads=1)
Told = Callable[[str, str, float], None]
Places = npt.NDArray[np.int64]


class Given(NamedTuple):
    """What the other layers start from."""

    matrix: Matrix
    columns: dict[str, Places]
    rows: dict[str, Places]
    entries: sp.csr_matrix
    senses: list[str]
    limits: npt.NDArray[np.float64]


def handover(case: Case, told: Told) -> None:
    """Tell the seconds of every layer up to a program that HiGHS holds, as ratios to the fastest way of linopy."""
    began = time.process_time()
    network = derive(case)
    derived = time.process_time()
    assert network.throughput
    bounded = time.process_time()
    matrix = compile_model(build(case, network))
    program = given(matrix)
    layers: dict[str, Callable[[Given], object]] = {
        "linopy, from padded arrays": linopy_padded,
        "linopy, terms grouped by row": linopy_grouped,
        "PuLP, written to MPS": pulp_written,
        "PyOptInterface": pyoptinterface_held,
        "HiGHS, from these arrays": held,
    }
    seconds = {name: _apart(way, program) for name, way in layers.items()}
    built, compiled, passed = min((_khovor(case, network) for _ in range(TRIES)), key=sum)
    seconds |= {
        "khovor": built + compiled + passed,
        "  Pyomo model": built,
        "  arrays of all futures": compiled,
        "  passed to HiGHS": passed,
        "before that: network": derived - began,
        "before that: throughput": bounded - derived,
    }
    for name, spent in seconds.items():
        told(name, f"{spent:6.2f} s", spent / seconds["linopy, from padded arrays"])


def _apart(way: Callable[[Given], object], program: Given) -> float:
    """The least seconds of a few tries, in a process of its own: PyOptInterface and PuLP bring HiGHS along as well,

    and two builds of it in one process end it, which is why they are imported where they are used.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return min(pool.submit(_once, way, program).result() for _ in range(TRIES))


def _once(way: Callable[[Given], object], program: Given) -> float:
    began = time.process_time()
    kept = way(program)
    spent = time.process_time() - began
    del kept
    return spent


def _khovor(case: Case, network: Network) -> tuple[float, float, float]:
    """Seconds of the Pyomo model, of the arrays, and of HiGHS taking them."""
    marks = [time.process_time()]
    formulation = build(case, network)
    marks.append(time.process_time())
    matrix = compile_model(formulation)
    marks.append(time.process_time())
    kept = loaded(matrix, LIMITS)
    marks.append(time.process_time())
    del kept
    return marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]


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
