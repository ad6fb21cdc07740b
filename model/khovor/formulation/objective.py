"""The objective: the sum of the named terms, futures weighted by their probability, nothing else.

Under `support` it is public money instead: what price floors pay, and what the other instruments cost the public, at
the discount rate; the investor's value at the rate of return he asks for is then a row of its own.
"""

from __future__ import annotations

import pyomo.environ as pyo

from khovor.formulation import instruments
from khovor.formulation.frame import Frame, Subject, weighted
from khovor.formulation.money import REVENUE

TARGET = "target_reached"
"""The row of the investor's return: Σ_w probability[w] · Σ_{name,t} terms[name,w,t] at target_irr ≥ 0 [MUSD]."""

FLOORS = "price_floor"
"""The term that is public money as it stands."""


def objective(f: Frame) -> None:
    """npv: most expected value; cost: least expected cost, revenue left out; support: least expected public money.

    The pattern is one future, taken as certain; the other futures and all weights are set when it is repeated.
    """
    m, terms = f.model, f.case.terms
    value = sum(m.terms[key] for key in m.terms if counts(f, key[0]))
    doc = "Σ_w probability[w] · Σ_{name,t} terms[name,w,t]  [MUSD]"
    if terms.objective == "support":
        floors = sum(m.terms[key] for key in m.terms if key[0] == FLOORS)
        value = -(weighted(instruments.public_cost(f)) + floors)
        doc = "Σ_{i,l,v} cost[i,l,v] · support[i,l,v] + Σ_w probability[w] · Σ_t terms[price_floor,w,t]  [MUSD]"
        f.subjects[TARGET] = lambda: Subject("the investor's return", terms.target_at, "MUSD")
    m.value = pyo.Objective(
        expr=-value if terms.minimises else value,
        sense=pyo.minimize if terms.minimises else pyo.maximize,
        doc=doc,
    )


def counts(f: Frame, term: str) -> bool:
    """Whether a term is part of the objective, or under `support` of the investor's value."""
    return term != REVENUE or f.case.terms.objective != "cost"


def weight(f: Frame, term: str, w: str, t: int) -> float:
    """How much a term counts: the probability of all futures that w speaks for in period t; 1 for what is decided once.

    0 for what the objective leaves out.
    """
    if not counts(f, term):
        return 0.0
    return sum(s.probability for s in f.spoken_for(t, w)) if w else 1.0
