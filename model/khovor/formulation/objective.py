"""The objective: the sum of the named terms, futures weighted by their probability, nothing else."""

from __future__ import annotations

import pyomo.environ as pyo

from khovor.formulation.frame import Frame
from khovor.formulation.money import REVENUE


def objective(f: Frame) -> None:
    """npv: maximise expected value; cost: minimise expected discounted cost, revenue left out."""
    m = f.model
    weights = {s.name: s.probability for s in f.case.scenarios} | {"": 1.0}
    minimise = f.case.terms.objective == "cost"
    counted = [key for key in m.terms if not (minimise and key[0] == REVENUE)]
    value = sum(weights[w] * m.terms[name, w, t] for name, w, t in counted)
    m.value = pyo.Objective(
        expr=-value if minimise else value,
        sense=pyo.minimize if minimise else pyo.maximize,
        doc="Σ_w probability[w] · Σ_{name,t} terms[name,w,t]  [MUSD]",
    )
