"""The settings of a case: what is wanted of a plan, and within what limits it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings that shape the model and the solve.

    The objective weighs the expected value with 1 - `risk_weight`, and the mean of the worst `risk_tail` share of
    futures with `risk_weight`. Under `support`, public money is least with which the investor earns `target_irr` (None:
    the discount rate), asked for at the cell `target_at`.
    """

    title: str
    objective: Literal["npv", "cost", "support"]
    risk_weight: float
    risk_tail: float
    home_territory: str
    terminal_value: Literal["none", "book"]
    mip_gap: float
    time_limit_s: float
    threads: int | None
    seed: int | None
    target_irr: float | None = None
    target_at: str = "settings"

    @property
    def minimises(self) -> bool:
        """Whether less is better: cost, or public money."""
        return self.objective != "npv"
