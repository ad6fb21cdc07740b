"""What a bound of hedging rests on: the futures' models, prices that add up to nothing, proofs instead of plans."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from command import khovor, market_split, written
from pyomo.opt import TerminationCondition
from ranks import crew
from worlds import world

from khovor.case import Case
from khovor.errors import KhovorError
from khovor.formulation import DECIDED_ONCE, build
from khovor.network import derive
from khovor.solve import Limits, Outcome, optimize
from support import PATIENCE_S, Rows, case_of, one_mine, solve_and_check

CREW = crew()

from mpisppy.utils.sputils import create_EF  # noqa: E402  (only where it is installed)

from khovor.solve.hedging.ledger import Ledger  # noqa: E402
from khovor.solve.hedging.rounds import NOTHING, Rounds  # noqa: E402
from khovor.solve.hedging.scenarios import scenario_creator  # noqa: E402

EXACT = Limits(1e-6, PATIENCE_S, threads=1, seed=1)


def hedge(case: Case, limits: Limits = EXACT) -> Outcome:
    """Hedge a case on the one rank of this process."""
    return CREW.hedge(build(case, derive(case)), limits)


@pytest.mark.parametrize("name", ["contract", "world-8", "world-9", "world-17", "world-37", "mines-2"])
def test_tied_together_the_futures_are_the_whole(name: str) -> None:
    """mpi-sppy's extensive form of the futures' models has the optimum of khovor's own program, sign turned."""
    case = world(name)
    network = derive(case)
    names = [s.name for s in case.scenarios]
    together = create_EF(
        names, scenario_creator, scenario_creator_kwargs={"case": case, "network": network}, suppress_warnings=True
    )
    solver = pyo.SolverFactory("appsi_highs")
    solver.options["mip_rel_gap"] = 1e-9
    solver.solve(together)
    best = solve_and_check(case)[0]
    sign = -1.0 if best.sense == "maximize" else 1.0
    assert sign * pyo.value(together.EF_Obj) == pytest.approx(best.objective, rel=1e-6, abs=1e-7)


def test_futures_decide_on_the_same() -> None:
    """Each future's model has the same decisions, all of them, each with a value before it is solved."""
    case = world("world-11")
    network = derive(case)
    whole = build(case, network).model
    names = [v.name for n in DECIDED_ONCE for v in whole.component(n).values()]
    for scenario in case.scenarios:
        model = scenario_creator(scenario.name, case, network)
        decided = model._mpisppy_node_list[0].nonant_vardata_list
        assert [v.name for v in decided] == names
        assert all(v.value is not None for v in decided)


def test_prices_add_up_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the prices were, those of a bound add up to nothing, decision by decision, so the bound holds."""
    case, rounds, centre = world("world-17"), [0], Rounds._centre_prices
    noise = random.Random(1)

    def unsettled(self: Any) -> None:
        for s in self.opt.local_scenarios.values():
            for key in s._mpisppy_data.nonant_indices:
                s._mpisppy_model.W[key] = s._mpisppy_model.W[key].value + noise.uniform(-0.2, 0.2)
        centre(self)
        futures = list(self.opt.local_scenarios.values())
        for key in futures[0]._mpisppy_data.nonant_indices:
            total = sum(s._mpisppy_probability * s._mpisppy_model.W[key].value for s in futures)
            assert total == pytest.approx(0.0, abs=1e-12)
        rounds[0] += 1

    monkeypatch.setattr(Rounds, "_centre_prices", unsettled)
    found = hedge(case)
    best = solve_and_check(case)[0]
    assert rounds[0] > 1
    assert found.bound >= best.objective - 1e-6


def split_with_a_solution() -> tuple[Case, float]:
    """A market split of two equal futures with a perfect solution that is hard to find, and what that is worth [MUSD].

    Everything asked for is delivered then, at 1,000 USD/t, and earns nothing.
    """
    tables = market_split(soft=True)
    dice = random.Random(3)
    built = {str(row["process"]) for row in tables["processes"] if dice.random() < 0.5}
    shares = [r for r in tables["recipes"] if r["process"] in built]

    def taken(product: object) -> int:
        return 10 * sum(int(str(r["t_per_t"])) for r in shares if r["product"] == product)

    markets = [{**m, "min_t_y": taken(m["product"]), "max_t_y": taken(m["product"])} for m in tables["markets"]]
    scenarios = [{"scenario": name, "probability": 0.5} for name in ("a", "b")]
    best = -sum(taken(m["product"]) for m in tables["markets"]) * 1000 / 1e6
    return case_of({**tables, "markets": markets, "scenarios": scenarios}), best


def test_a_bound_is_not_the_plan_a_future_stopped_with() -> None:
    """Futures cut short with poor plans: the bound still admits the optimum, and nothing is said to be proved."""
    case, best = split_with_a_solution()
    found = hedge(case, Limits(1e-6, 6.0, threads=1, seed=1))
    assert found.status == "feasible"
    assert found.objective < best - 1e-2
    assert found.bound >= best - 1e-6


def test_loose_futures_give_loose_bounds() -> None:
    """At a gap of 90% the futures may stop at once; plan and bound still enclose the optimum."""
    for name in ("world-3", "world-8", "world-19", "world-55"):
        case = world(name)
        best = solve_and_check(case)[0].objective
        found = hedge(case, Limits(0.9, PATIENCE_S, threads=1, seed=1))
        assert found.objective - 1e-6 <= best <= found.bound + 1e-6, name


def subproblem(**data: object) -> Any:
    """A future's program as mpi-sppy leaves it after a solve."""
    return SimpleNamespace(
        _mpisppy_data=SimpleNamespace(**data), _solver_plugin=SimpleNamespace(options=dict[str, object]())
    )


def ended(how: TerminationCondition) -> Any:
    """A solver's results that ended in this way."""
    return SimpleNamespace(solver=SimpleNamespace(termination_condition=how))


def test_no_bound_outlives_its_solve() -> None:
    """Before each solve the bound of the one before is forgotten: one that fails leaves none."""
    program = subproblem(outer_bound=-5.0, inner_bound=-5.0)
    Rounds(SimpleNamespace(local_scenarios={"a": program}), EXACT, None).pre_solve(program)
    assert program._mpisppy_data.outer_bound == NOTHING


@pytest.mark.parametrize(
    ("how", "outer", "kept"),
    [
        (TerminationCondition.optimal, -5.0, -5.0),
        (TerminationCondition.maxTimeLimit, -7.0, -7.0),
        (TerminationCondition.maxTimeLimit, -5.0, NOTHING),
        (TerminationCondition.maxTimeLimit, None, NOTHING),
    ],
)
def test_only_a_proof_is_a_bound(how: TerminationCondition, outer: float | None, kept: float) -> None:
    """A program cut short whose bound is its plan's value (a linear one) proves nothing; one below its plan does."""
    program = subproblem(outer_bound=outer, inner_bound=-5.0, solution_available=True)
    Rounds(SimpleNamespace(local_scenarios={"a": program}), EXACT, None).post_solve(program, ended(how))
    assert program._mpisppy_data.outer_bound == kept


def test_one_certain_future() -> None:
    """With one future there is nothing to agree on: the plan of the mine, proved."""
    found = hedge(case_of(one_mine()))
    assert (found.status, found.objective) == ("optimal", pytest.approx(0.9))
    assert found.bound == pytest.approx(0.9)


def test_nothing_to_decide() -> None:
    """Where nothing is decided once, the program is solved whole."""
    site = {"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1}
    case = case_of(one_mine(sites=[{**site, "last_year": 2029}]))
    assert hedge(case).objective == pytest.approx(optimize(build(case, derive(case)), EXACT).objective)


AVERAGE = {"policy": "cap", "measure": "co2_t", "sense": "max", "limit": 1e6, "scope": "expected"}


@pytest.mark.parametrize(
    ("tables", "changes", "says"),
    [
        ({}, ("--set", "settings[risk_weight].value=0.5"), "is about expected values"),
        ({"policies": [AVERAGE]}, (), "Policy 'cap' (policies!F"),
    ],
)
def test_what_ties_futures_is_refused(
    tables: dict[str, Rows], changes: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    """Aversion to risk, and a policy that holds on average, tie futures by more than decisions: exit code 2."""
    scenarios = [{"scenario": name, "probability": 0.5} for name in ("a", "b")]
    path = written(tmp_path, one_mine(scenarios=scenarios, **tables))
    answer = khovor("solve", path, "--hedging", "--out", tmp_path / "run", *changes)
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr
    assert not (tmp_path / "run").exists()


def test_what_is_decided_once_ties_nothing() -> None:
    """A policy on capital is the same in every future, whatever its scope; so is any policy where there is one."""
    capital = {"policy": "cap", "measure": "capex_musd", "sense": "max", "limit": 0.5, "scope": "expected"}
    scenarios = [{"scenario": name, "probability": 0.5} for name in ("a", "b")]
    assert hedge(case_of(one_mine(scenarios=scenarios, policies=[capital]))).objective == pytest.approx(0.0)
    assert hedge(case_of(one_mine(policies=[AVERAGE]))).objective == pytest.approx(0.9)


def test_without_mpi_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where khovor[mpi] is not installed, --hedging is a usage error that says what to install."""
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    answer = khovor("solve", "case.xlsx", "--hedging")
    assert answer.returncode == 2
    assert 'pip install "khovor[mpi]"' in answer.stderr


def test_bounds_are_in_the_sense_of_the_case() -> None:
    """For cost the bound lies below the plan, for value above, and both are finite."""
    for name, sign in (("world-9", -1.0), ("world-17", 1.0)):
        found = hedge(world(name))
        assert np.isfinite(found.bound)
        assert sign * (found.bound - found.objective) >= 0.0


def test_a_bound_that_is_none_is_refused() -> None:
    """A bound that a plan beats is a fault that is told, not a proof."""
    case = case_of(one_mine())
    ledger = Ledger(build(case, derive(case)), EXACT)
    ledger.offer(np.array([1.0]))
    assert ledger.plan is not None
    ledger.tighten(-0.8, 1)
    with pytest.raises(KhovorError, match=r"no plan is better than 0\.8 MUSD"):
        ledger.outcome()
