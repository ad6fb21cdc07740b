"""What a case costs as it grows, in sites, periods and futures: seconds, memory, gap and size, each in a process.

The case is a real one with more or fewer of a thing (`cases.py`). A count too many for the memory or the time that is
allowed is told up to the step that it reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from tests.benchmarks.cases import with_drawn_futures, with_likely_futures, with_periods, with_sites
from tests.benchmarks.measure import Measured, apart
from tests.benchmarks.solving import gap_of
from tests.benchmarks.table import Table, count, gigabytes, seconds

from khovor.case import Case
from khovor.console import share
from khovor.decisions import Decisions, read_summary
from khovor.formulation import build
from khovor.network import derive
from khovor.solve import Matrix, Recourse, compile_model
from khovor.solve.benders.search import called_for, size_of

SITES = (8, 17, 40, 100)
PERIODS = (4, 8, 20)
LIKELY = (1, 2, 5, 10)
DRAWN = (100, 1000)
GAP = 0.01
BUILT = ("network", "throughput", "model", "arrays")


def sites(case: Case, limit_s: float, most_gb: float) -> None:
    """The likely future alone, with fewer and more places that may have plants."""
    table = _table("Sites, the likely future alone", limit_s, most_gb)
    alone = with_likely_futures(case, 1)
    for number in SITES:
        _line(table, f"{number} sites", apart(grown, with_sites(alone, number), limit_s, most_gb=most_gb))


def periods(case: Case, limit_s: float, most_gb: float) -> None:
    """The likely future alone, its years in fewer and more periods."""
    table = _table("Periods, the likely future alone", limit_s, most_gb)
    alone = with_likely_futures(case, 1)
    for number in PERIODS:
        _line(table, f"{number} periods", apart(grown, with_periods(alone, number), limit_s, most_gb=most_gb))


def futures(case: Case, limit_s: float, most_gb: float, run: Path) -> None:
    """The case's own futures, the likely ones first; then drawn ones, alike in some periods or in none.

    Solved, and then the plan of a run is valued in them.
    """
    cases = {f"{n} own": with_likely_futures(case, n) for n in LIKELY}
    cases |= {f"{n} drawn": with_drawn_futures(case, n) for n in DRAWN}
    cases |= {f"{n} drawn, none alike": with_drawn_futures(case, n, own_prices=True) for n in DRAWN}
    table = _table("Futures", limit_s, most_gb)
    for name, more in cases.items():
        _line(table, name, apart(grown, more, limit_s, most_gb=most_gb))
    plan = Decisions.of(read_summary(run))
    table = Table("A plan valued in futures", "made", "valued", "memory", "mean MUSD")
    for name, more in cases.items():
        told = apart(valued, more, plan, most_gb=most_gb)
        mean, spent = told.figure("valued"), told.seconds("made", "valued")
        worth = "-" if mean is None else f"{mean:,.1f}"
        figures = (seconds(told.seconds("made")), seconds(told.seconds("valued")), gigabytes(told.gigabytes("valued")))
        table.line(name, *figures, worth, of=spent or float("inf"))
        excuse(told)


def grown(case: Case, limit_s: float) -> Iterator[tuple[str, Any]]:
    """Network, its bounds, model, arrays (rows, columns, integers), and the gap that is proved in so many seconds.

    Of a program that is never held whole, only the columns of operation are told.
    """
    network = derive(case)
    yield "network", None
    assert network.throughput
    yield "throughput", None
    formulation = build(case, network)
    yield "model", None
    yield "arrays", (None, size_of(formulation), None) if called_for(formulation) else _size(compile_model(formulation))
    yield "solve", gap_of(formulation, limit_s, GAP)


def _size(matrix: Matrix) -> tuple[int, int, int]:
    return *matrix.shape, int(matrix.integer.sum())


def valued(case: Case, plan: Decisions) -> Iterator[tuple[str, Any]]:
    """The operation of a plan, made; then its mean value over the futures of a case [MUSD]."""
    recourse = Recourse(build(case, network := derive(case)), plan.labels(case)[0])
    yield "made", None
    parts = range(len(case.horizon.periods) if network.separable else 1)
    odds = {scenario.name: scenario.probability for scenario in case.scenarios}
    found = [(w, worth) for part in parts for w, worth in recourse.worths(part, 0, 1).items()]
    kept = all(worth is not None for _, worth in found)
    yield "valued", recourse.once + sum(odds[w] * worth for w, worth in found if worth is not None) if kept else None


def _table(title: str, limit_s: float, most_gb: float) -> Table:
    title = f"{title}: to a gap of {share(GAP)} in at most {limit_s:.0f} s and {most_gb:g} GB"
    columns = ("rows", "columns", "integers", *BUILT, "memory", "solve", "memory", "gap")
    return Table(f"{title}; ratio of all seconds", *columns)


def _line(table: Table, what: str, told: Measured) -> None:
    size = told.figure("arrays", (None, None, None))
    spent = told.seconds(*BUILT, "solve")
    table.line(
        what,
        *(count(number) for number in size),
        *(seconds(told.seconds(step)) for step in BUILT),
        gigabytes(told.gigabytes("arrays")),
        seconds(told.seconds("solve")),
        gigabytes(told.gigabytes("solve")),
        share(told.figure("solve", float("inf"))),
        of=spent or float("inf"),
    )
    excuse(told)


def excuse(told: Measured) -> None:
    """Why work has ended before its end, where it has."""
    if told.ended:
        typer.echo(f"    stopped there: {told.ended}")
