"""What the search in parts and the counting integers pay on the shipped case, side by side in one run.

Every line is measured in this run and compared with the first line of its table; nothing here is a test.
"""

from __future__ import annotations

import sys
import time
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
from khovor.solve.counts import with_counts
from khovor.solve.highs import relaxed, run
from khovor.solve.search import PROVING

SHIPPED = Path(__file__).parents[2] / "inputs" / "mongolia.xlsx"


def main(seconds: float = 120.0, workbook: Path = SHIPPED) -> None:
    """Compare ways of solving a workbook, each given the same seconds."""
    case = khovor.read(workbook)
    phases(case)
    handover(case, told)
    whole_against_parts(case, seconds)
    counting(with_scenario(case, max(case.scenarios, key=lambda s: s.probability).name), seconds)


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


def counting(case: Case, seconds: float) -> None:
    """How far HiGHS lowers the bound of one future, as it is and with counting integers, no plan being sought."""
    formulation = build(case, derive(case))
    matrix = compile_model(formulation)
    loose = run(relaxed(matrix), Limits(1e-4, seconds, threads=1), options={"solver": "ipm"}).objective
    limits = Limits(1e-3, seconds, threads=1, seed=1)
    plain = loose - run(matrix, limits, options=PROVING).bound
    counted = loose - run(with_counts(formulation, matrix), limits, options=PROVING).bound
    told("bound lowered without counts", f"{plain:6.1f} MUSD", 1.0)
    told("bound lowered with counts", f"{counted:6.1f} MUSD", counted / plain if plain else float("inf"))


def told(what: str, figure: str, ratio: float) -> None:
    """One line: what, its figure, and its ratio to the first of its table."""
    typer.echo(f"{what:34} {figure:>16}   x {ratio:.2f}")


if __name__ == "__main__":
    typer.run(main)
