"""What it takes to prove a plan: khovor against HiGHS on the same matrix, and what strengthening the matrix pays."""

from __future__ import annotations

import time

from tests.benchmarks.table import Table, seconds

import khovor
from khovor.case import Case
from khovor.console import share
from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.solution import relative_gap
from khovor.solve import Limits, Outcome, compile_model, optimize
from khovor.solve.arrays import Matrix
from khovor.solve.branching import PROVING
from khovor.solve.counts import Row, with_counts, with_rows
from khovor.solve.highs import Answer, relaxed, run
from khovor.solve.proof import RELAXING, roads_of
from khovor.solve.strengthen import WholeUnits, strengthened

GAP = 1e-3


def phases(case: Case) -> None:
    """Seconds outside the solver: building the model and handing it over, against the relaxation they lead to."""
    table = Table(f"Outside the solver, {len(case.scenarios)} futures", "seconds")
    began = time.monotonic()
    formulation = build(case, derive(case))
    built = time.monotonic()
    matrix = compile_model(formulation)
    compiled = time.monotonic()
    answer = run(relaxed(matrix), Limits(1e-4, 600.0, threads=1), options={"solver": "ipm"})
    table.line("relaxation by interior point", seconds(answer.seconds), of=answer.seconds)
    table.line("network and Pyomo model", seconds(built - began), of=built - began)
    table.line("arrays for HiGHS", seconds(compiled - built), of=compiled - built)


def against_highs(case: Case, limit_s: float) -> None:
    """The gap that raw HiGHS and khovor reach on one matrix in the same seconds, both free to use every core."""
    formulation = build(case, derive(case))
    matrix = compile_model(formulation)
    title = f"The same matrix of {matrix.shape[0]:,} rows, {matrix.shape[1]:,} columns, {len(case.scenarios)} futures,"
    table = Table(f"{title} to a gap of {share(GAP)} in at most {limit_s:.0f} s", "seconds", "gap")
    raw = run(matrix, Limits(GAP, limit_s, seed=1))
    gap = float("inf") if raw.values is None else relative_gap(raw.objective, raw.bound)
    table.line("raw HiGHS", seconds(raw.seconds), share(gap), of=gap)
    began = time.monotonic()
    gap = gap_of(formulation, limit_s)
    table.line("khovor, arrays made again", seconds(time.monotonic() - began), share(gap), of=gap)


def gap_of(formulation: Formulation, limit_s: float, gap: float = GAP) -> float:
    """The proved gap after so many seconds; infinite without a plan or a bound."""
    try:
        outcome: Outcome = optimize(formulation, Limits(gap, limit_s, seed=1))
    except khovor.KhovorError:
        return float("inf")
    return relative_gap(outcome.objective, outcome.bound)


def strengthening(case: Case, limit_s: float) -> None:
    """The relaxation of a case as it is and with whole plants in it, and what each proves in so many seconds.

    What makes plants whole is switched off part by part: counting integers, and each kind of rows. So is what makes the
    network small: chains contracted to corridors.
    """
    formulation, on_legs = build(case, derive(case)), build(case, derive(case, contract=False))
    plain = compile_model(formulation)
    counted, anywhere = with_counts(formulation, plain)
    whole = WholeUnits.of(formulation, plain.places, anywhere)
    units: dict[tuple[str, int], list[int]] = {}
    for (process, _, t), online in whole.online.items():
        units.setdefault((process, t), []).extend(online)
    uncounted = WholeUnits.of(formulation, plain.places, units)
    within = [*whole.within_units(plain.places, formulation.told_apart, False)]
    along = [*whole.along_chains(plain.places, formulation.told_apart)]
    ways = {
        "as it is": plain,
        "with whole plants": strengthened(formulation, plain),
        "  no counting integers": _with(plain, [*uncounted.rows(plain.places, formulation.told_apart)]),
        "  no rows by origin and recipe": _with(counted, along),
        "  no rows along chains": _with(counted, within),
        "  counting integers alone": counted,
        "  chains not contracted": strengthened(on_legs, compile_model(on_legs)),
    }
    loose = {
        name: run(relaxed(matrix), Limits(1e-4, 600.0, threads=1), options=RELAXING) for name, matrix in ways.items()
    }
    table = Table("The relaxation, and what its prices cost", "MUSD", "seconds")
    for name, answer in loose.items():
        table.line(name, f"{answer.objective:,.1f}", seconds(answer.seconds), of=answer.objective)
    table = Table(f"The bound with roads priced out, {limit_s:.0f} s in all", "MUSD", "seconds")
    for name, matrix in ways.items():
        answer = _proved(formulation, matrix, loose[name], limit_s)
        bound = float("inf") if answer is None else answer.bound
        table.line(name, f"{bound:,.1f}", seconds(answer.seconds if answer else None), of=bound)


def _with(matrix: Matrix, rows: list[Row]) -> Matrix:
    return with_rows(matrix, rows, [], integer=False)


def _proved(formulation: Formulation, matrix: Matrix, loose: Answer, limit_s: float) -> Answer | None:
    """What HiGHS proves of a program whose roads are priced out; None where there are no prices."""
    roads = roads_of(formulation, matrix)
    if loose.duals is None or not roads.price(loose.duals):
        return None
    left = max(limit_s - loose.seconds, 1.0)
    return run(roads.without(), Limits(GAP, left, threads=1, seed=1), options=PROVING)
