"""What a report is made from, with the few views that several sheets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from khovor.case import Case
from khovor.errors import Issue
from khovor.report.corridors import Path, corridor_table, paths
from khovor.solution import Solution
from khovor.verify import Verification
from khovor.workbook import Workbook


@dataclass
class Content:
    """A finished run: case, workbook, plan, verdict and summary."""

    case: Case
    workbook: Workbook
    solution: Solution
    verification: Verification
    summary: Mapping[str, Any]
    network_sizes: Sequence[tuple[str, int, int]] = ()
    warnings: Sequence[Issue] = ()

    @cached_property
    def odds(self) -> dict[str, float]:
        """Probability by future; 1 for what is paid in every future."""
        return {s.name: s.probability for s in self.case.scenarios} | {"": 1.0}

    @cached_property
    def starts(self) -> dict[str, int]:
        """First year by period."""
        return {p.name: p.start_year for p in self.case.horizon.periods}

    @cached_property
    def periods(self) -> list[str]:
        """Names of the periods in order."""
        return [p.name for p in self.case.horizon.periods]

    @cached_property
    def paths(self) -> list[Path]:
        """How goods travel."""
        return paths(self.case, self.solution)

    @cached_property
    def corridors(self) -> pd.DataFrame:
        """Expected exports by corridor, product, buyer and period."""
        return corridor_table(self.case, self.paths)

    @property
    def gains(self) -> bool:
        """Whether more is better (npv)."""
        return self.solution.sense == "maximize"

    def place(self, node: str) -> str:
        """A node's full name."""
        return self.case.nodes[node].label

    def product(self, name: str) -> str:
        """A product's full name."""
        return self.case.products[name].label

    def step(self, process: str) -> str:
        """A process's full name."""
        return self.case.processes[process].label

    def expected(
        self, table: str, keys: Sequence[str], value: str = "t_y"
    ) -> list[tuple[tuple[str, ...], list[float]]]:
        """Expected value per period of a table, grouped by keys: [(key, [value in each period])], largest first."""
        frame = self.solution.tables[table]
        if frame.empty:
            return []
        weighted = frame.assign(mean=frame[value] * frame["scenario"].map(self.odds))
        sums = weighted.groupby([*keys, "period"], sort=False)["mean"].sum().unstack("period").fillna(0.0)
        sums = sums.reindex(columns=self.periods, fill_value=0.0)
        order = sums.sum(axis=1).sort_values(ascending=False).index
        return [(key if isinstance(key, tuple) else (key,), [float(v) for v in sums.loc[key]]) for key in order]
