"""The least public money for what is decided: operation at a price of the return, then support that just reaches it.

With units and bookings decided, the row of the investor's return is what ties all futures. At a price μ of it (public
MUSD for a MUSD of his value) operation falls apart, and is what earns him most. What is left to choose is how much of
each support he takes: a program of some hundred columns, whose price of the row is the μ of the next round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.formulation.fiscal import FISCAL
from khovor.formulation.objective import TARGET
from khovor.solve.arrays import Floats, Matrix, Places
from khovor.solve.blocks import left_of
from khovor.solve.highs import Answer, held, relaxed, run
from khovor.solve.progress import Limits
from khovor.solve.settle import settled

SUPPORT = ("support", "topped", "paid", *FISCAL)
"""What is chosen anew for a plan: support, and the tax that follows from it."""

DEAR = 100.0
"""Public MUSD for a MUSD of the investor's value, where what is on offer does not bring enough of it."""

CHEAP = 1e-2
"""The least that value counts: of plans that cost the public nothing the one that earns most is wanted."""

SETTLING = 6
"""Times the support is found again for the tax of the law, which may be more than that of the program."""

EXACT = 1e-7
"""What the investor may lack [MUSD], as a share of what his value is made of."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A plan that reaches the return, or None; and the price of the row there."""

    values: Floats | None
    price: float


class Reach:
    """A program of least support, whose plans are to reach the return."""

    def __init__(self, formulation: Formulation, matrix: Matrix) -> None:
        self._f, self._matrix = formulation, matrix
        self.row = next(r for r, row in enumerate(matrix.rows) if row is not None and row[0] == TARGET)
        self._value = matrix.sparse.tocsr()[self.row].toarray().ravel()
        self.asked = float(matrix.row_lower[self.row])
        self._once = _named(matrix, DECIDED_ONCE)
        self._free = np.flatnonzero(_named(matrix, SUPPORT))
        others = np.arange(matrix.shape[0]) != self.row
        self._bare = matrix.with_entries(
            matrix.sparse.tocsr()[others],
            row_lower=matrix.row_lower[others],
            row_upper=matrix.row_upper[others],
            rows=[row for row, kept in zip(matrix.rows, others.tolist(), strict=True) if kept],
        )

    def operated(self, decided: Floats, price: float, operate: Callable[[Matrix], Answer]) -> Answer:
        """What is decided once at its best, value against public money at a price; duals as the whole has them."""
        scale, m = max(price, CHEAP), self._matrix
        priced = replace(self._bare, cost=self._bare.cost / scale - self._value)
        answer = operate(held(priced, np.where(self._once, decided, np.nan)))
        if answer.values is None or answer.duals is None:
            return replace(answer, values=None, duals=None)
        duals = np.insert(answer.duals * price, self.row, price)
        return replace(answer, duals=duals, objective=float(m.cost @ answer.values + m.offset))

    def beyond(self, values: Floats) -> float:
        """The investor's value at the return he asks for [MUSD], below 0 where he lacks it."""
        return float(self._value @ values) - self.asked

    def again(self, values: Floats, limits: Limits, operate: Callable[[Matrix], Answer]) -> Answer:
        """A plan at its best with what it decides: operation at the price that its support has, and support anew."""
        first = self.least(values, limits)
        answer = self.operated(values if first.values is None else first.values, first.price, operate)
        if answer.values is None:
            return answer
        last = self.least(answer.values, limits)
        plans = [reached.values for reached in (first, last) if reached.values is not None]
        if not plans:
            return replace(answer, status="infeasible", values=None)
        best = min(plans, key=lambda plan: float(self._matrix.cost @ plan))
        return replace(answer, values=best, objective=float(self._matrix.cost @ best + self._matrix.offset))

    def least(self, values: Floats, limits: Limits) -> Reached:
        """The least support with which a plan reaches the return, all else as it is, with the tax of the law."""
        lack = 0.0
        for _ in range(SETTLING):
            answer = self._supported(values, lack, limits)
            if answer is None:
                return Reached(None, DEAR)
            told, price = answer
            told, _ = settled(self._f, self._matrix, told, limits)
            missing = -self.beyond(told)
            if missing <= EXACT * float(np.abs(self._value) @ np.abs(told)):
                return Reached(told, price)
            lack += missing
        return Reached(None, DEAR)

    def _supported(self, values: Floats, lack: float, limits: Limits) -> tuple[Floats, float] | None:
        """Least support where the return is to be passed by what it will lack: columns, and the price of the row."""
        m = relaxed(self._matrix)
        lower = m.row_lower.copy()
        lower[self.row] += lack
        chosen = values.copy()
        chosen[self._free] = np.nan
        left, rows = left_of(held(replace(m, row_lower=lower), chosen), self._free)
        answer = run(left, limits, phase="support")
        if answer.values is None or answer.duals is None or answer.status != "optimal":
            return None
        told = chosen
        told[self._free] = answer.values
        at = np.flatnonzero(rows == self.row)
        return told, float(answer.duals[at[0]]) if len(at) else 0.0


def _named(matrix: Matrix, names: tuple[str, ...]) -> Places:
    return np.array([label is not None and label[0] in names for label in matrix.columns])
