"""Power, water and the like (model rule 7): what recipes need is drawn from price steps, within their limits."""

from __future__ import annotations

import math
from collections.abc import Iterator

from khovor.case import UtilityStep
from khovor.verify.check import Check, at_most
from khovor.verify.view import View, summed

SUPPLIED = "what plants need of a utility is taken from its price steps"
STEP = "use stays within the price step"


def utility_supplied(view: View) -> Iterator[Check]:
    """Net need at a node (credits subtracted) is at most what is taken from its steps."""
    need = summed(
        ((run.node, utility, run.t, run.w), per_t * run.t_y)
        for run, recipe in view.runs
        for utility, per_t in recipe.utilities.items()
    )
    taken = summed(((u.node, u.utility, u.t, u.w), u.use_y) for u in view.tables.utilities if u.step in view.steps)
    cells = {(step.key.node, step.key.utility): step.at for step in view.case.utilities}
    for (node, utility, t, w), needed in need.items():
        subject = view.subject(f"{utility} at {node}", t, w, cells.get((node, utility), ""))
        yield at_most(SUPPLIED, subject, needed, taken.get((node, utility, t, w), 0.0), unit="units/y")


def use_within_step(view: View) -> Iterator[Check]:
    """Use is at most the event factor times the step's limit in its years and what projects add to the cheapest."""
    used = summed(((u.step, u.t, u.w), u.use_y) for u in view.tables.utilities)
    for (key, t, w), amount in used.items():
        step = view.steps.get(key)
        if step is None:
            continue
        factor = view.conditions[w].factor("capacity", "utility", key, t)
        limit = factor * step_limit(view, step, t) if factor else 0.0
        subject = view.subject(f"{key.utility} at {key.node}, row {key.row}", t, w, step.at)
        yield at_most(STEP, subject, amount, limit, unit="units/y")


def step_limit(view: View, step: UtilityStep, t: int) -> float:
    """What a price step gives in period t before events, with what projects add [units/y]; infinite without a limit."""
    if step.limit_y is None:
        return math.inf
    own = step.limit_y * view.case.horizon.share(t, step.window)
    added = view.added("utility", step.key.utility, t, step.key.node) if _cheapest(view, step, t) else 0.0
    return own + added


def _cheapest(view: View, step: UtilityStep, t: int) -> bool:
    """Whether projects add to this step: of those open in period t the lowest price, the first row on ties."""
    ladder = [s for s in view.case.utilities if s.key[:2] == step.key[:2] and view.case.horizon.share(t, s.window) > 0]
    return step is min(ladder, key=lambda s: (s.price_usd, s.key.row), default=None)
