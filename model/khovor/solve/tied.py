"""A large program that tax or the investor's return ties together, searched in rounds as the same without what ties it.

Each round searches the program at prices of these rows (`apart.py`) and bounds the whole by it. Each plan on the way is
valued in the whole: the tax of its years, and under `support` the least support with which it reaches the return
(`reach.py`). That prices the rows for the next round, which begins from plan and prices of the last; from a plan alone
it would not: its prices say that what it does not build is worth far too much.

Where all the support on offer does not bring a plan to the return, the next round asks for value alone, whatever it
costs the public: it finds a plan that does, or proves that there is none.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from khovor.case import Case
from khovor.errors import InfeasibleError
from khovor.formulation import DECIDED_ONCE, Formulation
from khovor.solve.apart import Apart, Told
from khovor.solve.arrays import Floats, Matrix
from khovor.solve.branching import sense
from khovor.solve.conflicts import IMPOSSIBLE, unreached
from khovor.solve.highs import Answer, held
from khovor.solve.priced import dual_bound
from khovor.solve.progress import Limits, Listener
from khovor.solve.proof import maximised
from khovor.solve.reach import CHEAP, DEAR, Reach
from khovor.solve.risk import weights_of
from khovor.solve.search import LARGE, Search, search
from khovor.solve.start import Start
from khovor.solve.tax_prices import first_prices, proving, told_by

ROUNDS = 8

SLIGHT = 1e-4
"""A price that proves more by less than this share is not worth a round."""

FIRST_SHARE = 0.6
"""Share of the time that the first round may take where its prices are wrong; later ones begin from what it found."""

UNTIED_SHARE = 0.5
"""Share of the gap that the search without what ties may leave: prices of that leave some as well."""

MISPRICED = 0.05
"""By how much, relatively, a plan may be worth less in the whole than at prices that are about right."""


def search_tied(
    formulation: Formulation,
    matrix: Matrix,
    limits: Limits,
    listener: Listener | None,
    stop: threading.Event | None,
    start: Start | None = None,
) -> Search:
    """As `search`, of a program of which some rows tie all years and futures together.

    Raises InfeasibleError where it is proved that no plan reaches the return.
    """
    s = Search(formulation, matrix, matrix, limits, listener, stop)
    ties = Ties(formulation, matrix, Apart.of(formulation, matrix))
    s.tighten(_least(matrix))
    prices, tried = ties.begin(), list[Floats]()
    for turn in range(ROUNDS):
        if s.over or any(np.allclose(prices, before, rtol=1e-6, atol=1e-9) for before in tried):
            break
        tried.append(prices)
        told, left = ties.told(prices), limits.time_limit_s - s.spent
        valuing = _Valuing(s, ties, prices, s.spent + (left if turn else FIRST_SHARE * left))
        own = replace(limits, gap=UNTIED_SHARE * limits.gap, time_limit_s=max(left, 1.0))
        found = search(ties.apart.loose, told.matrix, own, s.heard(""), valuing, start, valuing.heed)
        _whole(found)
        s.notes += [f"untied: {note}" for note in found.notes]
        if found.bound is not None and ties.of_value_alone(prices):
            ties.refuse(told.bound(found.bound, matrix))
        elif found.bound is not None:
            s.tighten(told.bound(found.bound, matrix), "untied")
        s.untied = found.handed_on or s.untied
        if found.plan is not None and found.handed_on is not None:
            plan = zip(told.matrix.columns, found.plan.tolist(), strict=True)
            start = Start({label: value for label, value in plan if label is not None}, found.handed_on)
        if valuing.lesson is None:
            break
        prices = ties.further(valuing.lesson, s.bound)
    _whole(s)
    return s


def _whole(s: Search) -> None:
    """What HiGHS finds of the whole program of a search that has ended early, where that is small enough for it."""
    if s.over or s.matrix.shape[1] >= LARGE:
        return
    answer = s.solve(s.matrix, s.left, "solve", start=s.plan, says="silence")
    s.tighten(answer.bound, "whole")
    s.offer(answer, "whole")


def _least(matrix: Matrix) -> float:
    """What the limits of the columns alone prove."""
    return sense(matrix) * dual_bound(maximised(matrix), np.zeros(matrix.shape[0]))


def _sure(case: Case) -> float:
    """The share of its odds that every future weighs for sure: what tax takes of the rest is left out of the bound."""
    weights = None if case.terms.objective == "support" else weights_of(case)
    if weights is None:
        return 1.0
    return float(min(w / s.probability for w, s in zip(weights.sure, case.scenarios, strict=True)))


class Lesson(NamedTuple):
    """What a plan teaches: duals of what ties it, at one unit of value, and the price at which its support is least."""

    duals: Floats
    price: float


class Ties:
    """What ties a program, its prices, and what it is worth with them."""

    def __init__(self, formulation: Formulation, matrix: Matrix, apart: Apart) -> None:
        self.apart = apart
        self.reach = Reach(formulation, matrix) if formulation.case.terms.objective == "support" else None
        self._matrix, self._formulation, self._case = matrix, formulation, formulation.case
        self._odds = {s.name: s.probability for s in formulation.case.scenarios}
        horizon = apart.loose.case.horizon
        sure = _sure(formulation.case)
        self._worth = {y: sure * horizon.worth(y) for period in horizon.periods for y in period.span}
        self._points = list[tuple[float, float]]()
        self._once = np.array([label is not None and label[0] in DECIDED_ONCE for label in matrix.columns])

    def begin(self) -> Floats:
        """Prices to begin with: of each year its tax; and hardly any public money for the return."""
        return self._prices(None, 1.0 if self.reach is None else CHEAP)

    def told(self, prices: Floats) -> Told:
        """The program without what ties it, at prices."""
        if self.of_value_alone(prices):
            free = replace(self._matrix, cost=np.zeros(len(self._matrix.cost)), offset=0.0, terms=None)
            return replace(self.apart, whole=free).at(prices / self._price(prices))
        return self.apart.at(prices, 1.0 if self.reach is None else self._price(prices))

    def of_value_alone(self, prices: Floats) -> bool:
        """Whether, at these prices, only the investor's value counts, and no public money."""
        return self.reach is not None and self._price(prices) >= DEAR

    def refuse(self, lacking: float) -> None:
        """Raise InfeasibleError where it is proved that every plan lacks so much of the value asked for [MUSD]."""
        assert self.reach is not None
        if lacking > SLIGHT * max(1.0, abs(self.reach.asked)):
            raise InfeasibleError(IMPOSSIBLE, conflicts=[unreached(self._formulation, f"at least {lacking:,.4g}")])

    def valued(self, plan: Floats, prices: Floats, s: Search) -> tuple[Answer, Lesson | None]:
        """A plan of the loose program at its best in the whole, and what it teaches."""
        values = self.apart.spread(plan)
        if self.reach is None:
            chosen = held(self._matrix, np.where(self._once, values, np.nan))
            answer = self._operated(chosen, s)
            return answer, None if answer.duals is None else Lesson(answer.duals, 1.0)
        price = self._price(prices)
        answer = self.reach.operated(values, price, lambda left: self._operated(left, s))
        if answer.values is None or answer.duals is None:
            return answer, None
        self._points.append((answer.objective, self.reach.beyond(answer.values)))
        reached = self.reach.least(answer.values, replace(s.limits, time_limit_s=max(s.left, 30.0)))
        lesson = Lesson(answer.duals / price, reached.price)
        if reached.values is None:
            return replace(answer, values=None), lesson
        worth = float(self._matrix.cost @ reached.values + self._matrix.offset)
        return replace(answer, values=reached.values, objective=worth), lesson

    def further(self, lesson: Lesson, bound: float | None) -> Floats:
        """Prices for the next round. That of the return is the plan's own, if it can prove more than the bound so far.

        If not it is the one that might prove most, by what the plans valued so far cost and earn (J. Kelley, 1960, The
        cutting-plane method for solving convex programs).
        """
        price = lesson.price
        if self.reach is not None and bound is not None and self._most(price) <= bound + SLIGHT * abs(bound):
            crossings = [
                (cost - other) / (value - less)
                for cost, value in self._points
                for other, less in self._points
                if value > less and cost > other
            ]
            price = max((*crossings, price), key=self._most)
        return self._prices(lesson.duals, price if self.reach is None else max(price, CHEAP))

    def _most(self, price: float) -> float:
        """The most that a price of the return might prove of the public money, by the plans valued so far."""
        return min(cost - price * value for cost, value in self._points)

    def _operated(self, left: Matrix, s: Search) -> Answer:
        return s.operate(left, max(s.limits.time_limit_s - s.spent, 30.0), "proof", says="silence")

    def _price(self, prices: Floats) -> float:
        assert self.reach is not None
        return float(prices[self.reach.row])

    def _prices(self, duals: Floats | None, price: float) -> Floats:
        """Prices of all rows, in the sense of the program, from duals (for a return at one unit); None: the first."""
        sign, case = 1.0 if self._matrix.maximise else -1.0, self._case
        if duals is None:
            tax = first_prices(case, self._worth)
        else:
            tax = proving(case, self._worth, *told_by(case, self.apart.ties, sign * duals))
        prices = np.zeros(self._matrix.shape[0])
        for r, row in self.apart.ties.items():
            if row[1]:
                prices[r] = sign * price * self._odds[row[1][-1]] * tax.of(row, case)
        if self.reach is not None:
            prices[self.reach.row] = price
        return prices


@dataclass(slots=True)
class _Valuing:
    """Values the plans of one round in the whole, one at a time, as they are found; ends one that leads nowhere.

    Unless its prices are about right it has until `until`, in seconds of the search.
    """

    s: Search
    ties: Ties
    at: Floats
    until: float
    lesson: Lesson | None = None
    right: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    def is_set(self) -> bool:
        """What the round asks: also stop where a plan has shown that support is not the matter."""
        hopeless = self.lesson is not None and self.lesson.price >= DEAR and not self.ties.of_value_alone(self.at)
        late = not self.right and self.s.spent > self.until
        return hopeless or late or self.s.is_set()

    def heed(self, valued: Answer) -> None:
        """Offer a plan, and keep what the best teaches."""
        assert valued.values is not None
        with self.turn:
            answer, lesson = self.ties.valued(valued.values, self.at, self.s)
            self.s.offer(answer, "valued with what ties it")
            if lesson is not None:
                self.lesson = lesson
            if self.ties.reach is None and answer.values is not None:
                self.right = abs(valued.objective - answer.objective) <= MISPRICED * abs(answer.objective)
