"""What to build, where, how large and when (rule 3): units of plant options, closures of existing units, projects.

build[o,t] units of option o available from the first day of t [1]; close[o,t] existing units closed on the first day
of t for good [1]; project[j,t] link project available from the start of t [0/1]. Decided once, for all futures. From
these: alive[o,t] = existing[o] - Σ_{v≤t} close[o,v] + Σ_{v≤t, life} build[o,v] units online [1]; taken[j,t] =
Σ_{v≤t} project[j,v] [0/1].
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pyomo.environ as pyo

from khovor.case import Option, Override
from khovor.errors import InfeasibleError
from khovor.formulation.frame import Frame, Subject, grouped, listed_set, weighted
from khovor.network import project_periods

Term = tuple[float, Any]
"""Coefficient and decision."""


def variables(f: Frame) -> None:
    """Declare units built and closed, and projects."""
    m, options = f.model, f.options
    m.BUILD = listed_set((o, t) for o in range(len(options)) for t in f.vintages[o])
    m.CLOSE = listed_set((o, t) for o, opt in enumerate(options) if opt.existing_units for t in f.periods)
    m.PROJECT = listed_set((j, t) for j in f.case.projects for t in project_periods(f.case, j))
    m.build = pyo.Var(
        m.BUILD,
        domain=pyo.NonNegativeIntegers,
        bounds=lambda m, o, t: (0, options[o].max_units),
        doc="build[o,t]: units available from the first day of t  [1]",
    )
    m.close = pyo.Var(
        m.CLOSE,
        domain=pyo.NonNegativeIntegers,
        bounds=lambda m, o, t: (0, options[o].existing_units),
        doc="close[o,t]: existing units closed on the first day of t  [1]",
    )
    m.project = pyo.Var(m.PROJECT, domain=pyo.Binary, doc="project[j,t]: available from the start of t  [0/1]")
    f.alive = {(o, t): _existing(f, o, option, t) for o, option in enumerate(options) for t in f.periods}
    for o, option in enumerate(options):
        for v, units in f.built[o]:
            for t, lived in enumerate(f.upkeep(v, option.lifetime_years)):
                if lived:
                    f.alive[o, t][0].append((1.0, units))


def constraints(f: Frame) -> None:
    """Declare the build limits."""
    _units_within_site(f)
    _closures_within_existing(f)
    _required_process_online(f)
    _project_taken_once(f)
    _project_after_required(f)
    _projects_exclude(f)
    _overrides_hold(f)


def _existing(f: Frame, o: int, option: Option, t: int) -> tuple[list[Term], float]:
    """What of an option stood before, less what is closed."""
    if not option.existing_units or not f.upkeep(None, option.lifetime_years)[t]:
        return [], 0.0
    return [(-1.0, f.model.close[o, v]) for v in range(t + 1)], float(option.existing_units)


def _online(f: Frame, options: Iterable[int], t: int) -> tuple[list[Term], float]:
    """Units of some options online in a period, as terms and a constant."""
    told = [f.alive[o, t] for o in options]
    return [*chain.from_iterable(terms for terms, _ in told)], sum(existing for _, existing in told)


def _taken(f: Frame, j: str, t: int) -> list[Term]:
    """Whether a project is taken by a period."""
    return [(1.0, f.model.project[j, v]) for v in project_periods(f.case, j) if v <= t]


def _units_within_site(f: Frame) -> None:
    m, options = f.model, f.options
    rows = grouped(((opt.key.row, o) for o, opt in enumerate(options)))
    limits = {row: options[members[0]].max_units for row, members in rows.items()}
    first = {row: min((v for o in rows[row] for v in f.vintages[o]), default=len(f.periods)) for row in rows}
    index = [(row, t) for row in rows for t in f.periods[first[row] :]]

    @m.Constraint(index, doc="Σ_{o in site row} alive[o,t] ≤ max_units  [1]")
    def units_within_site(m: Any, row: int, t: int) -> Any:
        units, existing = _online(f, rows[row], t)
        return weighted(units) <= limits[row] - existing

    f.subjects["units_within_site"] = lambda row, t: Subject(
        f"units of {options[rows[row][0]].key.process} at {options[rows[row][0]].key.node}",
        options[rows[row][0]].at,
        "unit",
    )


def _closures_within_existing(f: Frame) -> None:
    m, options = f.model, f.options
    closable = sorted({o for o, _ in m.CLOSE})

    @m.Constraint(closable, doc="Σ_t close[o,t] ≤ existing[o]  [1]")
    def closures_within_existing(m: Any, o: int) -> Any:
        return weighted((1.0, m.close[o, t]) for t in f.periods) <= options[o].existing_units


def _required_process_online(f: Frame) -> None:
    """A unit needs the required process beside it; at most as many units as the site rows allow hang on one."""
    m, plants, options = f.model, f.case.plants, f.options
    at_node = grouped(((opt.key.node, opt.key.process), o) for o, opt in enumerate(options))
    needs = {(p.key.node, p.key.process): p.requires for p in plants if p.requires}
    index = [(n, k, t) for (n, k) in needs for t in f.periods if _may_be_alive(f, at_node[n, k], t)]

    @m.Constraint(index, doc="Σ_z alive[n,k,z,t] ≤ max_units · Σ_z alive[n,requires(k),z,t]  [1]")
    def required_process_online(m: Any, n: str, k: str, t: int) -> Any:
        dependents = at_node[n, k]
        limit = sum(
            {options[o].key.row: max(options[o].max_units, options[o].existing_units) for o in dependents}.values()
        )
        units, existing = _online(f, dependents, t)
        supporting, standing = _online(f, at_node.get((n, needs[n, k]), []), t)
        return weighted([*units, *((-limit * c, v) for c, v in supporting)]) <= limit * standing - existing

    f.subjects["required_process_online"] = lambda n, k, t: Subject(
        f"{k} at {n} requires {needs[n, k]}", options[at_node[n, k][0]].at, "unit"
    )


def _may_be_alive(f: Frame, members: list[int], t: int) -> bool:
    return any(f.options[o].existing_units or any(v <= t for v in f.vintages[o]) for o in members)


def _project_taken_once(f: Frame) -> None:
    m = f.model
    choices = [j for j in f.case.projects if len(project_periods(f.case, j)) > 1]

    @m.Constraint(choices, doc="Σ_t project[j,t] ≤ 1  [1]")
    def project_taken_once(m: Any, j: str) -> Any:
        return weighted((1.0, m.project[j, t]) for t in project_periods(f.case, j)) <= 1


def _project_after_required(f: Frame) -> None:
    m = f.model
    index = [(j, i, t) for j, p in f.case.projects.items() for i in p.requires for t in project_periods(f.case, j)]

    @m.Constraint(index, doc="project[j,t] ≤ taken[required(j),t]  [1]")
    def project_after_required(m: Any, j: str, i: str, t: int) -> Any:
        return weighted([(1.0, m.project[j, t]), *((-c, v) for c, v in _taken(f, i, t))]) <= 0.0


def _projects_exclude(f: Frame) -> None:
    m, last = f.model, f.periods[-1]
    pairs = sorted({tuple(sorted((j, i))) for j, p in f.case.projects.items() for i in p.excludes if i != j})
    index = [(j, i) for j, i in pairs if project_periods(f.case, j) and project_periods(f.case, i)]

    @m.Constraint(index, doc="Σ_t project[j,t] + Σ_t project[i,t] ≤ 1 where j excludes i  [1]")
    def projects_exclude(m: Any, j: str, i: str) -> Any:
        return weighted(_taken(f, j, last) + _taken(f, i, last)) <= 1


def _overrides_hold(f: Frame) -> None:
    m = f.model
    index = [c for c, override in enumerate(f.case.overrides) if _decided(f, override)]
    for c in set(range(len(f.case.overrides))) - set(index):
        if f.case.overrides[c].units:
            message = f"The override at {f.case.overrides[c].at} asks for what can never be built."
            repair = "Name a node, process, size and period that can be built, or set its units to 0."
            raise InfeasibleError.asked(f.case.overrides[c].at, message, repair)

    @m.Constraint(index, doc="Σ build (or project) named by the override = units  [1]")
    def overrides_hold(m: Any, c: int) -> Any:
        override = f.case.overrides[c]
        return weighted((1.0, unit) for unit in _decided(f, override)) == override.units

    f.subjects["overrides_hold"] = lambda c: Subject("override", f.case.overrides[c].at, "unit")


def _decided(f: Frame, override: Override) -> list[Any]:
    m, names = f.model, [p.name for p in f.case.horizon.periods]

    def in_period(t: int) -> bool:
        return override.period in ("", names[t])

    if override.project:
        return [m.project[j, t] for j, t in m.PROJECT if j == override.project and in_period(t)]
    keys = [option.key for option in f.options]
    return [
        m.build[o, t]
        for o, t in m.BUILD
        if override.node in ("", keys[o].node)
        and override.process in ("", keys[o].process)
        and override.size in ("", keys[o].size)
        and in_period(t)
    ]
