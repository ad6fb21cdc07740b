"""What each way of solving pays on the shipped case, side by side in one run.

Every line is measured in this run and compared with the first line of its table; nothing here is a test.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import typer
from tests.benchmarks.handover import handover

import khovor
from khovor.case import Case, with_scenario
from khovor.console import share
from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.solution import relative_gap
from khovor.solve import Limits, Outcome, compile_model, optimize
from khovor.solve.arrays import Matrix
from khovor.solve.highs import Answer, relaxed, run
from khovor.solve.proof import PROVING, RELAXING, roads_of
from khovor.solve.strengthen import strengthened

SHIPPED = Path(__file__).parents[2] / "inputs" / "mongolia.xlsx"


def main(seconds: float = 120.0, workbook: Path = SHIPPED) -> None:
    """Compare ways of solving a workbook, each given the same seconds."""
    case = khovor.read(workbook)
    phases(case)
    handover(case, told)
    whole_against_parts(case, seconds)
    strengthening(with_scenario(case, max(case.scenarios, key=lambda s: s.probability).name), seconds)
    growth(case, seconds)


def phases(case: Case) -> None:
    """Seconds outside the solver: building the model and handing it over, against the relaxation they lead to."""
    began = time.monotonic()
    formulation = build(case, derive(case))
    built = time.monotonic()
    matrix = compile_model(formulation)
    compiled = time.monotonic()
    answer = run(relaxed(matrix), Limits(1e-4, 600.0, threads=1), options={"solver": "ipm"})
    told("relaxation by interior point", f"{answer.seconds:6.1f} s", 1.0)
    told("network and Pyomo model", f"{built - began:6.1f} s", (built - began) / answer.seconds)
    told("arrays for HiGHS", f"{compiled - built:6.1f} s", (compiled - built) / answer.seconds)


def whole_against_parts(case: Case, seconds: float) -> None:
    """The gap that HiGHS reaches on the whole program, and the gap of the search in parts."""
    formulation = build(case, derive(case))
    with mock.patch.object(sys.modules["khovor.solve.optimize"], "LARGE", sys.maxsize):
        whole = gap_of(formulation, seconds)
    parts = gap_of(formulation, seconds)
    told("HiGHS on the whole program", f"gap {share(whole)}", 1.0)
    told("search in parts", f"gap {share(parts)}", parts / whole)


def gap_of(formulation: Formulation, seconds: float) -> float:
    """The proved gap after so many seconds; infinite without a plan or a bound."""
    try:
        outcome: Outcome = optimize(formulation, Limits(1e-3, seconds, seed=1))
    except khovor.KhovorError:
        return float("inf")
    return relative_gap(outcome.objective, outcome.bound)


def strengthening(case: Case, seconds: float) -> None:
    """The relaxation of one future as it is and with whole plants in it, and what each proves in so many seconds."""
    formulation = build(case, derive(case))
    matrix = compile_model(formulation)
    strong = strengthened(formulation, matrix)
    loose = {
        name: run(relaxed(m), Limits(1e-4, 600.0, threads=1), options=RELAXING) for name, m in _both(matrix, strong)
    }
    told("relaxation as it is", f"{loose['plain'].objective:6.1f} MUSD", 1.0)
    told("relaxation with whole plants", f"{loose['strong'].objective:6.1f} MUSD", _ratio(loose, "objective"))
    told("and its seconds", f"{loose['strong'].seconds:6.1f} s", _ratio(loose, "seconds"))
    proved = {}
    for name, m in _both(matrix, strong):
        duals = loose[name].duals
        roads = roads_of(formulation, m)
        priced = duals is not None and roads.price(duals)
        left = max(seconds - loose[name].seconds, 1.0)
        answer = run(roads.without(), Limits(1e-3, left, threads=1, seed=1), options=PROVING) if priced else None
        proved[name] = float("inf") if answer is None else answer.bound
    told("bound as it is, roads priced out", f"{proved['plain']:6.1f} MUSD", 1.0)
    told("bound with whole plants", f"{proved['strong']:6.1f} MUSD", proved["strong"] / proved["plain"])


def _both(matrix: Matrix, strong: Matrix) -> tuple[tuple[str, Matrix], ...]:
    return ("plain", matrix), ("strong", strong)


def _ratio(answers: dict[str, Answer], what: str) -> float:
    return float(getattr(answers["strong"], what) / getattr(answers["plain"], what))


def growth(case: Case, seconds: float) -> None:
    """Seconds until 1%, gap and memory of the whole process as futures are added, the likely ones first."""
    ranked = sorted(case.scenarios, key=lambda s: -s.probability)
    base = None
    for count in (1, 2, 5, 10):
        kept = ranked[:count]
        total = sum(s.probability for s in kept)
        fewer = replace(case, scenarios=tuple(replace(s, probability=s.probability / total) for s in kept))
        began = time.monotonic()
        formulation = build(fewer, derive(fewer))
        outcome = optimize(formulation, Limits(1e-2, seconds, seed=1))
        spent = time.monotonic() - began
        base = base or spent
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        gap = share(relative_gap(outcome.objective, outcome.bound))
        told(f"{len(kept)} futures, gap {gap}, {memory:.1f} GB", f"{spent:6.1f} s", spent / base)


def told(what: str, figure: str, ratio: float) -> None:
    """One line: what, its figure, and its ratio to the first of its table."""
    typer.echo(f"{what:34} {figure:>16}   x {ratio:.2f}")


if __name__ == "__main__":
    typer.run(main)
