"""Lines of the taxable result that are no cash: depreciation, what free sites add to goods, sales the plan leaves out.

Straight line from the first year a unit is available; what is left is written off in the last year of its life. A site
in its tax holiday keeps what it adds to the reference value of goods: told in every year, it counts in those of the
holiday alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from khovor.case import Case, Levies, value_added
from khovor.finance.line import PAID, PAID_USD, Entry, Line
from khovor.solution import Solution


def account_lines(
    case: Case, solution: Solution, entries: Iterable[Entry], left_out: Collection[str]
) -> Iterator[Entry]:
    """The lines; none where nothing is levied on years. `left_out` are terms of the plan that its cash flow lacks."""
    if case.fiscal.yearly or case.fiscal.paid:
        yield from (entry for entry in entries if entry[0].term in left_out)
    if case.fiscal.income_tax:
        yield from _depreciation(case, solution)
        yield from _added(case, solution)


def _depreciation(case: Case, solution: Solution) -> Iterator[Entry]:
    options, periods = {tuple(o.key): o for o in case.options}, {p.name: p for p in case.horizon.periods}
    for *key, period, units in solution.builds.itertuples(index=False):
        option = options[tuple(key)]
        where = option.key
        what = f"{case.processes[where.process].label}, {where.size}, {case.nodes[where.node].label}"
        line = Line("depreciation", what, "unit", option.at, option.capex_musd, PAID, site=where.node)
        for years, share in _written_off(case, periods[period].start_year, option.lifetime_years):
            yield line, "", years, share * float(units)
    for name, period in solution.projects.itertuples(index=False):
        project = case.projects[name]
        line = Line("depreciation", project.label, "project", project.at, project.capex_musd, PAID)
        for years, share in _written_off(case, periods[period].start_year, None):
            yield line, "", years, share


def _written_off(case: Case, start: int, life: int | None) -> Iterator[tuple[range, float]]:
    """(years, share of the capital written off in each), within the horizon."""
    years = case.fiscal.depreciation_years
    whole = years if life is None or life >= years else life - 1
    end = case.horizon.last_year + 1
    if start < end:
        yield range(start, min(start + whole, end)), 1.0 / years
    if whole < years and start + whole < end:
        yield range(start + whole, start + whole + 1), 1.0 - whole / years


def _added(case: Case, solution: Solution) -> Iterator[Entry]:
    """What each activity of a site that is ever free adds to the value of goods."""
    free, periods = Levies(case).holidays, {p.name: p for p in case.horizon.periods}
    worth = {
        (*plant.key, recipe.name, recipe.origin): (value_added(case, recipe), plant.at)
        for plant in case.plants
        if plant.key.node in free
        for recipe in plant.recipes
    }
    for *key, period, w, t_y in solution.activity.itertuples(index=False):
        if tuple(key) in worth:
            node, process = key[:2]
            usd_t, at = worth[tuple(key)]
            what = f"{case.processes[process].label}, {case.nodes[node].label}"
            line = Line("holiday_value", what, "t", at, usd_t, PAID_USD, site=node)
            yield line, w, periods[period].span, t_y
