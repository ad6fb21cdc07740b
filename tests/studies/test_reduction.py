"""Fast forward selection: by hand, against enumeration, and what always holds of its distances and probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from khovor.studies.reduction import Reduction, distances_between, fast_forward

LINE = np.array([0.0, 1.0, 4.0, 5.0])
"""Four futures on a line."""

ODDS = [0.45, 0.15, 0.1, 0.3]

SEEDS = st.integers(0, 2**32 - 1)


def apart(places: np.ndarray) -> np.ndarray:
    """Distances of futures on a line."""
    return np.abs(places[:, None] - places[None, :])


def left(distances: np.ndarray, odds: np.ndarray, kept: tuple[int, ...]) -> float:
    """What keeping these futures leaves, by its definition."""
    return float(sum(p * min(distances[i, j] for j in kept) for i, p in enumerate(odds)))


def some(seed: int, futures: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random futures: factors, their distances, odds."""
    rng = np.random.default_rng(seed)
    factors, odds = rng.choice([0.0, 0.5, 1.0, 1.5], (futures, 3, 2)), rng.random(futures) + 0.01
    return factors, distances_between(factors, [1.0, 0.9, 0.8]), odds / odds.sum()


def test_four_futures_by_hand() -> None:
    """Places 0, 1, 4, 5 alone leave 2.05, 1.95, 2.55, 2.95: 1 is kept. Beside it 0, 4, 5 leave 1.5, 0.75, 0.55: 5.

    Then 0 or 4 leaves 0.1 or 0.45: 0. Two kept: 0 gives its 0.45 to 1, and 4 its 0.1 to 5.
    """
    found = fast_forward(apart(LINE), ODDS, 3)
    assert found.kept == (1, 3, 0)
    assert found.distances == pytest.approx((1.95, 0.55, 0.1))
    assert found.share == pytest.approx(0.1 / 1.95)
    two = fast_forward(apart(LINE), ODDS, 2)
    assert (two.kept, two.probabilities) == ((1, 3), pytest.approx((0.6, 0.4)))


def test_three_futures_with_effects_by_hand() -> None:
    """Shut for two years worth 1 and 0.5, dear (x 1.5) in the second alone, and calm: 1.5, 0.25 and 1.75 apart."""
    calm = [[1.0, 1.0], [1.0, 1.0]]
    shut, dear = [[0.0, 1.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.5]]
    distances = distances_between(np.array([calm, shut, dear]), [1.0, 0.5])
    np.testing.assert_allclose(distances, [[0.0, 1.5, 0.25], [1.5, 0.0, 1.75], [0.25, 1.75, 0.0]])
    found = fast_forward(distances, [0.5, 0.2, 0.3], 2)
    assert (found.kept, found.distances) == ((0, 1), pytest.approx((0.375, 0.075)))
    assert found.probabilities == pytest.approx((0.8, 0.2))


@given(SEEDS, st.integers(1, 12))
def test_distances_are_sums_of_differences(seed: int, futures: int) -> None:
    """All distances equal scipy's sum of absolute differences of the weighted factors, future by future."""
    factors, distances, _ = some(seed, futures)
    flat = (factors * np.array([1.0, 0.9, 0.8])[None, :, None]).reshape(futures, -1)
    np.testing.assert_allclose(distances, cdist(flat, flat, "cityblock"), atol=1e-12)


@given(SEEDS, st.integers(1, 9))
def test_one_kept_future_is_the_best_of_all(seed: int, futures: int) -> None:
    """For k = 1 the distance equals the least over all single futures."""
    _, distances, odds = some(seed, futures)
    best = min(left(distances, odds, (j,)) for j in range(futures))
    assert fast_forward(distances, odds.tolist(), 1).distances[0] == pytest.approx(best)


@given(SEEDS, st.integers(3, 7), st.integers(2, 3))
def test_several_kept_futures_leave_what_the_definition_says(seed: int, futures: int, keep: int) -> None:
    """The distance is that of the kept set by its definition, and never less than the best set of that size."""
    _, distances, odds = some(seed, futures)
    found = fast_forward(distances, odds.tolist(), keep)
    assert found.distances[-1] == pytest.approx(left(distances, odds, found.kept))
    best = min(left(distances, odds, kept) for kept in itertools.combinations(range(futures), keep))
    assert found.distances[-1] >= best - 1e-12


@given(SEEDS, st.integers(1, 15), st.integers(1, 20))
def test_what_always_holds(seed: int, futures: int, keep: int) -> None:
    """Distances never rise and end at 0 when all are kept; probabilities add up to 1; none is kept twice."""
    _, distances, odds = some(seed, futures)
    found = fast_forward(distances, odds.tolist(), keep)
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(found.distances))
    assert sum(found.probabilities) == pytest.approx(1.0)
    assert len(set(found.kept)) == len(found.kept) == len(found.distances) == min(keep, futures)
    if keep >= futures:
        assert found.distances[-1] == pytest.approx(0.0, abs=1e-12)


def test_nothing_to_lose() -> None:
    """Where one future stands for all without distance, the share that is left is 0 and not a fraction of nothing."""
    assert Reduction((0,), (1.0,), (0.0,)).share == 0.0
