"""How soon there is a plan, and what its worth saves when the rest is branched."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from tests.benchmarks.table import Table, seconds

from khovor.case import Case
from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.solve import Limits, Matrix, compile_model
from khovor.solve.branching import PROVING, SEEKING, bounded, sense
from khovor.solve.first_plan import first_plan
from khovor.solve.highs import relaxed, run
from khovor.solve.proof import RELAXING, roads_of
from khovor.solve.search import Search
from khovor.solve.strengthen import strengthened

GAP = 1e-3


def finding(case: Case, limit_s: float) -> None:
    """The first plan of one future, by branching what its prices leave and by its roads that are taken; and the rest.

    The rest is what the prices of its relaxation leave, branched from that plan: all of it, and without what is too
    dear for a better one.
    """
    formulation = build(case, derive(case))
    matrix = compile_model(formulation)
    strong, limits = strengthened(formulation, matrix), Limits(GAP, limit_s, threads=1, seed=1)
    table = Table("The first plan", "seconds", "MUSD")
    began = time.monotonic()
    loose, roads = run(relaxed(strong), limits, options=RELAXING), roads_of(formulation, strong)
    if loose.duals is None or not roads.price(sense(strong) * loose.duals):
        return
    small = roads.without()
    branched = run(small, limits, options=SEEKING)
    if branched.values is not None:
        _search(formulation, matrix, strong, limits).value_decisions(roads.decided(branched.values), "", "")
    took = time.monotonic() - began
    table.line("branched at the prices of the relaxation", seconds(took), f"{branched.objective:,.1f}", of=took)
    began, s = time.monotonic(), _search(formulation, matrix, strong, limits)
    _, decided = first_plan(s, formulation, strong)
    if decided is not None:
        s.value_decisions(decided, "first plan", "")
    took = time.monotonic() - began
    table.line("on the roads that are taken", seconds(took), f"{s.value or 0.0:,.1f}", of=took)
    if s.plan is None:
        return
    start = np.full(strong.shape[1], np.nan)
    start[: len(s.plan)] = np.where(matrix.integer, np.round(s.plan), np.nan)
    start = start[roads.kept]
    table = Table("What is branched from that plan", "seconds", "bound, MUSD")
    whole = run(small, replace(limits, gap=GAP / 2.0), start=start, options=PROVING)
    table.line("all of it", seconds(whole.seconds), f"{whole.bound:,.1f}", of=whole.seconds)
    began = time.monotonic()
    few = bounded(s, small, start, GAP / 2.0)
    took = time.monotonic() - began
    table.line("without what is too dear", seconds(took), f"{few.bound:,.1f}", of=took)


def _search(formulation: Formulation, matrix: Matrix, strong: Matrix, limits: Limits) -> Search:
    return Search(formulation, matrix, strong, limits, None, None)
