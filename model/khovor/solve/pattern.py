"""The pattern read into arrays: what is decided once, and the operation of one future, walked over once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
from pyomo.core.expr import EqualityExpression, LinearExpression

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.formulation.future import RowKey
from khovor.formulation.sums import listed
from khovor.solve.arrays import INFINITY, Floats, Label, Places

ONCE: Final = -2
"""Period of what is decided once, before the future is known."""

TYING: Final = -1
"""Period of the rows of operation that are about the whole horizon."""


POOLED: Final = -3
"""Period of the rows that are about the mean of all futures."""


class Block(NamedTuple):
    """Rows lower <= A x <= upper; A has an entry per `row` (place in the block), `column` and `value`."""

    lower: Floats
    upper: Floats
    row: Places
    column: Places
    value: Floats


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern's columns and rows in order, labelled without a future, and the period of each.

    `members` are the columns of a variable of operation in a period; `column_of` finds columns by their Pyomo
    variables, `row_of` a row by its label.
    """

    columns: list[Label]
    column_period: Places
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    members: dict[tuple[str, int], Places]
    column_of: Finder
    rows: list[Label]
    row_period: Places
    row_of: dict[Label, int]
    block: Block


def pattern_of(f: Formulation) -> Pattern:
    """Walk over the model once."""
    columns: list[Label] = []
    found: list[Any] = []
    periods: list[npt.NDArray[np.int64]] = []
    integers: list[npt.NDArray[np.bool_]] = []
    members: dict[tuple[str, int], Places] = {}
    for variable in f.model.component_objects(pyo.Var):
        name, first, size = variable.local_name, len(columns), len(variable)
        indices = [index if isinstance(index, tuple) else (index,) for index in variable]
        columns += [(name, index) for index in indices]
        found += variable.values()
        when = np.array([ONCE if name in DECIDED_ONCE else index[-1] for index in indices], dtype=np.int64)
        members |= {(name, t): first + np.flatnonzero(when == t) for t in f.periods}
        periods.append(when)
        # the members of a variable have one domain: the first speaks for all
        integers.append(np.full(size, any(not one.is_continuous() for one in islice(variable.values(), 1))))
    period, integer = np.concatenate(periods), np.concatenate(integers)
    lower, upper = np.zeros(len(found)), np.full(len(found), INFINITY)
    for j in np.flatnonzero(period == ONCE).tolist():
        low, up = found[j].bounds
        lower[j], upper[j] = low, INFINITY if up is None else up
    rows, row_period, relations = _rows(f)
    column_of = Finder(found)
    return Pattern(
        columns=columns,
        column_period=period,
        lower=lower,
        upper=upper,
        integer=integer,
        members=members,
        column_of=column_of,
        rows=rows,
        row_period=np.array(row_period, dtype=np.int64),
        row_of={row: r for r, row in enumerate(rows)},
        block=read(relations, column_of),
    )


def _rows(f: Formulation) -> tuple[list[Label], list[int], list[Any]]:
    """Label, period and relation of every row."""
    rows: list[Label] = []
    period: list[int] = []
    relations: list[Any] = []
    for constraint in f.model.component_objects(pyo.Constraint):
        name, rule = constraint.local_name, f.rules.get(constraint.local_name)
        keys = [key if isinstance(key, tuple) else (key,) for key in constraint]
        rows += [(name, key) for key in keys]
        relations += [row.expr for row in constraint.values()]
        if rule is None or rule.tying or rule.pooled:
            period += [ONCE if rule is None else POOLED if rule.pooled else TYING] * len(keys)
        else:
            period += [key[-1] for key in keys]
    return rows, period, relations


class Finder:
    """The places of many Pyomo variables at once, by identity: much faster than one look-up after the other."""

    def __init__(self, variables: Sequence[Any]) -> None:
        known = _identities(variables)
        self._order = np.argsort(known)
        self._known = known[self._order]

    def __call__(self, variables: Sequence[Any]) -> Places:
        """The place of each."""
        return self._order[np.searchsorted(self._known, _identities(variables))]


def _identities(variables: Sequence[Any]) -> Places:
    return np.fromiter(map(id, variables), dtype=np.int64, count=len(variables))


def restated(f: Formulation, pattern: Pattern, rows: Sequence[RowKey]) -> Block:
    """Rows of the pattern as they read in the future that is being stated."""
    return read([f.rules[rule].state(f.model, *index) for rule, index in rows], pattern.column_of)


def read(relations: Sequence[Any], column_of: Finder) -> Block:
    """Relations between a linear expression (see `weighted`) and a number as arrays."""
    lower, upper = np.full(len(relations), -INFINITY), np.full(len(relations), INFINITY)
    values: list[Sequence[float]] = []
    variables: list[Sequence[Any]] = []
    for r, relation in enumerate(relations):
        left, right = relation.args
        if isinstance(left, LinearExpression):
            body = left
            upper[r] = right
            if isinstance(relation, EqualityExpression):
                lower[r] = right
        else:
            body = right
            lower[r] = left
        coefficients, columns = listed(body)
        values.append(coefficients)
        variables.append(columns)
    return Block(
        lower=lower,
        upper=upper,
        row=np.repeat(np.arange(len(values)), np.fromiter(map(len, values), dtype=np.int64, count=len(values))),
        column=column_of([*chain.from_iterable(variables)]),
        value=np.array([*chain.from_iterable(values)], dtype=np.float64),
    )
