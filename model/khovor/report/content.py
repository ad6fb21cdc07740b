"""What a report is made from, with the few views that several sheets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from khovor.case import Case
from khovor.errors import Issue
from khovor.finance import Finance, finance
from khovor.finance.unit_cost import UnitCosts, unit_costs
from khovor.report.corridors import corridor_table
from khovor.report.names import Names
from khovor.report.paths import Path, paths
from khovor.report.terms import REVENUE, expected_value
from khovor.report.worth import earnings
from khovor.solution import Solution
from khovor.verify import Verification
from khovor.verify.tables import accepted, read
from khovor.verify.view import View
from khovor.workbook import Workbook

Series = list[tuple[tuple[Any, ...], list[float]]]
"""[(key, [value in each period])]."""


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
    def names(self) -> Names:
        """What things are called."""
        return Names(self.case)

    @cached_property
    def odds(self) -> dict[str, float]:
        """Probability by future; 1 for what is paid in every future."""
        return {s.name: s.probability for s in self.case.scenarios} | {"": 1.0}

    @cached_property
    def starts(self) -> dict[str, int]:
        """First year by period."""
        return {p.name: p.start_year for p in self.case.horizon.periods}

    @cached_property
    def years(self) -> dict[str, int]:
        """Number of years by period."""
        return {p.name: p.years for p in self.case.horizon.periods}

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
        return corridor_table(self.case, self.names, self.paths)

    @cached_property
    def finance(self) -> Finance:
        """The cash flow by year, and its figures."""
        return finance(self.case, self.solution)

    @cached_property
    def earnings(self) -> pd.DataFrame:
        """Sales with what they bring."""
        return earnings(self.case, self.solution)

    @cached_property
    def view(self) -> View:
        """Case and plan as the checker reads them; of a plan that breaks a rule, what can be read."""
        sound = self.verification.passed
        return View(self.case, accepted(self.case, self.solution) if sound else read(self.case, self.solution)[0])

    @cached_property
    def unit_costs(self) -> UnitCosts | None:
        """What a kilogram costs; None of a plan that breaks a rule."""
        return unit_costs(self.view) if self.verification.passed else None

    @cached_property
    def money(self) -> pd.DataFrame:
        """The terms that the objective counts, with `mean`: weighted by the odds of their future [MUSD]."""
        terms = self.solution.terms
        terms = terms if self.gains else terms[terms["term"] != REVENUE]
        return terms.assign(mean=terms["musd"] * terms["scenario"].map(self.odds))

    @cached_property
    def expected_objective(self) -> float:
        """Expected value, or expected cost: the objective, where nothing else is asked for [MUSD]."""
        terms = self.case.terms
        if terms.objective != "support" and not terms.risk_weight and self.case.ambiguity is None:
            return self.solution.objective
        value = expected_value(self.case, self.solution)
        return value if self.gains else -value

    @property
    def gains(self) -> bool:
        """Whether the plan is told by its value, sales included: not under cost."""
        return self.case.terms.objective != "cost"

    def expected(self, table: str, keys: Sequence[str], value: str = "t_y") -> Series:
        """Expected value per period of a table, grouped by keys: [(key, [value in each period])], largest first."""
        frame = self.solution.tables[table]
        return self.by_period(frame.assign(mean=frame[value] * frame["scenario"].map(self.odds)), keys, "mean")

    def by_period(self, frame: pd.DataFrame, keys: Sequence[str], value: str) -> Series:
        """A column summed per period, grouped by keys: [(key, [value in each period])], largest sum first."""
        if frame.empty:
            return []
        sums = frame.groupby([*keys, "period"], sort=False)[value].sum().unstack("period").fillna(0.0)
        sums = sums.reindex(columns=self.periods, fill_value=0.0)
        order = sums.sum(axis=1).sort_values(ascending=False, kind="stable").index
        return [(key if isinstance(key, tuple) else (key,), [float(v) for v in sums.loc[key]]) for key in order]

    def total(self, values: Sequence[float]) -> float:
        """A yearly amount of each period, summed over the years of the horizon."""
        return sum(self.years[p] * v for p, v in zip(self.periods, values, strict=True))

    def mean(self, values: Sequence[float]) -> float:
        """A yearly amount of each period, as the mean over the years of the horizon."""
        return self.total(values) / sum(self.years.values())
