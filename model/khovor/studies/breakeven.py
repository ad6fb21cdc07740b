"""`khovor breakeven`: the price of a product at which the best plan of the whole case is worth nothing.

What one plan is worth is a straight line in the factor on the product's prices: its value at price nothing, plus the
factor times its revenue from the product. The best value is the highest of these lines, a convex function, so Newton's
method on it (Dinkelbach 1967) comes down to the break-even from above, plan by plan, in finitely many solves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from khovor.case import Case
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import UsageError
from khovor.report import write_breakeven
from khovor.run import Options
from khovor.solve import Listener
from khovor.studies.breakeven_document import document_of
from khovor.studies.ending import ended, refusal
from khovor.studies.frontier_curve import has_plan
from khovor.studies.sweep import Fleet, StudyOutcome
from khovor.studies.tasks import Record
from khovor.studies.variants import Variant, Variants, held, priced, variants_of
from khovor.versions import versions
from khovor.workbook import nearest

HIGHEST: Final = 2.0**10
"""The factor beyond which no price is tried."""

PROOFS: Final = 3
"""How often a lower price is tried until no plan is proved to pay at it."""

NOTHING: Final = 1e-6
"""Share of the product's revenue below which a value is nothing."""

CLOSE: Final = 1e-7
"""Relative distance of two factors that are one."""


@dataclass(frozen=True, slots=True)
class Point:
    """A solve at a factor: the plan's value and the bound [MUSD], and its revenue from the product at factor 1."""

    factor: float
    value: float
    bound: float | None
    revenue: float
    record: Record

    @property
    def root(self) -> float | None:
        """The factor at which this plan is worth nothing; None where its value does not depend on the price."""
        return self.factor - self.value / self.revenue if self.revenue > 0 else None

    @property
    def nothing(self) -> float:
        """What counts as no value [MUSD]."""
        return NOTHING * max(1.0, self.revenue * self.factor)

    @property
    def pays(self) -> bool:
        """Whether the plan is worth more than nothing."""
        return self.value > self.nothing

    @property
    def proved(self) -> bool:
        """Whether no plan is worth more than nothing here."""
        return self.bound is not None and self.bound <= NOTHING * max(1.0, abs(self.value), self.nothing / NOTHING)


@dataclass(slots=True)
class Search:
    """The break-even of one family of cases; `points` grows as they are solved.

    `low` and `high` enclose the factor: a plan pays at any above `high`, no plan at `low`; None: not known, or none.
    """

    ask: Callable[[float, Decisions | None], Record]
    product: str
    points: list[Point] = field(default_factory=list)
    low: float | None = None
    high: float | None = None

    def at(self, factor: float) -> Point:
        """Solve at a factor, begun from the best plan known for it. Raises what a solve without a plan means."""
        start = max(self.points, key=lambda p: p.value + p.revenue * (factor - p.factor), default=None)
        record = self.ask(factor, None if start is None else Decisions.of(start.record.result))
        point = point_of(record, factor, self.product)
        self.points.append(point)
        return point

    def run(self, gap: float) -> None:
        """Find the break-even and prove it: to the rounding where each solve is proved, else as far as it is."""
        above = self._paying()
        while above is not None:
            root = above.root
            if root is None or root <= 0.0:
                return  # worth something at any price
            below = max((p for p in self.points if not p.pays), key=lambda p: p.factor, default=None)
            if below is None or root > below.factor * (1.0 + CLOSE):
                self.at(root)
            else:
                self.high = root
                if not self._lowered(root, gap):
                    return
            above = min((p for p in self.points if p.pays), key=lambda p: p.factor)

    def _paying(self) -> Point | None:
        """A factor at which a plan pays; None where there is none."""
        point = self.points[-1] if self.points else self.at(1.0)
        while not point.pays:
            root = point.root
            higher = 2.0 * point.factor if root is None or point.value > -point.nothing else max(root, point.factor)
            if higher > HIGHEST:
                return None
            overshot = self.at(higher * (1.0 + CLOSE) if higher == root else higher)
            if higher == root and not overshot.pays:
                self.high = overshot.factor
            point = overshot
        return point

    def _lowered(self, high: float, gap: float) -> bool:
        """Prove that nothing pays at, or just below, a factor; whether a plan was found that does."""
        step = max(gap, CLOSE)
        for k in range(PROOFS + 1):
            self.low = max((p.factor for p in self.points if p.proved and p.factor <= high * (1.0 + CLOSE)), default=None)
            if k == PROOFS or (self.low is not None and self.low >= high * (1.0 - max(gap, CLOSE)) * (1.0 - CLOSE)):
                return False
            if self.at(high * (1.0 - step)).pays:
                return True
            step *= 2.0
        return False


def point_of(record: Record, factor: float, product: str) -> Point:
    """A record as a point. Raises what it means where it has no plan."""
    if not has_plan(record):
        raise refusal(record)
    told = record.result
    revenue = told["sold"].get(product, (0.0, 0.0, 0.0))[1]
    return Point(factor, told["objective"], told["bound"], revenue, record)
