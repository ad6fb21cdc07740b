"""Decisions that cannot keep a rule have prices too: the search goes on from them to plans that can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_worlds import random_world

from khovor.case import Case, Policy, Window
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, optimize
from khovor.solve.given_up import given_up
from khovor.solve.highs import run, with_fixed_integers
from khovor.solve.search import Search, search
from khovor.solve.stamp import compile_model
from support import PATIENCE_S, case_of, one_mine

LIMITS = Limits(1e-7, PATIENCE_S, 1, 1)
WORLDS = (0, 4, 6, 11, 18, 21, 22, 24, 27, 29, 34, 35)
"""Worlds in which 1 t/y can reach the United States."""


def asked(case: Case, subject: str, limit: float) -> Case:
    """A case in which so much must be delivered on average over its futures, whatever it costs."""
    policy = Policy("asked", "delivered_t", subject, False, "min", limit, True, Window(), None, "policies!A1")
    return replace(case, policies=(policy,))


def searched(case: Case) -> Search:
    """What the search alone finds."""
    formulation = build(case, derive(case))
    return search(formulation, compile_model(formulation), LIMITS, None, None)


def test_a_third_unit_for_the_mean() -> None:
    """150 t/y on average, none where y shuts the road: two units do for x alone, only three for both (0.7 x 300).

    A unit of 100 t/y costs more than it earns, so two would be built if they were enough.
    """
    tables = one_mine(
        sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 50.0}],
        sites=[{"node": "D", "process": "mine", "max_units": 5}],
        lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 1000}],
        scenarios=[{"scenario": "x", "probability": 0.7}, {"scenario": "y", "probability": 0.3}],
        events=[{"scenario": "y", "target_type": "lane", "target": "D-M", "capacity_factor": 0.0}],
    )
    case = asked(case_of(tables), "ore:US", 150.0)
    found = searched(case)
    assert found.value is not None and found.bound is not None
    assert found.value == pytest.approx(optimize(build(case, derive(case)), LIMITS).objective)
    assert found.bound == pytest.approx(found.value, rel=1e-5)


@pytest.mark.parametrize("seed", WORLDS)
def test_what_nobody_would_build_unasked(seed: int) -> None:
    """On random worlds with dear plants the search alone proves the optimum that delivers 1 t/y on average."""
    tables, settings = random_world(seed)
    sizes = [{**size, "capex_musd": 30.0 * float(str(size["capex_musd"]))} for size in tables["sizes"]]
    case = asked(case_of({**tables, "sizes": sizes}, **settings), "conc:US", 1.0)
    best, found = optimize(build(case, derive(case)), LIMITS), searched(case)
    assert found.value == pytest.approx(best.objective, rel=1e-5)
    assert found.bound == pytest.approx(best.objective, rel=1e-5)


@pytest.mark.parametrize("seed", WORLDS)
def test_nothing_is_given_up_that_can_be_kept(seed: int) -> None:
    """With the best decisions the program is worth as much as without slacks; with nothing built some are used."""
    tables, settings = random_world(seed)
    case = asked(case_of(tables, **settings), "conc:US", 1.0)
    formulation = build(case, derive(case))
    matrix, best = compile_model(formulation), optimize(formulation, LIMITS)
    kept = run(given_up(with_fixed_integers(matrix, best.values)), LIMITS)
    assert kept.objective == pytest.approx(best.objective, rel=1e-6)
    none = run(given_up(with_fixed_integers(matrix, np.zeros(len(matrix.cost)))), LIMITS)
    assert none.status == "optimal"
    assert none.values is not None and none.values[matrix.shape[1] :].sum() > 0.0
