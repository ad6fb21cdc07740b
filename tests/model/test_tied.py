"""A program that tax, or an investor's return, ties together, searched as the one without: what it proves holds."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from random_worlds import random_world

from khovor.case import Case, Fiscal, Policy, Window
from khovor.errors import InfeasibleError
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Outcome, optimize
from khovor.solve.apart import Apart
from khovor.solve.highs import run
from khovor.solve.search import Search
from khovor.solve.stamp import compile_model
from khovor.solve.start import Start
from khovor.solve.tied import Lesson, Ties, search_tied
from support import PATIENCE_S, Rows, case_of, solve_and_check

LIMITS = Limits(1e-9, PATIENCE_S, 1, 1)

REGIMES = (
    Fiscal(income_tax=0.25, depreciation_years=10),
    Fiscal(income_tax=0.4, depreciation_years=5, loss_share=0.5),
    Fiscal(income_tax=0.25, depreciation_years=8, rates={"royalty": {"": 0.05}}, carried=0.2),
    Fiscal(income_tax=0.3, depreciation_years=10, loss_years=2, loss_share=0.5),
)
EXPIRING = REGIMES[3]

OFFERED: Rows = (
    {"instrument": "G", "kind": "grant", "share_max": 0.8},
    {"instrument": "L", "kind": "loan", "rate": 0.02, "tenor_years": 2, "share_max": 0.5},
    {"instrument": "F", "kind": "price_floor", "floor_usd_t": 60000, "covers": "conc:US"},
    {"instrument": "H", "kind": "grant", "budget_musd": 0.05, "conditions": "no_sale:CN"},
    {"instrument": "P", "kind": "guarantee", "rate": 0.01, "tenor_years": 3, "covers": "gate:G"},
)

WORLDS = (0, 4, 6, 11, 18, 21, 22, 24, 27, 29, 34, 35)
"""Worlds in which 1 t/y can reach the United States; in most of them not without support."""


def taxed(seed: int, averse: bool = False) -> Case:
    """A random world with one of the regimes, and at will the worst futures weighed more."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    terms = replace(case.terms, risk_weight=0.6, risk_tail=0.4) if averse else case.terms
    return replace(case, fiscal=REGIMES[seed % len(REGIMES)], terms=terms)


def supported(seed: int, regime: Fiscal) -> Case:
    """A random world with dear plants, 1 t/y that must reach the United States, and support on offer."""
    tables, settings = random_world(seed)
    dice = Random(seed)
    asked = {"objective": "support", "target_irr": dice.choice([0.1, 0.3, 0.6]), "discount_rate": 0.05}
    dear = dice.choice([3.0, 10.0, 30.0])
    sizes = [{**size, "capex_musd": dear * float(str(size["capex_musd"]))} for size in tables["sizes"]]
    case = case_of({**tables, "sizes": sizes, "instruments": OFFERED}, **{**settings, **asked})
    policy = Policy("asked", "delivered_t", "conc:US", False, "min", 1.0, True, Window(), None, "policies!A1")
    return replace(case, fiscal=regime, policies=(policy,))


def whole(case: Case) -> Outcome:
    """The optimum of a case, by HiGHS on the whole program."""
    return optimize(build(case, derive(case)), LIMITS)


def searched(case: Case) -> Search:
    """What the search alone finds."""
    formulation = build(case, derive(case))
    return search_tied(formulation, compile_model(formulation), LIMITS, None, None)


PLAIN = [pytest.param(seed, False, marks=[pytest.mark.slow] if seed == 11 else []) for seed in range(24)]
"""Worlds without aversion to risk; one takes half a minute."""


@pytest.mark.parametrize(("seed", "averse"), [*PLAIN, *((seed, True) for seed in range(8))])
def test_what_is_proved_before_tax_holds_after_it(seed: int, averse: bool) -> None:
    """On random worlds the bound is no better than the optimum HiGHS finds of the whole, and no plan beats that."""
    case = taxed(seed, averse)
    best, found = whole(case), searched(case)
    sign, room = 1.0 if best.matrix.maximise else -1.0, 1e-5 * max(1.0, abs(best.objective))
    if found.bound is not None:
        assert sign * found.bound >= sign * best.objective - room
    if found.value is not None and case.fiscal is not EXPIRING:
        assert sign * found.value <= sign * best.bound + room


@pytest.mark.parametrize("seed", range(8))
def test_nonsense_becomes_prices_that_prove(seed: int) -> None:
    """Whatever duals say, the prices made of them bound the whole by the untaxed program, widened by rounding alone."""
    case = taxed(seed)
    formulation = build(case, derive(case))
    matrix = compile_model(formulation)
    best, sign = whole(case), 1.0 if matrix.maximise else -1.0
    ties = Ties(formulation, matrix, Apart.of(formulation, matrix))
    dice = np.random.default_rng(seed)
    for size in (0.1, 1.0, 10.0):
        told = ties.told(ties.further(Lesson(size * dice.normal(size=matrix.shape[0]), 1.0), None))
        answer = run(told.matrix, LIMITS)
        assert told.widened < 1e-6
        assert answer.status == "optimal"
        assert sign * told.bound(answer.bound, matrix) >= sign * best.objective - 1e-5 * max(1.0, abs(best.objective))


@pytest.mark.parametrize("taxed", [False, True])
@pytest.mark.parametrize("seed", WORLDS)
def test_least_support_lies_between_bound_and_plan(seed: int, taxed: bool) -> None:
    """On random worlds, taxed or not, the least support of the whole lies between bound and plan of the search."""
    case = supported(seed, REGIMES[(seed + 1) % 3] if taxed else Fiscal())
    best, found = whole(case), searched(case)
    room = 1e-5 * max(1.0, abs(best.objective))
    assert found.bound is not None
    assert found.bound <= best.objective + room
    assert found.value is not None
    assert found.value >= best.bound - room


@pytest.mark.parametrize("taxed", [False, True])
@pytest.mark.parametrize("seed", WORLDS)
def test_large_programs_end_at_the_least_support(monkeypatch: pytest.MonkeyPatch, seed: int, taxed: bool) -> None:
    """Searched in parts, a world ends at the least support of the whole, and the checker finds the return reached."""
    case = supported(seed, REGIMES[(seed + 1) % 3] if taxed else Fiscal())
    best = whole(case)
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", 0)
    solution, verdict = solve_and_check(case)
    assert verdict.passed, verdict.failures[:3]
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(best.objective, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", WORLDS)
def test_the_return_is_reached_with_the_tax_of_the_law(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Where losses expire, and large programs have no signs, the checker finds the return reached after true tax."""
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", 0)
    monkeypatch.setattr(sys.modules["khovor.formulation.fiscal"], "LARGE", 0)
    _, verdict = solve_and_check(supported(seed, EXPIRING))
    assert verdict.passed, verdict.failures[:3]


def lacking(error: InfeasibleError) -> float:
    """How much value the investor lacks by the message of an error; 0 where it does not say so [MUSD]."""
    told = " ".join(conflict.message for conflict in error.conflicts)
    amount = re.search(r"still (?:at least )?([0-9.e+,-]+) MUSD below 0", told)
    return float(amount[1].replace(",", "")) if amount is not None and len(error.conflicts) == 1 else 0.0


@pytest.mark.parametrize("seed", WORLDS)
def test_a_return_out_of_reach_is_refused_by_what_it_lacks(seed: int) -> None:
    """Where the whole program lacks value, and nothing else, the search refuses by itself with a lack as large."""
    case = supported(seed, Fiscal())
    little = tuple(i for i in case.instruments if i.name == "H")
    case = replace(case, instruments=little, terms=replace(case.terms, target_irr=5.0))
    try:
        best = whole(case)
    except InfeasibleError as error:
        if lack := lacking(error):
            with pytest.raises(InfeasibleError) as raised:
                searched(case)
            assert lacking(raised.value) == pytest.approx(lack, rel=1e-3)
    else:
        assert searched(case).value == pytest.approx(best.objective, rel=1e-5, abs=1e-6)


def test_no_support_is_enough_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing on offer brings the return, a program searched in parts says so as the whole does."""
    case = supported(11, REGIMES[2])
    monkeypatch.setattr(sys.modules["khovor.solve.optimize"], "LARGE", 0)
    with pytest.raises(InfeasibleError):
        whole(case)


@pytest.mark.parametrize("seed", range(8))
def test_what_was_proved_of_other_prices_is_begun_from(seed: int) -> None:
    """A taxed world at lower prices, searched from plan and proof of the one as it is, ends at its own optimum."""
    case = taxed(seed)
    before, cheaper = searched(case), cheap(case)
    handed = before.handed_on
    assert handed is not None and before.plan is not None
    formulation = build(cheaper, derive(cheaper))
    matrix, best = compile_model(formulation), whole(cheaper)
    plan = zip(before.matrix.columns, before.plan.tolist(), strict=True)
    begin = Start({label: value for label, value in plan if label is not None}, handed)
    found = search_tied(formulation, matrix, LIMITS, None, None, begin)
    room = 1e-6 * max(abs(best.objective), 1.0)
    assert found.bound is not None and found.bound >= best.objective - room
    assert found.value is not None and found.value <= best.bound + room
    assert found.value == pytest.approx(best.objective, rel=1e-4, abs=1e-4)


def cheap(case: Case) -> Case:
    """The same with all prices a fifth lower."""
    return replace(case, markets=tuple(replace(m, price_usd_t=0.8 * m.price_usd_t) for m in case.markets))
