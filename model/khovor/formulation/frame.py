"""What every concern works from: the case, its network, each future's conditions, and the model being built.

Loop letters: o plant option (place in `case.options`), j project, g gate, x activity, i lane-commodity pair, q offer
(market tier and commodity), b purchase, s utility step, k market tier, t period (place), w scenario name.
Columns are in kt/y (stocks in kt, utilities in thousand units/y) and money in MUSD.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from khovor.case import Case, Conditions, Scenario, conditions
from khovor.network import Network
from khovor.units import T_PER_KT

DECIDED_ONCE: Final = ("build", "close", "project", "book")
"""Variables without a future: decided once, before it is known."""


class Subject(NamedTuple):
    """What a constraint is about, for duals and messages: name, cell it comes from, unit of its right-hand side."""

    name: str
    at: str
    unit: str


class Linear(NamedTuple):
    """Σ coefficient x variable + constant."""

    terms: list[tuple[float, Any]]
    constant: float


@dataclass
class Frame:
    """The model under construction and all it is built from.

    `subjects` names what each row of a constraint is about; `money` is every term (name, scenario, period) in MUSD;
    `tightened` is what rows (rule, index) withhold of the true capacity per unit of a variable [kt/y].
    """

    model: pyo.ConcreteModel
    case: Case
    network: Network
    conditions: dict[str, Conditions]
    subjects: dict[str, Callable[..., Subject]] = field(default_factory=dict)
    money: dict[tuple[str, str, int], Linear] = field(default_factory=dict)
    tightened: dict[tuple[str, tuple[Any, ...]], list[tuple[float, Any]]] = field(default_factory=dict)

    @property
    def periods(self) -> range:
        """Places of the periods."""
        return self.case.horizon.indices

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the futures."""
        return tuple(s.name for s in self.case.scenarios)

    @cached_property
    def speaker(self) -> dict[tuple[int, str], str]:
        """The future that speaks for future w in period t: the first with the same conditions then.

        Where nothing ties periods together (`Network.separable`), futures with equal conditions in a period have equal
        best operation in it, so it is decided once: exact, and the model is that much smaller.
        """
        if not self.network.separable:
            return {(t, w): w for t in self.periods for w in self.scenarios}
        first: dict[tuple[int, frozenset[Any]], str] = {}
        return {
            (t, w): first.setdefault((t, self.conditions[w].at(t)), w) for t in self.periods for w in self.scenarios
        }

    @cached_property
    def told_apart(self) -> tuple[tuple[str, ...], ...]:
        """By period, the futures that are decided separately."""
        return tuple(tuple(dict.fromkeys(self.speaker[t, w] for w in self.scenarios)) for t in self.periods)

    def spoken_for(self, t: int, w: str) -> list[Scenario]:
        """The futures for which w speaks in period t."""
        return [s for s in self.case.scenarios if self.speaker[t, s.name] == w]

    def each(self, pairs: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """An index list of (thing, period) repeated for each future that is told apart in that period."""
        return [(*pair, w) for pair in pairs for w in self.told_apart[pair[-1]]]


def frame_of(case: Case, network: Network) -> Frame:
    """An empty model with the conditions of every scenario resolved."""
    resolved = {s.name: conditions(case, s) for s in case.scenarios}
    return Frame(pyo.ConcreteModel(name="khovor"), case, network, resolved)


def weighted(terms: Iterable[tuple[float, Any]]) -> Any:
    """Sum of coefficient x variable as one linear expression; zero coefficients are left out."""
    kept = [(c, v) for c, v in terms if c]
    return LinearExpression(constant=0.0, linear_coefs=[c for c, _ in kept], linear_vars=[v for _, v in kept])


def kilotonnes(tonnes: float | None) -> float:
    """t or t/y as kt or kt/y; a limit that is blank must have been asked about before (here it counts as 0)."""
    return (tonnes or 0.0) / T_PER_KT


def grouped(pairs: Iterable[tuple[Hashable, Any]]) -> dict[Any, list[Any]]:
    """Adjacency: values by key, in the order given."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
