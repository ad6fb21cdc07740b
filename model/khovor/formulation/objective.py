"""The objective: the sum of the named terms, futures weighted by their probability, nothing else."""

from __future__ import annotations

import pyomo.environ as pyo

from khovor.formulation.frame import Frame
from khovor.formulation.money import REVENUE


def objective(f: Frame) -> None:
    """npv: maximise expected value; cost: minimise expected discounted cost, revenue left out.

    The pattern is one future, taken as certain; the other futures and all weights are set when it is repeated.
    """
    m = f.model
    minimise = f.case.terms.objective == "cost"
    value = sum(m.terms[key] for key in m.terms if counts(f, key[0]))
    m.value = pyo.Objective(
        expr=-value if minimise else value,
        sense=pyo.minimize if minimise else pyo.maximize,
        doc="Σ_w probability[w] · Σ_{name,t} terms[name,w,t]  [MUSD]",
    )


def counts(f: Frame, term: str) -> bool:
    """Whether a term is part of the objective."""
    return term != REVENUE or f.case.terms.objective != "cost"


def weight(f: Frame, term: str, w: str, t: int) -> float:
    """How much a term counts: the probability of all futures that w speaks for in period t; 1 for what is decided once.

    0 for what the objective leaves out.
    """
    if not counts(f, term):
        return 0.0
    return sum(s.probability for s in f.spoken_for(t, w)) if w else 1.0
