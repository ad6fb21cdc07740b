"""Linear sums as they were stated: Pyomo makes an object of every term, which most sums never need.

A `Sum` is a Pyomo expression that keeps what its terms are listed from. Arrays are made of that; the moment Pyomo reads
it (to print, add or evaluate), it becomes the `LinearExpression` it stands for. Pyomo's compilers and writers go by the
class of an expression before they read it: `unfold` a model for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pyomo.core.base.constraint import IndexedConstraint
from pyomo.core.expr import EqualityExpression, LinearExpression, MonomialTermExpression
from pyomo.environ import Constraint, Expression, Objective, SetOf

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

Listed = tuple[Sequence[float], Sequence[Any]]
"""Coefficients, and the variable of each."""

_HELD = LinearExpression._args_
"""Where Pyomo keeps what an expression is made of: what lists a sum until it is read, its terms afterwards."""


class Block(NamedTuple):
    """Rows lower <= A x <= upper; A has an entry per `row` (place in the block), `column` and `value`."""

    lower: Floats
    upper: Floats
    row: Places
    column: Places
    value: Floats


def each_of(starts: Places, counts: Places) -> Places:
    """Places of entries that stand together: counts[k] of them from starts[k] on, for one k after the other.

    >>> each_of(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    places: Places = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    return places


class Stated(Protocol):
    """What a sum is stated as."""

    def __call__(self) -> Listed:
        """Its lists."""


class Counted(Protocol):
    """Some columns of the pattern, and the Pyomo variables of these."""

    @property
    def columns(self) -> Places:
        """The columns."""

    @property
    def variables(self) -> list[Any]:
        """Their variables."""


class Summed(NamedTuple):
    """Terms (coefficient, variable), and members of a variable that count once each."""

    terms: list[tuple[float, Any]]
    members: Counted | None = None

    def __call__(self) -> Listed:
        """The lists."""
        variables = [] if self.members is None else self.members.variables
        coefficients = [1.0] * len(variables)
        return [*coefficients, *(c for c, _ in self.terms)], [*variables, *(v for _, v in self.terms)]


class Sum(LinearExpression):  # type: ignore[misc]  # Pyomo has no types
    """Σ coefficient x variable; no coefficient is 0. `stated` lists its terms when they are asked for."""

    __slots__ = ()

    def __init__(self, stated: Stated) -> None:
        _HELD.__set__(self, stated)

    @property
    def stated(self) -> Stated:
        """What it was stated as."""
        held: Stated = _HELD.__get__(self)
        return held

    def nargs(self) -> int:
        """How many terms it has."""
        return len(self.stated()[0])

    @property
    def _args_(self) -> list[Any]:
        """Its terms, as Pyomo reads them."""
        terms = list(map(MonomialTermExpression, zip(*self.stated(), strict=True)))
        self.__class__ = LinearExpression  # as Pyomo's own mutable sums do once they are done
        self._args_, self._nargs = terms, len(terms)  # type: ignore[misc]  # no property any more
        return terms


class Equations(NamedTuple):
    """Rows Σ value x column = upper (and lower), stated as arrays: the index of each; entries are by ascending row."""

    rows: Sequence[Any]
    block: Block


class ReadLater(IndexedConstraint):  # type: ignore[misc]
    """Equations of which Pyomo makes the rows the moment anything reads one; `variable` is that of a column."""

    def __init__(self, stated: Equations, variable: Callable[[int], Any], doc: str) -> None:
        self._stated, self._variable = stated, variable
        super().__init__(SetOf(stated.rows), doc=doc)

    @property
    def _data(self) -> dict[Any, Any]:
        """The rows by index, where Pyomo looks for them."""
        (rows, block), variable = self._stated, self._variable
        starts = np.searchsorted(block.row, np.arange(len(rows) + 1)).tolist()
        self.__class__ = IndexedConstraint  # of which the rows are an attribute
        self._data = {}
        for key, right, start, end in zip(rows, block.upper.tolist(), starts, starts[1:], strict=False):
            body = Sum(partial(_row, block, slice(start, end), variable))
            self._setitem_when_not_present(key, EqualityExpression((body, right)))
        return self._data

    @_data.setter
    def _data(self, made: dict[Any, Any]) -> None:
        assert not made, "Pyomo begins with none"


def _row(block: Block, part: slice, variable: Callable[[int], Any]) -> Listed:
    return block.value[part].tolist(), [variable(j) for j in block.column[part].tolist()]


def listed(expression: Any) -> Listed:
    """Coefficients and variables of a linear expression, whether or not Pyomo has read it; its constant aside."""
    if expression.__class__ is Sum:
        found: Listed = expression.stated()
        return found
    return expression.linear_coefs, expression.linear_vars


def unfold(model: Any) -> None:
    """Make every sum of a model what it stands for, for a compiler or writer of Pyomo's."""
    for kind in (Constraint, Expression, Objective):
        for component in model.component_data_objects(kind):
            for expression in (component.expr, *getattr(component.expr, "args", ())):
                if expression.__class__ is Sum:
                    assert expression.args is not None
