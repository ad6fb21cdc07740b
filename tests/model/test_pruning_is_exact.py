"""What is left out of the model could not have helped, and what is decided once for alike futures is decided well."""

from __future__ import annotations

import pytest
from random_worlds import random_world
from whole_network import whole

from khovor.case import Case
from khovor.errors import InfeasibleError
from khovor.formulation import build
from khovor.network import Network, derive
from khovor.solution import collect
from khovor.solve import Limits, optimize
from khovor.verify import verify
from support import PATIENCE_S, case_of

SEEDS = range(40)


def best(case: Case, network: Network) -> float | None:
    """The best value over a network, by a plan the checker accepts; None where there is no plan."""
    formulation = build(case, network)
    try:
        outcome = optimize(formulation, Limits(case.terms.mip_gap, PATIENCE_S, threads=1, seed=1))
    except InfeasibleError:
        return None
    plan = collect(case, formulation, outcome)
    verdict = verify(case, plan)
    assert verdict.passed, verdict.failures[:3]
    return plan.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_the_derived_network_is_worth_as_much_as_the_whole(seed: int) -> None:
    """With every lane, recipe and stock in every period and future, and no bound cut, the best value is the same."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    assert best(case, derive(case)) == pytest.approx(best(case, whole(case)), rel=1e-6, abs=1e-6)


def test_the_worlds_have_plans_worth_comparing() -> None:
    """In most of the random worlds something pays, some use stock, and in some alike futures are merged."""
    cases = [case_of(tables, **settings) for tables, settings in map(random_world, range(12))]
    networks = [derive(case) for case in cases]
    values = [best(case, network) for case, network in zip(cases, networks, strict=True)]
    assert sum(bool(value) for value in values) > len(values) / 2
    assert any(network.stocks for network in networks)
    assert any(network.separable and len(network.case.scenarios) > 1 for network in networks)
