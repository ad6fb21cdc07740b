"""A policy: a share, cap or target that the plan must keep, or pay for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from khovor.case.years import Horizon, Window

Measure = Literal[
    "transit_share", "sales_share", "processing_share", "capex_musd", "co2_t", "delivered_t", "utility", "units"
]

DECIDED = ("capex_musd", "units")
"""Measures of what is decided once: the same in every future."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit that every period with a year in `window` must keep, or pay for.

    `subject` is what is measured (see `case/measures.py`), "" for all or home. `limit` is a share, t/y, utility
    units/y, MUSD spent in a period, or units online; `penalty_usd` is the price of a unit beyond it (None = hard): of a
    share it is the price of a tonne (by value: of a dollar of goods) beyond the share.
    """

    name: str
    measure: Measure
    subject: str
    by_value: bool
    sense: Literal["max", "min"]
    limit: float
    expected: bool
    window: Window
    penalty_usd: float | None
    at: str

    @property
    def is_share(self) -> bool:
        """Whether the limit is a part of a whole."""
        return self.measure.endswith("_share")

    @property
    def decided(self) -> bool:
        """Whether it is about what is decided once."""
        return self.measure in DECIDED

    def periods(self, horizon: Horizon) -> list[int]:
        """Places of the periods it is about."""
        return [t for t in horizon.indices if horizon.share(t, self.window) > 0]
