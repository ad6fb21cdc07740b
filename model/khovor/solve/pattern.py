"""The pattern read into arrays: what is decided once, and the operation of one future, walked over once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
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
from khovor.solve.folding import Charge, Folding

ONCE: Final = -2
"""Period of what is decided once, before the future is known."""

TYING: Final = -1
"""Period of the rows of operation that are about the whole horizon."""


POOLED: Final = -3
"""Period of the rows that are about the mean of all futures."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern's columns and rows in order, labelled without a future, and the period of each.

    Shipments are those on corridors, ("ship", (legs, period)), and the balances of what goods only pass are gone:
    `folding` makes them of what is stated. `members` are the columns of a variable of operation in a period; `columns`
    and `rows` find places by label. Entries of `block` are by ascending row, those of row r from `starts[r]` on.
    """

    columns: Named
    column_period: Places
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    members: dict[tuple[str, int], Places]
    folding: Folding
    finder: Finder
    rows: Named
    row_period: Places
    block: Block
    starts: Places

    def column_of(self, variables: Sequence[Any]) -> Places:
        """The columns of Pyomo variables that are no shipments."""
        return self.folding.moved(self.finder(variables))

    def charges(self, f: Formulation) -> dict[str, Charge]:
        """What the members of each variable of operation pay in a period, in the future that is being stated."""
        return {name: self.folding.charge(name, charge) for name, charge in f.charges.items()}


def pattern_of(f: Formulation) -> Pattern:
    """Walk over the model once."""
    folding, finder = Folding(f), Finder(f)
    variables = [*f.model.component_objects(pyo.Var)]
    told = folding.operation
    parts = [(name, told[name].index if name in told else v) for v in variables if (name := v.local_name)]
    columns = Named(parts)
    starts = np.cumsum([0, *(len(indices) for _, indices in parts)]).tolist()
    period, lower, upper = np.full(len(columns), ONCE), np.zeros(len(columns)), np.full(len(columns), INFINITY)
    integer = np.zeros(len(columns), dtype=np.bool_)
    members: dict[tuple[str, int], Places] = {}
    for variable, (name, _), first in zip(variables, parts, starts, strict=False):
        operation = told.get(name)
        if operation is not None:
            period[first : first + len(operation)] = operation.period
            members |= {(name, t): first + places for t, places in enumerate(operation.places)}
            continue
        for j, one in enumerate(variable.values(), start=first):
            low, up = one.bounds
            lower[j], upper[j] = low, INFINITY if up is None else up
            integer[j] = not one.is_continuous()
    rows, row_period, block = _rows(f, folding, finder)
    return Pattern(
        columns=columns,
        column_period=period,
        lower=lower,
        upper=upper,
        integer=integer,
        members=members,
        folding=folding,
        finder=finder,
        rows=rows,
        row_period=row_period,
        block=block,
        starts=np.searchsorted(block.row, np.arange(len(rows) + 1)),
    )


def _rows(f: Formulation, folding: Folding, finder: Finder) -> tuple[Named, Places, Block]:
    """Labels of the rows, the period of each, and what they are."""
    constraints = {c.local_name: c for c in f.model.component_objects(pyo.Constraint)}
    arrays = {name: folding.equations(name, stated) for name, stated in f.arrays.items()}
    told = [c for name, c in constraints.items() if name not in arrays]
    read_now = iter(_parted(read([row.expr for c in told for row in c.values()], finder), [len(c) for c in told]))
    blocks = [arrays[name].block if name in arrays else next(read_now) for name in constraints]
    indices = {name: arrays[name].rows if name in arrays else c for name, c in constraints.items()}
    starts = np.cumsum([0, *(len(block.lower) for block in blocks)]).tolist()
    whole = Block(
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
        row=np.concatenate([block.row + start for block, start in zip(blocks, starts, strict=False)]),
        column=np.concatenate([block.column for block in blocks]),
        value=np.concatenate([block.value for block in blocks]),
    )
    period = np.concatenate([_period(f, name, index) for name, index in indices.items()])
    return Named([*indices.items()]), period, folding.block(whole)


def _period(f: Formulation, name: str, index: Collection[Any]) -> Places:
    """The period of each row of a constraint."""
    rule = f.rules.get(name)
    if rule is None or rule.tying or rule.pooled:
        return np.full(len(index), ONCE if rule is None else POOLED if rule.pooled else TYING)
    return np.fromiter(map(itemgetter(-1), index), dtype=np.int64, count=len(index))


def _parted(block: Block, sizes: Sequence[int]) -> Iterator[Block]:
    """Consecutive rows of a block, as many at a time as `sizes` says."""
    ends = np.cumsum(sizes)
    for start, end in zip(ends - sizes, ends, strict=True):
        a, b = np.searchsorted(block.row, [start, end])
        rows = slice(start, end)
        yield Block(block.lower[rows], block.upper[rows], block.row[a:b] - start, block.column[a:b], block.value[a:b])


class Finder:
    """The columns of many Pyomo variables at once, by identity: much faster than one look-up after the other."""

    def __init__(self, f: Formulation) -> None:
        self._f = f
        self._learn()

    def __call__(self, variables: Sequence[Any]) -> Places:
        """The column of each."""
        asked = _identities(variables)
        places = np.searchsorted(self._known, asked)
        if (self._known.take(places, mode="clip") != asked).any():  # some were made since
            self._learn()
            places = np.searchsorted(self._known, asked)
        return self._columns[places]

    def _learn(self) -> None:
        first, variables, columns = 0, list[Any](), list[Places]()
        for variable in self._f.model.component_objects(pyo.Var):
            operation = self._f.operation.get(variable.local_name)
            size = len(variable if operation is None else operation)
            every = variable.values(), first + np.arange(size)
            made, places = every if operation is None else operation.made()
            variables += made
            columns.append(places)
            first += size
        known = _identities(variables)
        order = np.argsort(known)
        self._known, self._columns = known[order], np.concatenate(columns)[order]


def _identities(variables: Sequence[Any]) -> Places:
    return np.fromiter(map(id, variables), dtype=np.int64, count=len(variables))


def restated(f: Formulation, pattern: Pattern, rows: Sequence[RowKey]) -> Block:
    """Rows of the pattern as they read in the future that is being stated."""
    return pattern.folding.block(read([f.rules[rule].state(f.model, *index) for rule, index in rows], pattern.finder))


def read(relations: Sequence[Any], column_of: Finder) -> Block:
    """Relations between a linear expression (see `weighted`) and a number as arrays; entries by ascending row."""
    lower, upper = np.full(len(relations), -INFINITY), np.full(len(relations), INFINITY)
    terms: list[list[tuple[float, Any]]] = []
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
        stated = body.stated if body.__class__ is Sum else None
        if stated.__class__ is Summed:
            terms.append(stated.terms)
            if stated.members is not None:
                members.append(stated.members.columns)
                of.append(r)
        else:
            terms.append([*zip(*listed(body), strict=True)])
    values, variables = zip(*chain.from_iterable(terms), strict=True) if any(terms) else ((), ())
    counts = np.fromiter(map(len, terms), dtype=np.int64, count=len(terms))
    within = np.repeat(np.array(of, dtype=np.int64), [*map(len, members[1:])])
    row = np.concatenate([np.repeat(np.arange(len(terms)), counts), within])
    column = np.concatenate([column_of(variables), *members])
    value = np.concatenate([values, np.ones(len(row) - len(values))])
    order = np.argsort(row, kind="stable")
    return Block(lower, upper, row[order], column[order], value[order])
