"""From the formulation to arrays: the pattern is read once, and repeated for every future that is told apart.

A future's copy is the pattern's rows and columns of the periods in which it is told apart, moved to columns of its own;
rows that asked for a condition that differs there are stated again, by the same rule, and so are bounds and money.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation, at_rate, weight
from khovor.formulation.sums import Block, each_of, listed
from khovor.memory import collection_paused
from khovor.solve.arrays import INFINITY, Columns, Floats, Labels, Matrix, Places, Terms
from khovor.solve.pattern import ONCE, POOLED, TYING, Pattern, pattern_of, restated
from khovor.solve.risk import weights_of, with_risk
from khovor.solve.target import least_support

Key = tuple[str, str, int]


class Copy(NamedTuple):
    """What one future has of its own ("" = what is decided once): rows and columns of the pattern.

    `stands` gives the column of the whole program for each column of the pattern, be it its own or another's.
    """

    future: str
    rows: Places
    columns: Places
    stands: Columns


def compile_model(formulation: Formulation) -> Matrix:
    """The program of all futures as arrays."""
    with collection_paused():
        return _compiled(formulation)


def _compiled(f: Formulation) -> Matrix:
    pattern = pattern_of(f)
    copies = _copies(f, pattern)
    order = np.concatenate([copy.columns for copy in copies])
    blocks = [*(_stamped(f, pattern, copy) for copy in copies), _pooled(f, pattern, copies)]
    starts = np.cumsum([0, *(len(block.lower) for block in blocks)])
    rows = np.concatenate([block.row + np.int32(start) for block, start in zip(blocks, starts, strict=False)])
    entries = np.concatenate([b.value for b in blocks]), (rows, np.concatenate([b.column for b in blocks]))
    a = sp.csc_matrix(entries, shape=(starts[-1], len(order)))
    terms = _terms(f, pattern, copies, len(order))
    sign = -1.0 if f.case.terms.minimises else 1.0
    plain = Matrix(
        cost=sign * (terms.weights @ terms.entries),
        offset=sign * float(terms.weights @ terms.constants),
        maximise=sign > 0,
        start=a.indptr.astype(np.int32),
        index=a.indices.astype(np.int32),
        value=a.data,
        row_lower=np.concatenate([block.lower for block in blocks]),
        row_upper=np.concatenate([block.upper for block in blocks]),
        col_lower=pattern.lower[order],
        col_upper=np.concatenate([_upper(f, pattern, copy) for copy in copies]),
        integer=pattern.integer[order],
        columns=Labels(pattern.columns, [(copy.columns, copy.future) for copy in copies]),
        rows=Labels(
            pattern.rows,
            [(block.places, future) for block, future in zip(blocks, [*(c.future for c in copies), ""], strict=True)],
        ),
        terms=terms,
    )
    if f.case.terms.objective == "support":
        asked = f.case.terms.target_irr
        rated = at_rate(f, f.case.horizon.rate if asked is None else asked)
        return least_support(f, pattern, plain, _terms(rated, pattern, copies, len(order)))
    weights = weights_of(f.case)
    return plain if weights is None else with_risk(f, plain, weights)


def _copies(f: Formulation, pattern: Pattern) -> list[Copy]:
    """What is decided once, and each future with the periods in which it is told apart."""
    once = np.flatnonzero(pattern.column_period == ONCE)
    stands = np.full(len(pattern.columns), -1, dtype=np.int32)
    stands[once] = np.arange(len(once))
    copies = {"": Copy("", np.flatnonzero(pattern.row_period == ONCE), once, stands)}
    of_period = [np.flatnonzero(pattern.column_period == t) for t in f.periods]
    rows_of_period = [np.flatnonzero(pattern.row_period == t) for t in f.periods]
    tying = np.flatnonzero(pattern.row_period == TYING)
    width = len(once)
    for w in f.scenarios:
        stands = stands.copy()
        for t in f.periods:
            if f.speaker[t, w] != w:
                stands[of_period[t]] = copies[f.speaker[t, w]].stands[of_period[t]]
        own = [t for t in f.periods if f.speaker[t, w] == w]
        columns = np.concatenate([once[:0], *(of_period[t] for t in own)])
        stands[columns] = np.arange(width, width + len(columns))
        copies[w] = Copy(w, np.concatenate([tying, *(rows_of_period[t] for t in own)]), columns, stands)
        width += len(columns)
    return list(copies.values())


class Stamp(NamedTuple):
    """The rows of a copy: where they stand in the pattern, their limits, and entries over the whole's columns."""

    places: Places
    lower: Floats
    upper: Floats
    row: Columns
    column: Columns
    value: Floats


def _stamped(f: Formulation, pattern: Pattern, copy: Copy) -> Stamp:
    """The rows of a copy; a row without any limit is left out."""
    place = np.full(len(pattern.rows), -1)
    place[copy.rows] = np.arange(len(copy.rows))
    places, again = _stated_again(f, pattern, copy, place)
    lower, upper = pattern.block.lower[copy.rows], pattern.block.upper[copy.rows]
    lower[places], upper[places] = again.lower, again.upper
    counts = np.diff(pattern.starts)[copy.rows]
    counts[places] = 0
    row = np.repeat(np.arange(len(copy.rows), dtype=np.int32), counts)
    entries = each_of(pattern.starts[copy.rows], counts)
    row = np.concatenate([row, places[again.row].astype(np.int32)])
    column = np.concatenate([pattern.block.column[entries], again.column])
    value = np.concatenate([pattern.block.value[entries], again.value])
    limited = np.isfinite(lower) | np.isfinite(upper)
    if limited.all():
        return Stamp(copy.rows, lower, upper, row, copy.stands[column], value)
    within = limited[row]
    moved = np.cumsum(limited, dtype=np.int32) - 1
    row, column, value = moved[row[within]], copy.stands[column[within]], value[within]
    return Stamp(copy.rows[limited], lower[limited], upper[limited], row, column, value)


def _pooled(f: Formulation, pattern: Pattern, copies: Sequence[Copy]) -> Stamp:
    """The rows about the mean of all futures: each future's columns as much as it is probable."""
    places = np.flatnonzero(pattern.row_period == POOLED)
    place = np.full(len(pattern.rows), -1, dtype=np.int32)
    place[places] = np.arange(len(places))
    kept = place[pattern.block.row] >= 0
    row, column, value = place[pattern.block.row[kept]], pattern.block.column[kept], pattern.block.value[kept]
    once = pattern.column_period[column] == ONCE
    odds = {s.name: s.probability for s in f.case.scenarios}
    futures = [(copy.stands, odds[copy.future], ~once) for copy in copies if copy.future]
    parts = [(copies[0].stands, 1.0, once), *futures]
    return Stamp(
        places,
        pattern.block.lower[places],
        pattern.block.upper[places],
        np.concatenate([row[mine] for _, _, mine in parts]),
        np.concatenate([stands[column[mine]] for stands, _, mine in parts]),
        np.concatenate([share * value[mine] for _, share, mine in parts]),
    )


def _stated_again(f: Formulation, pattern: Pattern, copy: Copy, place: Places) -> tuple[Places, Block]:
    """Places in the copy of the rows that differ from the pattern's, and what they are."""
    changed = f.future.changes(copy.future) if copy.future else []
    rows = [(place[pattern.rows.of(rule)[index]], (rule, index)) for rule, index in changed]
    own = [(at, row) for at, row in rows if at >= 0]
    with f.future.stated_for(copy.future or f.future.pattern):
        block = restated(f, pattern, [row for _, row in own])
    return np.array([at for at, _ in own], dtype=np.int64), block


def _upper(f: Formulation, pattern: Pattern, copy: Copy) -> Floats:
    """The upper bounds of a copy's columns."""
    upper = pattern.upper.copy()
    if copy.future:
        with f.future.stated_for(copy.future):
            for name, most in f.limits.items():
                for t in f.periods:
                    bounds = [most(*index) for index in f.operation[name].members[t]]
                    upper[pattern.members[name, t]] = [INFINITY if bound is None else bound for bound in bounds]
    return upper[copy.columns]


def _terms(f: Formulation, pattern: Pattern, copies: Sequence[Copy], width: int) -> Terms:
    """Every money term of every future, over the columns of the whole."""
    constants = {
        (name, copy.future, t): linear.constant
        for copy in copies
        for (name, w, t), linear in f.money.items()
        if bool(w) == bool(copy.future) and (not w or f.speaker[t, copy.future] == copy.future)
    }
    keys = sorted(constants)
    place = {key: k for k, key in enumerate(keys)}
    parts = [part for copy in copies for part in _charged(f, pattern, copy)]
    of = np.array([place[key] for key, _, _ in parts], dtype=np.int32)
    row = np.repeat(of, [len(columns) for _, columns, _ in parts])
    value = np.concatenate([amounts for _, _, amounts in parts])
    column = np.concatenate([columns for _, columns, _ in parts])
    entries = sp.csr_matrix((value, (row, column)), shape=(len(keys), width))
    entries.eliminate_zeros()
    weights = np.array([weight(f, *key) for key in keys])
    return Terms(keys, entries, np.array([constants[key] for key in keys]), weights)


def _charged(f: Formulation, pattern: Pattern, copy: Copy) -> Iterator[tuple[Key, Columns, Floats]]:
    """(term, columns of the whole, MUSD per unit of each) of what a copy's columns pay."""
    if not copy.future:
        for key, linear in f.money.items():
            if not key[1]:
                coefficients, variables = listed(linear.terms)
                yield key, copy.stands[pattern.column_of(variables)], np.array(coefficients, dtype=np.float64)
        return
    own = [t for t in f.periods if f.speaker[t, copy.future] == copy.future]
    with f.future.stated_for(copy.future):
        for variable, charge in pattern.charges(f).items():
            for t in own:
                columns = copy.stands[pattern.members[variable, t]]
                for name, when, amounts in charge(t) if len(columns) else ():
                    yield (name, copy.future, when), columns, amounts
