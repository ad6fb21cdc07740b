"""What to build, where, how large and when (rule 3): units of plant options, closures of existing units, projects.

build[o,t] units of option o available from the first day of t [1]; close[o,t] existing units closed on the first day
of t for good [1]; project[j,t] link project available from the start of t [0/1]. Decided once, for all futures.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from khovor.case import Option, Override
from khovor.errors import InfeasibleError
from khovor.formulation.frame import Frame, Subject, grouped, spread, weighted
from khovor.network import project_periods


def variables(f: Frame) -> None:
    """Declare units built and closed, and projects."""
    m, options = f.model, f.options
    m.BUILD = pyo.Set(initialize=[(o, t) for o in range(len(options)) for t in f.vintages[o]], dimen=2)
    m.CLOSE = pyo.Set(
        initialize=[(o, t) for o, opt in enumerate(options) if opt.existing_units for t in f.periods], dimen=2
    )
    m.PROJECT = pyo.Set(initialize=[(j, t) for j in f.case.projects for t in project_periods(f.case, j)], dimen=2)
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
    m.alive = pyo.Expression(
        [(o, t) for o in range(len(options)) for t in f.periods],
        rule=lambda m, o, t: _alive(f, o, options[o], t),
        doc="alive[o,t] = existing[o] - Σ_{v≤t} close[o,v] + Σ_{v≤t, life} build[o,v]  [1]",
    )
    m.taken = pyo.Expression(
        [(j, t) for j in f.case.projects for t in f.periods],
        rule=lambda m, j, t: weighted((1.0, m.project[j, v]) for v in project_periods(f.case, j) if v <= t),
        doc="taken[j,t] = Σ_{v≤t} project[j,v]  [0/1]",
    )


def constraints(f: Frame) -> None:
    """Declare the build limits."""
    _units_within_site(f)
    _closures_within_existing(f)
    _required_process_online(f)
    _project_taken_once(f)
    _project_after_required(f)
    _projects_exclude(f)
    _overrides_hold(f)


def _alive(f: Frame, o: int, option: Option, t: int) -> Any:
    m, life = f.model, option.lifetime_years
    built = [(1.0, unit) for v, unit in f.built[o] if v <= t and f.upkeep(v, life)[t]]
    if not option.existing_units or not f.upkeep(None, life)[t]:
        return weighted(built)
    return weighted(built + [(-1.0, m.close[o, v]) for v in range(t + 1)]) + float(option.existing_units)


def _units_within_site(f: Frame) -> None:
    m, options = f.model, f.options
    rows = grouped(((opt.key.row, o) for o, opt in enumerate(options)))
    limits = {row: options[members[0]].max_units for row, members in rows.items()}
    first = {row: min((v for o in rows[row] for v in f.vintages[o]), default=len(f.periods)) for row in rows}
    index = [(row, t) for row in rows for t in f.periods[first[row] :]]

    @m.Constraint(index, doc="Σ_{o in site row} alive[o,t] ≤ max_units  [1]")
    def units_within_site(m: Any, row: int, t: int) -> Any:
        units, existing = spread((1.0, m.alive[o, t]) for o in rows[row])
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
        supporting = [(-float(limit), m.alive[o, t]) for o in at_node.get((n, needs[n, k]), [])]
        units, existing = spread([(1.0, m.alive[o, t]) for o in dependents] + supporting)
        return weighted(units) <= -existing

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
        taken, _ = spread([(-1.0, m.taken[i, t])])
        return weighted([(1.0, m.project[j, t]), *taken]) <= 0.0


def _projects_exclude(f: Frame) -> None:
    m, last = f.model, f.periods[-1]
    pairs = sorted({tuple(sorted((j, i))) for j, p in f.case.projects.items() for i in p.excludes if i != j})
    index = [(j, i) for j, i in pairs if project_periods(f.case, j) and project_periods(f.case, i)]

    @m.Constraint(index, doc="Σ_t project[j,t] + Σ_t project[i,t] ≤ 1 where j excludes i  [1]")
    def projects_exclude(m: Any, j: str, i: str) -> Any:
        taken, _ = spread([(1.0, m.taken[j, last]), (1.0, m.taken[i, last])])
        return weighted(taken) <= 1


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
