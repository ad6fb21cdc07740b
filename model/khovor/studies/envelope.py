"""The best of some plans as the probability of one future moves: straight lines, and their upper envelope.

The other futures share what is left in proportion, so a fixed plan is worth a straight line in that probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SAME = 1.0e-12
"""Slopes and places that differ by less are the same."""


class Line(NamedTuple):
    """A value [MUSD] at probability 0 and at probability 1."""

    never: float
    surely: float

    def at(self, p: float) -> float:
        """The value at a probability."""
        return self.never + p * (self.surely - self.never)

    @property
    def slope(self) -> float:
        """What a probability of 1 adds [MUSD]."""
        return self.surely - self.never


class Piece(NamedTuple):
    """The place of the line that is the best between two probabilities."""

    line: int
    low: float
    high: float


def envelope(lines: Sequence[Line], low: float, high: float) -> list[Piece]:
    """Which line is the best where, from `low` to `high`; of equal ones the first.

    >>> envelope([Line(10, 0), Line(4, 4), Line(0, 10)], 0.0, 1.0)
    [Piece(line=0, low=0.0, high=0.5), Piece(line=2, low=0.5, high=1.0)]
    >>> envelope([Line(10, 0), Line(4, 9)], 0.0, 0.2)
    [Piece(line=0, low=0.0, high=0.2)]
    """
    pieces: list[Piece] = []
    p = low
    best = max(range(len(lines)), key=lambda i: (lines[i].at(low), lines[i].slope, -i))
    while True:
        crossings = [
            ((lines[best].never - line.never) / (line.slope - lines[best].slope), -line.slope, i)
            for i, line in enumerate(lines)
            if line.slope > lines[best].slope + SAME
        ]
        at, _, following = min(crossings, default=(high, 0.0, -1))
        if at >= high - SAME:
            return [*pieces, Piece(best, p, high)]
        if at > p + SAME:
            pieces.append(Piece(best, p, at))
        best, p = following, max(at, p)
