"""What runs at some limits say of a point: which plan is its best, between what its value lies, what needs no run.

A plan for a tighter limit is a plan for a looser one, and so is any plan that measures within it; a bound for a looser
limit is a bound for a tighter one; what is impossible stays so where limits are tightened. Of a weight of the worst
futures every plan is a plan. So each point takes the best plan known that keeps its limits, and the tightest bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from khovor.solution import relative_gap
from khovor.studies.frontier_axes import Axis
from khovor.studies.tasks import Record
from khovor.units import SMALL
from khovor.workbook import Rows

Limits = tuple[float, ...]
"""One limit for each axis (or the weight of the worst futures)."""

Runs = Mapping[Limits, Record]
"""Runs that ended, by their limits; `measured`, `expected` and `cvar` are part of the result of those with a plan."""

TIE = 1e-9
"""By how much of its value a plan must be better than a point's own to take its place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A point: status, the plan (the run it is from; None = none), its objective, bound and gap as far as known."""

    limits: Limits
    status: str
    message: str = ""
    plan: Record | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None

    @property
    def summary(self) -> Mapping[str, Any]:
        """The summary of its plan; empty without one."""
        return self.plan.result if self.plan is not None else {}

    @property
    def sites(self) -> frozenset[tuple[str, ...]] | None:
        """Where what is built and which projects are taken, whenever and how large; None without a plan."""
        if self.plan is None:
            return None
        builds = {(b["node"], b["process"]) for b in self.summary["builds"]}
        return frozenset(builds | {(p["project"],) for p in self.summary["projects"]})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one or two measures, each a policy added to the workbook; `gap` is the proof that is asked for."""

    axes: tuple[Axis, ...]
    maximise: bool
    gap: float

    @property
    def free(self) -> Limits:
        """Limits that limit nothing."""
        return tuple(math.inf if axis.max else -math.inf for axis in self.axes)

    def changes(self, limits: Limits) -> tuple[str, ...]:
        """Changes to the workbook that make the case of a point."""
        return ()

    def rows(self, limits: Limits) -> Rows:
        """Rows to add that make the case of a point."""
        found = [{**a.row, "limit": limit} for a, limit in zip(self.axes, limits, strict=True) if math.isfinite(limit)]
        return {"policies": found}

    def said(self, limits: Limits) -> str:
        """A point in words."""
        return ", ".join(axis.said(limit) for axis, limit in zip(self.axes, limits, strict=True))

    def settled(self, limits: Limits, runs: Runs) -> bool:
        """Whether other runs leave nothing to find: a looser one is impossible, or its proved best keeps the limits."""
        looser = [record for at, record in runs.items() if self._looser(at, limits)]
        return any(
            r.status == "infeasible" or (r.status == "optimal" and self._keeps(r.result["measured"], limits))
            for r in looser
        )

    def reading(self, limits: Limits, runs: Runs) -> Reading:
        """A point as the runs show it."""
        looser = [record for at, record in runs.items() if self._looser(at, limits)]
        impossible = next((r for r in looser if r.status == "infeasible"), None)
        if impossible is not None:
            return Reading(limits, "infeasible", impossible.message)
        plans = [r for at, r in runs.items() if r.has_plan and self._valid(at, r, limits)]
        own = runs.get(limits)
        if not plans:
            return _without(limits, own)
        best = _best(plans, own, lambda r: self._sign * float(r.result["objective"]))
        bounds = [r.result["bound"] for r in looser if r.result.get("bound") is not None]
        tightest = min(bounds, key=lambda b: self._sign * float(b), default=None)
        objective = float(best.result["objective"])
        return _proved(limits, best, own, objective, self._clear(tightest, objective), self.gap)

    def value(self, reading: Reading) -> float | None:
        """What a point is worth on the frontier."""
        return reading.objective

    def merit(self, reading: Reading) -> Limits | None:
        """A point's value and its measures, all so that more is better; None without a plan."""
        if reading.objective is None:
            return None
        measured = reading.summary["measured"]
        good = (a.tightness(0.0 if m is None else m) for a, m in zip(self.axes, measured, strict=True))
        return (self._sign * reading.objective, *good)

    def proof(self, reading: Reading) -> tuple[float | None, float | None]:
        """Between what the value of the best plan of a point lies, so that more is better; None = not known."""
        low, high = reading.objective, reading.bound
        return None if low is None else self._sign * low, None if high is None else self._sign * high

    def reach(self, reading: Reading) -> float:
        """On one axis: the tightest limit to which a point's plan is known to go."""
        (axis,), (limit,) = self.axes, reading.limits
        measured = reading.summary["measured"][0] if reading.summary else None
        return limit if measured is None else max(limit, measured, key=axis.tightness)

    @property
    def _sign(self) -> float:
        return 1.0 if self.maximise else -1.0

    def _clear(self, bound: float | None, objective: float) -> float | None:
        """A bound that no plan is better than, rounding or not."""
        return None if bound is None else max(bound, objective, key=lambda b: self._sign * b)

    def _looser(self, at: Limits, limits: Limits) -> bool:
        return all(a.tightness(x) <= a.tightness(y) for a, x, y in zip(self.axes, at, limits, strict=True))

    def _keeps(self, measured: list[float | None], limits: Limits) -> bool:
        return all(a.keeps(m, limit) for a, m, limit in zip(self.axes, measured, limits, strict=True))

    def _valid(self, at: Limits, record: Record, limits: Limits) -> bool:
        return self._looser(limits, at) or self._keeps(record.result["measured"], limits)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of the worst futures: from expected value alone (0) to the mean of the worst alone (1)."""

    maximise: bool
    gap: float
    free: Limits = (0.0,)

    def changes(self, limits: Limits) -> tuple[str, ...]:
        """Changes to the workbook that make the case of a point."""
        return (f"settings[risk_weight].value={limits[0]!r}",)

    def rows(self, limits: Limits) -> Rows:
        """Rows to add: none."""
        return {}

    def said(self, limits: Limits) -> str:
        """A point in words."""
        return f"weight {limits[0]:.6g}"

    def settled(self, limits: Limits, runs: Runs) -> bool:
        """Every weight is a program of its own."""
        return limits in runs

    def reading(self, limits: Limits, runs: Runs) -> Reading:
        """A point as the runs show it: of all plans the best by its weight."""
        plans, own, weight = [r for r in runs.values() if r.has_plan], runs.get(limits), limits[0]
        if own is None or not own.has_plan:
            return _without(limits, own)

        def score(r: Record) -> float:
            return (1.0 - weight) * float(r.result["expected"]) + weight * float(r.result["cvar"])

        best, sign = _best(plans, own, score), 1.0 if self.maximise else -1.0
        objective, bound = sign * score(best), own.result["bound"]
        clear = None if bound is None else max(bound, objective, key=lambda b: sign * b)
        return _proved(limits, best, own, objective, clear, self.gap)

    def value(self, reading: Reading) -> float | None:
        """What a point is worth on the frontier: its expected value, minus the cost under cost."""
        return reading.summary.get("expected")

    def merit(self, reading: Reading) -> Limits | None:
        """A point's expected value and its mean of the worst; None without a plan."""
        return (reading.summary["expected"], reading.summary["cvar"]) if reading.plan is not None else None

    def proof(self, reading: Reading) -> tuple[float | None, float | None]:
        """Not known: the proof is one of the weighted objective."""
        return None, None

    def reach(self, reading: Reading) -> float:
        """The weight of a point: its plan is known to be the best of no other."""
        return reading.limits[0]


Curve = Bounds | Weights


def _best(plans: list[Record], own: Record | None, score: Any) -> Record:
    """The best plan; a point's own unless another is better by more than rounding."""
    best = max(plans, key=score)
    if own is not None and own.has_plan and score(best) - score(own) <= TIE * max(1.0, abs(score(own))):
        return own
    return best


def _without(limits: Limits, own: Record | None) -> Reading:
    """A point that has no plan."""
    return Reading(limits, "interrupted") if own is None else Reading(limits, own.status, own.message)


def _proved(
    limits: Limits, plan: Record, own: Record | None, objective: float, bound: float | None, asked: float
) -> Reading:
    """A point with a plan: solved if it is proved as closely as asked."""
    gap = None if bound is None else relative_gap(objective, bound)
    ended = own.status if own is not None and own.has_plan else "feasible"
    closed = gap is not None and bound is not None and (gap <= asked + TIE or abs(bound - objective) <= SMALL)
    status = "optimal" if closed else ended if ended != "optimal" else "feasible"
    message = own.message if own is not None else ""
    return Reading(limits, status, message, plan, objective, bound, gap)
