"""What every concern works from: the case, its network, the future rules are stated for, and the model being built.

Operation is stated for one future, the pattern (the first of the case), and repeated for the others as arrays
(`solve/stamp.py`): what the pattern's rows and money read of `Frame.future` is evaluated again where futures differ.

Loop letters: o plant option (place in `case.options`), j project, g gate, x activity, i lane-commodity pair, q offer
(market tier and commodity), b purchase, s utility step, k market tier, t period (place), w scenario name.
Columns are in kt/y (stocks in kt, utilities in thousand units/y) and money in MUSD.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo

from khovor.case import Case, Option, Outlook, Scenario, outlook_of
from khovor.formulation.future import Future
from khovor.formulation.operation import Members, Operation
from khovor.formulation.sums import Block, Equations, ReadLater, Sum, Summed
from khovor.network import Network, build_periods
from khovor.units import T_PER_KT

DECIDED_ONCE: Final = ("build", "close", "project", "book", "over", "uptake", "support")
"""Variables without a future: decided once, before it is known."""

LARGE: Final = 20_000
"""Columns from which a program is searched in parts; smaller ones go to HiGHS whole."""

Floats = npt.NDArray[np.float64]
Amounts = Iterator[tuple[str, int, Floats]]
"""(term, period, MUSD per unit of each member of a variable)."""


class Subject(NamedTuple):
    """What a constraint is about, for duals and messages: name, cell it comes from, unit of its right-hand side."""

    name: str
    at: str
    unit: str


class Linear(NamedTuple):
    """Σ coefficient x variable + constant."""

    terms: Sum
    constant: float


class Rule(NamedTuple):
    """How a row of operation is stated; `tying` rows are about the whole horizon, the others end with their period.

    A `pooled` row is about the mean of all futures: it stands once, each future's columns as much as it is probable.
    """

    state: Callable[..., Any]
    tying: bool
    pooled: bool


@dataclass
class Frame:
    """The model under construction and all it is built from.

    `rules` state the rows of operation, `limits` the upper bounds of its variables where they have one, and `charges`
    what a variable's members of a period pay; all three may be asked again for another future. `operation` are these
    variables, `arrays` the rows that were stated as arrays, `alive` the units of an option online in a period as terms
    and a constant. `subjects` names what each row of a constraint is about; `money` is every term (name, scenario,
    period) of the pattern in MUSD; `tightened` is what rows (rule, index) withhold of the true capacity per unit of a
    decision [kt/y].
    """

    model: pyo.ConcreteModel
    case: Case
    network: Network
    conditions: Outlook
    future: Future
    rules: dict[str, Rule] = field(default_factory=dict)
    limits: dict[str, Callable[..., float | None]] = field(default_factory=dict)
    operation: dict[str, Operation] = field(default_factory=dict)
    arrays: dict[str, Equations] = field(default_factory=dict)
    alive: dict[tuple[int, int], tuple[list[tuple[float, Any]], float]] = field(default_factory=dict)
    charges: dict[str, Callable[[int], Amounts]] = field(default_factory=dict)
    subjects: dict[str, Callable[..., Subject]] = field(default_factory=dict)
    money: dict[tuple[str, str, int], Linear] = field(default_factory=dict)
    tightened: dict[tuple[str, tuple[Any, ...]], list[tuple[float, Any]]] = field(default_factory=dict)
    _upkeep: dict[tuple[int | None, int | None], list[float]] = field(default_factory=dict)

    @property
    def periods(self) -> range:
        """Places of the periods."""
        return self.case.horizon.indices

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the futures."""
        return tuple(s.name for s in self.case.scenarios)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Every plant option, in workbook order."""
        return self.case.options

    @cached_property
    def vintages(self) -> list[list[int]]:
        """By option, the periods from whose first day a unit may be available."""
        return [build_periods(self.case, option) for option in self.options]

    @cached_property
    def built(self) -> list[list[tuple[int, Any]]]:
        """By option, (period, units) of what can be built of it."""
        units = grouped((o, (v, unit)) for (o, v), unit in self.model.build.items())
        return [units.get(o, []) for o in range(len(self.options))]

    def upkeep(self, v: int | None, lifetime: int | None) -> list[float]:
        """By period, the present value of a dollar in each year in which a unit available from v (None: existing) runs.

        0 where it does not; found once for all units of the same life.
        """
        if (v, lifetime) not in self._upkeep:
            years = [self.case.horizon.years_alive(v, lifetime, t) for t in self.periods]
            self._upkeep[v, lifetime] = [sum(map(self.case.horizon.worth, lived)) for lived in years]
        return self._upkeep[v, lifetime]

    @cached_property
    def speaker(self) -> dict[tuple[int, str], str]:
        """The future that speaks for future w in period t: the first with the same conditions then.

        Where nothing ties periods together (`Network.separable`), futures with equal conditions in a period have equal
        best operation in it, so it is decided once: exact, and the model is that much smaller. Not so where the worst
        futures weigh more and a policy holds on average: it may then be kept by the others.
        """
        averse = self.case.terms.risk_weight or self.case.ambiguity is not None
        if not self.network.separable or (averse and any(policy.expected for policy in self.case.policies)):
            return {(t, w): w for t in self.periods for w in self.scenarios}
        first: dict[tuple[int, int], str] = {}
        ranked = [(t, self.conditions.ranks(t).tolist()) for t in self.periods]
        return {
            (t, w): first.setdefault((t, rank), w)
            for t, ranks in ranked
            for w, rank in zip(self.scenarios, ranks, strict=True)
        }

    @cached_property
    def told_apart(self) -> tuple[tuple[str, ...], ...]:
        """By period, the futures that are decided separately."""
        return tuple(tuple(dict.fromkeys(self.speaker[t, w] for w in self.scenarios)) for t in self.periods)

    def spoken_for(self, t: int, w: str) -> list[Scenario]:
        """The futures for which w speaks in period t."""
        return [s for s in self.case.scenarios if self.speaker[t, s.name] == w]

    def operate(
        self,
        name: str,
        index: Sequence[tuple[Any, ...]],
        doc: str,
        most: Callable[..., float | None] | None = None,
        sparse: bool = False,
    ) -> None:
        """Declare a variable of operation, for one future; its index ends with the period. `most` is an upper bound.

        `sparse`: Pyomo makes a member when one is asked for. Rows speak of these by column, so that few ever are.
        """
        bounds = None
        if most is not None:
            self.limits[name] = most
            bounds = lambda m, *member: (0.0, most(*member))  # noqa: E731
        first = sum(len(self.operation.get(v.local_name, v)) for v in self.model.component_objects(pyo.Var))
        variable = pyo.Var(listed_set(index), domain=pyo.NonNegativeReals, bounds=bounds, doc=doc, dense=not sparse)
        self.model.add_component(name, variable)
        self.operation[name] = Operation(first, index, variable, self.periods)

    def rows(
        self, index: Sequence[Any], doc: str, tying: bool = False, pooled: bool = False
    ) -> Callable[[Callable[..., Any]], None]:
        """Declare a constraint on operation, for one future: a decorator of its rule, whose index ends with the period.

        `tying`: a row is about the whole horizon instead. `pooled`: about the mean of all futures (see `Rule`).
        """

        def declare(state: Callable[..., Any]) -> None:
            name, future = state.__name__, self.future
            self.rules[name] = Rule(state, tying, pooled)

            def stated(m: Any, *key: Any) -> Any:
                future.asking = name, key
                return state(m, *key)

            self.model.add_component(name, pyo.Constraint(listed_set(index), rule=stated, doc=doc))
            future.asking = None

        return declare

    def equations(self, name: str, index: Sequence[Any], block: Block, doc: str) -> None:
        """Declare equations on operation that no future changes, as arrays.

        `index` ends with the period; `block` has a row for each, and its entries by ascending row.
        """
        self.arrays[name] = Equations(index, block)
        self.rules[name] = Rule(lambda m, *key: m.component(name)[key].expr, tying=False, pooled=False)
        self.model.add_component(name, ReadLater(self.arrays[name], self._operated, doc))

    def _operated(self, column: int) -> Any:
        """The Pyomo variable of a column of operation."""
        of = next(x for x in self.operation.values() if x.first <= column < x.first + len(x))
        return of[column - of.first]

    def withheld(self, rule: str, index: tuple[Any, ...]) -> list[tuple[float, Any]]:
        """What a row withholds: (kt/y per unit, decision); a row that was not stated again reads as the pattern's."""
        pattern = (*index[:-1], self.future.pattern)
        return self.tightened.get((rule, index)) or self.tightened.get((rule, pattern)) or []


def frame_of(case: Case, network: Network) -> Frame:
    """An empty model with the conditions of every scenario resolved."""
    outlook = network.outlook if case is network.case else outlook_of(case)
    return Frame(pyo.ConcreteModel(name="khovor"), case, network, outlook, Future(outlook))


def listed_set(index: Iterable[Any]) -> pyo.SetOf:
    """An index set as it is listed: a plain Set would copy and check every member once more."""
    return pyo.SetOf(dict.fromkeys(index))


def weighted(terms: Iterable[tuple[float, Any]]) -> Any:
    """Sum of coefficient x variable as one linear expression; zero coefficients are left out."""
    return Sum(Summed([term for term in terms if term[0]]))


def summed(members: Members, terms: Iterable[tuple[float, Any]] = ()) -> Any:
    """Sum of members and of coefficient x variable as one linear expression; zero coefficients are left out."""
    return Sum(Summed([term for term in terms if term[0]], members))


def kilotonnes(tonnes: float | None) -> float:
    """t or t/y as kt or kt/y; a limit that is blank must have been asked about before (here it counts as 0)."""
    return (tonnes or 0.0) / T_PER_KT


def scaled(factor: float, tonnes: float | None) -> float:
    """A limit times a factor [kt/y]: a blank one is no limit, unless the factor shuts it.

    >>> scaled(0.5, 3000.0), scaled(0.5, None), scaled(0.0, None)
    (1.5, inf, 0.0)
    """
    if tonnes is None:
        return 0.0 if factor == 0.0 else float("inf")
    return factor * tonnes / T_PER_KT


def grouped(pairs: Iterable[tuple[Hashable, Any]]) -> dict[Any, list[Any]]:
    """Adjacency: values by key, in the order given."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
