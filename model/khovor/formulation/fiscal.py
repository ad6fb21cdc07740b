"""Income tax and the state's carried share: what each calendar year leaves, future by future.

gain[y,t,w] and loss[y,t,w] are the taxable result of year y of period t, whichever it is; used[v,y,t,w] the loss of
year v used in year y (v = 0: of any year before, where losses never expire), pool[y,t,w] the losses left after year y;
dividend[y,t,w] and deficit[y,t,w] the operating cash after tax. All in MUSD, undiscounted.

The result of a year is every taxable money term at the weight of that year alone (`case.OneYear`), less depreciation:
straight line from the first year available, what is left of it written off in the last year of a unit. A site in its
tax holiday is left out with all that is its own, valued at the reference values of goods, be it profit or loss.

Without expiry the program is exact as it is: a gain and a loss raised together only pay tax early. With expiry they
would make an old loss young, so signs keep them apart: sign[y,t,w] is 1 in a year that gains. A program too large for
that leaves them out: its bound holds, and the plan found is told with the tax of the law (`solve/settle.py`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pyomo.environ as pyo

from khovor.case import Levies, one_year, value_added
from khovor.formulation.cash import AVAILABLE, TAXABLE
from khovor.formulation.decided import constants, decided_once
from khovor.formulation.frame import LARGE, Floats, Frame, Subject, weighted
from khovor.formulation.money import CHARGES, Charge
from khovor.units import MUSD_PER_KT, T_PER_KT

FISCAL = ("gain", "loss", "used", "pool", "dividend", "deficit", "sign")
"""Variables that follow from a plan and decide nothing."""

Sum = tuple[dict[int, tuple[float, Any]], float]
"""({place of a variable: (MUSD per unit, variable)}, constant)."""


def variables(f: Frame) -> None:
    """Declare results of years, losses used and left, signs, dividends."""
    fiscal = f.case.fiscal
    every = [(y, t) for t in f.periods for y in f.case.horizon.periods[t].span]
    years = every if fiscal.income_tax else []
    f.operate("gain", years, doc="gain[y,t,w]: taxable result of a year, where it is a profit  [MUSD]")
    f.operate("loss", years, doc="loss[y,t,w]: the same, where it is a loss  [MUSD]")
    f.operate("used", list(_uses(f, years)), doc="used[v,y,t,w]: loss of year v used in year y (v = 0: of any)  [MUSD]")
    f.operate("pool", years if _pooled(f) else [], doc="pool[y,t,w]: losses left after year y  [MUSD]")
    f.operate(
        "sign", years if _signed(f) else [], doc="sign[y,t,w]: 1 in a year that gains  [0/1]", most=lambda y, t: 1
    )
    for sign in f.model.sign.values():
        sign.domain = pyo.Binary
    divided = every if fiscal.carried else []
    f.operate("dividend", divided, doc="dividend[y,t,w]: operating cash after tax of a good year  [MUSD]")
    f.operate("deficit", divided, doc="deficit[y,t,w]: the same of a bad year, turned positive  [MUSD]")


def _pooled(f: Frame) -> bool:
    """Whether losses never expire within the horizon."""
    years, span = f.case.fiscal.loss_years, f.case.horizon.last_year - f.case.horizon.periods[0].start_year
    return f.case.fiscal.ties and (years is None or years >= span)


def _signed(f: Frame) -> bool:
    """Whether signs are needed, and the program is small enough for them."""
    columns = sum(map(len, f.operation.values())) * len(f.scenarios)
    return f.case.fiscal.ties and not _pooled(f) and columns < LARGE


def _uses(f: Frame, years: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(year of the loss, year of its use, period of its use)."""
    if not f.case.fiscal.ties:
        return
    first, most = f.case.horizon.periods[0].start_year, f.case.fiscal.loss_years or 0
    for y, t in years:
        if y > first:
            yield from [(0, y, t)] if _pooled(f) else [(v, y, t) for v in range(max(first, y - most), y)]


def constraints(f: Frame) -> None:
    """Declare the result of every year, the use of losses, and dividends."""
    accounts = Accounts(f)
    _result_of_a_year(f, accounts)
    _losses_carried(f)
    _losses_used_once(f)
    _losses_offset_a_share(f)
    _gain_or_loss(f, accounts)
    _dividends_of_a_year(f, accounts)


def _result_of_a_year(f: Frame, accounts: Accounts) -> None:
    """The first year of a period is told whole, the others by what differs from it: most of a period is the same."""

    @f.rows(
        list(f.model.gain),
        doc="gain[y,t,w] - loss[y,t,w] = Σ taxable terms of year y - depreciation[y] - results of free sites  [MUSD]",
    )
    def result_of_a_year(m: Any, y: int, t: int) -> Any:
        terms, constant = accounts.step(y, t, taxed=True)
        terms += [(sign * c, v[u, t]) for sign, u in accounts.apart(y, t) for c, v in ((-1.0, m.gain), (1.0, m.loss))]
        return weighted(terms) == -constant

    f.subjects["result_of_a_year"] = lambda y, t, w: Subject(f"taxable income of {y}", "fiscal", "MUSD")


def _losses_carried(f: Frame) -> None:
    years = [y for y, _ in f.model.pool]
    period: dict[int, int] = dict(list(f.model.pool))

    @f.rows(years, doc="pool[y,w] = pool[y-1,w] + loss[y,w] - used[0,y,w]  [MUSD]", tying=True)
    def losses_carried(m: Any, y: int) -> Any:
        t, terms = period[y], [(1.0, m.pool[y, period[y]]), (-1.0, m.loss[y, period[y]])]
        if y > years[0]:
            terms += [(1.0, m.used[0, y, t]), (-1.0, m.pool[y - 1, period[y - 1]])]
        return weighted(terms) == 0.0


def _losses_used_once(f: Frame) -> None:
    period, uses = dict(list(f.model.gain)), defaultdict(list)
    for v, y, t in f.model.used:
        uses[v].append((y, t))
    uses.pop(0, None)

    @f.rows(list(uses), doc="Σ_y used[v,y,w] ≤ loss[v,w]  [MUSD]", tying=True)
    def losses_used_once(m: Any, v: int) -> Any:
        return weighted([*((1.0, m.used[v, y, t]) for y, t in uses[v]), (-1.0, m.loss[v, period[v]])]) <= 0.0


def _losses_offset_a_share(f: Frame) -> None:
    share, uses = f.case.fiscal.loss_share, defaultdict(list)
    for v, y, t in f.model.used:
        uses[y, t].append(v)

    @f.rows(list(uses), doc="Σ_v used[v,y,t,w] ≤ share · gain[y,t,w]  [MUSD]")
    def losses_offset_a_share(m: Any, y: int, t: int) -> Any:
        return weighted([*((1.0, m.used[v, y, t]) for v in uses[y, t]), (-share, m.gain[y, t])]) <= 0.0


def _gain_or_loss(f: Frame, accounts: Accounts) -> None:
    @f.rows(list(f.model.sign), doc="gain[y,t,w] ≤ most · sign[y,t,w]  [MUSD]")
    def gain_in_good_years(m: Any, y: int, t: int) -> Any:
        return weighted([(1.0, m.gain[y, t]), (-accounts.most(y, t, 1.0), m.sign[y, t])]) <= 0.0

    @f.rows(list(f.model.sign), doc="loss[y,t,w] ≤ most · (1 - sign[y,t,w])  [MUSD]")
    def loss_in_bad_years(m: Any, y: int, t: int) -> Any:
        most = accounts.most(y, t, -1.0)
        return weighted([(1.0, m.loss[y, t]), (most, m.sign[y, t])]) <= most


def _dividends_of_a_year(f: Frame, accounts: Accounts) -> None:
    @f.rows(
        list(f.model.dividend),
        doc="dividend[y,t,w] - deficit[y,t,w] = Σ operating cash of year y, tax paid  [MUSD]",
    )
    def dividends_of_a_year(m: Any, y: int, t: int) -> Any:
        terms, constant = accounts.step(y, t, taxed=False)
        terms += [
            (sign * c, v[u, t]) for sign, u in accounts.apart(y, t) for c, v in ((-1.0, m.dividend), (1.0, m.deficit))
        ]
        return weighted(terms) == -constant


class Accounts:
    """Yearly amounts of a case: the money of the model, seen in one year at a time."""

    def __init__(self, f: Frame) -> None:
        self._f = f
        self._years = {y: t for t in f.periods for y in f.case.horizon.periods[t].span} if f.case.fiscal.yearly else {}
        self._views: dict[int, _Year] = {y: _Year(f, y) for y in self._years}

    def apart(self, y: int, t: int) -> list[tuple[float, int]]:
        """The years whose difference is stated: this one, less the first of its period."""
        first = self._f.case.horizon.periods[t].start_year
        return [(1.0, y)] if y == first else [(1.0, y), (-1.0, first)]

    def step(self, y: int, t: int, taxed: bool) -> tuple[list[tuple[float, Any]], float]:
        """Taxable (or available) cash of a year, less that of the first year of its period: terms and constant."""
        found: dict[int, tuple[float, Any]] = {}
        constant = 0.0
        for sign, year in self.apart(y, t):
            terms, fixed = self._views[year].cash(t, taxed)
            constant += sign * fixed
            for place, (amount, variable) in terms.items():
                found[place] = found.get(place, (0.0, variable))[0] + sign * amount, variable
        return [(amount, variable) for amount, variable in found.values() if abs(amount) > ROUNDING], constant

    def most(self, y: int, t: int, sign: float) -> float:
        """What a year can gain (1) or lose (-1) at most [MUSD], in any future the rule is stated for."""
        terms, constant = self._views[y].cash(t, True)
        bounds = self._bounds(t)
        found = sign * constant + sum(
            sign * amount * bounds(variable) for amount, variable in terms.values() if sign * amount > 0
        )
        return float(max(found, 1.0))

    def _bounds(self, t: int) -> Any:
        f, supply = self._f, self._f.network.supply

        def bound(variable: Any) -> float:
            """The most a variable can be: goods by what can be there at all, decisions by their own bounds."""
            name, index = variable.parent_component().local_name, variable.index()
            if name in ("ship", "sell"):
                thing = (f.network.pairs if name == "ship" else f.network.offers)[index[0]]
                most = float(supply[t].get(thing.commodity, 0.0)) / T_PER_KT
            elif name == "act":
                most = float(f.network.act_bounds.get((index[0], t), 0.0)) / T_PER_KT
            else:
                most = LOOSE if variable.ub is None else float(variable.ub)
            return most if math.isfinite(most) else LOOSE

        return bound


LOOSE = 10_000.0
"""Bound of what has none of its own (purchases, disposals, stocks, utilities, shortfalls, support) [kt, MUSD].

A sign needs one, and it must not be too small; what it lets through, `solve/settle.py` sets right."""

ROUNDING = 1e-12
"""A difference between two years that is none."""


class _Year:
    """The money of one year: the same charges as in the objective, at that year's weight alone."""

    def __init__(self, f: Frame, year: int) -> None:
        view = replace(f, case=replace(f.case, horizon=one_year(f.case.horizon, year)), _upkeep={}, charges={})
        self._f, self._view, self._year = f, view, year
        self._free = Levies(f.case).free(year)
        self._once: dict[bool, Sum] = {}
        self._charges: dict[str, Charge] = {name: charge(view) for name, charge in CHARGES.items()}

    def cash(self, t: int, taxed: bool) -> Sum:
        """What the year's income (taxed), or its operating cash, is made of; the future is the one being stated."""
        once, constant = self._decided(taxed)
        found = dict(once)
        for name, charge in self._charges.items():
            if taxed and name in FISCAL:
                continue
            for u in (t - 1, t) if name == "stock" and t else (t,):
                variables = self._f.operation[name].at(u)
                amounts = self._amounts(name, charge, u, t, taxed, len(variables))
                for variable, amount in zip(variables, amounts.tolist(), strict=True):
                    if amount:
                        found[id(variable)] = amount, variable
        return found, constant

    def _amounts(self, name: str, charge: Charge, u: int, t: int, taxed: bool, size: int) -> Floats:
        counted = TAXABLE if taxed else AVAILABLE
        total = np.zeros(size)
        for term, when, amounts in charge(u) if size else ():
            if when == t and term in counted:
                total += amounts
        return self._without_free(name, u, total) if taxed and self._free else total

    def _without_free(self, name: str, t: int, amounts: Floats) -> Floats:
        """A free site keeps its own costs, and what it adds to the value of goods."""
        f, members = self._f, self._f.operation[name].members[t]
        if name == "use":
            free = [f.case.utilities[s].key.node in self._free for s, _ in members]
            return np.where(free, 0.0, amounts)
        if name == "act":
            activities = [f.network.activities[x] for x, _ in members]
            free = [a.plant.key.node in self._free for a in activities]
            added = np.array([value_added(f.case, a.recipe) * MUSD_PER_KT for a in activities])
            return np.where(free, -added, amounts)
        return amounts

    def _decided(self, taxed: bool) -> Sum:
        """What is decided once, found when first asked for."""
        if taxed not in self._once:
            self._once[taxed] = self._decide(taxed)
        return self._once[taxed]

    def _decide(self, taxed: bool) -> Sum:
        f, counted = self._f, TAXABLE if taxed else AVAILABLE
        free = self._free if taxed else frozenset()
        found: dict[int, tuple[float, Any]] = {}
        paid = [(amounts, units) for (term, _, _), amounts, units in decided_once(self._view) if term in counted]
        entries = [*chain.from_iterable(zip(*part, strict=True) for part in paid)]
        for amount, variable in entries + (_depreciation(f, self._year) if taxed else []):
            if not _is_at(f, variable, free):
                found[id(variable)] = found.get(id(variable), (0.0, variable))[0] + amount, variable
        own = [option for option in f.options if option.key.node not in free]
        fixed = sum(amount for (term, _, _), amount in constants(self._view, own).items() if term in counted)
        return found, fixed


def _depreciation(f: Frame, year: int) -> list[tuple[float, Any]]:
    """What one unit, or a project, is written off by in a year, as a cost."""
    horizon, m, years = f.case.horizon, f.model, f.case.fiscal.depreciation_years
    units = [
        (option.capex_musd, horizon.periods[v].start_year, option.lifetime_years, m.build[o, v])
        for o, option in enumerate(f.options)
        for v in f.vintages[o]
    ]
    projects = [
        (f.case.projects[j].capex_musd, horizon.periods[v].start_year, None, m.project[j, v]) for j, v in m.PROJECT
    ]
    return [
        (-capital * written_off(year - start, years, life), variable)
        for capital, start, life, variable in [*units, *projects]
    ]


def written_off(age: int, years: int, life: int | None) -> float:
    """Share of the capital that is written off in the year of an age: straight line, the rest in the last year of life.

    >>> [written_off(age, 4, 3) for age in range(4)], written_off(-1, 4, None)
    ([0.25, 0.25, 0.5, 0.0], 0.0)
    """
    if life is not None and life < years:
        return 0.0 if not 0 <= age < life else (1.0 - age / years if age == life - 1 else 1.0 / years)
    return 1.0 / years if 0 <= age < years else 0.0


def told_by_year(
    f: Frame, places: Mapping[tuple[str, tuple[Any, ...]], int], values: Floats
) -> Iterator[tuple[str, str, int, float]]:
    """(line, future, year, MUSD) of what is levied on years: result before old losses, depreciation, losses, tax.

    Income tax and the state's carried share are signed as money terms are; the rest is what they are made of.
    """
    fiscal = f.case.fiscal
    uses: dict[int, list[int]] = defaultdict(list)
    for v, y, _ in f.model.used:
        uses[y].append(v)
    levies = Levies(f.case)
    for y, t in list(f.model.gain) or list(f.model.dividend):
        taxed = [(c, v) for c, v in _depreciation(f, y) if c and not _is_at(f, v, levies.free(y))]
        labels = [(amount, (v.parent_component().local_name, v.index())) for amount, v in taxed]
        written = -sum(amount * float(values[places[label]]) for amount, label in labels)
        for s in f.case.scenarios:
            w = f.speaker[t, s.name]

            def at(name: str, *index: int) -> float:
                place = places.get((name, (*index, w)))  # noqa: B023
                return 0.0 if place is None else float(values[place])

            used = sum(at("used", v, y, t) for v in uses[y])
            left = at("pool", y, t) if _pooled(f) else _left(f, y, at)
            lines = {
                "result": at("gain", y, t) - at("loss", y, t),
                "depreciation": written,
                "losses_used": used,
                "losses_left": left,
                "income_tax": -fiscal.income_tax * (at("gain", y, t) - used),
                "state_participation": -fiscal.carried * at("dividend", y, t),
            }
            yield from ((line, s.name, y, amount) for line, amount in lines.items() if amount)


def _left(f: Frame, y: int, at: Callable[..., float]) -> float:
    """Losses that are left after a year and had not expired by then, where losses expire."""
    young = f.case.fiscal.loss_years or 0
    period = {year: t for t in f.periods for year in f.case.horizon.periods[t].span}
    return sum(
        at("loss", v, period[v]) - sum(at("used", v, u, period[u]) for u in range(v + 1, y + 1))
        for v in (range(y - young, y + 1) if f.case.fiscal.ties else ())
        if v in period
    )


def _is_at(f: Frame, variable: Any, nodes: frozenset[str]) -> bool:
    """Whether a decision is about a unit at one of these nodes."""
    if not nodes or variable.parent_component().local_name not in ("build", "close"):
        return False
    return f.options[variable.index()[0]].key.node in nodes
