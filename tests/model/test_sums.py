"""Sums that stay lists until Pyomo reads them: the same expressions, the same arrays."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.core.expr import LinearExpression
from random_worlds import eventful

from khovor.formulation import build
from khovor.formulation.frame import weighted
from khovor.formulation.sums import Sum, listed
from khovor.network import derive
from khovor.solve import compile_model
from khovor.solve.pattern import pattern_of


def test_read_by_pyomo_a_sum_is_its_linear_expression() -> None:
    """Printed, added to and evaluated it is what its terms say, and its lists stay what they were."""
    m = pyo.ConcreteModel()
    m.x = pyo.Var([0, 1, 2], initialize=lambda m, i: i + 1.0)
    one = weighted([(2.0, m.x[0]), (0.0, m.x[1]), (-3.0, m.x[2])])
    assert isinstance(one, Sum)
    assert listed(one) == ([2.0, -3.0], [m.x[0], m.x[2]])
    assert pyo.value(one) == 2.0 - 9.0
    assert type(one) is LinearExpression and str(one) == "2.0*x[0] - 3.0*x[2]"
    assert listed(one) == ((2.0, -3.0), (m.x[0], m.x[2]))
    more = weighted([(1.0, m.x[1])]) + 5.0
    assert pyo.value(more) == 7.0


@pytest.mark.parametrize("seed", range(4))
def test_a_model_that_was_read_gives_the_same_program(seed: int) -> None:
    """Whether Pyomo has read every row and term before or not, the arrays are the same bit by bit."""
    case = eventful(seed, stored=True)
    network = derive(case)
    fresh, told = build(case, network), build(case, network)
    for kind in (pyo.Constraint, pyo.Expression, pyo.Objective):
        for component in told.model.component_data_objects(kind):
            assert str(component.expr)
    one, other = compile_model(fresh), compile_model(told)
    for name in ("cost", "start", "index", "value", "row_lower", "row_upper", "col_lower", "col_upper", "integer"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert list(one.columns) == list(other.columns) and list(one.rows) == list(other.rows)


def test_pyomo_makes_rows_and_shipments_when_it_reads_them() -> None:
    """The program needs neither; reading one balance makes all rows and its shipments, and their columns are known."""
    case = eventful(1, stored=False)
    f = build(case, derive(case, contract=False))
    pattern = pattern_of(f)
    assert len(f.model.ship) == 0
    for row, key in enumerate(
        f.model.goods_balance, start=pattern.rows.of("goods_balance")[f.arrays["goods_balance"].rows[0]]
    ):
        coefficients, variables = listed(f.model.goods_balance[key].expr.args[0])
        entries = slice(*pattern.starts[row : row + 2])
        assert dict(zip(pattern.column_of(variables).tolist(), coefficients, strict=True)) == dict(
            zip(pattern.block.column[entries].tolist(), pattern.block.value[entries].tolist(), strict=True)
        )
    assert 0 < len(f.model.ship) <= len(f.operation["ship"])
