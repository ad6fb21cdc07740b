"""Columns that stay idle under a fixed plan: only those, and the value of a plan is as without leaving them out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from random_worlds import eventful

from khovor.decisions import Label
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.network import derive
from khovor.solve import Limits, Recourse, optimize
from khovor.solve.idle import idle_columns

NONE = float("inf")


def idle(rows: list[list[float]], lower: list[float], upper: list[float]) -> tuple[list[int], list[int]]:
    """Columns that are never busy, and those that may only circle, all rows being the same in every future."""
    steady = np.ones(len(rows), dtype=np.bool_)
    found = idle_columns(sp.csc_matrix(np.array(rows)), np.array(lower), np.array(upper), steady)
    return np.flatnonzero(found.never).tolist(), np.flatnonzero(found.circling).tolist()


def test_what_is_not_built_makes_nothing_that_could_be_moved_or_sold() -> None:
    """Making is shut, so two places can only send the good to and fro, and neither sells any."""
    # make, there, back, sell
    rows = [[1, 0, 0, 0], [1, -1, 1, 0], [0, 1, -1, -1]]
    assert idle(rows, [-NONE, 0, 0], [0, 0, 0]) == ([0, 3], [1, 2])


def test_what_is_made_stays() -> None:
    """With room to make some, nothing is idle."""
    rows = [[1, 0, 0, 0], [1, -1, 1, 0], [0, 1, -1, -1]]
    assert idle(rows, [-NONE, 0, 0], [5, 0, 0]) == ([], [])


def test_a_circle_that_a_rule_may_ask_for_stays() -> None:
    """A rule that wants something moved keeps the circle of a good that nobody makes."""
    rows = [[1, 0, 0, 0], [1, -1, 1, 0], [0, 1, -1, -1], [0, 1, 0, 0]]
    assert idle(rows, [-NONE, 0, 0, 1], [0, 0, 0, NONE]) == ([0, 3], [])


def test_a_row_that_may_change_proves_nothing() -> None:
    """A limit of 0 that another future lifts shuts nothing."""
    a = sp.csc_matrix(np.array([[1.0, 0.0], [1.0, -1.0]]))
    found = idle_columns(a, np.array([-NONE, 0.0]), np.zeros(2), np.array([False, True]))
    assert not found.never.any()
    assert not found.circling.any()


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_worths_are_those_of_whole_programs(seed: int, stored: bool) -> None:
    """In random worlds with events of every kind, built as planned or not at all, no future is worth more or less."""
    case = eventful(seed, stored)
    f = build(case, derive(case))
    for decided in ({}, _planned(f)):
        recourse = Recourse(f, decided)
        for place in range(len(f.periods) if f.network.separable else 1):
            worths = recourse.worths(place, 0, 1)
            for speaker, _ in recourse.told_apart(place, 0, 1):
                whole = recourse.operate(place, recourse.program(place, speaker))
                expected = whole.objective if whole.status == "optimal" else None
                assert worths[speaker] == (None if expected is None else pytest.approx(expected, abs=1e-7))


def _planned(f: Formulation) -> dict[Label, float]:
    """The decisions of the best plan, by label."""
    outcome = optimize(f, Limits(1e-6, 60.0))
    labels = zip(outcome.matrix.columns, outcome.values.tolist(), strict=True)
    return {label: value for label, value in labels if label and label[0] in DECIDED_ONCE}
