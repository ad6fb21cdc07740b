"""Power, water and the like (rule 7): use at a node within the price steps on offer there.

use[s,t,w] taken from a step of the price ladder [thousand units/y]. A recipe's negative use is a credit that other
plants at the node may take; what is left over earns nothing.
"""

from __future__ import annotations

from typing import Any

from khovor.case import StepKey
from khovor.formulation.frame import Frame, Subject, grouped, scaled, weighted
from khovor.network import project_periods
from khovor.units import T_PER_KT


def variables(f: Frame) -> None:
    """Declare utility use, for steps some live recipe can draw on."""
    case, needs = f.case, _needs(f)
    steps = [
        (s, t)
        for s, step in enumerate(case.utilities)
        for t in f.periods
        if case.horizon.share(t, step.window) > 0 and (step.key.node, step.key.utility, t) in needs
    ]
    f.operate("use", steps, doc="use[s,t,w]: taken from a price step  [thousand units/y]")


def constraints(f: Frame) -> None:
    """Declare the utility balance and the steps' limits."""
    case, needs = f.case, _needs(f)
    used = list(f.model.use)
    steps = grouped(((case.utilities[s].key.node, case.utilities[s].key.utility, t), s) for s, t in used)

    @f.rows(list(needs), doc="Σ_x use_per_t[x,u] · act[x,t,w] ≤ Σ_s use[s,t,w]  [thousand units/y]")
    def utility_supplied(m: Any, n: str, u: str, t: int) -> Any:
        drawn = [(c, m.act[x, t]) for c, x in needs[n, u, t]]
        return weighted(drawn + [(-1.0, m.use[s, t]) for s in steps.get((n, u, t), [])]) <= 0.0

    limited = [
        (s, t)
        for s, t in used
        if case.utilities[s].limit_y is not None or f.future.ever_shuts("capacity", "utility", case.utilities[s].key, t)
    ]

    @f.rows(
        limited, doc="use[s,t,w] ≤ factor[s,t,w] · limit[s] · share[s,t] + Σ_j adds[j] · taken[j,t]  [thousand units/y]"
    )
    def use_within_step(m: Any, s: int, t: int) -> Any:
        step = case.utilities[s]
        factor = f.future.factor("capacity", "utility", step.key, t)
        added = [(-factor * c, j) for c, j in _additions(f, step.key, t)]
        limit = scaled(factor * case.horizon.share(t, step.window), step.limit_y)
        return weighted([(1.0, m.use[s, t]), *added]) <= limit

    f.subjects["utility_supplied"] = lambda n, u, t, w: Subject(
        f"{u} at {n}", case.utilities[steps[n, u, t][0]].at if (n, u, t) in steps else "", "unit/y"
    )
    f.subjects["use_within_step"] = lambda s, t, w: Subject(
        f"limit of {case.utilities[s].key.utility} at {case.utilities[s].key.node}", case.utilities[s].at, "unit/y"
    )


def _needs(f: Frame) -> dict[tuple[str, str, int], list[tuple[float, int]]]:
    """(use per tonne, activity) by node, utility and period, where any of it is a need."""
    drawn = grouped(
        ((f.network.activities[x].node, u, t), (c, x))
        for x, t in f.network.acts
        for u, c in f.network.activities[x].recipe.utilities.items()
        if c
    )
    return {key: terms for key, terms in drawn.items() if any(c > 0 for c, _ in terms)}


def _additions(f: Frame, key: StepKey, t: int) -> list[tuple[float, Any]]:
    """(thousand units/y, project variable) that projects add by period t to the cheapest step on offer there then."""
    effects = [
        (effect.adds / T_PER_KT, j)
        for j, project in f.case.projects.items()
        for effect in project.effects
        if (effect.kind, effect.target, effect.node) == ("utility", key.utility, key.node)
    ]
    if not effects or key != _cheapest_step(f, key.node, key.utility, t):
        return []
    return [(adds, f.model.project[j, v]) for adds, j in effects for v in project_periods(f.case, j) if v <= t]


def _cheapest_step(f: Frame, node: str, utility: str, t: int) -> StepKey:
    """The step to which projects add in period t: of those open then the lowest price, the first row on ties."""
    open_then = [s for s in f.case.utilities if f.case.horizon.share(t, s.window) > 0]
    steps = [s for s in open_then if (s.key.node, s.key.utility) == (node, utility)]
    return min(steps, key=lambda s: (s.price_usd, s.key.row)).key
