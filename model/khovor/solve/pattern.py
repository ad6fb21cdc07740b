"""The pattern read into arrays: what is decided once, and the operation of one future, walked over once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
from pyomo.core.expr import EqualityExpression, LinearExpression

from khovor.formulation import Formulation
from khovor.formulation.future import RowKey
from khovor.formulation.sums import Block, Sum, Summed, listed
from khovor.solve.arrays import INFINITY, Floats, Named, Places

ONCE: Final = -2
"""Period of what is decided once, before the future is known."""

TYING: Final = -1
"""Period of the rows of operation that are about the whole horizon."""


POOLED: Final = -3
"""Period of the rows that are about the mean of all futures."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern's columns and rows in order, labelled without a future, and the period of each.

    `members` are the columns of a variable of operation in a period; `column_of` finds columns by their Pyomo
    variables; `columns` and `rows` find places by label. Entries of `block` are by ascending row, those of row r from
    `starts[r]` on.
    """

    columns: Named
    column_period: Places
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    members: dict[tuple[str, int], Places]
    column_of: Finder
    rows: Named
    row_period: Places
    block: Block
    starts: Places


def pattern_of(f: Formulation) -> Pattern:
    """Walk over the model once."""
    variables = [*f.model.component_objects(pyo.Var)]
    found = [*chain.from_iterable(_members(f, variable) for variable in variables)]
    columns = Named([(variable.local_name, variable) for variable in variables])
    once = np.full(len(found), ONCE)
    members: dict[tuple[str, int], Places] = {}
    for name, operation in f.operation.items():
        once[operation.first : operation.first + len(operation)] = operation.period
        members |= {(name, t): operation.first + places for t, places in enumerate(operation.places)}
    # the members of a variable have one domain: the first speaks for all
    whole = [any(not one.is_continuous() for one in islice(variable.values(), 1)) for variable in variables]
    lower, upper = np.zeros(len(found)), np.full(len(found), INFINITY)
    for j in np.flatnonzero(once == ONCE).tolist():
        low, up = found[j].bounds
        lower[j], upper[j] = low, INFINITY if up is None else up
    column_of = Finder(found)
    rows, period, block = _rows(f, column_of)
    return Pattern(
        columns=columns,
        column_period=once,
        lower=lower,
        upper=upper,
        integer=np.repeat(whole, [len(variable) for variable in variables]),
        members=members,
        column_of=column_of,
        rows=rows,
        row_period=period,
        block=block,
        starts=np.searchsorted(block.row, np.arange(len(rows) + 1)),
    )


def _members(f: Formulation, variable: Any) -> Iterable[Any]:
    name = variable.local_name
    return f.operation[name].variables if name in f.operation else variable.values()


def _rows(f: Formulation, column_of: Finder) -> tuple[Named, Places, Block]:
    """Labels of the rows, the period of each, and what they are."""
    constraints = [*f.model.component_objects(pyo.Constraint)]
    told = [c for c in constraints if c.local_name not in f.arrays]
    read_now = iter(_parted(read([row.expr for c in told for row in c.values()], column_of), [len(c) for c in told]))
    blocks = [f.arrays[c.local_name] if c.local_name in f.arrays else next(read_now) for c in constraints]
    starts = np.cumsum([0, *(len(block.lower) for block in blocks)]).tolist()
    whole = Block(
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
        row=np.concatenate([block.row + start for block, start in zip(blocks, starts, strict=False)]),
        column=np.concatenate([block.column for block in blocks]),
        value=np.concatenate([block.value for block in blocks]),
    )
    return Named([(c.local_name, c) for c in constraints]), np.concatenate([_period(f, c) for c in constraints]), whole


def _period(f: Formulation, constraint: Any) -> Places:
    """The period of each row of a constraint."""
    rule = f.rules.get(constraint.local_name)
    if rule is None or rule.tying or rule.pooled:
        return np.full(len(constraint), ONCE if rule is None else POOLED if rule.pooled else TYING)
    return np.fromiter(map(itemgetter(-1), constraint), dtype=np.int64, count=len(constraint))


def _parted(block: Block, sizes: Sequence[int]) -> Iterator[Block]:
    """Consecutive rows of a block, as many at a time as `sizes` says."""
    ends = np.cumsum(sizes)
    for start, end in zip(ends - sizes, ends, strict=True):
        a, b = np.searchsorted(block.row, [start, end])
        rows = slice(start, end)
        yield Block(block.lower[rows], block.upper[rows], block.row[a:b] - start, block.column[a:b], block.value[a:b])


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
    """Relations between a linear expression (see `weighted`) and a number as arrays; entries by ascending row."""
    lower, upper = np.full(len(relations), -INFINITY), np.full(len(relations), INFINITY)
    values: list[Sequence[float]] = []
    variables: list[Sequence[Any]] = []
    members: list[Places] = [np.zeros(0, dtype=np.int64)]
    of: list[int] = []
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
        held = body.held if body.__class__ is Sum else None
        if held.__class__ is Summed:
            members.append(held.members.columns)
            of.append(r)
            values.append([c for c, _ in held.terms])
            variables.append([v for _, v in held.terms])
        else:
            coefficients, columns = listed(body)
            values.append(coefficients)
            variables.append(columns)
    row = np.repeat(np.arange(len(values)), np.fromiter(map(len, values), dtype=np.int64, count=len(values)))
    row = np.concatenate([row, np.repeat(of, [len(columns) for columns in members[1:]]).astype(np.int64)])
    column = np.concatenate([column_of([*chain.from_iterable(variables)]), *members])
    value = np.ones(len(row))
    told = [*chain.from_iterable(values)]
    value[: len(told)] = told
    order = np.argsort(row, kind="stable")
    return Block(lower, upper, row[order], column[order], value[order])
