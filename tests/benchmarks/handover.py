"""Building a case and handing it to HiGHS, against other modelling layers that state the same program.

The others are given the finished index lists and coefficients; khovor works them out as well. Every figure is the
shortest of a few tries in this run, in the processor's seconds.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import highspy
import linopy
import numpy as np
import pandas as pd
import pulp
import pyoptinterface as poi
import scipy.sparse as sp
import xarray as xr
from pyoptinterface import highs as poi_highs

from khovor.case import Case
from khovor.formulation import build
from khovor.network import Network, derive
from khovor.solve import Matrix, compile_model
from khovor.solve.highs import loaded

TRIES = 3


def handover(case: Case, told: Callable[[str, str, float], None]) -> None:
    """Tell the seconds of every layer up to a program that HiGHS holds; ratios to linopy."""
    began = time.process_time()
    network = derive(case)
    derived = time.process_time()
    assert network.throughput
    bounded = time.process_time()
    matrix = compile_model(build(case, network))
    layers: dict[str, Callable[[Matrix], object]] = {
        "linopy": with_linopy,
        "PuLP, written to an MPS file": with_pulp,
        "PyOptInterface": with_pyoptinterface,
        "arrays alone": loaded,
    }
    seconds = {name: shortest(lambda way=way: way(matrix)) for name, way in layers.items()}
    parts = [khovor_once(case, network) for _ in range(TRIES)]
    built, compiled, passed = min(parts, key=sum)
    unit = seconds["linopy"]
    for name, spent in seconds.items():
        told(name, f"{spent:6.2f} s", spent / unit)
    for name, spent in {
        "khovor": built + compiled + passed,
        "  Pyomo model": built,
        "  arrays of all futures": compiled,
        "  passed to HiGHS": passed,
        "network (not counted above)": derived - began,
        "what processes can do (not counted)": bounded - derived,
    }.items():
        told(name, f"{spent:6.2f} s", spent / unit)
    told("", f"{matrix.shape[1]:,} columns", 1.0)


def shortest(way: Callable[[], object]) -> float:
    """The least processor time of a few tries."""
    spent = []
    for _ in range(TRIES):
        began = time.process_time()
        held = way()
        spent.append(time.process_time() - began)
        del held
    return min(spent)


def khovor_once(case: Case, network: Network) -> tuple[float, float, float]:
    """Seconds of the Pyomo model, of the arrays, and of HiGHS taking them."""
    began = time.process_time()
    formulation = build(case, network)
    built = time.process_time()
    matrix = compile_model(formulation)
    compiled = time.process_time()
    held = loaded(matrix)
    passed = time.process_time()
    del held
    return built - began, compiled - built, passed - compiled


def with_linopy(matrix: Matrix) -> object:
    """A variable per name and a constraint per rule and sense, terms summed by row: linopy's way with sparse sums."""
    model = linopy.Model()
    for name, columns in blocks(matrix.columns).items():
        model.add_variables(
            lower=xr.DataArray(matrix.col_lower[columns], dims=name, coords={name: columns}),
            upper=xr.DataArray(matrix.col_upper[columns], dims=name, coords={name: columns}),
            name=name,
            integer=bool(matrix.integer[columns[0]]),
        )
    return model
