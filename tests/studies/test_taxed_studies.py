"""Studies of cases with a fiscal regime: the same single solves, sums and figures by hand as without one."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from futures_by_hand import demand
from test_frontier import CHINA, traced, with_track
from test_hand_solved_policies import value
from test_hand_solved_tax import TAX, Regime, mine, regime_of, rows, world
from test_stress import closure, corridors, told

from cli.command import khovor, written
from khovor.case import Case
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.network import derive
from khovor.run import read, solve
from khovor.solve import Limits, Recourse, compile_model, optimize
from khovor.solve.highs import run
from khovor.solve.settle import settled
from khovor.studies.plans import Span
from khovor.studies.stress_part import stressed
from khovor.studies.stress_table import Stress
from khovor.studies.stress_targets import closed, targets_of
from support import PATIENCE_S, case_of

EXACT = Limits(1e-9, PATIENCE_S, threads=1, seed=1)

LEVIED = rows([*TAX, ("royalty", "", 0.05)])
"""A quarter of income, capital written off over two years, losses kept for ever, and a royalty of a twentieth."""

EXPIRING = rows([*TAX, ("loss_carry_forward_years", "", 1)])


def expiring(seed: int) -> Regime:
    """A random regime in which losses expire after a year or two."""
    dice = random.Random(seed)
    other = [r for r in regime_of(dice) if r[0] not in ("income_tax", "depreciation_years", "loss_carry_forward_years")]
    years = float(dice.choice([1, 2]))
    return [*other, ("income_tax", "", 0.3), ("depreciation_years", "", 2), ("loss_carry_forward_years", "", years)]


def planned(case: Case) -> tuple[Formulation, dict[Any, float], Span]:
    """A case, the decisions of its best plan by label, and between what that is worth, a cost being negative.

    Signs are integers to a tolerance, which lets a little of a loss be young again: what the program says is worth no
    less than what is law, and its plan told by the law no more.
    """
    f = build(case, derive(case))
    outcome = optimize(f, EXACT)
    labels = zip(outcome.matrix.columns, outcome.values.tolist(), strict=True)
    decided = {x: amount for x, amount in labels if x and x[0] in DECIDED_ONCE}
    return f, decided, Span(*sorted((sign_of(case) * outcome.objective, sign_of(case) * outcome.bound)))


def solved_again(case: Case, decided: dict[Any, float]) -> Span | None:
    """Between what a case is worth with every decision as given, by the whole program with its signs."""
    f = build(case, derive(case))
    matrix = compile_model(f)
    values = np.array([decided.get(x, 0.0) if x and x[0] in DECIDED_ONCE else np.nan for x in matrix.columns])
    free = np.isnan(values)
    lower, upper = np.where(free, matrix.col_lower, values), np.where(free, matrix.col_upper, values)
    held = matrix.with_entries(matrix.sparse, col_lower=lower, col_upper=upper, integer=matrix.integer & free)
    answer = run(held, EXACT)
    assert answer.status in ("optimal", "infeasible")
    if answer.values is None:
        return None
    told = settled(f, matrix, answer.values, EXACT)[1]
    return Span(*sorted((sign_of(case) * told, sign_of(case) * answer.objective)))


def sign_of(case: Case) -> float:
    """-1 where the objective is a cost."""
    return -1.0 if case.terms.objective == "cost" else 1.0


@pytest.mark.parametrize("fiscal", [LEVIED, EXPIRING], ids=["levied", "expiring"])
def test_points_of_a_frontier_equal_single_solves(fiscal: list[dict[str, Any]], tmp_path: Path) -> None:
    """Under tax and royalty each point is what the same limit as a row of `policies` gives, checked."""
    tables = {**with_track(0.06), "fiscal": fiscal}
    found = traced(tmp_path, *CHINA, "--points", 3, tables=tables)
    others = {name: tables[name] for name in ("lanes", "projects", "project_effects", "fiscal")}
    assert len(found["points"]) >= 3
    for point in found["points"]:
        policy = {"measure": "transit_share", "subject": "CN", "limit": point["limit"]}
        assert point["objective"] == pytest.approx(value(policy, **others), abs=1e-8)
        assert point["verified"]["passed"] is True


def test_a_closing_is_shared_with_the_state(tmp_path: Path) -> None:
    """Gate G closed: 1.22 MUSD less a year before tax; of what is lost, the royalty's part apart, tax bears a quarter.

    Open, 100 t earn 2.0 less 0.1 of royalty and 0.1 of freight; closed, 40 t earn 0.8 less 0.04 and 0.12: 1.16 less.
    """
    found = closure(told(tmp_path, corridors(fiscal=LEVIED), "--hedges", 0), "G")
    assert found["loss"] == pytest.approx(3 * 1.16 * 0.75)
    assert found["stranded_t"] == pytest.approx(3 * 60)


@pytest.mark.parametrize("fiscal", [LEVIED, EXPIRING], ids=["levied", "expiring"])
def test_a_closing_equals_a_gate_of_zero(fiscal: list[dict[str, Any]], tmp_path: Path) -> None:
    """Taxed, a closing is worth what the workbook says with the gate's capacity at 0 and the builds overridden."""
    document = told(tmp_path, corridors(fiscal=fiscal), "--hedges", 0)
    fixed = [{k: b[k] for k in ("node", "process", "size", "period", "units")} for b in document["plan"]["builds"]]
    (tmp_path / "alone").mkdir()
    path = written(tmp_path / "alone", corridors(fiscal=fiscal, overrides=fixed), home_territory="MN")
    assert fixed
    alone = solve(read(path, ["gates[G].capacity_t_y=0"])).objective
    assert closure(document, "G")["objective"] == pytest.approx(alone)


@pytest.mark.parametrize("seed", range(10))
def test_closings_of_random_regimes_equal_solving_again(seed: int) -> None:
    """In random worlds under regimes whose losses expire or not, each closing is worth the closed case, plan held."""
    regime = expiring(seed) if seed % 2 else regime_of(random.Random(seed))
    case = world(seed, regime)
    f, decided, _ = planned(case)
    recourse = Recourse(f, decided)
    parts = len(f.periods) if f.network.separable else 1
    found = [(recourse.periods(n), stressed(f, recourse, (n, 0, 1), lambda: False)) for n in range(parts)]
    stress = Stress(case, list(targets_of(case)), found)
    worth = stress.value(recourse.once)
    assert worth is not None
    known = {c["target"]: c["objective"] for c in stress.closures(worth) if c["period"] is None}
    for target in targets_of(case):
        objective, alone = (
            known.get(target.name, sign_of(case) * worth),
            solved_again(closed(case, [(target, None)]), decided),
        )
        assert (objective is None) == (alone is None), target.name
        if alone is not None:
            assert alone.low - 1e-6 <= sign_of(case) * objective <= alone.high + 1e-6, target.name
            assert seed % 2 or alone.high - alone.low <= 1e-6


@pytest.mark.parametrize("seed", range(30))
def test_value_is_the_sum_over_futures_where_losses_expire(seed: int) -> None:
    """The plan of a random world is worth the sum of what each future alone says of it, by its odds."""
    case = world(seed, expiring(seed))
    f, decided, known = planned(case)
    recourse = Recourse(f, decided)
    worths = recourse.worths(0, 0, 1)
    odds = {s.name: s.probability for s in case.scenarios}
    total = recourse.once + sum(odds[w] * worth for w, worth in worths.items() if worth is not None)
    assert None not in worths.values()
    assert known.low - 1e-6 <= total <= known.high + 1e-6


def test_a_loss_is_not_made_young_again() -> None:
    """A mine that loses 0.5 in 2030 and 2031 and may use a loss for a year: by hand, 3.5 of its 4 profits are taxed.

    1.5 a year is written off; the loss of 2031 is used in 2032, that of 2030 is lost.
    """
    case = case_of(mine([*TAX, ("loss_carry_forward_years", "", 1)]), home_territory="MN")
    recourse = Recourse(build(case, derive(case)), {("build", (0, 0)): 1.0})
    worth = recourse.worths(0, 0, 1)["certain"]
    assert worth is not None
    assert recourse.once + worth == pytest.approx(6 - 3 - 0.25 * 3.5)


@pytest.mark.parametrize("fiscal", [LEVIED, EXPIRING], ids=["levied", "expiring"])
def test_value_of_a_taxed_run_in_its_own_futures(fiscal: list[dict[str, Any]], tmp_path: Path) -> None:
    """`khovor value`: a taxed plan is worth what its run says in each of its own futures, and in expectation."""
    futures = {
        "scenarios": [{"scenario": name, "probability": p} for name, p in (("calm", 0.7), ("shut", 0.3))],
        "events": [{"scenario": "shut", "target_type": "gate", "target": "G", "capacity_factor": 0.2}],
    }
    path = written(tmp_path, corridors(fiscal=fiscal, **futures), home_territory="MN")
    assert khovor("solve", path, "--out", tmp_path / "run").returncode == 0
    answer = khovor("value", tmp_path / "run", "--futures", path, "--out", tmp_path / "value", "--json")
    assert answer.returncode == 0, answer.stderr
    document, summary = json.loads(answer.stdout), json.loads((tmp_path / "run" / "summary.json").read_text())
    assert document["expected"] == pytest.approx(summary["objective"], abs=1e-6)
    npv = {s["scenario"]: s["npv"] for s in summary["scenarios"]}
    assert {s["scenario"]: s["npv"] for s in document["futures"]} == pytest.approx(npv, abs=1e-6)


def test_decisions_by_odds_under_tax_by_hand(tmp_path: Path) -> None:
    """A quarter of income, no loss kept: n mines keep 0.675 n in a boom and lose n in a bust; two are worth it now.

    Flat, one keeps 0.675, two lose 0.1 and three 1.1. Thresholds where 0.675 p balances 53/120, 37/40 and 1 of (1 - p).
    """
    taxed = rows([("income_tax", "", 0.25), ("depreciation_years", "", 1), ("loss_carry_forward_years", "", 0)])
    path = written(tmp_path, demand(fiscal=taxed), mip_gap=1e-7)
    answer = khovor("decide", path, "--out", tmp_path / "d", "--jobs", 1, "--json", "--scenario", "boom", "--regret")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    at = [t["at"] for t in document["thresholds"]]
    assert at == pytest.approx([x / (0.675 + x) for x in (53 / 120, 37 / 40, 1.0)], abs=1e-5)
    assert document["regret"]["value"] == pytest.approx([1.35, 1.35], abs=1e-6)


def test_information_where_losses_expire(tmp_path: Path) -> None:
    """`khovor information` of a taxed case whose losses expire: WS >= SP >= EEV, and values agree future by future."""
    futures = {
        "scenarios": [{"scenario": name, "probability": p} for name, p in (("calm", 0.7), ("shut", 0.3))],
        "events": [{"scenario": "shut", "target_type": "gate", "target": "G", "capacity_factor": 0}],
    }
    path = written(tmp_path, corridors(fiscal=EXPIRING, **futures), home_territory="MN", mip_gap=1e-7)
    answer = khovor("information", path, "--out", tmp_path / "i", "--jobs", 1, "--json")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    assert document["violations"] == []
    assert document["ws"][1] >= document["sp"][0] - 1e-9 >= document["eev"][0] - 2e-9
    assert set(document["values"]) >= {"all futures", "mean future", "calm alone", "shut alone"}
