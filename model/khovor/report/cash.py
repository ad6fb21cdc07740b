"""Yearly cash of a plan, undiscounted and expected: capital in the years it is spent, the rest level over its period.

Level means: the same amount in every year of the period, at the present value that the money terms have. So the yearly
cash discounts back to the objective exactly, whatever happens within a period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from khovor.report.content import Content

CAPITAL = ("capex", "project_capex")
TERMINAL = "terminal_value"

Entry = tuple[str, int, float]
"""(term, year, MUSD)."""


def yearly_cash(c: Content) -> dict[str, dict[int, float]]:
    """MUSD by term and year; terms in the order of their weight, years in order, the whole horizon of them."""
    sums: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for term, year, musd in (*_capital(c), *_level(c)):
        sums[term][year] += musd
    first = min((year for found in sums.values() for year in found), default=c.case.horizon.base_year)
    years = range(min(first, c.case.horizon.base_year), c.case.horizon.last_year + 1)
    order = sorted(sums, key=lambda term: -abs(sum(sums[term].values())))
    return {term: {year: sums[term].get(year, 0.0) for year in years} for term in order}


def _capital(c: Content) -> Iterator[Entry]:
    """Capital in equal parts in the years before a unit or project is available, in its first year if it takes none."""
    options = {tuple(o.key): o for o in c.case.options}
    for b in c.solution.builds.itertuples():
        option = options[b.node, b.process, b.size, b.row]
        yield from _spread("capex", c.starts[b.period], option.build_years, -b.units * option.capex_musd)
    for p in c.solution.projects.itertuples():
        project = c.case.projects[p.project]
        yield from _spread("project_capex", c.starts[p.period], project.build_years, -project.capex_musd)


def _spread(term: str, start: int, build_years: int, musd: float) -> Iterator[Entry]:
    years = range(start - build_years, start) if build_years else range(start, start + 1)
    yield from ((term, year, musd / len(years)) for year in years if musd)


def _level(c: Content) -> Iterator[Entry]:
    """All other terms; book value after the horizon counts in its last year."""
    horizon = c.case.horizon
    places = {p.name: t for t, p in enumerate(horizon.periods)}
    for r in c.money.itertuples(index=False):
        t = places[r.period]
        if r.term == TERMINAL:
            yield r.term, horizon.last_year, r.mean / horizon.worth(horizon.last_year)
        elif r.term not in CAPITAL:
            yield from ((r.term, year, r.mean / horizon.annuity(t)) for year in horizon.periods[t].span)
