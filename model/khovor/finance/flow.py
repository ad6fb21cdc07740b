"""The cash flow of a plan by year, term and future, undiscounted [MUSD]: lines of quantities and prices, added up.

Discounted, the years of each term add up to the term of the plan: what is reported is what was optimised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from khovor.case import Case
from khovor.finance.account import account_lines
from khovor.finance.capital import capital_lines
from khovor.finance.fiscal import levy_lines, state_lines
from khovor.finance.kinds import FINANCING, KINDS, Kind
from khovor.finance.line import Entry, Line
from khovor.finance.operation import operating_lines
from khovor.finance.told import told_lines
from khovor.solution import Solution

Floats = npt.NDArray[np.float64]

REVENUE = "revenue"
"""The one term the cost objective leaves out."""


@dataclass(frozen=True)
class CashFlow:
    """Quantities by line, future and year; `lines[line][w]` has one place a year, w "" is paid in every future.

    `left_out` names the terms that the objective leaves out, and so does the cash flow. `account` has the lines that
    make the taxable result of a year and are no cash.
    """

    case: Case
    years: range
    lines: Mapping[Line, Mapping[str, Floats]]
    left_out: tuple[str, ...]
    account: Mapping[Line, Mapping[str, Floats]]

    @cached_property
    def terms(self) -> Mapping[str, Mapping[str, Floats]]:
        """MUSD a year by term and future ("" = every future), in the order in which terms are listed in KINDS."""
        found: dict[str, dict[str, Floats]] = defaultdict(lambda: defaultdict(lambda: np.zeros(len(self.years))))
        for line, by_future in self.lines.items():
            musd = line.price * line.factor * line.musd * self.path(line.profile)
            for w, quantity in by_future.items():
                found[line.term][w] += quantity * musd
        return {term: dict(found[term]) for term in KINDS if term in found}

    @cached_property
    def financed(self) -> bool:
        """Whether anybody but the investor finances or owns a part."""
        return any(KINDS[term] in FINANCING for term in self.terms)

    def path(self, profile: str) -> Floats:
        """A price profile by year: what the price is times that of its row."""
        return np.array([self.case.profile(profile, year) if profile else 1.0 for year in self.years])

    @cached_property
    def factors(self) -> Floats:
        """Present value of one dollar by year."""
        return np.array([self.case.horizon.worth(year) for year in self.years])

    def of(self, kinds: Collection[Kind], scenario: str = "") -> Floats:
        """MUSD a year of some kinds of terms, in one future or ("") expected over them."""
        return sum(
            (self.term(term, scenario) for term in self.terms if KINDS[term] in kinds), np.zeros(len(self.years))
        )

    def term(self, term: str, scenario: str = "") -> Floats:
        """MUSD a year of a term, in one future or ("") expected over them."""
        odds = {"": 1.0} | {s.name: s.probability for s in self.case.scenarios}
        counted = {"": 1.0, scenario: 1.0} if scenario else odds
        found = self.terms.get(term, {})
        return sum((weight * found[w] for w, weight in counted.items() if w in found), np.zeros(len(self.years)))


def cash_flow(case: Case, solution: Solution) -> CashFlow:
    """The cash flow of a plan. Raises KeyError for a row that names nothing of the case, or a term without a kind."""
    left_out = (REVENUE,) if case.terms.objective == "cost" else ()
    entries = [*capital_lines(case, solution), *operating_lines(case, solution)]
    entries += levy_lines(case, solution)
    shared = {"state_participation"} if case.fiscal.paid else set()
    entries += told_lines(case, solution, {line.term for line, *_ in entries} | shared)
    entries += list(state_lines(case, entries))
    account = [e for e in account_lines(case, solution, entries, left_out) if _counts(e)]
    kept = [e for e in entries if e[0].term not in left_out and _counts(e)]
    used = [year for _, _, years, _ in kept for year in (years[0], years[-1])]
    horizon = case.horizon
    first = min([*used, horizon.base_year, horizon.periods[0].start_year])
    years = range(first, max([*used, horizon.last_year]) + 1)
    return CashFlow(case, years, _added_up(kept, years), left_out, _added_up(account, years))


def _counts(entry: Entry) -> bool:
    """Whether a line comes to anything."""
    line, _, years, quantity = entry
    return bool(years and quantity and line.price and line.factor)


def _added_up(entries: list[Entry], years: range) -> dict[Line, dict[str, Floats]]:
    lines: dict[Line, dict[str, Floats]] = defaultdict(lambda: defaultdict(lambda: np.zeros(len(years))))
    for line, w, when, amount in entries:
        lines[line][w][when.start - years.start : when.stop - years.start] += amount
    return {line: dict(by_future) for line, by_future in lines.items()}
