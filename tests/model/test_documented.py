"""The mathematics page is printed from the model, so every component must say what it is."""

from __future__ import annotations

import pyomo.environ as pyo

from khovor.formulation import build, mathematics
from khovor.network import derive
from support import case_of, one_mine


def test_every_component_is_documented() -> None:
    """Each variable, expression, constraint and objective carries a formula and a unit in brackets."""
    case = case_of(one_mine())
    model = build(case, derive(case)).model
    for component in model.component_objects((pyo.Var, pyo.Expression, pyo.Constraint, pyo.Objective)):
        assert component.doc, component.name
        assert "[" in component.doc and component.doc.rstrip().endswith("]"), component.name


def test_mathematics_page_names_every_concern() -> None:
    """The page has a section for each concern file, with its constraints."""
    case = case_of(one_mine())
    page = mathematics(case, derive(case))
    for heading in ("Siting", "Processing", "Shipping", "Storage", "Markets", "Utilities", "Balance", "Money"):
        assert f"## {heading}" in page
    assert "activity_within_capacity" in page
