"""What a plan is worth in each future: its decisions fixed, operation is a linear program of its own.

Where nothing ties periods together it is one small program for each period, and futures with equal conditions in a
period share it. The programs of a period differ in bounds, costs and right-hand sides only, so they are solved one
after the other by an engine that is kept, each from the basis of the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from khovor.case import Case
from khovor.errors import UsageError
from khovor.formulation import Formulation
from khovor.formulation.future import RowKey
from khovor.formulation.objective import counts
from khovor.formulation.sums import listed
from khovor.memory import collection_paused
from khovor.solve.arrays import INFINITY, Floats, Label, Labels, Matrix
from khovor.solve.core import Core, Money, Part, cleaned
from khovor.solve.highs import Answer, Session
from khovor.solve.lawful import expires, lawful
from khovor.solve.pattern import ONCE, TYING, Pattern, pattern_of, restated
from khovor.solve.progress import Limits, Stop

PERIOD_LIMIT_S = 600.0
"""Time allowed for one program of operation."""

UNTOLD: Mapping[str, Any] = {"output_flag": False}
"""Of thousands of programs that take a few steps each nobody reads how they went."""


def refuse_averages(case: Case) -> None:
    """Raises UsageError where a future has no linear program of its own.

    So it is with a policy on operation that holds on average, and with a return that is reached on average (objective
    support).
    """
    if case.terms.objective == "support":
        raise UsageError("Under objective support no future has its own value: --set settings[objective].value=npv.")
    tied = next((p for p in case.policies if p.expected and not p.decided), None)
    if tied is not None:
        told = f"Policy '{tied.name}' holds on average over the futures ({tied.at})"
        raise UsageError(f"{told}; this needs policies that hold in each.")


class Recourse:
    """The operation of a case under fixed decisions.

    `decisions` are values by label (units, kt/y); what they lack is 0, but for what they miss of a policy with a price.
    Raises KeyError for a label the case lacks, and as `refuse_averages` does.
    """

    def __init__(self, formulation: Formulation, decisions: Mapping[Label, float]) -> None:
        refuse_averages(formulation.case)
        with collection_paused():
            self._pattern = pattern_of(formulation)
        self._f = formulation
        self._decided = _decided(self._pattern, decisions)
        periods = formulation.periods
        split = [(t,) for t in periods] if formulation.network.separable else [tuple(periods)]
        self._parts = [_part(formulation, self._pattern, part) for part in split]
        self._money = [Money(formulation, self._pattern, part) for part in self._parts]
        self._sessions = [_session() for _ in split]
        self._changes: dict[str, list[RowKey]] = {}
        self._cores: dict[int, tuple[Core, Session]] = {}
        self._told_apart: dict[int, list[tuple[str, list[str]]]] = {}
        self._expires = expires(formulation)
        self.once = _paid_once(formulation, self._pattern, self._decided)

    def worths(self, place: int, share: int, shares: int, stop: Stop | None = None) -> dict[str, float | None]:
        """What operation is worth in a part of the horizon [MUSD] (minus its cost, under cost), by future.

        Part `place` is a period, or where periods are tied, the whole. Of the futures that are told apart there, in
        `shares` parts of like ones, the `share`-th is valued, with those they speak for. None where the rules of a
        future cannot all be kept. Stops early when told to.
        """
        found: dict[str, float | None] = {}
        for speaker, spoken in self.told_apart(place, share, shares):
            if stop is not None and stop.is_set():
                break
            _, answer = self.best(place, speaker)
            found |= dict.fromkeys(spoken, answer.objective if answer.status == "optimal" else None)
        return found

    def best(self, place: int, w: str) -> tuple[Matrix, Answer]:
        """The best operation of a part in a future, and its program: of what can be busy only, where that is one."""
        if self._expires:
            whole = self.program(place, w)
            return whole, self.operate(place, whole)
        if place not in self._cores:
            core = Core(self._f, self._pattern, self._parts[place], self._money[place], self._decided)
            self._cores[place] = core, _session()
        core, session = self._cores[place]
        program = core.program(w)
        if program is None:
            whole = self.program(place, w)
            return whole, self.operate(place, whole)
        return program, session.run(program)

    @property
    def decided(self) -> Floats:
        """The decisions, by column of the pattern."""
        return self._decided

    @property
    def pattern(self) -> Pattern:
        """The pattern that all futures repeat."""
        return self._pattern

    def periods(self, place: int) -> tuple[int, ...]:
        """The periods of a part of the horizon."""
        return self._parts[place].periods

    def columns(self, place: int) -> list[Label]:
        """The labels of what operates in a part of the horizon, without the future."""
        return [self._pattern.columns[j] for j in self._parts[place].columns.tolist()]

    def constant(self, place: int) -> float:
        """What a part of the horizon pays whatever is done [MUSD]."""
        return self._money[place].constant

    def told_apart(self, place: int, share: int, shares: int) -> list[tuple[str, list[str]]]:
        """The futures that are told apart in a part of the horizon, each with those it speaks for: a share of them."""
        if place not in self._told_apart:
            periods = self._parts[place].periods
            spoken: dict[str, list[str]] = {}
            for w in self._f.scenarios:
                spoken.setdefault(self._f.speaker[periods[0], w], []).append(w)
            ranks = zip(*(self._f.conditions.ranks(t).tolist() for t in periods), strict=True)
            rank = dict(zip(self._f.scenarios, ranks, strict=True))
            self._told_apart[place] = [(w, spoken[w]) for w in sorted(spoken, key=lambda w: rank[w])]
        told = self._told_apart[place]
        return told[len(told) * share // shares : len(told) * (share + 1) // shares]

    def program(self, place: int, w: str) -> Matrix:
        """The operation of a part of the horizon in one future [MUSD, kt/y]; labels are without the future."""
        part, money = self._parts[place], self._money[place]
        a, once, lower, upper = self.rows(place, w)
        taken = once @ self._decided
        n_columns = len(part.columns)
        cost, most = self.gains(place, w)
        return Matrix(
            cost=cost,
            offset=money.constant,
            maximise=True,
            start=a.indptr.astype(np.int32),
            index=a.indices.astype(np.int32),
            value=a.data,
            row_lower=lower - taken,
            row_upper=upper - taken,
            col_lower=np.zeros(n_columns),
            col_upper=most,
            integer=np.zeros(n_columns, dtype=np.bool_),
            columns=Labels(self._pattern.columns, [(part.columns, "")]),
            rows=Labels(self._pattern.rows, [(part.rows, "")]),
        )

    def operate(self, place: int, program: Matrix) -> Answer:
        """Solve a program of a part, its bounds changed or not, from the basis of the last one of that part.

        Raises UsageError where losses expire and the best cannot be told with certainty.
        """
        session = self._sessions[place]
        return lawful(self._f, program, session.run) if self._expires else session.run(program)

    def rows(self, place: int, w: str) -> tuple[sp.csc_matrix, sp.csr_matrix, Floats, Floats]:
        """Entries on what operates and on what is decided, and limits; rows that read otherwise are stated again."""
        pattern, f, part = self._pattern, self._f, self._parts[place]
        local = np.full(len(pattern.rows), -1)
        local[part.rows] = np.arange(len(part.rows))
        if w not in self._changes:
            self._changes[w] = f.future.changes(w)
        told = [(local[pattern.rows.of(rule)[index]], (rule, index)) for rule, index in self._changes[w]]
        own = [(at, row) for at, row in told if at >= 0]
        if not own:
            return part.a, part.once, part.lower, part.upper
        with f.future.stated_for(w):
            block = restated(f, pattern, [row for _, row in own])
        places = np.array([at for at, _ in own])
        lower, upper = part.lower.copy(), part.upper.copy()
        lower[places], upper[places] = block.lower, block.upper
        keep = np.ones(len(part.rows))
        keep[places] = 0.0
        again = sp.csr_matrix(
            (block.value, (places[block.row], block.column)), shape=(len(part.rows), len(pattern.columns))
        )
        once = sp.diags(keep) @ part.once + again
        operating = sp.diags(keep) @ part.a.tocsr() + again[:, part.columns]
        return cleaned(operating), once, lower, upper

    def gains(self, place: int, w: str) -> tuple[Floats, Floats]:
        """What a unit of each column is worth [MUSD], and upper bounds, in one future."""
        f, pattern, part, money = self._f, self._pattern, self._parts[place], self._money[place]
        most = np.full(len(pattern.columns), INFINITY)
        with f.future.stated_for(w):
            cost = money.gains()
            for t in part.periods:
                for variable, limit in f.limits.items():
                    bounds = [limit(*index) for index in f.operation[variable].members[t]]
                    most[pattern.members[variable, t]] = [INFINITY if bound is None else bound for bound in bounds]
        return cost, most[part.columns]


def _session() -> Session:
    return Session(Limits(0.0, PERIOD_LIMIT_S, threads=1), UNTOLD)


def _decided(pattern: Pattern, decisions: Mapping[Label, float]) -> Floats:
    """One value per column of the pattern: the decision where it is one, else 0."""
    once = np.flatnonzero(pattern.column_period == ONCE).tolist()
    places = {pattern.columns[j]: j for j in once}
    values = np.zeros(len(pattern.columns))
    for label, value in decisions.items():
        values[places[label]] = value
    return _with_missed(pattern, values)


def _with_missed(pattern: Pattern, values: Floats) -> Floats:
    """The decisions with what they miss of each policy on decisions that has a price."""
    block = pattern.block
    body = np.bincount(block.row, block.value * values[block.column], minlength=len(pattern.rows))
    beyond = np.maximum(body - block.upper, block.lower - body)
    values = values.copy()
    held = pattern.rows.of("decided_policy_held")
    for key, j in pattern.columns.of("over").items():
        if key in held:
            values[j] = max(0.0, beyond[held[key]])
    return values


def _part(f: Formulation, pattern: Pattern, periods: tuple[int, ...]) -> Part:
    wanted = periods if f.network.separable else (*periods, TYING)
    rows: npt.NDArray[np.int64] = np.flatnonzero(np.isin(pattern.row_period, wanted))
    columns = np.flatnonzero(np.isin(pattern.column_period, periods))
    whole = sp.csr_matrix(
        (pattern.block.value, (pattern.block.row, pattern.block.column)),
        shape=(len(pattern.rows), len(pattern.columns)),
    )[rows]
    return Part(
        periods, rows, columns, cleaned(whole[:, columns]), whole, pattern.block.lower[rows], pattern.block.upper[rows]
    )


def _paid_once(f: Formulation, pattern: Pattern, decided: Floats) -> float:
    """What the decisions cost in every future [MUSD], signed."""
    total = 0.0
    for (name, w, _), linear in f.money.items():
        if not w and counts(f, name):
            total += linear.constant
            amounts, variables = listed(linear.terms)
            total += float(np.array(amounts) @ decided[pattern.column_of(variables)])
    return total
