"""The probabilities at which the best plan changes, found between plans.

A plan is worth a straight line in the probability of one future, so the best known plans change where lines cross. At
each crossing all futures are solved again: a better plan makes new crossings, no better one proves that there is none,
but for what the gap leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from khovor.studies.envelope import Line, Piece, envelope
from khovor.studies.known import Known, Odds, Probe, moved
from khovor.studies.plans import Plan, Span


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where one plan gives way to another.

    Outside the interval the one is ahead of the other by more than what the proof leaves `open` there [MUSD].
    """

    probability: Span
    at: float
    value: float
    open: float
    before: Plan
    after: Plan


@dataclass(frozen=True, slots=True)
class Stretch:
    """From where to where a plan is the best known."""

    plan: Plan
    low: float
    high: float


def find_thresholds(
    known: Known, odds: Odds, scenario: str, low: float, high: float, tolerance: float
) -> tuple[list[Stretch], list[Threshold]]:
    """Plans by probability of a future, and the thresholds between them; the others' `odds` move in proportion.

    No two solves stand closer than half the tolerance. Raises as `Known.ask` does.
    """
    asked: tuple[float, ...] = (low, high)
    probed: list[float] = []
    while asked:
        known.ask({f"{scenario} at {p:.9g}": moved(odds, scenario, p) for p in asked})
        probed += asked
        lines = [Line(*(plan.value(moved(odds, scenario, p)) for p in (0.0, 1.0))) for plan in known.plans]
        pieces = envelope(lines, low, high)
        crossings = [piece.low for piece in pieces[1:]]
        asked = tuple(p for p in crossings if min(abs(p - q) for q in probed) > tolerance / 2.0)
    probes = list(zip(probed, known.probes[-len(probed) :], strict=True))
    stretches = [Stretch(known.plans[piece.line], piece.low, piece.high) for piece in pieces]
    borders = pairwise(pieces)
    return stretches, [_threshold(known, lines, probes, *pair, Span(low, high)) for pair in borders]


def _threshold(
    known: Known, lines: list[Line], probes: list[tuple[float, Probe]], before: Piece, after: Piece, whole: Span
) -> Threshold:
    p = after.low
    nearest, probe = min(probes, key=lambda pair: abs(pair[0] - p))
    left_open = known.left_open(probe)
    reach = left_open / (lines[after.line].slope - lines[before.line].slope) + abs(nearest - p)
    return Threshold(
        Span(max(whole.low, p - reach), min(whole.high, p + reach)),
        p,
        lines[after.line].at(p),
        left_open,
        known.plans[before.line],
        known.plans[after.line],
    )
