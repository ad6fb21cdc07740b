"""What the independent checker takes of plans with more and more futures: seconds, comparisons, and its rate."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.benchmarks.cases import with_likely_futures
from tests.benchmarks.table import Table, count, seconds

import khovor
from khovor.case import Case
from khovor.verify import verify

GAP = 0.5
"""Any plan will do."""

FUTURES = (1, 3, 10)


def checking(case: Case) -> None:
    """Plans of the likely futures, as they are solved and then checked."""
    table = Table("The independent checker", "flows", "comparisons", "solving", "checking", "per second")
    for futures in FUTURES:
        likely = with_likely_futures(case, futures)
        asked = replace(likely, terms=replace(likely.terms, mip_gap=GAP))
        began = time.monotonic()
        solution = khovor.solve(asked, time_limit_s=300.0, seed=1)
        solved = time.monotonic()
        verdict = verify(asked, solution)
        spent = time.monotonic() - solved
        assert verdict.passed, verdict.failures[:3]
        table.line(
            f"{futures} futures",
            count(len(solution.tables["flows"])),
            count(verdict.checks),
            seconds(solved - began),
            seconds(spent),
            count(round(verdict.checks / spent)),
            of=spent,
        )
