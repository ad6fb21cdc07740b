"""Operation under a fixed plan where losses expire: the linear program of a future, branched on years until it is law.

A year gains or loses, not both. Where losses never expire no program gains by saying both; where they do, it makes an
old loss young by it (`formulation/fiscal.py`). So where the best operation says both of a year, it is solved again with
no loss in that year, and with no gain: one of the two holds of every plan, and a bound of both is one of the program.
Few years ask for it, those in which losses would expire. The plan that is left is told with the tax of the law
(`solve/settle.py`). A. Land and A. Doig (1960), An automatic method of solving discrete programming problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from khovor.errors import UsageError
from khovor.formulation import Formulation
from khovor.solve.arrays import Floats, Matrix
from khovor.solve.highs import Answer
from khovor.solve.settle import by_law

SURE: Final = 1e-8
"""By how much, relatively, a plan may be worth less than the bound and count as the best."""

BOTH: Final = 1e-7
"""MUSD that a year may both gain and lose: rounding."""

MOST: Final = 2_000
"""Programs of one future at most: beyond it nothing is said rather than something that is not the best."""


def expires(f: Formulation) -> bool:
    """Whether the tax needs to know of each loss when it was made."""
    return any(made for made, _, _ in f.model.used)


def lawful(f: Formulation, program: Matrix, solve: Callable[[Matrix], Answer]) -> Answer:
    """The best operation of a program (labels without the future) of which no year both gains and loses.

    Its prices are those of the years as they turn out. Raises UsageError where it cannot be told with certainty.
    """
    branching = _Branching(f, program, left=[program.col_upper])
    for _ in range(MOST):
        if not branching.left:
            return branching.found
        upper = branching.left.pop()
        answer = solve(replace(program, col_upper=upper))
        if answer.status not in ("optimal", "infeasible"):
            return answer
        branching.take(answer, upper)
    raise UsageError("With losses that expire this plan's operation could not be told with certainty.")


@dataclass(slots=True)
class _Branching:
    """What is known: the best operation so far, and what is left to ask, as upper bounds of the columns."""

    f: Formulation
    program: Matrix
    left: list[Floats]
    best: Answer | None = None
    none: Answer | None = None
    years: list[tuple[int, int]] = field(init=False)
    places: dict[tuple[object, ...], int] = field(init=False)

    def __post_init__(self) -> None:
        self.years = _years(self.program)
        self.places = {(x[0], *x[1]): j for j, x in enumerate(self.program.columns) if x is not None}

    @property
    def found(self) -> Answer:
        """The best operation, or that there is none."""
        found = self.best or self.none
        assert found is not None
        return found

    def take(self, answer: Answer, upper: Floats) -> None:
        """Keep an answer to what was asked if it is law and the best; else ask on, where it might be better."""
        if answer.status == "infeasible":
            self.none = answer
        elif answer.values is None:  # nothing can run: a program without columns
            self.best = answer
        elif self.best is None or answer.objective > self.best.objective + _room(self.best.objective):
            self._judge(answer, answer.values, upper)

    def _judge(self, answer: Answer, values: Floats, upper: Floats) -> None:
        told = by_law(self.f, self.places, values)
        worth = float(self.program.cost @ told + self.program.offset)
        both = [min(values[gain], values[loss]) for gain, loss in self.years]
        if worth < answer.objective - _room(worth) and max(both) > BOTH:
            gain, loss = self.years[int(np.argmax(both))]
            # the last is asked first: nothing of the smaller of the two
            for shut in (gain, loss) if values[gain] >= values[loss] else (loss, gain):
                fewer = upper.copy()
                fewer[shut] = 0.0
                self.left.append(fewer)
        elif self.best is None or worth > self.best.objective:
            self.best = replace(answer, objective=worth, values=told)


def _years(program: Matrix) -> list[tuple[int, int]]:
    """The columns of gain and loss of each year."""
    found: dict[str, dict[object, int]] = {"gain": {}, "loss": {}}
    for j, label in enumerate(program.columns):
        if label is not None and label[0] in found:
            found[label[0]][label[1]] = j
    return [(j, found["loss"][year]) for year, j in found["gain"].items()]


def _room(worth: float) -> float:
    return SURE * max(1.0, abs(worth))
