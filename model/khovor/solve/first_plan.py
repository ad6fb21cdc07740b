"""A first plan in seconds: what a future alone builds with roads that are free, then on the few that it takes.

1. With its shipments priced out at nothing (`priced.py`) a program has a tenth of its columns, and all that is left of
   geography is that no more is used of a commodity than is made anywhere. Its relaxation says what to build.
2. The whole program's, with that built, prices the roads and says which of them carry anything: one in fifty.
3. The relaxation with these roads alone is worth what the relaxation with all is worth, or hardly less, at a twentieth
   of the time: its point is where the proof begins. Of the units that it builds, in part or whole, a small program
   chooses whole ones.

It proves nothing. J. Forrest (1989) and R. Bixby et al. (1992), Very large-scale linear programming, sift so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from khovor.formulation import Formulation
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.branching import Search, nearby
from khovor.solve.highs import held, relaxed
from khovor.solve.priced import Priced
from khovor.solve.proof import RELAXING, roads_of

SKETCHING: dict[str, Any] = {"solver": "simplex"}
"""Without roads a vertex takes half the time of a central point."""

FIRST_SHARE = 0.5
"""Share of the time left that the choice of whole units may take."""

PHASE = "first plan"


def first_plan(s: Search, alone: Formulation, strong: Matrix) -> tuple[Floats, dict[Label, float] | None]:
    """Where the relaxation of one future is best, by column of its program `strong`, or nearly; and whole units near.

    Nothing is built where there is no such relaxation; None where whole units do not keep the rules.
    """
    roads, nothing = roads_of(alone, strong), np.zeros(strong.shape[1])
    if not roads.price(np.zeros(strong.shape[0])):
        return nothing, None
    sketch = s.solve(relaxed(roads.without()), s.left, PHASE, **SKETCHING)
    if sketch.values is None:
        return nothing, None
    point = _on_roads(s, roads, roads.point(sketch.values))
    answer = s.solve(nearby(roads, point), FIRST_SHARE * s.left, PHASE)
    return point, None if answer.values is None else roads.decided(answer.values)


def _on_roads(s: Search, roads: Priced, asked: Floats) -> Floats:
    """The best point on the roads that carry something with the units that are asked for; prices roads by these."""
    m = roads.matrix
    built = held(m, np.where(m.integer, np.clip(asked, m.col_lower, m.col_upper), np.nan))
    operated = s.operate(built, s.left, PHASE, lacking=True)
    if operated.duals is not None:
        roads.price(operated.duals)
    if operated.values is None:
        return asked
    upper = m.col_upper.copy()
    upper[roads.out[operated.values[roads.out] <= 0.0]] = 0.0
    best = s.solve(relaxed(replace(m, col_upper=upper)), s.left, PHASE, **RELAXING)
    return asked if best.values is None else best.values
