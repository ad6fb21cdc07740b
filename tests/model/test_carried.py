"""A bound carried from the proof of one program to another: never below what the other is worth."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
import random_worlds
from test_priced import EXACT, MOST, futures_of, program, value
from test_random_policies import policies
from test_start import LIMITS, WORLDS, units

from khovor.case import Case
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Matrix, Outcome, Start, optimize
from khovor.solve.carried import Line, Proved
from khovor.solve.highs import relaxed, run
from khovor.solve.priced import Priced
from support import case_of, one_mine

SOLVE: Any = sys.modules["khovor.solve.optimize"]
BRANCHING: Any = sys.modules["khovor.solve.branching"]


def world(seed: int) -> tuple[Matrix, str, np.random.Generator]:
    """A random program whose columns all have limits, the future that is kept in it, and dice."""
    _, formulation, matrix = program(seed)
    roomy = replace(matrix, col_upper=np.minimum(matrix.col_upper, MOST))
    return roomy, formulation.case.scenarios[0].name, np.random.default_rng(seed)


def priced(matrix: Matrix, kept: str, dice: np.random.Generator, sets: int = 3) -> Priced:
    """The futures but one priced out, at prices of the relaxation and at others near them."""
    found, loose = futures_of(matrix, kept), run(relaxed(matrix), EXACT).duals
    assert loose is not None
    assert found.price(loose)
    while len(found.prices) < sets:
        found.price(loose * dice.uniform(0.7, 1.3, len(loose)))
    return found


def again(matrix: Matrix, like: Priced, kept: str) -> Matrix:
    """What is left of another program at the same prices."""
    found = futures_of(matrix, kept)
    assert all(found.price(prices) for prices in like.prices)
    return found.without()


def proved(found: Priced) -> Proved:
    """Its proof, by solving it."""
    small = found.without()
    return Proved(small, len(found.prices) - 1, found.parts, MOST, value(small))


@pytest.mark.parametrize("seed", range(20))
def test_limits_that_move_move_the_bound_by_no_less_than_they_are_worth(seed: int) -> None:
    """Limits of what is priced out, up or down, and costs that change: the carried bound is no bound too low."""
    roomy, kept, dice = world(seed)
    found = priced(roomy, kept, dice)
    proof = proved(found)
    assert proof.of(found.without()) == pytest.approx(proof.bound, abs=1e-9)
    touched = found.part >= 0
    for least, most in ((0.6, 1.0), (1.0, 1.4), (0.7, 1.3)):
        moved = np.where(touched, dice.uniform(least, most, len(touched)), 1.0)
        costs = roomy.cost * dice.uniform(0.95, 1.05, len(roomy.cost))
        other = replace(roomy, row_upper=roomy.row_upper * moved, cost=costs)
        small = again(other, found, kept)
        bound = proof.of(small)
        assert np.isfinite(bound)
        assert bound >= value(small) - 1e-6
        assert bound >= value(other) - 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_a_proof_along_a_line_holds_for_all_programs_on_it(seed: int) -> None:
    """Limits that move in step: at each step the bound is that of the line, and no program there is worth more."""
    roomy, kept, dice = world(seed)
    found = priced(roomy, kept, dice)
    step = np.where((found.part >= 0) & ~found.balances & np.isfinite(roomy.row_upper), 0.2 * roomy.row_upper, 0.0)
    step *= dice.uniform(0.0, 1.0, len(step))
    small, other = found.without(), again(replace(roomy, row_upper=roomy.row_upper + step), found, kept)
    cuts = (len(found.prices) - 1) * found.parts
    moved = (other.row_upper - small.row_upper)[small.shape[0] - cuts :]
    line = Line(other.offset - small.offset, moved, dice.uniform(0.0, 2.0), -2.0, 1.0)
    proof = Proved(small, len(found.prices) - 1, found.parts, MOST, value(line.with_steps(small)), line)
    for steps in (-2.0, -0.7, 0.0, 0.4, 1.0):
        there = replace(roomy, row_upper=roomy.row_upper + steps * step)
        bound = proof.of(again(there, found, kept))
        if line.offset or moved.any():
            assert bound == pytest.approx(proof.bound + steps * line.slope, abs=1e-7)
        assert bound >= value(there) - 1e-6
    assert (
        proof.of(again(replace(roomy, row_upper=roomy.row_upper + 1.5 * step), found, kept)) >= proof.of(other) - 1e-9
    )


def test_what_may_do_more_is_not_bounded() -> None:
    """A limit of what is kept that is wider, a column that may be larger, another shape: nothing is proved."""
    _, formulation, matrix = program(3)
    found = priced(matrix, formulation.case.scenarios[0].name, np.random.default_rng(3), sets=2)
    proof, small = proved(found), found.without()
    (held, *_) = np.flatnonzero(np.isfinite(small.row_upper[: -found.parts]))
    wider, narrower = small.row_upper.copy(), small.row_upper.copy()
    wider[held] += 1.0
    narrower[held] -= 1.0
    assert proof.of(replace(small, row_upper=wider)) == np.inf
    assert proof.of(replace(small, row_upper=narrower)) == pytest.approx(proof.bound, abs=1e-9)
    assert proof.of(replace(small, col_upper=small.col_upper + 1.0)) == np.inf
    assert proof.of(found.matrix) == np.inf


def outcome_of(case: Case, start: Start, limits: Limits = LIMITS) -> Outcome:
    return optimize(build(case, derive(case)), limits, None, None, start)


@pytest.mark.parametrize("seed", WORLDS)
def test_a_carried_bound_changes_neither_plan_nor_proof(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """From plan and proof of the same world with other demands a program in parts ends at the optimum of the whole."""
    tables, settings = random_worlds.random_world(seed)
    case = case_of(tables, **{**settings, "home_territory": "MN"})
    case = replace(case, policies=policies(case, Random(seed)))
    whole = optimize(build(case, derive(case)), LIMITS)
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    for factor in (0.5, 0.9, 1.1, 2.0):
        markets = tuple(m if m.max_t_y is None else replace(m, max_t_y=factor * m.max_t_y) for m in case.markets)
        other = outcome_of(replace(case, markets=markets), Start({}))
        found = outcome_of(case, Start(units(other), other.prices))
        assert found.status == "optimal"
        assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
        assert found.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)


def gated(capacity: float, *, standing: bool = True) -> Case:
    """A mine that stands (or may be built), one that is too dear; two futures; a market behind a gate pays best."""
    return case_of(
        one_mine(
            nodes=[{"node": n, "kind": "site", "territory": "MN"} for n in "DMN"],
            sizes=[
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "mine", "size": "dear", "capacity_t_y": 100, "capex_musd": 10},
            ],
            sites=[
                {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1}
                | {"sizes": "dear", "max_units": 1}
                if standing
                else {"node": "D", "process": "mine", "max_units": 1}
            ],
            gates=[{"gate": "G", "capacity_t_y": capacity}],
            lanes=[
                {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"},
                {"lane": "D-N", "from": "D", "to": "N", "mode": "road", "usd_t": 1000},
            ],
            markets=[
                {"node": "M", "product": "ore", "price_usd_t": 20000},
                {"node": "N", "product": "ore", "price_usd_t": 5000},
            ],
            scenarios=[{"scenario": "calm", "probability": 0.7}, {"scenario": "dear", "probability": 0.3}],
            events=[{"scenario": "dear", "target_type": "product", "target": "ore", "price_factor": 2}],
        )
    )


def worth(through: float) -> float:
    """Value of 100 t, so many kt/y through the gate: 25,000 USD/t on average there, 5,500 elsewhere [MUSD]."""
    return through * 25.0 + (0.1 - through) * 5.5


def test_limits_between_two_programs_need_no_branching(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof for 60 t, begun from that for 90 t, is one for all between: 80 t is not branched, nor searched."""
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    wide = outcome_of(gated(90.0, standing=False), Start({}))
    tight = outcome_of(gated(60.0, standing=False), Start(units(wide), wide.prices))
    assert tight.objective == pytest.approx(worth(0.06) - 1.0)
    assert tight.prices is not None and tight.prices.proved is not None and tight.prices.proved.line is not None
    monkeypatch.setattr(BRANCHING, "bounded", None)
    between = outcome_of(gated(80.0, standing=False), Start(units(tight), tight.prices), replace(LIMITS, gap=1e-4))
    assert between.status == "optimal"
    assert between.objective == pytest.approx(worth(0.08) - 1.0)
    assert between.bound == pytest.approx(between.objective, rel=1e-4)


def test_a_limit_a_little_tighter_needs_no_branching(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 t may pass instead of 90: value falls by what the proof for 90 t says, and nothing is branched for it."""
    monkeypatch.setattr(SOLVE, "LARGE", 0)
    wide = outcome_of(gated(90.0), Start({}))
    assert wide.objective == pytest.approx(worth(0.09))
    monkeypatch.setattr(BRANCHING, "bounded", None)
    tight = outcome_of(gated(80.0), Start(units(wide), wide.prices), replace(LIMITS, gap=1e-4))
    assert tight.status == "optimal"
    assert tight.objective == pytest.approx(worth(0.08))
    assert tight.bound == pytest.approx(tight.objective, rel=1e-4)
    assert any("proof of another program" in line for line in tight.log)
