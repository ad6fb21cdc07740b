"""Fewer futures that stand for many: fast forward selection (Heitsch and Römisch 2003, algorithm 2.4).

Futures are kept one after the other, each the one that leaves the least Σ p·(distance to the nearest kept) over all
futures; then every future gives its probability to the nearest kept one. That sum is the Kantorovich distance between
all futures and those that are kept, and the redistribution is the best for the kept set; the set itself is chosen
greedily.

The distance of two futures is the sum over years and targets of how much their factors differ, each year weighted by
what a dollar of that year is worth in the base year: 1 is one group shut for a year, or its freight doubled, at no
discount.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reduction:
    """Which futures are kept, in the order in which they were chosen, their probabilities, and how far that is.

    `distances[i]` is the Kantorovich distance to all futures with the first i + 1 of them kept, so never rising.
    """

    kept: tuple[int, ...]
    probabilities: tuple[float, ...]
    distances: tuple[float, ...]

    @property
    def share(self) -> float:
        """The distance that is left, as a share of what the best single future would leave; 0 where that is 0."""
        return self.distances[-1] / self.distances[0] if self.distances[0] else 0.0


def distances_between(factors: Array, weights: Sequence[float]) -> Array:
    """Distances of futures, shape (futures, futures), from factors of the shape (futures, years, aspects).

    >>> float(distances_between(np.array([[[1.0], [1.0]], [[0.0], [0.5]]]), [1.0, 0.5])[0, 1])
    1.25
    """
    reached, lengths = _steps(factors, np.asarray(weights, dtype=np.float64))
    measured = reached * lengths
    own, shared = measured.sum(axis=1), measured @ reached.T
    found: Array = np.maximum(own[:, None] + own[None, :] - 2.0 * shared, 0.0)
    np.fill_diagonal(found, 0.0)
    return found


def _steps(factors: Array, weights: Array) -> tuple[Array, Array]:
    """Each factor as steps: whether it reaches a level (futures, steps), and how far that is above the one before.

    Factors have few levels, and two of them differ by the steps that one reaches and the other does not: all
    distances are one product of matrices, which is far less work than a sum for every pair.
    """
    reached, lengths = [np.zeros((len(factors), 0))], [np.zeros(0)]
    for aspect in range(factors.shape[2]):
        values = factors[:, :, aspect]
        levels = np.unique(values)
        for before, level in itertools.pairwise(levels):
            reached.append((values >= level).astype(np.float64))
            lengths.append((level - before) * weights)
    return np.concatenate(reached, axis=1), np.concatenate(lengths)


def fast_forward(distances: Array, probabilities: Sequence[float], keep: int) -> Reduction:
    """Keep so many futures (or all, where there are fewer) of given distances and probabilities."""
    odds = np.asarray(probabilities)
    nearest = np.full(len(odds), np.inf)
    kept: list[int] = []
    trail: list[float] = []
    for _ in range(min(keep, len(odds))):
        left = odds @ np.minimum(distances, nearest[:, None])
        left[kept] = np.inf
        chosen = int(left.argmin())
        kept.append(chosen)
        nearest = np.minimum(nearest, distances[:, chosen])
        trail.append(float(odds @ nearest))
    owner = distances[:, kept].argmin(axis=1)
    owner[kept] = range(len(kept))
    given = np.bincount(owner, weights=odds, minlength=len(kept))
    return Reduction(tuple(kept), tuple(given.tolist()), tuple(trail))
