"""The plan as frozen tables: what the solver found, in the input's units (t/y, units, MUSD). Pyomo stops here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution", "interrupted"]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    # decisions taken once
    "builds": ("node", "process", "size", "row", "period", "units"),
    "closures": ("node", "process", "size", "row", "period", "units"),
    "projects": ("project", "period"),
    "bookings": ("gate", "period", "t_y"),
    # operation, per period and scenario
    "activity": ("node", "process", "sizes", "recipe", "origin", "period", "scenario", "t_y"),
    "flows": ("lane", "from", "to", "product", "origin", "period", "scenario", "t_y"),
    "purchases": ("node", "product", "row", "origin", "period", "scenario", "t_y"),
    "sales": ("node", "product", "tier", "row", "origin", "period", "scenario", "t_y"),
    "shortfalls": ("node", "product", "tier", "row", "period", "scenario", "t_y"),
    "utilities": ("node", "utility", "row", "period", "scenario", "use_y"),
    "disposals": ("node", "product", "origin", "period", "scenario", "t_y"),
    "stocks": ("node", "product", "origin", "period", "scenario", "t"),
    # money: signed contribution to value, discounted, not weighted by probability; scenario "" = paid in every future
    "terms": ("term", "scenario", "period", "musd"),
    # prices of binding rules given the sites: MUSD of expected value per unit of the right-hand side
    "duals": ("rule", "subject", "period", "scenario", "value", "unit", "at"),
}
"""Every result table and its columns. `period` and `scenario` are names; `row` is the sheet row of the input."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the model handed to the solver was."""

    rows: int
    columns: int
    integers: int
    nonzeros: int


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan with its proof: status, value, bound and tables (see COLUMNS).

    `objective` and `bound` in MUSD; `gap` is |bound - objective| / |objective|. `sense` is `maximize` for npv and
    `minimize` for cost. `tables` has one frame per name in COLUMNS, sorted, without rows that are zero.
    """

    status: Status
    sense: Literal["maximize", "minimize"]
    objective: float
    bound: float
    gap: float
    tables: Mapping[str, pd.DataFrame]
    size: Size
    log: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in COLUMNS:
            return self.tables[name]
        raise AttributeError(name)


def relative_gap(objective: float, bound: float) -> float:
    """|bound - objective| / |objective|; 0 when both are 0.

    >>> relative_gap(100.0, 101.0), relative_gap(0.0, 0.0)
    (0.01, 0.0)
    """
    if objective == bound:
        return 0.0
    return abs(bound - objective) / max(abs(objective), 1e-9)


def empty_tables() -> dict[str, pd.DataFrame]:
    """One empty frame per table."""
    return {name: pd.DataFrame(columns=list(columns)) for name, columns in COLUMNS.items()}
