"""What decisions pay in every future: capital and upkeep, closures, projects, slots, missed policies, support.

Units of the same life, time of building and first period are worked out at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from khovor.case import Option
from khovor.formulation import instruments
from khovor.formulation.cash import AVAILABLE
from khovor.formulation.frame import Frame, grouped
from khovor.formulation.penalty import penalty_musd
from khovor.network import project_periods
from khovor.units import MUSD_PER_KT, USD_PER_MUSD

TermKey = tuple[str, str, int]
Paid = tuple[TermKey, Sequence[float], Sequence[Any]]
"""A term, MUSD per unit of some decisions, and these; amounts may be 0."""

STATE = "state_participation"
"""What the state is paid, or pays, for its share."""

SHARED: Final = AVAILABLE | {"capex", "project_capex"}
"""Terms of which a state that pays its share has that share."""


def decided_once(f: Frame) -> Iterator[Paid]:
    """What is paid in every future, by unit of each decision; and the state's share of it."""
    for concern in (_capital, _closures, _projects, _bookings, _missed_once, instruments.decided):
        for (name, w, t), coefficients, variables in concern(f):
            yield (name, w, t), coefficients, variables
            if f.case.fiscal.paid and name in SHARED:
                yield (STATE, w, t), [-f.case.fiscal.paid * c for c in coefficients], variables


def _upkeep(f: Frame, option: Option, v: int | None) -> Iterator[tuple[str, int, float]]:
    for t, years in enumerate(f.upkeep(v, option.lifetime_years)):
        if years:
            yield "sustaining", t, -option.sustaining_musd_y * years
            yield "fixed_opex", t, -option.fixed_opex_musd_y * years


def _book_value(f: Frame, option: Option, v: int | None) -> float:
    """Straight-line book value of a unit on the day after the horizon [MUSD, discounted]."""
    horizon = f.case.horizon
    start = horizon.periods[0 if v is None else v].start_year
    age = horizon.last_year + 1 - start
    left = 1.0 - age / option.lifetime_years if option.lifetime_years else 0.0
    return option.capex_musd * max(0.0, left) * horizon.end_worth()


def _period_of(f: Frame, year: int) -> int:
    return next(t for t in f.periods if year in f.case.horizon.periods[t].span)


def _capital(f: Frame) -> Iterator[Paid]:
    """What units cost over their life: those of the same life, time of building and first period at once."""
    horizon, last = f.case.horizon, f.periods[-1]
    alike = grouped(
        ((option.lifetime_years, option.build_years, v), (option, unit))
        for option, built in zip(f.options, f.built, strict=True)
        for v, unit in built
    )
    for (life, years, v), members in alike.items():
        options, units = [option for option, _ in members], [unit for _, unit in members]
        outlay, after = horizon.outlay(v, years), horizon.end_of_life(v, life)
        yield ("capex", "", v), [-option.capex_musd * outlay for option in options], units
        for t, lived in enumerate(f.upkeep(v, life)):
            if lived:
                yield ("sustaining", "", t), [-option.sustaining_musd_y * lived for option in options], units
                yield ("fixed_opex", "", t), [-option.fixed_opex_musd_y * lived for option in options], units
        if after is not None:
            worth = horizon.worth(after)
            yield ("closing", "", _period_of(f, after)), [-o.closing_cost_musd * worth for o in options], units
        if f.case.terms.terminal_value == "book":
            yield ("terminal_value", "", last), [_book_value(f, option, v) for option in options], units


def _closures(f: Frame) -> Iterator[Paid]:
    """Closing an existing unit pays its closing cost now, and saves its upkeep and its cost at the end of its life."""
    horizon = f.case.horizon
    for o, option in enumerate(f.options):
        if not option.existing_units:
            continue
        for v in f.periods:
            unit = f.model.close[o, v]
            worth = horizon.worth(horizon.periods[v].start_year)
            yield ("closing", "", v), [-option.closing_cost_musd * worth], [unit]
            for name, t, amount in _kept(f, option):
                if t >= v:
                    yield (name, "", t), [-amount], [unit]


def _kept(f: Frame, option: Option) -> Iterator[tuple[str, int, float]]:
    """(term, period, MUSD) of one existing unit left alone."""
    horizon = f.case.horizon
    yield from _upkeep(f, option, None)
    after = horizon.end_of_life(None, option.lifetime_years)
    if after is not None:
        yield "closing", _period_of(f, after), -option.closing_cost_musd * horizon.worth(after)
    if f.case.terms.terminal_value == "book":
        yield "terminal_value", f.periods[-1], _book_value(f, option, None)


def constants(f: Frame, options: Iterable[Option]) -> dict[TermKey, float]:
    """What existing units of some options cost if nothing is closed, and holding the first stock."""
    found: dict[TermKey, float] = defaultdict(float)
    for option in options:
        for name, t, amount in _kept(f, option) if option.existing_units else ():
            found[name, "", t] += option.existing_units * amount
    for pile in f.case.stockpiles:
        price = pile.holding_usd_t_y * pile.initial_t / USD_PER_MUSD / 2.0
        if price:
            found["holding", f.future.pattern, 0] -= price * f.case.horizon.annuity(0)
    for (name, w, t), amount in list(found.items()) if f.case.fiscal.paid else ():
        if name in SHARED:
            found[STATE, w, t] -= f.case.fiscal.paid * amount
    return dict(found)


def _projects(f: Frame) -> Iterator[Paid]:
    horizon = f.case.horizon
    for j, project in f.case.projects.items():
        for v in project_periods(f.case, j):
            taken = [f.model.project[j, v]]
            yield ("project_capex", "", v), [-project.capex_musd * horizon.outlay(v, project.build_years)], taken
            for t in f.periods[v:]:
                yield ("project_opex", "", t), [-project.fixed_opex_musd_y * horizon.annuity(t)], taken


def _bookings(f: Frame) -> Iterator[Paid]:
    for g, t in f.model.BOOK:
        price = (f.case.gates[g].booking_usd_t_y or 0.0) * MUSD_PER_KT
        yield ("booking", "", t), [-price * f.case.horizon.annuity(t)], [f.model.book[g, t]]


def _missed_once(f: Frame) -> Iterator[Paid]:
    for (i, t), missed in f.model.over.items():
        yield ("penalty", "", t), [-penalty_musd(f.case, f.case.policies[i], t)], [missed]
