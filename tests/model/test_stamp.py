"""The program of many futures, stamped from one pattern, is the program that each future states for itself.

On legs: what becomes of it on corridors is in `test_contracted.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from random_worlds import eventful

from khovor.case import Case, with_scenario
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.formulation.sums import unfold
from khovor.network import Network, derive
from khovor.solve import Matrix, compile_model

Label = tuple[str, tuple[Any, ...]]
Row = tuple[dict[Label, float], float, float]


def stated(matrix: Matrix) -> tuple[dict[Label, Row], dict[Label, tuple[float, float, float, bool]]]:
    """A matrix by label: rows, and (cost, lower, upper, whether integer) of columns."""
    a = matrix.sparse.tocsr()
    rows = {}
    for r, label in enumerate(matrix.rows):
        span = slice(a.indptr[r], a.indptr[r + 1])
        entries = {matrix.columns[j]: v for j, v in zip(a.indices[span], a.data[span], strict=True)}
        rows[label] = entries, matrix.row_lower[r], matrix.row_upper[r]
    facts = zip(matrix.cost, matrix.col_lower, matrix.col_upper, matrix.integer, strict=True)
    return rows, dict(zip(matrix.columns, facts, strict=True))


def alone(case: Case, network: Network, w: str) -> tuple[dict[Label, Row], dict[Label, Any], float]:
    """The program of one future by itself, through Pyomo's own compiler, with its name added to what is its own.

    A shipment is named as that on a corridor of one leg.
    """
    f = build(with_scenario(case, w), network)
    unfold(f.model)
    form = LinearStandardFormCompiler().write(f.model, mixed_form=True, set_sense=None)

    def label(component: Any) -> Label:
        name, index = component.parent_component().local_name, component.index()
        key = index if isinstance(index, tuple) else (index,)
        key = ((key[0],), *key[1:]) if name == "ship" else key
        return (name, (*key, w)) if name in f.rules or name in f.operation else (name, key)

    columns = [label(column) for column in form.columns]
    a, rows = form.A.tocsr(), dict[Label, Row]()
    for r, (row, kind) in enumerate(form.rows):
        span = slice(a.indptr[r], a.indptr[r + 1])
        entries = {columns[j]: v for j, v in zip(a.indices[span], a.data[span], strict=True)}
        limit = form.rhs[r]
        rows[label(row)] = entries, limit if kind <= 0 else -np.inf, limit if kind >= 0 else np.inf
    costs = np.asarray(form.c.todense()).ravel()
    facts = {}
    for column, name, cost in zip(form.columns, columns, costs, strict=True):
        low, up = column.bounds
        facts[name] = cost, low, np.inf if up is None else up, column.is_integer() or column.is_binary()
    return rows, facts, float(form.c_offset[0])


def afresh(f: Formulation) -> tuple[dict[Label, Row], dict[Label, Any]]:
    """The program of all futures, put together from programs of one future each."""
    rows: dict[Label, Row] = {}
    facts: dict[Label, Any] = {}
    for scenario in f.case.scenarios:
        own, columns, _ = alone(f.case, f.network, scenario.name)
        for name, (cost, low, up, whole) in columns.items():
            if name[0] in DECIDED_ONCE:
                facts[name] = cost, low, up, whole
            elif f.speaker[name[1][-2], scenario.name] == scenario.name:
                weight = sum(s.probability for s in f.spoken_for(name[1][-2], scenario.name))
                facts[name] = weight * cost, low, up, whole
        for name, row in own.items():
            tied = name[0] not in f.rules or f.rules[name[0]].tying
            if tied or f.speaker[name[1][-2], scenario.name] == scenario.name:
                rows[name] = row
    return rows, facts


def limited(rows: dict[Label, Row]) -> dict[Label, Row]:
    """The rows that can hold a plan back: those with an entry and a limit."""
    return {name: row for name, row in rows.items() if row[0] and np.isfinite(row[1:]).any()}


@pytest.mark.parametrize("stored", [False, True], ids=["separable", "stocks and reserves"])
@pytest.mark.parametrize("seed", range(20))
def test_stamped_is_what_every_future_states(seed: int, stored: bool) -> None:
    """Row by row and column by column: entries, limits, bounds, costs and integrality agree."""
    f = build(case := eventful(seed, stored), derive(case, contract=False))
    assert f.network.separable != stored
    rows, facts = stated(compile_model(f))
    expected_rows, expected_facts = afresh(f)
    assert facts.keys() == expected_facts.keys()
    for name, fact in facts.items():
        assert fact == pytest.approx(expected_facts[name], rel=1e-12, abs=1e-15), name
    rows, expected_rows = limited(rows), limited(expected_rows)
    assert rows.keys() == expected_rows.keys()
    for name, (entries, low, up) in rows.items():
        assert entries == pytest.approx(expected_rows[name][0], rel=1e-12), name
        assert (low, up) == pytest.approx(expected_rows[name][1:], rel=1e-12), name


def test_some_futures_are_copies_and_some_are_not() -> None:
    """The worlds above do share conditions in some periods, and shut, tax and reprice things in others."""
    shared, stated_again = set(), set()
    for seed in range(20):
        f = build(case := eventful(seed, False), derive(case, contract=False))
        shared |= {len(told) < len(f.scenarios) for told in f.told_apart}
        stated_again |= {rule for w in f.scenarios for rule, _ in f.future.changes(w)}
    assert shared == {True, False}
    assert stated_again >= {
        "activity_within_capacity",
        "activity_above_minimum_load",
        "shipments_within_lane",
        "shipments_within_gate",
        "shipments_within_booking",
        "sales_within_tier",
        "contract_delivered",
        "use_within_step",
    }


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_terms_make_the_cost(seed: int, stored: bool) -> None:
    """The weighted sum of the named terms at any plan is the objective of that plan."""
    f = build(case := eventful(seed, stored), derive(case, contract=False))
    matrix = compile_model(f)
    plan = np.random.default_rng(seed).uniform(0.0, 1.0, matrix.shape[1])
    assert matrix.terms is not None
    terms = matrix.terms.entries @ plan + matrix.terms.constants
    sign = 1.0 if matrix.maximise else -1.0
    assert sign * matrix.terms.weights @ terms == pytest.approx(matrix.cost @ plan + matrix.offset)


def test_one_future_is_a_whole_model() -> None:
    """With one future the Pyomo objective at any plan is what the arrays say: the pattern is the model."""
    case = with_scenario(eventful(3, True), "w2")
    f = build(case, derive(case, contract=False))
    matrix = compile_model(f)
    plan = np.random.default_rng(1).uniform(0.0, 1.0, matrix.shape[1])
    for label, value in zip(matrix.columns, plan, strict=True):
        assert label is not None
        name, index = label
        own = index if name in DECIDED_ONCE else index[:-1]
        if name == "ship":
            (leg,), t = own
            own = leg, t
        f.model.component(name)[own].set_value(value, skip_validation=True)
    assert pyo.value(f.model.value) == pytest.approx(matrix.cost @ plan + matrix.offset)
