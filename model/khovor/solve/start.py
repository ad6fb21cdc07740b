"""What a solve may begin from: the plan of another run, and what its proof found the rows worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.carried import Proved


@dataclass(frozen=True, slots=True)
class Prices:
    """Sets of prices of a program's rows, found in its proof: `values[k]` is set k, one price for each of `rows`.

    They prove something of any program, by weak duality, and much of one that is like the one they are from; `proved`
    is the program of decisions that they left, with its bound, and `limits` are the lower and upper ones of the rows.
    """

    rows: tuple[Label, ...]
    values: npt.NDArray[np.float64]
    limits: npt.NDArray[np.float64]
    proved: Proved | None = None

    @classmethod
    def of(cls, matrix: Matrix, sets: Sequence[Floats], proved: Proved | None = None) -> Prices:
        """The prices of the rows of a program; a row of which prices and limits are all 0 or none is left out."""
        told, named = np.array(sets).reshape(len(sets), len(matrix.rows)), _named(matrix.rows)
        limits = np.vstack([matrix.row_lower, matrix.row_upper])
        places = np.flatnonzero(told.any(axis=0) | (np.isfinite(limits) & (limits != 0.0)).any(axis=0))
        return cls(tuple(named[r] for r in places.tolist()), told[:, places], limits[:, places], proved)

    def on(self, rows: Sequence[Label | None]) -> list[Floats]:
        """The same prices of the rows of another program: 0 for a row that the first one lacks."""
        here, there = self._places(rows)
        found = np.zeros((len(self.values), len(rows)))
        found[:, here] = self.values[:, there]
        return list(found)

    def limits_on(self, matrix: Matrix) -> tuple[Floats, Floats]:
        """Lower and upper limits of the rows of another program as they are here, or else its own."""
        here, there = self._places(matrix.rows)
        lower, upper = matrix.row_lower.copy(), matrix.row_upper.copy()
        for own, limits in ((lower, self.limits[0]), (upper, self.limits[1])):
            own[here] = np.where(np.isfinite(own[here]) & np.isfinite(limits[there]), limits[there], own[here])
        return lower, upper

    def _places(self, rows: Sequence[Label | None]) -> tuple[list[int], list[int]]:
        """Places of the rows that both have: there, and here."""
        place = {label: k for k, label in enumerate(self.rows)}
        known = [(r, place[label]) for r, label in enumerate(_named(rows)) if label in place]
        return [r for r, _ in known], [k for _, k in known]


def _named(rows: Sequence[Label | None]) -> list[Label]:
    """Labels, of rows that a method of solution has added too: by their order, while there are as many of them."""
    added = [r for r, label in enumerate(rows) if label is None]
    order = {r: k for k, r in enumerate(added)}
    return [("", (order[r], len(added))) if label is None else label for r, label in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class Start:
    """A plan to begin from: values by label, an integer it lacks is 0; and prices from a proof of a program like this.

    Without prices the proof begins with those of the plan.
    """

    plan: Mapping[Label, float]
    prices: Prices | None = None
