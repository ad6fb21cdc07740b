"""The objective: the sum of the named terms, futures weighted by their probability, nothing else."""

from __future__ import annotations

import pyomo.environ as pyo

from khovor.formulation.frame import Frame
from khovor.formulation.money import REVENUE


def objective(f: Frame) -> None:
    """npv: maximise expected value; cost: minimise expected discounted cost, revenue left out."""
    m = f.model
    minimise = f.case.terms.objective == "cost"
    counted = [key for key in m.terms if not (minimise and key[0] == REVENUE)]
    value = sum(_weight(f, w, t) * m.terms[name, w, t] for name, w, t in counted)
    m.value = pyo.Objective(
        expr=-value if minimise else value,
        sense=pyo.minimize if minimise else pyo.maximize,
        doc="Σ_w probability[w] · Σ_{name,t} terms[name,w,t]  [MUSD]",
    )


def _weight(f: Frame, w: str, t: int) -> float:
    """The probability of all futures that w speaks for in period t; 1 for what is paid in every future."""
    return sum(s.probability for s in f.spoken_for(t, w)) if w else 1.0
