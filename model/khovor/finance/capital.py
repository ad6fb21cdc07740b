"""Lines decided once, year by year: capital, upkeep and closing of units, projects, slots booked, book value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from khovor.case import Case, Option, Project
from khovor.finance.line import EARNED, PAID, PAID_USD, Entry, Line
from khovor.solution import Solution

Vintage = tuple[int | None, dict[int, float]]
"""Units by period from the one they came in (None: they stand today): closures make them fewer."""


def capital_lines(case: Case, solution: Solution) -> Iterator[Entry]:
    """Every line that is the same in all futures."""
    places = {p.name: t for t, p in enumerate(case.horizon.periods)}
    standing = _vintages(case, solution, places)
    for option in case.options:
        for built, units in standing.get(tuple(option.key), ()):
            yield from _built(case, option, built, units)
            yield from _upkeep(case, option, built, units)
            yield from _ended(case, option, built, units)
            yield from _book_value(case, option, built, units)
    yield from _closures(case, solution, places)
    yield from _projects(case, solution, places)
    yield from _bookings(case, solution, places)


def _vintages(case: Case, solution: Solution, places: dict[str, int]) -> dict[tuple[object, ...], list[Vintage]]:
    closed: dict[tuple[object, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for *key, period, units in solution.closures.itertuples(index=False):
        closed[tuple(key)][places[period]] += units
    found: dict[tuple[object, ...], list[Vintage]] = defaultdict(list)
    for option in case.options:
        if option.existing_units:
            gone = closed[tuple(option.key)]
            left = {t: option.existing_units - sum(n for c, n in gone.items() if c <= t) for t in case.horizon.indices}
            found[tuple(option.key)].append((None, left))
    for *key, period, units in solution.builds.itertuples(index=False):
        t = places[period]
        found[tuple(key)].append((t, dict.fromkeys(case.horizon.indices[t:], float(units))))
    return found


def _what(case: Case, option: Option) -> str:
    key = option.key
    return f"{case.processes[key.process].label}, {key.size}, {case.nodes[key.node].label}"


def _spent(case: Case, t: int, build_years: int, whole: float) -> tuple[range, float]:
    """Equal parts in the `build_years` years before period t, or all in its first year."""
    start = case.horizon.periods[t].start_year
    years = range(start - build_years, start) if build_years else _year(start)
    return years, whole / len(years)


def _year(year: int) -> range:
    return range(year, year + 1)


def unit_capital(case: Case, option: Option) -> Line:
    """The line of what a unit costs."""
    return Line("capex", _what(case, option), "unit", option.at, option.capex_musd, PAID, site=option.key.node)


def project_capital(project: Project) -> Line:
    """The line of what a project costs."""
    return Line("project_capex", project.label, "project", project.at, project.capex_musd, PAID)


def _built(case: Case, option: Option, built: int | None, units: dict[int, float]) -> Iterator[Entry]:
    if built is not None:
        yield unit_capital(case, option), "", *_spent(case, built, option.build_years, units[built])


def _upkeep(case: Case, option: Option, built: int | None, units: dict[int, float]) -> Iterator[Entry]:
    horizon, life = case.horizon, option.lifetime_years
    for term, price in (("sustaining", option.sustaining_musd_y), ("fixed_opex", option.fixed_opex_musd_y)):
        line = Line(term, _what(case, option), "unit-years", option.at, price, PAID, site=option.key.node)
        for t, n in units.items():
            if alive := horizon.years_alive(built, life, t):
                yield line, "", range(alive[0], alive[-1] + 1), n


def _closing(case: Case, option: Option) -> Line:
    cost, site = option.closing_cost_musd, option.key.node
    return Line("closing", _what(case, option), "unit", option.at, cost, PAID, site=site)


def _ended(case: Case, option: Option, built: int | None, units: dict[int, float]) -> Iterator[Entry]:
    """A unit whose life ends within the horizon closes in the year after."""
    after = case.horizon.end_of_life(built, option.lifetime_years)
    if after is not None:
        n = next(n for t, n in units.items() if after in case.horizon.periods[t].span)
        line = _closing(case, option)
        yield line, "", _year(after), n


def _book_value(case: Case, option: Option, built: int | None, units: dict[int, float]) -> Iterator[Entry]:
    """What straight-line depreciation leaves after the horizon, in its last year at the worth it has there."""
    if case.terms.terminal_value != "book" or not option.lifetime_years:
        return
    horizon = case.horizon
    age = horizon.last_year + 1 - horizon.periods[built or 0].start_year
    left = max(0.0, 1.0 - age / option.lifetime_years)
    moved = horizon.end_worth() / horizon.worth(horizon.last_year)
    line = Line("terminal_value", _what(case, option), "unit", option.at, option.capex_musd * left, EARNED, moved)
    yield line, "", _year(horizon.last_year), units[horizon.indices[-1]]


def _closures(case: Case, solution: Solution, places: dict[str, int]) -> Iterator[Entry]:
    options = {tuple(option.key): option for option in case.options}
    for *key, period, units in solution.closures.itertuples(index=False):
        option, year = options[tuple(key)], case.horizon.periods[places[period]].start_year
        line = _closing(case, option)
        yield line, "", _year(year), float(units)


def _projects(case: Case, solution: Solution, places: dict[str, int]) -> Iterator[Entry]:
    for name, period in solution.projects.itertuples(index=False):
        project, t = case.projects[name], places[period]
        yield project_capital(project), "", *_spent(case, t, project.build_years, 1.0)
        years = range(case.horizon.periods[t].start_year, case.horizon.last_year + 1)
        yield Line("project_opex", project.label, "years", project.at, project.fixed_opex_musd_y, PAID), "", years, 1.0


def _bookings(case: Case, solution: Solution, places: dict[str, int]) -> Iterator[Entry]:
    for name, period, t_y in solution.bookings.itertuples(index=False):
        gate = case.gates[name]
        line = Line("booking", name, "t", gate.at, gate.booking_usd_t_y or 0.0, PAID_USD)
        yield line, "", case.horizon.periods[places[period]].span, t_y
