"""Futures apart: searched without ever being held whole, a case has the same optimum and the same proof."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from random_worlds import eventful, random_world

from khovor.case import Case, with_scenario
from khovor.decisions import Decisions
from khovor.errors import InfeasibleError
from khovor.formulation import DECIDED_ONCE, build
from khovor.network import derive
from khovor.solution import Solution, collect
from khovor.solve import Limits, Progress, Start, compile_model, optimize
from khovor.solve.benders.decisions import decisions_of
from khovor.solve.benders.operation import Operation
from khovor.solve.benders.search import called_for, size_of
from khovor.solve.highs import run
from khovor.solve.proof import largest_flow
from khovor.verify import verify
from support import PATIENCE_S, case_of, one_mine, solve_and_check


def whole_and_apart(case: Case, monkeypatch: pytest.MonkeyPatch) -> tuple[Solution, Solution]:
    """The same case solved whole, and with each future in a program of its own; both pass the checker."""
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(sys.modules["khovor.solve.benders.search"], "WHOLE", least)
        solution, verdict = solve_and_check(case)
        assert verdict.passed, verdict.failures[:3]
        found.append(solution)
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(30))
def test_random_worlds_have_the_same_optimum(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """What is proved apart is what is proved whole."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    whole, apart = whole_and_apart(case, monkeypatch)
    assert "each with a program of its own" in apart.log[0]
    assert apart.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    assert apart.bound == pytest.approx(whole.bound, rel=1e-5, abs=1e-5)
    assert apart.size.columns >= apart.size.integers > 0


@pytest.mark.parametrize("seed", range(12))
def test_a_cut_holds_for_all_decisions(seed: int) -> None:
    """Prices found under some decisions are never below what operation is worth under others, and meet it there."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    f = build(case, derive(case))
    alone = build(with_scenario(case, case.scenarios[0].name), f.network)
    program = decisions_of(alone, compile_model(alone))
    operation, most = Operation(f, program), largest_flow(f)
    dice = np.random.default_rng(seed)
    upper = np.minimum(program.matrix.col_upper, 3.0)
    points = [np.zeros(program.width), upper, *(dice.uniform(0.0, upper) for _ in range(3))]
    for part in operation.parts:
        for w, _ in operation.futures(part):
            block = operation.block(part, w)
            answers = [run(block.under(x), Limits(0.0, PATIENCE_S, 1)) for x in points]
            for x, found in zip(points, answers, strict=True):
                if found.duals is None:
                    continue
                cut = block.cut(found.duals, most)
                assert cut.constant + cut.slopes @ x == pytest.approx(found.objective, abs=1e-6)
                told = [(cut.constant + cut.slopes @ y, other) for y, other in zip(points, answers, strict=True)]
                assert all(bound >= other.objective - 1e-6 for bound, other in told if other.duals is not None)


def test_rules_that_decisions_must_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract that no plant fulfils is a limit on decisions: the plan builds for it at a loss, as it does whole."""
    tables = one_mine(
        markets=[{"node": "M", "product": "ore", "price_usd_t": 1, "min_t_y": 60}],
        scenarios=[{"scenario": name, "probability": 0.5} for name in ("x", "y")],
        events=[{"scenario": "y", "target_type": "product", "target": "ore", "price_factor": 2.0}],
    )
    whole, apart = whole_and_apart(case_of(tables), monkeypatch)
    assert whole.objective < 0
    assert apart.objective == pytest.approx(whole.objective)
    assert len(apart.builds) == len(whole.builds) == 1


def test_a_period_in_which_nothing_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first unit can stand there is nothing to operate: an empty program is worth nothing, and no error."""
    tables = one_mine(
        periods=[{"period": "a", "start_year": 2030, "years": 1}, {"period": "b", "start_year": 2031, "years": 1}],
        processes=[{"process": "mine", "build_years": 1}],
        scenarios=[{"scenario": name, "probability": 0.5} for name in ("x", "y")],
        events=[{"scenario": "y", "target_type": "product", "target": "ore", "price_factor": 2.0}],
    )
    whole, apart = whole_and_apart(case_of(tables), monkeypatch)
    assert apart.objective == pytest.approx(whole.objective)
    assert set(apart.activity["period"]) == {"b"}


def test_no_plan_is_told_as_it_is_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two contracts that cannot both be met leave no plan, and the error says why."""
    monkeypatch.setattr(sys.modules["khovor.solve.benders.search"], "WHOLE", 0)
    tables = one_mine(
        markets=[{"node": "M", "product": "ore", "tier": tier, "price_usd_t": 5000, "min_t_y": 60} for tier in (1, 2)]
    )
    with pytest.raises(InfeasibleError):
        solve_and_check(case_of(tables))


def test_it_stops_with_the_plan_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop at the first word of a bound, it ends with a plan that is valued in all futures, and says so."""
    monkeypatch.setattr(sys.modules["khovor.solve.benders.search"], "WHOLE", 0)
    tables, settings = random_world(4)
    case = case_of(tables, **settings)
    stop, f = threading.Event(), build(case, derive(case))

    def heard(progress: Progress) -> None:
        if progress.incumbent is not None:
            stop.set()

    outcome = optimize(f, Limits(0.0, PATIENCE_S, 1, 1), heard, stop)
    assert outcome.status in ("interrupted", "optimal")
    assert verify(case, collect(case, f, outcome)).passed


def test_it_begins_from_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan to start from is valued first, and no search ends below it."""
    tables, settings = random_world(7)
    case = case_of(tables, **settings)
    whole, _ = solve_and_check(case)
    monkeypatch.setattr(sys.modules["khovor.solve.benders.search"], "WHOLE", 0)
    f = build(case, derive(case))
    values, _ = Decisions.of(
        {k: whole.tables[k].to_dict("records") for k in ("builds", "closures", "projects", "bookings")}
    ).labels(case)
    outcome = optimize(f, Limits(1e-7, PATIENCE_S, 1, 1), start=Start(values))
    assert outcome.objective == pytest.approx(whole.objective, rel=1e-6)
    assert any("plan to start from" in line for line in outcome.log)


def test_what_ties_futures_is_searched_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aversion to risk makes value no sum over futures: such a case is not taken apart, the plain one is."""
    monkeypatch.setattr(sys.modules["khovor.solve.benders.search"], "WHOLE", 0)
    case = eventful(1, False)
    f = build(case, derive(case))
    assert size_of(f) == len([x for x in compile_model(f).columns if x is not None and x[0] not in DECIDED_ONCE])
    averse = replace(case, terms=replace(case.terms, risk_weight=0.5))
    assert called_for(f)
    assert not called_for(build(averse, derive(averse)))
