"""Linear sums as they were listed: Pyomo makes an object of every term, which most sums never need.

A `Sum` is a Pyomo expression that keeps its coefficients and its variables side by side. Arrays are made of these; the
moment Pyomo reads it (to print, add or evaluate), it becomes the `LinearExpression` it stands for. Pyomo's compilers
and writers go by the class of an expression before they read it: `unfold` a model for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pyomo.core.expr import EqualityExpression, LinearExpression, MonomialTermExpression
from pyomo.environ import Constraint, Expression, Objective, Var

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

Listed = tuple[Sequence[float], Sequence[Any]]
"""Coefficients, and the variable of each."""

_HELD = LinearExpression._args_
"""Where Pyomo keeps what an expression is made of: the lists of a sum until they are read, its terms afterwards."""


class Block(NamedTuple):
    """Rows lower <= A x <= upper; A has an entry per `row` (place in the block), `column` and `value`."""

    lower: Floats
    upper: Floats
    row: Places
    column: Places
    value: Floats


class Columns(Protocol):
    """Some columns of the pattern, and the Pyomo variables of these."""

    @property
    def columns(self) -> Places:
        """The columns."""

    @property
    def variables(self) -> list[Any]:
        """Their variables."""


class Summed(NamedTuple):
    """Lists of a sum of columns and of coefficient x variable, made when they are asked for."""

    members: Columns
    terms: list[tuple[float, Any]]

    def __call__(self) -> Listed:
        """The lists."""
        variables = self.members.variables
        coefficients = [1.0] * len(variables)
        return [*coefficients, *(c for c, _ in self.terms)], [*variables, *(v for _, v in self.terms)]


class Sum(LinearExpression):  # type: ignore[misc]  # Pyomo has no types
    """Σ coefficient x variable; no coefficient is 0. Made of its lists, or of what lists them when they are needed."""

    __slots__ = ()

    def __init__(self, lists: Listed | Callable[[], Listed]) -> None:
        _HELD.__set__(self, lists)

    @property
    def held(self) -> Any:
        """What it was made of: its lists, or what lists them."""
        return _HELD.__get__(self)

    @property
    def listed(self) -> Listed:
        """The lists it is made of."""
        held: Any = _HELD.__get__(self)
        if callable(held):
            held = held()
            _HELD.__set__(self, held)
        found: Listed = held
        return found

    def nargs(self) -> int:
        """How many terms it has."""
        return len(self.listed[0])

    @property
    def _args_(self) -> list[Any]:
        """Its terms, as Pyomo reads them."""
        terms = list(map(MonomialTermExpression, zip(*self.listed, strict=True)))
        self.__class__ = LinearExpression  # as Pyomo's own mutable sums do once they are done
        self._args_, self._nargs = terms, len(terms)  # type: ignore[misc]  # no property any more
        return terms


class ReadLater:
    """Rows stated as arrays, for Pyomo to read one by one; entries are by ascending row."""

    def __init__(self, model: Any, block: Block) -> None:
        self._model, self._block = model, block
        self._starts = np.searchsorted(block.row, np.arange(len(block.lower) + 1)).tolist()

    def equations(self) -> list[Any]:
        """The relation of each row."""
        right = self._block.upper.tolist()
        return [EqualityExpression((Sum(partial(self._row, r)), limit)) for r, limit in enumerate(right)]

    def _row(self, r: int) -> Listed:
        part = slice(self._starts[r], self._starts[r + 1])
        return self._block.value[part].tolist(), [self._variables[j] for j in self._block.column[part].tolist()]

    @cached_property
    def _variables(self) -> list[Any]:
        """Every variable, by column."""
        return [variable for part in self._model.component_objects(Var) for variable in part.values()]


def listed(expression: Any) -> Listed:
    """Coefficients and variables of a linear expression, whether or not Pyomo has read it; its constant aside."""
    if expression.__class__ is Sum:
        found: Listed = expression.listed
        return found
    return expression.linear_coefs, expression.linear_vars


def constant(expression: Any) -> float:
    """The constant of a linear expression."""
    return 0.0 if expression.__class__ is Sum else float(expression.constant)


def unfold(model: Any) -> None:
    """Make every sum of a model what it stands for, for a compiler or writer of Pyomo's."""
    for kind in (Constraint, Expression, Objective):
        for component in model.component_data_objects(kind):
            for expression in (component.expr, *getattr(component.expr, "args", ())):
                if expression.__class__ is Sum:
                    assert expression.args is not None
