"""A program with income tax, searched as the one before it: what it proves holds, and its plans are plans."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_worlds import random_world

from khovor.case import Fiscal
from khovor.errors import KhovorError
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Limits, optimize
from khovor.solve.stamp import compile_model
from khovor.solve.untaxed import search_taxed
from support import PATIENCE_S, case_of

REGIMES = (
    Fiscal(income_tax=0.25, depreciation_years=10),
    Fiscal(income_tax=0.4, depreciation_years=5, loss_share=0.5),
    Fiscal(income_tax=0.25, depreciation_years=8, rates={"royalty": {"": 0.05}}, carried=0.2),
    Fiscal(income_tax=0.3, depreciation_years=10, loss_years=2, loss_share=0.5),
)


@pytest.mark.parametrize("seed", range(24))
def test_what_is_proved_before_tax_holds_after_it(seed: int) -> None:
    """On random worlds the bound is no better than the optimum HiGHS finds of the whole, and no plan beats that."""
    tables, settings = random_world(seed)
    case = replace(case_of(tables, **settings), fiscal=REGIMES[seed % len(REGIMES)])
    formulation = build(case, derive(case))
    try:
        best = optimize(formulation, Limits(1e-9, PATIENCE_S, 1, 1))
    except KhovorError:
        pytest.skip("this world has no plan")
    matrix = compile_model(formulation)
    found = search_taxed(formulation, matrix, Limits(1e-9, PATIENCE_S, 1, 1), None, None)
    sign, room = 1.0 if matrix.maximise else -1.0, 1e-5 * max(1.0, abs(best.objective))
    if found.bound is not None:
        assert sign * found.bound >= sign * best.objective - room
    if found.value is not None and case.fiscal.loss_years is None:
        assert sign * found.value <= sign * best.bound + room
