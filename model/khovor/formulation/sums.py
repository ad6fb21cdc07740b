"""Linear sums as they were listed: Pyomo makes an object of every term, which most sums never need.

A `Sum` is a Pyomo expression that keeps its coefficients and its variables side by side. Arrays are made of these; the
moment Pyomo reads it (to print, add or evaluate), it becomes the `LinearExpression` it stands for. Pyomo's compilers
and writers go by the class of an expression before they read it: `unfold` a model for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyomo.core.expr import LinearExpression, MonomialTermExpression
from pyomo.environ import Constraint, Expression, Objective

Listed = tuple[Sequence[float], Sequence[Any]]
"""Coefficients, and the variable of each."""

_HELD = LinearExpression._args_
"""Where Pyomo keeps what an expression is made of: the lists of a sum until they are read, its terms afterwards."""


class Sum(LinearExpression):  # type: ignore[misc]  # Pyomo has no types
    """Σ coefficient x variable; no coefficient is 0."""

    __slots__ = ()

    def __init__(self, coefficients: Sequence[float], variables: Sequence[Any]) -> None:
        _HELD.__set__(self, (coefficients, variables))
        self._nargs = len(coefficients)  # type: ignore[misc]  # a slot of Pyomo's class

    @property
    def listed(self) -> Listed:
        """The lists it was made of."""
        held: Listed = _HELD.__get__(self)
        return held

    @property
    def _args_(self) -> list[Any]:
        """Its terms, as Pyomo reads them."""
        terms = list(map(MonomialTermExpression, zip(*self.listed, strict=True)))
        self.__class__ = LinearExpression  # as Pyomo's own mutable sums do once they are done
        self._args_ = terms  # type: ignore[misc]  # no property any more
        return terms


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
