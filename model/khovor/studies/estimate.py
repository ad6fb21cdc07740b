"""What values in many futures say of their mean: expectation, standard error, confidence interval.

With probabilities p (sum 1) and values v, the mean is m = Σ p·v and n = 1 / Σ p² is how many equally probable futures
say as much. The futures count as a sample: standard error s = sqrt(Σ p·(v - m)² / (n - 1)), which for equal
probabilities is the usual sd / sqrt(n); the interval is m ± t·s with Student's t of n - 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """Mean [MUSD], its standard error and interval (None where one future says nothing of its spread)."""

    mean: float
    error: float | None
    interval: tuple[float, float] | None


def estimate(values: Sequence[float], probabilities: Sequence[float]) -> Estimate:
    """The mean of values under their probabilities, and how well it is known.

    >>> estimate([1.0, 3.0], [0.5, 0.5])[:2]
    (2.0, 1.0)
    """
    v, p = np.asarray(values, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    mean, n = float(p @ v), 1.0 / float(p @ p)
    if n - 1.0 < 1e-9:
        return Estimate(mean, None, None)
    error = float(np.sqrt(p @ (v - mean) ** 2 / (n - 1.0)))
    reach = float(stdtrit(n - 1.0, 0.5 + CONFIDENCE / 2.0)) * error
    return Estimate(mean, error, (mean - reach, mean + reach))
