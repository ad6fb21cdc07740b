"""What a plan does in every future, put together: the columns and rows that have a value, and the money of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.errors import KhovorError
from khovor.formulation import Formulation, weight
from khovor.formulation.sums import listed
from khovor.solve.arrays import Floats, Label, Matrix, Terms
from khovor.solve.benders.operation import Operation
from khovor.solve.pattern import ONCE, Pattern
from khovor.solve.recourse import Recourse

SMALL = 1e-12
"""What a column or a price below this size is: nothing."""

Key = tuple[str, str, int]


class Gathered(NamedTuple):
    """A plan by the columns that are busy and the rows that have a price; `matrix` holds no entries but their labels,
    and the money of each column. Units as in `Outcome`.
    """

    matrix: Matrix
    values: Floats
    duals: Floats


class _Sheet:
    """Columns, rows and money as they come."""

    def __init__(self) -> None:
        self.columns: list[Label] = []
        self.values: list[float] = []
        self.rows: list[Label] = []
        self.duals: list[float] = []
        self.constants: dict[Key, float] = {}
        self.entries: dict[Key, list[tuple[int, float]]] = {}

    def column(self, label: Label, value: float) -> int:
        """The place of a new column."""
        self.columns.append(label)
        self.values.append(value)
        return len(self.columns) - 1

    def pays(self, key: Key, place: int, amount: float) -> None:
        """A column pays so much of a term, per unit."""
        self.entries.setdefault(key, []).append((place, amount))


def gathered(f: Formulation, operation: Operation, decided: Mapping[Label, float]) -> Gathered:
    """The operation of a plan in all futures, each at its best.

    Raises KhovorError where a future that could be operated cannot be any more.
    """
    recourse, sheet = Recourse(f, decided), _Sheet()
    pattern = recourse.pattern
    _once(f, recourse, sheet)
    sign = -1.0 if f.case.terms.minimises else 1.0
    place = {label: j for j, label in enumerate(pattern.columns)}
    for part in operation.parts:
        for w, odds in operation.futures(part):
            program, answer = recourse.best(part, w)
            if answer.status != "optimal":
                raise KhovorError(f"The plan could not be operated again in future {w} (status {answer.status}).")
            # of an empty program, as a period before the first possible unit is, HiGHS tells no values
            values = np.zeros(program.shape[1]) if answer.values is None else answer.values
            busy = np.flatnonzero(np.abs(values) > SMALL).tolist()
            at = np.full(len(pattern.columns), -1)
            for j in busy:
                name, index = program.columns[j]  # type: ignore[misc]
                at[place[name, index]] = sheet.column((name, (*index, w)), float(values[j]))
            _paid(f, pattern, sheet, recourse.periods(part), w, at)
            if answer.duals is not None:
                for r in np.flatnonzero(np.abs(answer.duals) > SMALL).tolist():
                    name, index = program.rows[r]  # type: ignore[misc]
                    sheet.rows.append((name, (*index, w)))
                    sheet.duals.append(sign * odds * float(answer.duals[r]))
    return _together(f, sheet, pattern)


def _once(f: Formulation, recourse: Recourse, sheet: _Sheet) -> None:
    """What is decided once, and what it pays."""
    pattern = recourse.pattern
    at = np.full(len(pattern.columns), -1)
    for j in np.flatnonzero((pattern.column_period == ONCE) & (recourse.decided != 0.0)).tolist():
        at[j] = sheet.column(pattern.columns[j], float(recourse.decided[j]))
    for key, linear in f.money.items():
        if not key[1]:
            sheet.constants[key] = linear.constant
            amounts, variables = listed(linear.terms)
            for k, amount in zip(at[pattern.column_of(variables)].tolist(), amounts, strict=True):
                if k >= 0:
                    sheet.pays(key, k, amount)


def _paid(f: Formulation, pattern: Pattern, sheet: _Sheet, periods: tuple[int, ...], w: str, at: Floats) -> None:
    """What the columns of a future pay; `at` is where each column of the pattern stands, -1 where it is idle."""
    for (name, of, t), linear in f.money.items():
        if of and t in periods:
            sheet.constants[name, w, t] = linear.constant
    with f.future.stated_for(w):
        for t in periods:
            for variable, charge in pattern.charges(f).items():
                places = at[pattern.members[variable, t]]
                busy = np.flatnonzero(places >= 0)
                for name, when, amounts in charge(t) if len(busy) else ():
                    for k, amount in zip(places[busy].tolist(), amounts[busy].tolist(), strict=True):
                        sheet.pays((name, w, when), k, amount)


def _together(f: Formulation, sheet: _Sheet, pattern: Pattern) -> Gathered:
    keys = sorted(sheet.constants)
    told = [(k, j, amount) for k, key in enumerate(keys) for j, amount in sheet.entries.get(key, ())]
    row, column, amount = (np.array(x) for x in zip(*told, strict=True)) if told else (np.zeros(0, dtype=int),) * 3
    width = len(sheet.columns)
    entries = sp.csr_matrix((amount, (row, column)), shape=(len(keys), width))
    weights = np.array([weight(f, *key) for key in keys])
    terms = Terms(keys, entries, np.array([sheet.constants[key] for key in keys]), weights)
    sign = -1.0 if f.case.terms.minimises else 1.0
    whole = {label: bool(pattern.integer[j]) for j, label in enumerate(pattern.columns) if pattern.integer[j]}
    values, duals = np.array(sheet.values), np.array(sheet.duals)
    matrix = Matrix(
        cost=sign * (weights @ entries),
        offset=sign * float(weights @ terms.constants),
        maximise=sign > 0,
        start=np.zeros(width + 1, dtype=np.int32),
        index=np.zeros(0, dtype=np.int32),
        value=np.zeros(0),
        row_lower=np.full(len(duals), -np.inf),
        row_upper=np.full(len(duals), np.inf),
        col_lower=values,
        col_upper=values,
        integer=np.array([whole.get(label, False) for label in sheet.columns], dtype=np.bool_),
        columns=sheet.columns,
        rows=sheet.rows,
        terms=terms,
    )
    return Gathered(matrix, values, duals)
