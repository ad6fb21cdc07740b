"""The formulation: `build` is the table of contents. All variables first, then constraints, then money."""

from __future__ import annotations

import gc

from khovor.case import Case
from khovor.formulation import balance, markets, money, processing, shipping, siting, storage, utilities
from khovor.formulation.frame import Frame, Subject, frame_of
from khovor.formulation.objective import objective
from khovor.network import Network

__all__ = ["Formulation", "Frame", "Subject", "build"]

Formulation = Frame


def build(case: Case, network: Network) -> Formulation:
    """The two-stage mixed-integer program of a case over its network, in kt and MUSD.

    Garbage collection is paused while the millions of small objects are made: it halves the time and frees nothing.
    """
    f = frame_of(case, network)
    paused = gc.isenabled()
    gc.disable()
    try:
        for concern in (siting, processing, shipping, storage, markets, utilities):
            concern.variables(f)
        for concern in (siting, processing, shipping, storage, markets, utilities, balance):
            concern.constraints(f)
        money.terms(f)
        objective(f)
    finally:
        if paused:
            gc.enable()
    return f
