"""Lines of terms that have no quantities of their own: yearly where the plan tells them by year, else level.

A table of YEARLY tells a term by year and future, undiscounted [MUSD]. What no table tells of a future (penalties for
policies missed) is the same there in every year of its period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from khovor.case import Case
from khovor.finance.line import EARNED, Entry, Line
from khovor.solution import Solution

YEARLY: Final = ("fiscal", "support")
"""Result tables with columns term, scenario, year, musd, and perhaps instrument."""


def told_lines(case: Case, solution: Solution, priced: Collection[str]) -> Iterator[Entry]:
    """A line for each term of the plan that is not among those already `priced`, future by future.

    Lines of a yearly table that are no money term (taxable results, losses left) are none of the cash flow.
    """
    paid = set(solution.terms["term"]) - set(priced)
    yearly: set[tuple[str, str]] = set()
    for name in YEARLY:
        frame = solution.tables.get(name)
        if frame is not None:
            for row in frame[frame["term"].isin(paid)].to_dict("records"):
                line, w, year = _line(row["term"], str(row.get("instrument", ""))), row["scenario"], int(row["year"])
                yearly.add((line.term, w))
                yield line, w, range(year, year + 1), row["musd"]
    places = {p.name: t for t, p in enumerate(case.horizon.periods)}
    for term, w, period, musd in solution.terms.itertuples(index=False):
        if term not in priced and (term, w) not in yearly:
            t = places[period]
            yield _line(term), w, case.horizon.periods[t].span, musd / case.horizon.annuity(t)


def _line(term: str, what: str = "") -> Line:
    return Line(term, what, "MUSD", "", 1.0, EARNED)
