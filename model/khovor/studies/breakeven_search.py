"""The search for a break-even: plans as lines in the factor on prices, Newton's method on the highest of them.

What one plan is worth is a straight line in the factor: its value at price nothing, plus the factor times its revenue
from the products. The best value is the highest of these lines, a convex function, so Newton's method comes down to the
break-even from above, plan by plan, in finitely many solves (W. Dinkelbach, On Nonlinear Fractional Programming,
Management Science 13, 1967). Income tax, royalties with steps and price floors take or give the less the lower the
price is: a plan is then worth more at lower prices than its line says, and Newton's steps fall short. There the chord
of two prices at which plans pay goes further.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from khovor.decisions import Decisions
from khovor.errors import NoPlanError
from khovor.studies.ending import with_plan
from khovor.studies.tasks import Record

HIGHEST: Final = 2.0**10
"""The factor beyond which no price is tried."""

PROOFS: Final = 3
"""How many lower prices are tried until no plan is proved to pay at one: near by, and then as many further off."""

MARGIN: Final = 1.2
"""How much further off than where a bound is guessed to be nothing."""

NOTHING: Final = 1e-6
"""Share of the products' revenue below which a value is nothing."""

NEXT: Final = 0.1
"""How far the next price lies from one at which nothing pays, as a share of the way to the root of a plan that does."""

CLOSE: Final = 1e-7
"""Relative distance of two factors that are one."""


@dataclass(frozen=True, slots=True)
class Point:
    """A solve at a factor: the plan's value and the bound [MUSD], and its revenue from the products at factor 1."""

    factor: float
    value: float
    bound: float | None
    revenue: float
    record: Record

    @property
    def root(self) -> float | None:
        """The factor at which this plan is worth nothing; None where its value does not depend on the price."""
        return self.factor - self.value / self.revenue if self.revenue > 0 else None

    def worth(self, factor: float) -> float:
        """What this plan is worth at a factor [MUSD]."""
        return self.value + self.revenue * (factor - self.factor)


def point_of(record: Record, factor: float, products: Collection[str]) -> Point:
    """A run with a plan as a point."""
    told = record.result
    revenue = sum(earned for name, (_, earned, _) in told["sold"].items() if name in products)
    return Point(factor, told["objective"], told["bound"], revenue, record)


@dataclass(slots=True)
class Search:
    """The break-even of one family of cases; `points` grows as they are solved.

    `low` and `high` enclose the factor: a plan pays at any above `high` (it is `plan`), none does at `low`. Both None:
    the best plan pays at any price (`always`), or none does up to HIGHEST. `low` None alone: not proved.
    """

    ask: Callable[[float, Decisions | None], Record]
    products: Sequence[str]
    points: list[Point] = field(default_factory=list)
    low: float | None = None
    high: float | None = None
    plan: Point | None = None
    always: bool = False

    @property
    def nothing(self) -> float:
        """What counts as no value [MUSD]."""
        return NOTHING * max(1.0, *(p.revenue * p.factor for p in self.points))

    def at(self, factor: float) -> Point:
        """Solve at a factor, begun from the best plan known there. Raises what it means where there is no plan."""
        best = max(self.points, key=lambda p: p.worth(factor), default=None)
        record = self.ask(factor, None if best is None else best.record.decisions)
        point = point_of(with_plan(record), factor, self.products)
        self.points.append(point)
        return point

    def run(self, gap: float) -> None:
        """Find the break-even, and prove it to a relative gap as far as the solves are proved."""
        if self._climbed():
            while self._descended(gap) and self._lowered(max(gap, CLOSE)):
                pass

    def _pays(self, point: Point) -> bool:
        return point.value > self.nothing

    def _climbed(self) -> bool:
        """Whether a plan pays at some factor; to one that pays by the line of a plan that loses, else by doubling."""
        point = self.points[-1] if self.points else self.at(1.0)
        while not self._pays(point):
            loses = point.value < -self.nothing and point.root is not None
            factor = (point.root or 0.0) * (1.0 + 10.0 * NOTHING) if loses else 2.0 * point.factor
            if factor > HIGHEST:
                return False
            point = self.at(factor)
        return True

    def _descended(self, gap: float) -> bool:
        """Go down the lines of the plans that pay until the root of one is the break-even; whether there is one.

        Or until a root lies within half the gap below a price at which its plan pays: that proves the rest needs.
        """
        while True:
            above = min(filter(self._pays, self.points), key=lambda p: p.factor)
            below = max((p.factor for p in self.points if not self._pays(p)), default=0.0)
            root = above.root
            self.always = root is None or root <= 0.0
            if root is None or root <= 0.0:
                self.low = self.high = self.plan = None
                return False
            chord = self._chord(above)
            further = root if chord >= root else max(chord, below + NEXT * (root - below))
            enclosed = root <= below * (1.0 + CLOSE) or root >= above.factor * (1.0 - gap / 2.0)
            if enclosed or self._tried(further) is None:
                self.high, self.plan = root, above
                return True

    def _chord(self, above: Point) -> float:
        """Where the chord of the two lowest prices at which a plan pays comes to nothing: what tax leaves is in it."""
        higher = min((p for p in self.points if p.factor > above.factor), key=lambda p: p.factor, default=None)
        if higher is None or higher.value <= above.value:
            return math.inf
        return above.factor - above.value * (higher.factor - above.factor) / (higher.value - above.value)

    def _lowered(self, gap: float) -> bool:
        """Prove that nothing pays at a factor, or as little below it as can be; whether a plan is found that does.

        First in small steps, where a better plan may be; then in leaps to where the bound may be nothing.
        """
        high, step = self.high or 0.0, gap
        for probe in range(2 * PROOFS):
            self.low = self._proved(high)
            if self.low is not None or step >= 1.0:
                return False
            point = self._tried(high * (1.0 - step))
            if point is not None and self._pays(point):
                return True
            fallen = self._fallen(point) if point is not None and probe + 1 >= PROOFS else None
            step = 2.0 * step if fallen is None else 1.0 - fallen / high
        self.low = self._proved(high)
        return False

    def _tried(self, factor: float) -> Point | None:
        """Solve at a factor; None where time was up before any plan: it proves nothing, and what pays above stands."""
        try:
            return self.at(factor)
        except NoPlanError:
            return None

    def _fallen(self, point: Point) -> float | None:
        """A guess where its bound is nothing; None without a bound.

        It falls as the value of the plan at break-even, or more slowly, as it has from there: tax and price floors take
        of the fall.
        """
        if self.plan is None or self.high is None or self.plan.revenue <= 0 or point.bound is None:
            return None
        high, slope = self.high, self.plan.revenue
        there = min(self.points, key=lambda p: abs(p.factor - high))
        if there.bound is not None and there.bound > point.bound and there.factor > point.factor:
            slope = min(slope, (there.bound - point.bound) / (there.factor - point.factor))
        return point.factor - MARGIN * point.bound / slope

    def _proved(self, high: float) -> float | None:
        """The highest factor, not above another, at which no plan is proved to pay."""
        proved = [p.factor for p in self.points if p.bound is not None and p.bound <= self.nothing]
        return max((factor for factor in proved if factor <= high * (1.0 + CLOSE)), default=None)
