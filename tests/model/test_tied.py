"""A program that tax, or the return of an investor, ties together, searched as the one without: what it proves holds."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

import pytest
from random_worlds import random_world

from khovor.case import Case, Fiscal, Measure, Policy, Window
from khovor.errors import KhovorError
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, Outcome, optimize
from khovor.solve.stamp import compile_model
from khovor.solve.tied import search_tied
from support import PATIENCE_S, Rows, case_of

LIMITS = Limits(1e-9, PATIENCE_S, 1, 1)

REGIMES = (
    Fiscal(income_tax=0.25, depreciation_years=10),
    Fiscal(income_tax=0.4, depreciation_years=5, loss_share=0.5),
    Fiscal(income_tax=0.25, depreciation_years=8, rates={"royalty": {"": 0.05}}, carried=0.2),
    Fiscal(income_tax=0.3, depreciation_years=10, loss_years=2, loss_share=0.5),
)

OFFERED: Rows = (
    {"instrument": "G", "kind": "grant", "share_max": 0.8},
    {"instrument": "L", "kind": "loan", "rate": 0.02, "tenor_years": 2, "share_max": 0.5},
    {"instrument": "F", "kind": "price_floor", "floor_usd_t": 60000, "covers": "conc:US"},
    {"instrument": "H", "kind": "grant", "budget_musd": 0.05, "conditions": "no_sale:CN"},
    {"instrument": "P", "kind": "guarantee", "rate": 0.01, "tenor_years": 3, "covers": "gate:G"},
)


def whole(case: Case) -> Outcome:
    """The optimum of a case by HiGHS on the whole program; skips a world that has no plan."""
    try:
        return optimize(build(case, derive(case)), LIMITS)
    except KhovorError:
        pytest.skip("this world has no plan")


@pytest.mark.parametrize("seed", range(24))
def test_what_is_proved_before_tax_holds_after_it(seed: int) -> None:
    """On random worlds the bound is no better than the optimum HiGHS finds of the whole, and no plan beats that."""
    tables, settings = random_world(seed)
    case = replace(case_of(tables, **settings), fiscal=REGIMES[seed % len(REGIMES)])
    best = whole(case)
    formulation = build(case, derive(case))
    found = search_tied(formulation, compile_model(formulation), LIMITS, None, None)
    sign, room = 1.0 if best.matrix.maximise else -1.0, 1e-5 * max(1.0, abs(best.objective))
    if found.bound is not None:
        assert sign * found.bound >= sign * best.objective - room
    if found.value is not None and case.fiscal.loss_years is None:
        assert sign * found.value <= sign * best.bound + room


def supported(seed: int, regime: Fiscal) -> Case:
    """A random world in which 3 t/y of what it makes must reach the United States, and support is on offer."""
    tables, settings = random_world(seed)
    dice = Random(seed)
    asked = {"objective": "support", "target_irr": dice.choice([0.1, 0.3, 0.6]), "discount_rate": 0.05}
    dear = dice.choice([3.0, 10.0, 30.0])
    sizes = [{**size, "capex_musd": dear * float(str(size["capex_musd"]))} for size in tables["sizes"]]
    case = case_of({**tables, "sizes": sizes, "instruments": OFFERED}, **{**settings, **asked})
    measure: Measure = "delivered_t"
    policy = Policy("asked", measure, "conc:US", False, "min", 1.0, True, Window(), None, "policies!A1")
    return replace(case, fiscal=regime, policies=(policy,))


@pytest.mark.parametrize("regime", range(len(REGIMES) + 1))
@pytest.mark.parametrize("seed", range(40))
def test_least_support_is_bounded_and_reached(seed: int, regime: int) -> None:
    """On random worlds, taxed or not, the least support of the whole lies between bound and plan of the search."""
    case = supported(seed, (*REGIMES, Fiscal())[regime])
    best = whole(case)
    formulation = build(case, derive(case))
    found = search_tied(formulation, compile_model(formulation), LIMITS, None, None)
    room = 1e-5 * max(1.0, abs(best.objective))
    print("CMP", seed, regime, best.objective, found.value, found.bound)
    assert found.bound is not None
    assert found.bound <= best.objective + room
    assert found.value is None or found.value >= best.bound - room
