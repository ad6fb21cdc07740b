"""A search that never holds the program whole: decisions in one program, the operation of each future in its own.

1. The relaxation of the likely future alone is a point to begin from, and its plan a first plan.
2. Rounds of prices, with a plan on the way: what the program of decisions asks for is drawn towards the best point so
   far, priced there in all futures, and the prices bound it (J. Benders 1962; the drawing in: W. Ben-Ameur and J. Neto
   (2007), Acceleration of cutting-plane and column generation algorithms). Its relaxation is then that of the whole,
   strengthened by rows of whole plants.
3. Branching on decisions: what it finds is valued in all futures, which is a plan, and further prices.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.benders.decisions import Master, Program, decisions_of
from khovor.solve.benders.operation import Operation
from khovor.solve.benders.pricing import Pricing
from khovor.solve.branching import bounded, sense
from khovor.solve.first_plan import first_plan
from khovor.solve.folding import operation_of
from khovor.solve.highs import Answer, relaxed, with_fixed_integers
from khovor.solve.progress import Limits, Listener
from khovor.solve.proof import RELAXING, largest_flow
from khovor.solve.search import Search
from khovor.solve.stamp import compile_model
from khovor.solve.start import Start
from khovor.solve.strengthen import strengthened

WHOLE: Final = 1_500_000
"""Columns from which a program is not held whole: by then its arrays take 2 GB, and its search several times that."""

ROUNDS: Final = 60
"""Rounds of prices before branching, at most."""

DRAWN: Final = (0.1, 0.5)
"""How far a round goes from the best point towards what is asked for: at first, and when the two are near."""

FIRST_NODES: Final = 50
"""Nodes for the plan on the way: cuts are few by then, and a proof with them is worth little."""

NEAR: Final = 0.05
"""Share by which what is asked for is worth more than the best point when the two are near: a plan is made then."""


def called_for(f: Formulation) -> bool:
    """Whether a case is to be searched so: it is large, and nothing but decisions ties its futures together."""
    terms = f.case.terms
    plain = terms.objective != "support" and not terms.risk_weight and f.case.ambiguity is None
    averages = any(policy.expected and not policy.decided for policy in f.case.policies)
    return plain and not averages and not f.case.fiscal.yearly and size_of(f) >= WHOLE


def size_of(f: Formulation) -> int:
    """Columns of the operation of all futures."""
    parts = operation_of(f).values()
    return sum(len(f.told_apart[t]) * sum(len(part.places[t]) for part in parts) for t in f.periods)


def most_booked(f: Formulation) -> float:
    """As much of a slot as is any use [kt/y]: all goods pass a gate on each of its lanes, in the worst squeeze."""
    booked = {g for g, _ in f.model.BOOK}
    lanes = Counter(lane.gate for lane in f.case.lanes.values() if lane.gate in booked)
    factors = {f.conditions[w].factor("capacity", "gate", g, t) for w in f.scenarios for g in lanes for t in f.periods}
    least = min((factor for factor in factors if factor > 0.0), default=1.0)
    return largest_flow(f) * max(lanes.values(), default=1) / min(least, 1.0)


@dataclass
class Decomposition:
    """A search under way: `s` keeps plan, bound and limits, the plan by column of the decisions.

    `centre` is the best point so far, whole or not, and `worth` what it is worth, as a maximisation.
    """

    s: Search
    program: Program
    master: Master
    pricing: Pricing
    centre: Floats | None = None
    worth: float = -np.inf

    @property
    def sign(self) -> float:
        """1 for a maximisation, -1 for a minimisation."""
        return sense(self.s.matrix)

    def is_set(self) -> bool:
        """Whether to stop: when told to, when all is proved, or when time is up."""
        return self.s.is_set() or self.s.left <= 0

    @property
    def size(self) -> tuple[int, int, int, int]:
        """Rows, columns, integers and entries of the program of all futures."""
        m = self.program.matrix
        rows, columns, entries = self.pricing.operation.size()
        return rows + m.shape[0], columns + m.shape[1], int(m.integer.sum()), entries + len(m.value)

    @property
    def decided(self) -> dict[Label, float]:
        """The decisions of the best plan by label."""
        assert self.s.plan is not None
        return {x: v for x, v in zip(self.program.matrix.columns, self.s.plan.tolist(), strict=True) if x and v}

    def price(self, x: Floats, source: str = "") -> float | None:
        """What a point is worth in all futures, a maximisation; None where it was stopped. `source` of a plan."""
        began = self.s.spent
        found = self.pricing.price(x, self, self.s.heard(""))
        self.s.valuing_s = self.s.spent - began  # putting the plan together in the end takes as long
        if found is None:
            return None
        self.master.cuts += found.cuts
        self.master.limits += found.limits
        m = self.program.matrix
        worth = found.worth + m.offset + float(m.cost @ x)
        if worth > self.worth:
            self.centre, self.worth = x, worth
        if source and np.isfinite(worth):
            self.s.offer(Answer("optimal", self.sign * worth, self.sign * worth, x, None, 0, 0.0, ()), source)
        return worth

    def rounds(self, near: float) -> None:
        """Rounds of prices, until the relaxation is worth no more than a point is, but for a share `near` of it."""
        for _ in range(ROUNDS):
            if self.s.over or self.centre is None:
                return
            small = self.master.matrix()
            loose = self.s.solve(relaxed(small), self.s.left, "proof", says="silence", **RELAXING)
            if loose.values is None or loose.duals is None:
                return
            self.s.tighten(self.sign * self.master.bound(small, loose.duals))
            more = (loose.objective - self.worth) / max(abs(self.worth), 1e-9)
            if more <= near:
                return
            share = DRAWN[more <= NEAR]
            self.price(share * self._within(loose.values) + (1.0 - share) * self.centre)

    def branch(self, times: int, gap: float, **options: Any) -> None:
        """Branch on decisions to a gap, and value what is found, until plan and bound meet or nothing new is found."""
        before: list[bytes] = []
        while not self.s.over and len(before) < times:
            small = self.master.matrix()
            start = None if self.s.plan is None else np.append(self.s.plan, np.full(self.master.groups, np.nan))
            answer = bounded(self.s, small, start, gap, **options)
            if answer.values is None or self.s.over:
                return
            x = self._whole(answer.values)
            if x.tobytes() in before:
                return
            before.append(x.tobytes())
            self.price(x, "decisions of the proof, valued in all futures")
            if not self.s.over and self.centre is not None:
                self.price(DRAWN[0] * self.centre + (1.0 - DRAWN[0]) * x)

    def _within(self, values: Floats) -> Floats:
        m = self.program.matrix
        return np.clip(values[: self.program.width], m.col_lower, m.col_upper)

    def _whole(self, values: Floats) -> Floats:
        x = self._within(values)
        return np.where(self.program.matrix.integer, np.round(x), x)


def search_futures(
    f: Formulation,
    limits: Limits,
    listener: Listener | None,
    stop: threading.Event | None,
    start: Start | None = None,
) -> Decomposition:
    """Search a case of many futures for a good plan and a proved bound within the limits.

    Without a plan in the end, there may be none, or time was too short: `optimize` asks the whole then.
    """
    likely = max(f.case.scenarios, key=lambda scenario: scenario.probability)
    alone = build(with_scenario(f.case, likely.name), f.network)
    matrix = compile_model(alone)
    program = decisions_of(alone, matrix, most_booked(f))
    told = replace(program.matrix, maximise=not f.case.terms.minimises)
    s = Search(f, told, told, limits, listener, stop)
    pricing = Pricing(Operation(f, program), largest_flow(f), limits.cores)
    a = Decomposition(s, program, Master(program, len(pricing.groups)), pricing)
    _begin(a, start)
    strong = strengthened(alone, matrix)
    point, decided = first_plan(s, alone, strong)
    if point.any():
        once = np.array([label is None or label[0] in DECIDED_ONCE for label in strong.columns])
        a.price(a._within(point[once]))
    if decided is not None:
        _likely(a, alone, matrix, decided)
    half = limits.gap / 2.0
    a.rounds(NEAR)
    a.branch(1, max(half, NEAR / 5.0), mip_max_nodes=FIRST_NODES)
    a.rounds(half)
    a.branch(ROUNDS, half)
    return a


def _begin(a: Decomposition, start: Start | None) -> None:
    """Plans at once: as little as can be decided, and what there is to start from."""
    least = a.s.solve(a.program.matrix, a.s.left, "first plan")
    if least.values is not None:
        a.price(a._whole(least.values), "as little as can be")
    if start is not None:
        a.price(_columns(a.program, start.plan), "plan to start from, valued in all futures")


def _likely(a: Decomposition, alone: Formulation, matrix: Matrix, decided: Mapping[Label, float]) -> None:
    """A plan of the most probable future alone, with the slots that are best for it, valued in all of them."""
    if a.s.over:
        return
    chosen = np.array([0.0 if label is None else decided.get(label, 0.0) for label in matrix.columns])
    operated = a.s.solve(with_fixed_integers(matrix, chosen), a.s.left, "first plan")
    if operated.values is not None:
        known = {x: v for x, v in zip(matrix.columns, operated.values.tolist(), strict=True) if x is not None}
        name = alone.case.scenarios[0].name
        a.price(_columns(a.program, known), f"plan of future {name}, valued in all")


def _columns(program: Program, plan: Mapping[Label, float]) -> Floats:
    """A plan by column of the decisions; counts are what they count."""
    m = program.matrix
    x = np.array([0.0 if label is None else plan.get(label, 0.0) for label in m.columns])
    counts = np.array([label is None for label in m.columns])
    counting = m.sparse.tocsr()[[r for r, label in enumerate(m.rows) if label is None]]
    rows, columns = counting[:, counts].nonzero()
    x[np.flatnonzero(counts)[columns]] = (counting @ x)[rows]
    return x
