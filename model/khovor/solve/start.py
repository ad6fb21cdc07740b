"""What a solve may begin from: the plan of another run, and what its proof found the rows worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khovor.solve.arrays import Floats, Label
from khovor.solve.carried import Proved


@dataclass(frozen=True, slots=True)
class Prices:
    """Sets of prices of a program's rows, found in its proof: `values[k]` is set k, one price for each of `rows`.

    They prove something of any program, by weak duality, and much of one that is like the one they are from; `proved`
    is the program of decisions that they left, with its bound.
    """

    rows: tuple[Label, ...]
    values: npt.NDArray[np.float64]
    proved: Proved | None = None

    @classmethod
    def of(cls, rows: Sequence[Label | None], sets: Sequence[Floats], proved: Proved | None = None) -> Prices:
        """The prices of rows, those that are 0 in every set left out."""
        told, named = np.array(sets).reshape(len(sets), len(rows)), _named(rows)
        places = np.flatnonzero(told.any(axis=0)).tolist()
        return cls(tuple(named[r] for r in places), told[:, places], proved)

    def on(self, rows: Sequence[Label | None]) -> list[Floats]:
        """The same prices of the rows of another program: 0 for a row that the first one lacks."""
        place = {label: k for k, label in enumerate(self.rows)}
        known = [(r, place[label]) for r, label in enumerate(_named(rows)) if label in place]
        found = np.zeros((len(self.values), len(rows)))
        found[:, [r for r, _ in known]] = self.values[:, [k for _, k in known]]
        return list(found)


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
