"""How a large program is searched and bounded: the likely future first, then all of them, with prices between.

HiGHS alone, on a model of this kind, spends its time on the root relaxation. Here what the likely future alone builds
is found in seconds (`first_plan.py`). Whole units of it are the first plan; what its relaxation builds, fractions and
all, is where the proof begins (`proof.py`). Of one future alone the proof begins with the prices of its relaxation,
solved by interior point beside, on a second core where there is one. A plan to begin from takes the place of all this:
its own prices start the proof. Every plan is valued in the whole program; every bound is one of the whole program or
of a relaxation of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from khovor.case import with_scenario
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.formulation.frame import LARGE as LARGE
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.blocks import Engines, run_in_blocks
from khovor.solve.branching import prices_of, sense
from khovor.solve.carried import Proved
from khovor.solve.first_plan import first_plan
from khovor.solve.given_up import DEAR, given_up
from khovor.solve.highs import POLL_S, Answer, run, with_fixed_integers
from khovor.solve.progress import Limits, Listener, Progress, Stop
from khovor.solve.proof import prove, prove_alone, prove_from, relaxation
from khovor.solve.stamp import compile_model
from khovor.solve.start import Prices, Start
from khovor.solve.strengthen import strengthened


@dataclass(slots=True)
class Search:
    """One search under way: the program, its limits, the best plan and bound so far, and what happened.

    `prices` are those of the best plan's own valuation, one per row of `strong`, in the sense of a maximisation;
    `proving` are the sets that the proof has come to, `proved_by` the program that they leave, with its bound;
    `untied` those of the search that did it, of a program without what ties it. Each better plan is told to `heed`.
    """

    formulation: Formulation
    matrix: Matrix
    strong: Matrix
    limits: Limits
    listener: Listener | None
    stop: Stop | None
    heed: Callable[[Answer], None] | None = None
    began: float = field(default_factory=time.monotonic)
    plan: Floats | None = None
    value: float | None = None
    prices: Floats | None = None
    proving: Sequence[Floats] = ()
    proved_by: Proved | None = None
    untied: Prices | None = None
    bound: float | None = None
    dear: float = DEAR
    valuing_s: float = 0.0
    operating: threading.Lock = field(default_factory=threading.Lock)
    engines: dict[tuple[int, int], Engines] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Seconds left, less what the last linear program of a plan will take."""
        return self.limits.time_limit_s - self.valuing_s - self.spent

    @property
    def handed_on(self) -> Prices | None:
        """The prices that the proof has come to, for that of another program."""
        return Prices.of(self.strong, self.proving, self.proved_by) if self.proving else self.untied

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.stop is not None and self.stop.is_set()

    @property
    def proved(self) -> bool:
        """Whether plan and bound meet within the gap asked for."""
        if self.value is None or self.bound is None:
            return False
        return abs(self.bound - self.value) <= self.limits.gap * max(abs(self.value), 1e-9)

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or no time to do it."""
        return self.stopped or self.proved or self.left <= 0

    def is_set(self) -> bool:
        """What a running solve asks: stop when told to, or when the gap is closed meanwhile."""
        return self.stopped or self.proved

    def solve(
        self, matrix: Matrix, seconds: float, phase: str, *, start: Floats | None = None, says: str = "", **options: Any
    ) -> Answer:
        """Run HiGHS on a matrix for at most `seconds`. What its own progress `says` of the whole program:

        "" nothing (another program), "all", "silence" (a solve beside another: it is not told).
        """
        limits = replace(self.limits, time_limit_s=max(seconds, 0.1), threads=1)
        return run(matrix, limits, phase=phase, start=start, listener=self.heard(says), stop=self, options=options)

    def operate(self, matrix: Matrix, seconds: float, phase: str, *, says: str = "", lacking: bool = False) -> Answer:
        """Solve the linear program that decisions leave within `seconds`, block by block where it is large.

        One at a time: each uses all cores, and two would hold twice the memory. `lacking`: where decisions cannot be
        kept the answer has prices all the same (`given_up.py`), and is worth less than anything.
        """
        until, heard = self.spent + seconds, self.heard(says)
        with self.operating:
            limits = replace(self.limits, time_limit_s=max(until - self.spent, 0.1))
            engines = self.engines.setdefault(matrix.shape, Engines())
            answer = run_in_blocks(matrix, limits, phase=phase, listener=heard, stop=self, engines=engines)
            if not lacking or not answer.status.startswith("infeasible") or self.over:
                return answer
            limits = replace(self.limits, time_limit_s=max(until - self.spent, 0.1))
            priced = run_in_blocks(given_up(matrix, self.dear), limits, phase=phase, listener=heard, stop=self)
        return replace(answer, duals=priced.duals, objective=-sense(matrix) * np.inf)

    def heard(self, says: str) -> Listener | None:
        """Who hears of a solve (see `solve`)."""
        return None if self.listener is None or says == "silence" else self._telling(self.listener, says)

    def _telling(self, listener: Listener, says: str) -> Listener:
        """A listener that hears the best plan and the tightest proved bound of the whole program."""
        best, least = (max, min) if self.matrix.maximise else (min, max)

        def tell(progress: Progress) -> None:
            plans = [self.value, progress.incumbent if says == "all" else None]
            bounds = [self.bound, progress.bound if says == "all" else None]
            plan = best((p for p in plans if p is not None), default=None)
            bound = least((b for b in bounds if b is not None), default=None)
            gap = None if plan is None or bound is None else abs(bound - plan) / max(abs(plan), 1e-9)
            listener(replace(progress, incumbent=plan, bound=bound, gap=gap))

        return tell

    def offer(self, valued: Answer, source: str) -> None:
        """Keep a plan, with its prices, if it is the best so far."""
        if valued.values is None:
            return
        worth, sign = valued.objective, sense(self.matrix)
        self.notes.append(f"{source}: {worth:.6g} MUSD after {self.spent:.1f} s")
        if self.value is None or sign * worth > sign * self.value:
            self.plan, self.value = valued.values, worth
            self.prices = None if valued.duals is None else prices_of(self.strong, valued.duals)
            if self.heed is not None:
                self.heed(valued)

    def tighten(self, bound: float, source: str = "") -> None:
        """Keep a proved bound if it is the tightest so far."""
        if not np.isfinite(bound):
            return
        tighter = self.bound is None or (bound < self.bound if self.matrix.maximise else bound > self.bound)
        if tighter:
            self.bound = bound
        if source:
            self.notes.append(f"{source}: bound {self.bound:.6g} MUSD after {self.spent:.1f} s")

    def value_decisions(self, decided: Mapping[Label, float], phase: str, source: str, says: str = "") -> Answer:
        """What is decided, by label (what is not named is not built), at its best in all futures: a plan to keep.

        Decisions that cannot be kept have prices too (see `operate`).
        """
        chosen = np.array([0.0 if label is None else decided.get(label, 0.0) for label in self.matrix.columns])
        left = with_fixed_integers(self.matrix, chosen)
        valued = self.operate(left, self.left + self.valuing_s, phase, says=says, lacking=True)
        self.valuing_s = max(self.valuing_s, valued.seconds)
        self.offer(valued, source)
        return valued


def search(
    formulation: Formulation,
    matrix: Matrix,
    limits: Limits,
    listener: Listener | None,
    stop: Stop | None,
    start: Start | None = None,
    heed: Callable[[Answer], None] | None = None,
) -> Search:
    """Search a large program for a good plan and a proved bound within the limits; each better plan is told to `heed`.

    The plan of `start` is valued first. With several futures the proof then goes on from it, and from the prices of
    `start`; where it breaks a rule and there are none, or they prove nothing, it is as if there were no start. The
    costs are those of the matrix, which need not be those of the formulation.
    """
    s = Search(formulation, matrix, strengthened(formulation, matrix), limits, listener, stop, heed)
    if start is not None:
        s.value_decisions(start.plan, "first plan", "plan to start from, valued in all futures")
    many = len(formulation.case.scenarios) > 1
    before = None if start is None else start.prices
    if many and (before is not None or s.prices is not None):
        with ThreadPoolExecutor(1) as beside:
            _awaited(s, beside.submit(prove_from, s, before), "proof")
        if s.over or s.bound is not None:
            return s
    if many:
        _search_all(s)
    else:
        _search_one(s)
    return s


def _search_one(s: Search) -> None:
    """Search a program of one future: its relaxation is solved beside the search for a first plan, on a second core."""
    with ThreadPoolExecutor(1) as beside:
        begun = beside.submit(relaxation, s) if s.limits.cores > 1 else None
        if s.plan is None:
            _first_plan(s, s.formulation, s.strong)
        loose = _awaited(s, begun or beside.submit(relaxation, s), "relaxation")
        s.valuing_s = max(s.valuing_s, loose.seconds / 2.0)
        _awaited(s, beside.submit(prove_alone, s, loose), "proof")


def _search_all(s: Search) -> None:
    """Search a program of many futures, beginning with the likely one."""
    f = s.formulation
    likely = max(f.case.scenarios, key=lambda scenario: scenario.probability)
    alone = build(with_scenario(f.case, likely.name), f.network)
    strong = strengthened(alone, _costed(compile_model(alone), f, s.matrix, likely.name))
    point = _first_plan(s, alone, strong)
    if not s.over:
        with ThreadPoolExecutor(1) as beside:
            _awaited(s, beside.submit(prove, s, strong, point), "proof")


def _first_plan(s: Search, alone: Formulation, strong: Matrix) -> Floats:
    """Value the first plan, of one future, in all of them; the point it is near to."""
    point, decided = first_plan(s, alone, strong)
    if decided is not None and not s.over:
        name = alone.case.scenarios[0].name
        s.value_decisions(decided, "first plan", f"plan of future {name}, valued in all")
    return point


def _costed(alone: Matrix, f: Formulation, whole: Matrix, w: str) -> Matrix:
    """The program of one future at its costs in the whole, where they are not those of the formulation."""
    if whole.terms is not None:
        return alone
    odds = {s.name: s.probability for s in f.case.scenarios}
    shares = {t: sum(odds[x.name] for x in f.spoken_for(t, f.speaker[t, w])) for t in f.periods}
    places = whole.places

    def cost(label: Label | None) -> float:
        assert label is not None
        name, index = label
        if name in DECIDED_ONCE:
            return float(whole.cost[places[label]])
        *rest, t, _ = index
        return float(whole.cost[places[name, (*rest, t, f.speaker[t, w])]]) / shares[t]

    return replace(alone, cost=np.array([cost(label) for label in alone.columns]))


def _awaited(s: Search, step: Future[Any], phase: str) -> Any:
    """The result of a step on another thread; while it lasts the listener is told where the search is."""
    tell = None if s.listener is None else s._telling(s.listener, "")
    while not step.done():
        if tell is not None:
            tell(Progress(phase, s.spent))
        time.sleep(POLL_S)
    return step.result()
