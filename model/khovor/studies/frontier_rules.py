"""What the points of a frontier say beside one another: dominated points, the price between neighbours, switches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from khovor.studies.frontier_curve import Curve, Limits, Reading
from khovor.units import USD_PER_MUSD

SAME = 1e-6
"""Amounts nearer than this share of their size (at least of 1) are the same."""


def dominated(merits: Sequence[Limits | None]) -> list[int | None]:
    """For each point the place of one that is nowhere worse and somewhere better, if there is one.

    Merits are value and measures, all so that more is better. Equal points do not dominate each other.

    >>> dominated([(10.0, -0.5), (10.0, -0.3), (9.0, -0.1), None])
    [1, None, None, None]
    """
    return [next((q for q, b in enumerate(merits) if a and b and _beats(b, a)), None) for a in merits]


def _beats(b: Limits, a: Limits) -> bool:
    ahead = [_ahead(x, y) for x, y in zip(b, a, strict=True)]
    return min(ahead) >= 0 and max(ahead) > 0


def _ahead(x: float, y: float) -> int:
    """1 if x is more than y, -1 if less, 0 if they are the same."""
    if abs(x - y) <= SAME * max(1.0, abs(x), abs(y)):
        return 0
    return 1 if x > y else -1


def price(looser: Reading, tighter: Reading, curve: Curve, per: float) -> dict[str, float | None] | None:
    """Value given up for each `per` of the measure between two neighbours [USD]; None where they measure the same.

    `low` and `high` are between what it lies for the best plans of both limits, as far as they are proved; None where
    that is not known.
    """
    a, b = curve.merit(looser), curve.merit(tighter)
    if a is None or b is None or _ahead(a[1], b[1]) == 0:
        return None
    each = USD_PER_MUSD * per / abs(b[1] - a[1])
    (least, most), (low, high) = curve.proof(looser), curve.proof(tighter)
    return {
        "low": None if least is None or high is None else each * (least - high),
        "value": each * (a[0] - b[0]),
        "high": None if most is None or low is None else each * (most - low),
    }


def switches(readings: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    """Neighbours between which the set of sites changes, or beyond which there is no plan."""
    return [(a, b) for a, b in pairwise(readings) if a.plan is not None and a.sites != b.sites]


def widest(readings: Sequence[Reading], curve: Curve, least: float, many: int) -> list[Limits]:
    """The middles of the widest spans in which the set of sites changes, none narrower than `least`."""
    spans = [(curve.reach(a), b.limits[0]) for a, b in switches(readings)]
    wide = sorted((s for s in spans if abs(s[1] - s[0]) > least), key=lambda s: -abs(s[1] - s[0]))
    return [((low + high) / 2.0,) for low, high in wide[:many]]


def per_point(unit: str) -> tuple[float, str]:
    """How much of a measure its price is for, and in words: a hundredth of a share, a dollar, a unit of all else."""
    if unit == "MUSD":
        return 1.0 / USD_PER_MUSD, "USD per USD"
    return (1.0, f"USD per {unit}") if unit else (0.01, "USD per percentage point")


def nearest(limits: Limits, others: Sequence[Limits], span: Sequence[tuple[float, float]]) -> Limits:
    """Of other points the nearest, steps being counted in spans; one that lies outside counts as on the edge."""

    def away(at: Limits) -> float:
        total = 0.0
        for x, y, ends in zip(at, limits, span, strict=True):
            edge = min(max(x, min(ends)), max(ends))
            total += abs(edge - y) / (abs(ends[1] - ends[0]) or 1.0)
        return total

    return min(others, key=away)
