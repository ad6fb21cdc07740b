"""One future as mpi-sppy takes it: a model that minimises, with the decisions taken once marked as such.

Exact while nothing but those decisions ties futures together and the objective is an expectation (`crew.py` refuses all
else): what is paid in every future stands in each future's objective in full, and the probabilities add up to 1.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
from mpisppy.utils.sputils import attach_root_node

from khovor.case import Case, with_scenario
from khovor.formulation import DECIDED_ONCE, build
from khovor.network import Network


def scenario_creator(name: str, case: Case, network: Network) -> pyo.ConcreteModel:
    """The program of future `name` alone, over the network of the whole case, so that all futures decide on the same.

    mpi-sppy minimises: where value is maximised, the objective is minus the value.
    """
    model = build(with_scenario(case, name), network).model
    sign = -1.0 if model.value.sense == pyo.maximize else 1.0
    model.hedged = pyo.Objective(expr=sign * model.value.expr, sense=pyo.minimize)
    model.value.deactivate()
    once = decisions(model)
    for variable in once:
        if variable.value is None:  # one that stands in no row of this future is never given a value by the solver
            variable.set_value(max(variable.lb or 0.0, 0.0))
    attach_root_node(model, 0.0, once)
    total = sum(s.probability for s in case.scenarios)
    model._mpisppy_probability = next(s.probability for s in case.scenarios if s.name == name) / total
    return model


def decisions(model: pyo.ConcreteModel) -> list[Any]:
    """The variables that are decided once, before the future is known, in the order of their names and indices."""
    return [v for name in DECIDED_ONCE for v in model.component(name).values()]
