"""What can be done in a period: every recipe and its plants, by node only where goods cannot be moved; alike nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from khovor.case import PlantKey, Recipe
from khovor.network.parts import Activity, Parts
from khovor.network.reach import Reach


class Step(NamedTuple):
    """A recipe of one origin at a node; node "" = wherever it runs, as all that its process touches can be moved."""

    process: str
    recipe: str
    origin: str
    node: str


Steps = Mapping[Step, tuple[set[PlantKey], Recipe]]
"""Steps with the plants that can do each, and its recipe."""


def steps_of(parts: Parts, reach: Reach, t: int, *, settled: bool) -> Steps:
    """Every recipe that can run in the period, with the plants that can run it.

    `settled`: a process that takes in or gives what no lane carries is told apart by node.
    """
    live = [parts.activities[x] for x in sorted(reach.live[t])]
    stay = staying(parts) if settled else frozenset()
    placed = {a.recipe.process for a in live if any(c.product in stay for c in a.recipe.balance)}
    steps: dict[Step, tuple[set[PlantKey], Recipe]] = {}
    for activity in live:
        step = step_of(activity, activity.node if activity.recipe.process in placed else "")
        steps.setdefault(step, (set(), activity.recipe))[0].add(activity.plant.key)
    return steps


def step_of(activity: Activity, node: str) -> Step:
    """The step that an activity is, where its node counts ("": where it does not)."""
    return Step(activity.recipe.process, activity.recipe.name, activity.recipe.origin, node)


def staying(parts: Parts) -> frozenset[str]:
    """The products that no lane carries."""
    products, lanes = parts.case.products, parts.case.lanes.values()
    moved = {
        goods
        for goods in {product.transport_class for product in products.values()}
        if any(lane.carries(goods) for lane in lanes)
    }
    return frozenset(name for name, product in products.items() if product.transport_class not in moved)


def alike(steps: Steps, capacity: Mapping[PlantKey, float]) -> list[list[str]]:
    """The nodes of these steps in lists of those that are the same but for their names ("" is a node as well)."""
    told: dict[str, list[Hashable]] = defaultdict(list)
    for step, (keys, recipe) in steps.items():
        able = tuple(sorted(capacity[key] for key in keys))
        told[step.node].append((step.process, step.recipe, step.origin, able, tuple(sorted(recipe.balance.items()))))
    kinds: dict[Hashable, list[str]] = defaultdict(list)
    for node, of_node in told.items():
        kinds[frozenset(of_node)].append(node)
    return list(kinds.values())
