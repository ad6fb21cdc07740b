"""Where things stand on the sheet Cash flow: years across, the same columns in every block, one block below the other.

Left of the years is what a row is, right of them what its line is worth and in which futures it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from openpyxl.utils import get_column_letter

from khovor.case import Levies
from khovor.finance import FINANCING, KINDS, Asset, Kind, Line, assets
from khovor.finance.flow import Floats
from khovor.report.content import Content
from khovor.report.terms import WORDS

FIRST: Final = 9
"""Column of the first year."""

MOST: Final = 20
"""Futures that are told line by line; of more, the sheet has the expected flow alone."""

EXPECTED: Final = "Expected over the futures"

PICK: Final = "$B$9"
"""Place of the case that is shown: 1 is the expected flow."""

FACTS: Final = 10
"""Row of the first result."""

FUTURE_BLOCKS: Final = {
    "project": "Project flow, as valued",
    "project so far": "Project flow so far",
    "project so far, discounted": "Project flow so far, discounted",
}
FINANCED_BLOCKS: Final = {
    "equity": "Equity flow",
    "equity so far": "Equity flow so far",
    "equity so far, discounted": "Equity flow so far, discounted",
    "available": "Cash available for debt service",
    "served": "Debt served",
    "cover": "Debt-service cover ratio",
}

ACCOUNT: Final = {
    "taxable": "Operating cash, interest paid",
    "depreciation": "Depreciation",
    "holiday": "Left out: what is a free site's own",
    "result": "Taxable result",
    "gain": "Gain",
    "loss": "Loss, to be used later",
    "gone": "Losses used or too old before this year",
    "losses_used": "Losses used",
    "losses_left": "Losses left",
    "base": "Taxed: gain less losses used",
    "income_tax": "Income tax",
    "state_participation": "The state's share",
}
"""Rows of the account of a case, year by year."""

HOLIDAY_VALUE: Final = "Value added at sites free of tax"
"""Lines that are in no cash flow, in words."""

RATES: Final = ("rate", "loss share", "loss years", "depreciation years", "carried", "paid")
"""Facts above the accounts, in column B."""


class Row(NamedTuple):
    """A line of the ledger: 1 in each future where it happens so, its quantity by year, and what it counts as."""

    line: Line
    happens: dict[str, float]
    quantity: Floats
    kind: Kind


@dataclass(frozen=True)
class Grid:
    """Rows and columns of the sheet, known before anything is written."""

    c: Content

    @cached_property
    def by_future(self) -> bool:
        """Whether each future is told, and can be picked."""
        return 1 < len(self.c.case.scenarios) <= MOST

    @cached_property
    def cases(self) -> list[tuple[str, str]]:
        """(scenario, label): the expected flow, then each future that is told."""
        labels = [s.label for s in self.c.case.scenarios]
        told = [s.label if labels.count(s.label) == 1 else f"{s.label} ({s.name})" for s in self.c.case.scenarios]
        futures = [(s.name, label) for s, label in zip(self.c.case.scenarios, told, strict=True)]
        return [("", EXPECTED), *(futures if self.by_future else [])]

    @cached_property
    def members(self) -> list[str]:
        """The cases that lines belong to: the futures, or the expected flow alone."""
        return [w for w, _ in self.cases[1:]] or [""]

    @cached_property
    def rows(self) -> list[Row]:
        """The ledger: each line once for each course that it takes; terms that the sheet works out have none."""
        flow = self.c.finance.flow
        lines = [(line, by, KINDS[line.term]) for line, by in flow.lines.items() if line.term not in self.worked_out]
        if self.levied:
            lines += [(line, by, "account") for line, by in flow.account.items()]
        found = [row for line, by_future, kind in lines for row in self._courses(line, by_future, kind)]
        order = {term: place for place, term in enumerate(KINDS)}
        return sorted(found, key=lambda row: (row.kind == "account", order[row.line.term], row.line.what))

    def _courses(self, line: Line, by_future: Mapping[str, Floats], kind: Kind) -> list[Row]:
        if not self.by_future:
            mean = sum(self.c.odds[w] * quantity for w, quantity in by_future.items())
            return [Row(line, {"": 1.0}, mean, kind)]  # type: ignore[arg-type]
        courses: dict[bytes, Row] = {}
        for w, quantity in by_future.items():
            course = courses.setdefault(quantity.round(6).tobytes(), Row(line, {}, quantity, kind))
            course.happens.update(dict.fromkeys([w] if w else self.members, 1.0))
        return list(courses.values())

    @cached_property
    def profiles(self) -> list[str]:
        """Price profiles in use, the flat one first."""
        return ["", *sorted({row.line.profile for row in self.rows} - {""})]

    @cached_property
    def years(self) -> range:
        """The years across."""
        return self.c.finance.flow.years

    @cached_property
    def last(self) -> int:
        """Column of the last year."""
        return FIRST + len(self.years) - 1

    @cached_property
    def letters(self) -> list[str]:
        """Columns of the years."""
        return [get_column_letter(place) for place in range(FIRST, self.last + 1)]

    @cached_property
    def financed(self) -> bool:
        """Whether there is debt, or an owner who did not pay."""
        return self.c.finance.flow.financed or "state_participation" in self.worked_out

    @cached_property
    def levied(self) -> bool:
        """Whether the sheet works out what is levied on years: of each future, so only where each is told."""
        fiscal = self.c.case.fiscal
        return (self.by_future or len(self.c.case.scenarios) == 1) and (fiscal.yearly or fiscal.paid > 0)

    @property
    def taxed(self) -> bool:
        """Whether there is an income tax among it."""
        return self.levied and self.c.case.fiscal.income_tax > 0

    @cached_property
    def worked_out(self) -> tuple[str, ...]:
        """Terms that have no lines: the sheet makes them of the others."""
        fiscal = self.c.case.fiscal
        owned = self.levied and (fiscal.carried or fiscal.paid)
        return (*(["income_tax"] if self.taxed else []), *(["state_participation"] if owned else []))

    @cached_property
    def accounts(self) -> list[str]:
        """Rows of the account of a case."""
        unasked = {"holiday"} - ({"holiday"} if self.holidays else set())
        if not self.taxed:
            unasked = set(ACCOUNT) - {"taxable", "state_participation"}
        if "state_participation" not in self.worked_out:
            unasked |= {"state_participation"}
        return [name for name in ACCOUNT if name not in unasked]

    @cached_property
    def assets(self) -> list[Asset]:
        """Capital that is written off."""
        return assets(self.c.case, self.c.solution) if self.taxed else []

    @cached_property
    def holidays(self) -> Mapping[str, range]:
        """Years free of income tax, by site."""
        return Levies(self.c.case).holidays if self.taxed else {}

    @cached_property
    def terms(self) -> list[str]:
        """Terms shown, in order: to the project, then its financing."""
        there = [t for t in KINDS if t in self.c.finance.flow.terms or t in self.worked_out]
        return [*(t for t in there if KINDS[t] not in FINANCING), *(t for t in there if KINDS[t] in FINANCING)]

    @cached_property
    def blocks(self) -> dict[str, str]:
        """Blocks by case and their titles."""
        return FUTURE_BLOCKS | (FINANCED_BLOCKS if self.financed else {})

    @cached_property
    def head(self) -> int:
        """Header of what is shown."""
        return FACTS + (10 if self.financed else 5) + 1

    def shown(self, name: str) -> int:
        """Row of a term or sum of what is shown."""
        sums = ["project", *(["equity"] if self.financed else []), "so far", "apart", "factor", "discounted"]
        return self.head + 1 + [*self.terms, *sums].index(name)

    @cached_property
    def chart(self) -> int:
        """Row of the chart."""
        return self.shown("discounted") + 2

    def top(self, block: str) -> int:
        """First data row of a block by case (the expected flow); its header is the row before."""
        return self.chart + 20 + list(self.blocks).index(block) * (len(self.cases) + 3)

    @cached_property
    def tax(self) -> int:
        """Heading of what is levied on years."""
        return self.top(list(self.blocks)[-1]) + len(self.cases) + 1

    def rate(self, name: str) -> str:
        """The cell of a fact above the accounts."""
        return f"$B${self.tax + 1 + RATES.index(name)}"

    @property
    def holiday(self) -> int:
        """First site with a tax holiday; its header is the row before."""
        return self.tax + len(RATES) + 3

    @property
    def asset(self) -> int:
        """First capital that is written off; its header is the row before."""
        return self.holiday + max(len(self.holidays), 1) + 2

    def account(self, place: int, name: str = "") -> int:
        """Row of the account of a case, or its first; its header is the row before."""
        start = self.asset + max(len(self.assets), 1) + 2 if self.taxed else self.holiday
        first = start + place * (len(self.accounts) + 2)
        return first + (self.accounts.index(name) if name else 0)

    @cached_property
    def path(self) -> int:
        """First row of the price paths."""
        return self.account(len(self.cases)) + 2 if self.levied else self.tax + 2

    @cached_property
    def ledger(self) -> int:
        """First line of the ledger; two rows above it stand the futures' odds."""
        return self.path + len(self.profiles) + 4

    def column(self, letter: str) -> str:
        """A column of the ledger, as a formula names it."""
        return f"${letter}${self.ledger}:${letter}${self.ledger + max(len(self.rows), 1) - 1}"

    def right(self, place: int) -> str:
        """A column right of the years: 1 kind, 2 MUSD per unit, 3 and on the members."""
        return str(get_column_letter(self.last + place))

    def member(self, place: int) -> str:
        """The column that says in which lines a case happens."""
        return self.right(2 + max(place, 1))

    def beyond(self, place: int) -> str:
        """A column right of the members: 1 makes taxable cash, 2 and 3 first and last year free of tax."""
        return self.right(2 + len(self.members) + place)

    def before(self, letter: str) -> str:
        """The column of the year before, "" of the first."""
        place = self.letters.index(letter)
        return self.letters[place - 1] if place else ""

    def span(self, row: int) -> str:
        """The years of a row."""
        return f"${self.letters[0]}${row}:${self.letters[-1]}${row}"

    def down(self, block: str, letter: str) -> str:
        """The futures of a block in a column, without the expected flow."""
        return f"{letter}${self.top(block) + 1}:{letter}${self.top(block) + len(self.cases) - 1}"

    def amounts(self, letter: str) -> str:
        """MUSD of every line of the ledger in a year: quantity x price x factor x price path."""
        paths = f"$G${self.path}:$G${self.path + len(self.profiles) - 1}"
        factor = f"SUMIF({paths},{self.column('G')},{letter}${self.path}:{letter}${self.path + len(self.profiles) - 1})"
        rows = f"{letter}${self.ledger}:{letter}${self.ledger + max(len(self.rows), 1) - 1}"
        return f"{self.column('E')}*{self.column('F')}*{self.column(self.right(2))}*{factor}*{rows}"


def word(term: str) -> str:
    """A term in words."""
    return HOLIDAY_VALUE if term == "holiday_value" else WORDS.get(term, term.replace("_", " ").capitalize())
