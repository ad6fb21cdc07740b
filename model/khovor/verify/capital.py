"""Money decided once, recomputed [MUSD]: capital, upkeep and closing of units, projects, slots booked, book value.

Amounts are signed contributions to value, discounted; they are paid in every future (scenario "").
"""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Option
from khovor.units import USD_PER_MUSD
from khovor.verify.view import View

Entry = tuple[str, str, int, float]
"""(term, scenario, period, MUSD)."""


def capital_terms(view: View) -> Iterator[Entry]:
    """Every first-stage amount."""
    yield from _builds(view)
    yield from _closures(view)
    for option in view.case.options:
        yield from _upkeep(view, option)
        yield from _ends(view, option)
        yield from _book_value(view, option)
    yield from _projects(view)
    yield from _bookings(view)


def _builds(view: View) -> Iterator[Entry]:
    for row in view.tables.builds:
        option = view.options.get(row.option)
        if option is not None:
            outlay = view.case.horizon.outlay(row.t, option.build_years)
            yield "capex", "", row.t, -row.units * option.capex_musd * outlay


def _closures(view: View) -> Iterator[Entry]:
    """A closed unit pays its closing cost in the first year of the period."""
    horizon = view.case.horizon
    for row in view.tables.closures:
        option = view.options.get(row.option)
        if option is not None:
            worth = horizon.worth(horizon.periods[row.t].start_year)
            yield "closing", "", row.t, -row.units * option.closing_cost_musd * worth


def _upkeep(view: View, option: Option) -> Iterator[Entry]:
    """Sustaining capital and fixed cost, in every year a unit is alive."""
    horizon = view.case.horizon
    for t in view.periods:
        years = sum(
            units * sum(horizon.worth(y) for y in horizon.years_alive(v, option.lifetime_years, t))
            for v, units in view.vintages(option, t)
        )
        yield "sustaining", "", t, -years * option.sustaining_musd_y
        yield "fixed_opex", "", t, -years * option.fixed_opex_musd_y


def _ends(view: View, option: Option) -> Iterator[Entry]:
    """A unit whose life ends within the horizon closes in the year after, unless it was closed before."""
    horizon = view.case.horizon
    for t in view.periods:
        for v, units in view.vintages(option, t):
            after = horizon.end_of_life(v, option.lifetime_years)
            if after is not None and after in horizon.periods[t].span:
                yield "closing", "", t, -units * option.closing_cost_musd * horizon.worth(after)


def _book_value(view: View, option: Option) -> Iterator[Entry]:
    """What straight-line depreciation leaves on the day after the horizon."""
    if view.case.terms.terminal_value != "book" or not option.lifetime_years:
        return
    horizon, last = view.case.horizon, view.periods[-1]
    for v, units in view.vintages(option, last):
        age = horizon.last_year + 1 - horizon.periods[v or 0].start_year
        left = max(0.0, 1.0 - age / option.lifetime_years)
        yield "terminal_value", "", last, units * option.capex_musd * left * horizon.end_worth()


def _projects(view: View) -> Iterator[Entry]:
    horizon = view.case.horizon
    for row in view.tables.projects:
        project = view.case.projects.get(row.project)
        if project is None:
            continue
        yield "project_capex", "", row.t, -project.capex_musd * horizon.outlay(row.t, project.build_years)
        for t in view.periods[row.t :]:
            yield "project_opex", "", t, -project.fixed_opex_musd_y * horizon.annuity(t)


def _bookings(view: View) -> Iterator[Entry]:
    for row in view.tables.bookings:
        gate = view.case.gates.get(row.gate)
        if gate is not None:
            price = (gate.booking_usd_t_y or 0.0) / USD_PER_MUSD
            yield "booking", "", row.t, -price * row.t_y * view.case.horizon.annuity(row.t)
