"""Probabilities that are known within bounds only, and what an objective under the worst of them weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """The objective is the least of Σ_w p[w] · (value[w] - par[w]) over probabilities p between `low` and `high`.

    It takes the place of the case's own probabilities and of `risk_weight`. By future. `par` [MUSD] is what a value is
    measured against, minus a cost under the objective cost: with what the best plan of each future is worth as par, and
    any probabilities, the best plan is the one of least regret.
    """

    low: Mapping[str, float]
    high: Mapping[str, float]
    par: Mapping[str, float]
