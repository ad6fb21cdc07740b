"""What makes the taxable result and is no cash: capital written off, what free sites add to goods, sales left out.

Capital is written off straight from the first year it is available; what is left of it, in the last year of its life.
A site in its tax holiday keeps what it adds to the reference value of goods: told in every year, it counts in those of
the holiday alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from khovor.case import Case, Levies, value_added
from khovor.finance.capital import project_capital, unit_capital
from khovor.finance.line import PAID_USD, Entry, Line
from khovor.solution import Solution


class Asset(NamedTuple):
    """Capital to be written off: its line of the cash flow, units, the first year available, years of life if told."""

    line: Line
    units: float
    start: int
    life: int | None


def account_lines(
    case: Case, solution: Solution, entries: Iterable[Entry], left_out: Collection[str]
) -> Iterator[Entry]:
    """The lines; none where nothing is levied on years. `left_out` are terms of the plan that its cash flow lacks."""
    if case.fiscal.yearly or case.fiscal.paid:
        yield from (entry for entry in entries if entry[0].term in left_out)
    if case.fiscal.income_tax:
        yield from _added(case, solution)


def assets(case: Case, solution: Solution) -> list[Asset]:
    """What a plan writes off; nothing without an income tax."""
    if not case.fiscal.income_tax:
        return []
    options = {tuple(option.key): option for option in case.options}
    starts = {period.name: period.start_year for period in case.horizon.periods}
    found = []
    for *key, period, units in solution.builds.itertuples(index=False):
        option = options[tuple(key)]
        found.append(Asset(unit_capital(case, option), float(units), starts[period], option.lifetime_years or None))
    for name, period in solution.projects.itertuples(index=False):
        found.append(Asset(project_capital(case.projects[name]), 1.0, starts[period], None))
    return [asset for asset in found if asset.line.price]


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
