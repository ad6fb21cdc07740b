"""The formulation: `build` is the table of contents. All variables first, then constraints, then money."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pyomo.environ as pyo

from khovor.case import Case
from khovor.formulation import (
    balance,
    entries,
    fiscal,
    instruments,
    markets,
    money,
    objective,
    policy,
    processing,
    shipping,
    siting,
    storage,
    utilities,
)
from khovor.formulation.frame import DECIDED_ONCE, Frame, Subject, frame_of
from khovor.formulation.money import at_rate
from khovor.formulation.objective import weight
from khovor.memory import collection_paused
from khovor.network import Network

__all__ = [
    "DECIDED_ONCE",
    "Formulation",
    "Frame",
    "Subject",
    "at_rate",
    "build",
    "mathematics",
    "weight",
]

Formulation = Frame

STEPS: tuple[tuple[ModuleType, Callable[[Frame], None]], ...] = (
    (siting, siting.variables),
    (processing, processing.variables),
    (shipping, shipping.variables),
    (storage, storage.variables),
    (markets, markets.variables),
    (utilities, utilities.variables),
    (instruments, instruments.variables),
    (entries, entries.variables),
    (policy, policy.variables),
    (fiscal, fiscal.variables),
    (siting, siting.constraints),
    (processing, processing.constraints),
    (shipping, shipping.constraints),
    (storage, storage.constraints),
    (markets, markets.constraints),
    (utilities, utilities.constraints),
    (balance, balance.constraints),
    (entries, entries.constraints),
    (policy, policy.constraints),
    (instruments, instruments.constraints),
    (fiscal, fiscal.constraints),
    (money, money.terms),
    (objective, objective.objective),
)


def build(case: Case, network: Network) -> Formulation:
    """The two-stage mixed-integer program of a case over its network, in kt and MUSD.

    Raises InfeasibleError for what can be seen to be impossible while building, with its cell.
    """
    with collection_paused():
        f = frame_of(case, network)
        for _, step in STEPS:
            step(f)
    return f


def mathematics(case: Case, network: Network) -> str:
    """The mathematics as markdown, printed from the `doc` of every component of a built model, concern by concern."""
    f = frame_of(case, network)
    owned: dict[ModuleType, list[str]] = {}
    for concern, step in STEPS:
        before = set(f.model.component_map())
        step(f)
        owned.setdefault(concern, []).extend(n for n in f.model.component_map() if n not in before)
    parts = [
        "# The mathematics",
        "",
        "Printed from the code: one section per concern, in the order the model is built.",
        "What carries a scenario w is stated in the code for one future and repeated for each of the others, with",
        "their conditions, as arrays; futures with the same conditions in a period share its operation where nothing",
        "ties periods together.",
        "",
    ]
    for concern, names in owned.items():
        parts += [f"## {concern.__name__.rsplit('.', 1)[-1].capitalize()}", "", (concern.__doc__ or "").strip(), ""]
        components = [f.model.component(name) for name in names]
        told = [c for c in components if not isinstance(c, pyo.Set)]
        parts += [f"- **{c.local_name}** ({c.ctype.__name__.lower()}): `{c.doc}`" for c in told] + [""]
    return "\n".join(parts)
