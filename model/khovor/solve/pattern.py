"""The pattern read into arrays: what is decided once, and the operation of one future, walked over once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
from pyomo.core.expr import EqualityExpression, LinearExpression

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.arrays import INFINITY, Floats, Label, Places

ONCE: Final = -2
"""Period of what is decided once, before the future is known."""

TYING: Final = -1
"""Period of the rows of operation that are about the whole horizon."""


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

    `members` are the columns of a variable of operation in a period; `column_of` finds one by the identity of its
    Pyomo variable, `row_of` a row by its label.
    """

    columns: list[Label]
    column_period: Places
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    members: dict[tuple[str, int], Places]
    column_of: dict[int, int]
    rows: list[Label]
    row_period: Places
    row_of: dict[Label, int]
    block: Block


def pattern_of(f: Formulation) -> Pattern:
    """Walk over the model once."""
    columns: list[Label] = []
    found: list[Any] = []
    period: list[int] = []
    members: dict[tuple[str, int], Places] = {}
    for variable in f.model.component_objects(pyo.Var):
        name, first = variable.local_name, len(found)
        columns += [(name, index) for index in variable]
        found += variable.values()
        when = [ONCE] * len(variable) if name in DECIDED_ONCE else [index[-1] for index in variable]
        period += when
        members |= {(name, t): first + np.flatnonzero(np.array(when) == t) for t in f.periods}
    column_of = {id(column): j for j, column in enumerate(found)}
    once = np.flatnonzero(np.array(period) == ONCE)
    lower, upper, integer = np.zeros(len(found)), np.full(len(found), INFINITY), np.zeros(len(found), dtype=np.bool_)
    for j in once.tolist():
        low, up = found[j].bounds
        lower[j], upper[j] = low, INFINITY if up is None else up
        integer[j] = not found[j].is_continuous()
    rows, row_period, relations = _rows(f)
    return Pattern(
        columns=columns,
        column_period=np.array(period, dtype=np.int64),
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
        if rule is None or rule.tying:
            period += [ONCE if rule is None else TYING] * len(keys)
        else:
            period += [key[-1] for key in keys]
    return rows, period, relations


def read(relations: Sequence[Any], column_of: dict[int, int]) -> Block:
    """Relations between a linear expression (see `weighted`) and a number as arrays."""
    lower, upper = np.full(len(relations), -INFINITY), np.full(len(relations), INFINITY)
    bodies = []
    for r, relation in enumerate(relations):
        left, right = relation.args
        if isinstance(left, LinearExpression):
            bodies.append(left.args)
            upper[r] = right
            if isinstance(relation, EqualityExpression):
                lower[r] = right
        else:
            bodies.append(right.args)
            lower[r] = left
    terms = [term.args for body in bodies for term in body]
    size = len(terms)
    return Block(
        lower=lower,
        upper=upper,
        row=np.repeat(np.arange(len(bodies)), [len(body) for body in bodies]),
        column=np.fromiter((column_of[id(variable)] for _, variable in terms), dtype=np.int64, count=size),
        value=np.fromiter((coefficient for coefficient, _ in terms), dtype=np.float64, count=size),
    )
