"""Least public money: the objective of a program that pays for its support, and the row of the investor's return.

The row is the same sum of money terms that `npv` maximises, discounted at the return the investor asks for, over the
same columns; the objective is what the support costs the public, at the discount rate. One program, no search over
amounts of support.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.formulation.instruments import public_cost
from khovor.formulation.objective import FLOORS, TARGET
from khovor.solve.arrays import INFINITY, Matrix, Terms
from khovor.solve.pattern import Pattern


def least_support(f: Formulation, pattern: Pattern, plain: Matrix, wanted: Terms) -> Matrix:
    """The program that minimises public money; `wanted` are its money terms at the investor's rate."""
    terms = plain.terms
    assert terms is not None
    public = np.zeros(plain.shape[1])
    costs = list(public_cost(f))
    # what is decided once stands first, in the order of the pattern
    once = {column: place for place, column in enumerate(plain.columns) if column is not None}
    for place, (cost, _) in zip(pattern.column_of([given for _, given in costs]), costs, strict=True):
        public[once[pattern.columns[place]]] += cost
    floors = np.array([name == FLOORS for name, _, _ in terms.keys], dtype=float) * terms.weights
    value = wanted.weights @ wanted.entries
    row = sp.csr_matrix(value)
    program = plain.with_entries(
        sp.vstack([plain.sparse, row]),
        cost=public + floors @ terms.entries,
        offset=float(floors @ terms.constants),
        maximise=False,
        row_lower=np.append(plain.row_lower, -float(wanted.weights @ wanted.constants)),
        row_upper=np.append(plain.row_upper, INFINITY),
        rows=[*plain.rows, (TARGET, ())],
    )
    return replace(program, terms=terms)
