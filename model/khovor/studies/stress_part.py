"""What closings cost in one part of the horizon, the plan's decisions fixed: the work of one task of a stress.

A target is closed by shutting its shipments in the program of operation: the same as an event with a capacity factor
of 0, row by row, and the program is solved again from its last basis. A target that the best operation does not use
can be closed without solving: that operation is still the best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.case import leaves_home
from khovor.formulation import Formulation
from khovor.solve import Answer, Floats, Matrix, Places, Recourse
from khovor.studies.stress_targets import PAIRED, Target, targets_of
from khovor.units import SMALL, T_PER_KT, USD_PER_MUSD

LEFT, SOLD, TAKEN = "left home", "sold", "sold at "
"""What is metered beside gates and lanes; what each market takes under its node's name, after `TAKEN`."""

GATE_RULES: Final = ("shipments_within_gate", "shipments_within_booking")

USD_T: Final = USD_PER_MUSD / T_PER_KT
"""USD per tonne in a MUSD per kilotonne."""

When = int | None
"""The place of the closed period; None = for good."""


class Operation(NamedTuple):
    """The best operation of a part in one future: worth [MUSD], kt/y by column, and the prices of rows."""

    worth: float
    values: Floats
    duals: Floats


class Part:
    """One part of the horizon: which columns each target shuts, and what is metered [t over its years]."""

    def __init__(self, f: Formulation, program: Matrix, periods: Sequence[int]) -> None:
        self.periods = tuple(periods)
        case, self._pairs = f.case, f.network.pairs
        self._years = [p.years for p in case.horizon.periods]
        ships = [(j, *index) for j, (name, index) in _labelled(program.columns) if name == "ship"]
        closings = targets_of(case)
        self.targets = list(closings)
        self.shut: dict[tuple[int, When], Places] = {}
        for place, lanes in enumerate(closings.values()):
            mine = [(j, t) for j, legs, t in ships if any(self._pairs[i].lane.name in lanes for i in legs)]
            whole = np.array([j for j, _ in mine], dtype=np.int64)
            self.shut |= {(place, t): whole[[at == t for _, at in mine]] for t in self.periods}
            self.shut[place, None] = whole
        self.meters, self._meter = self._metered(f, program, ships)
        self.gate_rows = [(r, *index) for r, (name, index) in _labelled(program.rows) if name in GATE_RULES]

    def _metered(
        self, f: Formulation, program: Matrix, ships: Sequence[tuple[int, tuple[int, ...], int]]
    ) -> tuple[list[str], sp.csr_matrix]:
        """Names of what is metered, and tonnes of each per kt/y of each column."""
        entries: list[tuple[str, int, float]] = []
        for j, legs, t in ships:
            amount = self._years[t] * T_PER_KT
            for i, share in f.network.on_legs(legs):
                pair = self._pairs[i]
                out = leaves_home(f.case, pair.leg)
                entries += [(LEFT, j, share * amount)] if out else []
                entries += [(pair.lane.gate or pair.lane.name, j, share * amount)] if out or pair.lane.gate else []
        for j, (name, index) in _labelled(program.columns):
            if name == "sell":
                q, t = index
                amount = self._years[t] * T_PER_KT
                entries += [(meter, j, amount) for meter in (SOLD, TAKEN + f.network.offers[q].market.key.node)]
        names = list(dict.fromkeys([LEFT, SOLD, *(name for name, _, _ in entries)]))
        row = {name: r for r, name in enumerate(names)}
        amounts = [amount for _, _, amount in entries]
        places = ([row[name] for name, _, _ in entries], [j for _, j, _ in entries])
        return names, sp.csr_matrix((amounts, places), shape=(len(names), program.shape[1]))

    def carried(self, operation: Operation) -> Floats:
        """Tonnes over the years of the part, by meter."""
        amounts: Floats = self._meter @ operation.values
        return amounts


def _labelled(labels: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    return ((place, label) for place, label in enumerate(labels) if label is not None)


class Station:
    """One part in one future, and what is known of its best operation when columns are shut."""

    def __init__(self, program: Matrix, operate: Callable[[Matrix], Answer]) -> None:
        self._program, self._operate = program, operate
        self._known: dict[bytes, Operation | None] = {}

    def operated(self, *shut: Places) -> Operation | None:
        """The best operation with all these columns shut; None where the rules cannot be kept."""
        whole = np.unique(np.concatenate(shut)) if shut else np.zeros(0, dtype=np.int64)
        key = whole.tobytes()
        if key not in self._known:
            self._known[key] = self._found(shut, whole)
        return self._known[key]

    def _found(self, shut: tuple[Places, ...], whole: Places) -> Operation | None:
        for one in range(len(shut)):
            fewer = self.operated(*shut[:one], *shut[one + 1 :])
            if fewer is None or not (fewer.values[shut[one]] > SMALL).any():
                return fewer
        upper = self._program.col_upper.copy()
        upper[whole] = 0.0
        answer = self._operate(replace(self._program, col_upper=upper))
        if answer.status != "optimal":
            return None
        if answer.values is None or answer.duals is None:  # nothing can run in these years: a program without columns
            return Operation(answer.objective, np.zeros(len(upper)), np.zeros(len(self._program.row_lower)))
        return Operation(answer.objective, answer.values, answer.duals)

    @cached_property
    def _entries(self) -> sp.csc_matrix:
        return self._program.sparse

    def opening(self, operation: Operation, shut: Places) -> float:
        """What the first t/y let through on the best of these columns would add [USD per t/y], never below 0."""
        if not len(shut):
            return 0.0
        gains = self._program.cost[shut] - self._entries[:, shut].T @ operation.duals
        return max(0.0, float(gains.max())) * USD_T


def stressed(f: Formulation, recourse: Recourse, given: tuple[int, int, int], halted: Callable[[], bool]) -> Any:
    """Every closing in a share of the futures of a part (see `Recourse.told_apart`), as plain tables.

    `open`: {future: worth}; `carried`: {meter: expected t}; `single` and `pairs`: what is changed by closing targets
    (places in `targets_of`) for a period or for good. In each: `by` {future: [loss in MUSD, tonnes that no longer leave
    home, no longer sold]}, None where rules cannot be kept; a future that is missing loses nothing, or of a pair no
    more than by one of the two; `used` whether the plan ships by it when all is open; `more` {meter: expected t more};
    `prices` {gate: USD per t/y}; `opening` USD per t/y.
    """
    place = given[0]
    part: Part | None = None
    found: dict[str, Any] = {"open": {}, "carried": defaultdict(float), "single": {}, "pairs": {}}
    odds = {s.name: s.probability for s in f.case.scenarios}
    for speaker, spoken in recourse.told_apart(*given):
        if halted():
            break
        program = recourse.program(place, speaker)
        part = part or Part(f, program, recourse.periods(place))
        station = Station(program, lambda changed: recourse.operate(place, changed))
        weight = sum(odds[w] for w in spoken)
        _in_future(part, station, spoken, weight, found)
    return {
        "open": found["open"],
        "carried": dict(found["carried"]),
        "single": list(found["single"].values()),
        "pairs": list(found["pairs"].values()),
    }


def _in_future(part: Part, station: Station, spoken: Sequence[str], weight: float, found: dict[str, Any]) -> None:
    usual = station.operated()
    found["open"] |= dict.fromkeys(spoken, None if usual is None else usual.worth)
    if usual is None:
        return
    for name, tonnes in zip(part.meters, part.carried(usual).tolist(), strict=True):
        found["carried"][name] += weight * tonnes
    for key, shut in part.shut.items():
        entry = _entry(found["single"], key[:1], key[1])
        operation = station.operated(shut)
        entry["used"] = entry["used"] or bool((usual.values[shut] > SMALL).any())
        if operation is not usual:
            entry["by"] |= dict.fromkeys(spoken, _changed(part, usual, operation))
        if operation is not None:
            _told(part, station, key, operation, weight, entry)
            _more(part, usual, operation, weight, entry)
    _in_pairs(part, station, usual, spoken, found)


def _in_pairs(part: Part, station: Station, usual: Operation, spoken: Sequence[str], found: dict[str, Any]) -> None:
    paired = [place for place, target in enumerate(part.targets) if target.kind in PAIRED]
    for one, other in combinations(paired, 2):
        shut = part.shut[one, None], part.shut[other, None]
        operation = station.operated(*shut)
        if operation is not station.operated(shut[0]) and operation is not station.operated(shut[1]):
            entry = _entry(found["pairs"], (one, other), None)
            entry["by"] |= dict.fromkeys(spoken, _changed(part, usual, operation))


def _entry(entries: dict[Any, Any], places: tuple[int, ...], t: When) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "targets": list(places),
        "period": t,
        "used": False,
        "by": {},
        "more": {},
        "prices": {},
        "opening": 0.0,
    }
    entry: dict[str, Any] = entries.setdefault((places, t), blank)
    return entry


def _changed(part: Part, usual: Operation, operation: Operation | None) -> list[float] | None:
    """Value lost, and tonnes that no longer leave home and are no longer sold."""
    if operation is None:
        return None
    less = part.carried(usual) - part.carried(operation)
    return [usual.worth - operation.worth, float(less[0]), float(less[1])]


def _more(part: Part, usual: Operation, operation: Operation, weight: float, entry: dict[str, Any]) -> None:
    """Add what is carried more (or less) by each meter."""
    more = part.carried(operation) - part.carried(usual)
    for m in np.flatnonzero(np.abs(more) > SMALL * T_PER_KT).tolist():
        entry["more"][part.meters[m]] = entry["more"].get(part.meters[m], 0.0) + weight * float(more[m])


def _told(
    part: Part, station: Station, key: tuple[int, When], operation: Operation, weight: float, entry: dict[str, Any]
) -> None:
    """Add what a t/y more is worth: at the target itself, and at every gate that binds, in each closed year."""
    place, t = key
    closed = part.periods if t is None else (t,)
    entry["opening"] += weight * sum(station.opening(operation, part.shut[place, at]) for at in closed)
    target: Target = part.targets[place]
    for row, gate, at in part.gate_rows:
        price = float(operation.duals[row]) * USD_T
        if at in closed and price > SMALL and (target.kind, gate) != ("gate", target.name):
            entry["prices"][gate] = entry["prices"].get(gate, 0.0) + weight * price
