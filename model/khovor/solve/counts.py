"""Counting integers: how many units of a process and size are online anywhere, and what they can do together.

They say nothing new, but let a solver branch on "how many plants of this size" before it branches on one site after
another: moving a unit to the next site changes little, one unit more or less much. `tests/benchmarks` measures it.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import scipy.sparse as sp

from khovor.case import Option
from khovor.formulation import Formulation
from khovor.network import build_periods, unit_capacity
from khovor.solve.arrays import INFINITY, Label, Matrix
from khovor.units import T_PER_KT

Places = dict[Label, int]
"""Column by variable and index."""

Row = tuple[dict[int, float], float, float]
"""Coefficients by column, lower and upper limit."""


Anywhere = dict[tuple[str, int], list[int]]
"""Columns that together count the units of a process online in a period, wherever they stand."""


def with_rows(matrix: Matrix, rows: list[Row], costs: list[float], integer: bool) -> Matrix:
    """The matrix with new columns (one per cost, not negative if integer, else free) and then new rows at its end."""
    n_rows, n_columns = matrix.shape
    new = len(costs)
    where = [(r, j, value) for r, (terms, _, _) in enumerate(rows) for j, value in terms.items()]
    below = sp.coo_matrix(
        ([v for _, _, v in where], ([r for r, _, _ in where], [j for _, j, _ in where])),
        shape=(len(rows), n_columns + new),
    )
    joined = sp.vstack([sp.hstack([matrix.sparse, sp.csc_matrix((n_rows, new))]), below])
    return matrix.with_entries(
        joined,
        cost=np.append(matrix.cost, costs),
        row_lower=np.append(matrix.row_lower, [low for _, low, _ in rows]),
        row_upper=np.append(matrix.row_upper, [up for _, _, up in rows]),
        col_lower=np.append(matrix.col_lower, np.full(new, 0.0 if integer else -INFINITY)),
        col_upper=np.append(matrix.col_upper, np.full(new, INFINITY)),
        integer=np.append(matrix.integer, np.full(new, integer)),
        columns=[*matrix.columns, *[None] * new],
        rows=[*matrix.rows, *[None] * len(rows)],
    )


def with_counts(formulation: Formulation, matrix: Matrix) -> tuple[Matrix, Anywhere]:
    """The matrix with a counting integer, and a capacity row, per process, size and period that several sites share."""
    places = matrix.places
    runs = _runs(formulation, places)
    width, rows, anywhere = matrix.shape[1], list[Row](), Anywhere()
    for (process, t), sizes in _online(formulation, places).items():
        first = width
        for units, _ in sizes.values():
            rows.append(({**{j: 1.0 for j in units}, width: -1.0}, 0.0, 0.0))
            width += 1
        anywhere[process, t] = list(range(first, width))
        can_do = {count: -capacity for count, (_, capacity) in enumerate(sizes.values(), first)}
        for run in runs[process, t].values():
            rows.append(({**{j: 1.0 for j in run}, **can_do}, -INFINITY, 0.0))
    return with_rows(matrix, rows, [0.0] * (width - matrix.shape[1]), integer=True), anywhere


def _online(formulation: Formulation, places: Places) -> dict[tuple[str, int], dict[str, tuple[list[int], float]]]:
    """By process and period, for each size: columns of the units that may be online, and the most one can do [kt/y]."""
    case = formulation.case
    found: dict[tuple[str, int], dict[str, tuple[list[int], float]]] = defaultdict(dict)
    for o, option in _shared(formulation):
        process, size = option.key.process, option.key.size
        for v in build_periods(case, option):
            for t in formulation.periods[v:]:
                able = unit_capacity(case, option, v, t) / T_PER_KT
                if able and ("build", (o, v)) in places:
                    units, most = found[process, t].get(size, ([], 0.0))
                    found[process, t][size] = [*units, places["build", (o, v)]], max(most, able)
    return found


def _shared(formulation: Formulation) -> list[tuple[int, Option]]:
    """Options of processes that several sites may hold and of which none stands today."""
    sites: dict[str, set[str]] = defaultdict(set)
    for option in formulation.case.options:
        sites[option.key.process].add(option.key.node)
    standing = {option.key.process for option in formulation.case.options if option.existing_units}
    return [
        (o, option)
        for o, option in enumerate(formulation.case.options)
        if len(sites[option.key.process]) > 1 and option.key.process not in standing
    ]


def _runs(formulation: Formulation, places: Places) -> dict[tuple[str, int], dict[str, list[int]]]:
    """Columns of activity by process and period, for each future; a plant that an event touches there is left out."""
    found: dict[tuple[str, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (name, index), j in places.items():
        if name == "act":
            x, t, w = index
            key = formulation.network.activities[x].plant.key
            if formulation.conditions[w].factor("capacity", "plant", (key.node, key.process), t) == 1.0:
                found[key.process, t][w].append(j)
    return found
