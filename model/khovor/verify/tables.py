"""The solution's tables read as typed rows; what cannot be read is a finding, not an exception."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any

import pandas as pd

from khovor.case import Case
from khovor.verify.check import Check, Subject, fact
from khovor.verify.plan import (
    ROWS,
    Booked,
    Bought,
    Dumped,
    Financed,
    Flow,
    Missed,
    Paid,
    Plan,
    Run,
    Sold,
    Stored,
    Taken,
    Term,
    Topped,
    Units,
    Used,
    amount_column,
    columns,
)

COMPLETE = "every result table has its columns"
KNOWN_TIMES = "every row names a period and a future of the case"
NUMBERS = "every amount is a number, and none is negative"
ONCE = "no row stands twice"


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a plan that can be read, by table."""

    builds: tuple[Units, ...]
    closures: tuple[Units, ...]
    projects: tuple[Taken, ...]
    bookings: tuple[Booked, ...]
    financed: tuple[Financed, ...]
    activity: tuple[Run, ...]
    flows: tuple[Flow, ...]
    purchases: tuple[Bought, ...]
    sales: tuple[Sold, ...]
    shortfalls: tuple[Missed, ...]
    utilities: tuple[Used, ...]
    disposals: tuple[Dumped, ...]
    stocks: tuple[Stored, ...]
    topped: tuple[Topped, ...]
    payouts: tuple[Paid, ...]
    terms: tuple[Term, ...]


def read(case: Case, plan: Plan) -> tuple[Tables, list[Check]]:
    """The plan's rows, and a check of the form of each.

    A row without a known period and future, or whose amount is not finite, is left out; any other is kept as it is.
    """
    reader = _Reader(case, plan)
    tables = Tables(**{name: tuple(reader.rows(name)) for name in ROWS})
    return tables, reader.checks


def accepted(case: Case, plan: Plan) -> Tables:
    """The rows of a plan that `verify` has passed, without the checks of their form: several times faster than `read`.

    Raises KeyError for a period that the case does not have.
    """
    places = {p.name: t for t, p in enumerate(case.horizon.periods)}

    def rows(table: str) -> Iterator[Any]:
        frame, names = plan.tables[table], columns(table)
        cells = [frame[c].map(places).tolist() if c == "period" else frame[c].tolist() for c in names]
        return map(ROWS[table], *cells)

    return Tables(**{name: tuple(rows(name)) for name in ROWS})


def yearly(plan: Plan) -> dict[tuple[str, str, int], float]:
    """What the plan tells by year, as (line, future, year) -> MUSD; of years and futures that are none as well."""
    frame = plan.tables.get("fiscal")
    if frame is None or frame.empty:
        return {}
    found: dict[tuple[str, str, int], float] = {}
    for line, w, year, musd in frame[list(YEARLY_COLUMNS)].itertuples(index=False):
        key = str(line), str(w), _year(year)
        found[key] = found.get(key, 0.0) + (float(musd) if _finite(musd) else math.inf)
    return found


YEARLY_COLUMNS = ("term", "scenario", "year", "musd")


class _Reader:
    def __init__(self, case: Case, plan: Plan) -> None:
        self._tables = plan.tables
        self._places = {p.name: t for t, p in enumerate(case.horizon.periods)}
        self._futures = {s.name for s in case.scenarios}
        self.checks: list[Check] = []

    def rows(self, table: str) -> Iterator[Any]:
        """The readable rows of a table."""
        frame = self._tables.get(table)
        names = columns(table)
        missing = [c for c in names if frame is None or c not in frame.columns]
        self.checks.append(fact(COMPLETE, Subject(f"table {table}"), not missing, f"lacks {', '.join(missing)}."))
        if frame is None or missing:
            return
        found = list(zip(*(frame[c].tolist() for c in names), strict=True))
        self._seen_once(table, found)
        for cells in found:
            row = dict(zip(names, cells, strict=True))
            if self._times(table, row) & self._number(table, row):
                yield ROWS[table](*(self._places[v] if c == "period" else v for c, v in row.items()))

    def _seen_once(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        keys = Counter(cells[:-1] if amount_column(table) else cells for cells in rows)
        for key, times in keys.items():
            subject = Subject(f"{table}: {', '.join(str(k) for k in key)}")
            self.checks.append(fact(ONCE, subject, times == 1, f"stands {times} times.", times, 1))

    def _times(self, table: str, row: dict[str, Any]) -> bool:
        shared = {"", *self._futures} if table == "terms" else self._futures
        known = row["period"] in self._places and row.get("scenario", next(iter(self._futures))) in shared
        self.checks.append(fact(KNOWN_TIMES, _subject(table, row), known, "no such period or future."))
        return known

    def _number(self, table: str, row: dict[str, Any]) -> bool:
        column = amount_column(table)
        if not column:
            return True
        value = row[column]
        finite = _finite(value)
        sound = finite and (table == "terms" or value >= 0)
        amount = float(value) if finite else math.nan
        self.checks.append(fact(NUMBERS, _subject(table, row), sound, f"{column} is {value!r}.", amount))
        return finite


def _year(value: Any) -> int:
    """A year as it is told; 0, which is none, where it is no whole number."""
    return int(value) if _finite(value) and float(value).is_integer() else 0


def _finite(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _subject(table: str, row: dict[str, Any]) -> Subject:
    named = [str(v) for c, v in row.items() if c not in ("period", "scenario", amount_column(table)) and v != ""]
    return Subject(f"{table}: {', '.join(named)}", str(row["period"]), str(row.get("scenario", "")))


POLICY_COLUMNS = ("policy", "period", "scenario", "measured", "limit", "beyond", "at")


def policies_frame(rows: list[tuple[str, str, str, float, float, float, str]]) -> pd.DataFrame:
    """Policies as a table, in workbook order: measured and limit in the limit's unit, beyond as `Measured` tells."""
    return pd.DataFrame(rows, columns=list(POLICY_COLUMNS))


def terms_frame(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    """Money terms as a table (term, scenario, period name, MUSD), sorted."""
    return pd.DataFrame(sorted(rows), columns=list(columns("terms")))


CONDITION_COLUMNS = ("instrument", "condition", "subject", "period", "scenario", "measured", "limit", "at")


def conditions_frame(rows: list[tuple[str, str, str, str, str, float, float, str]]) -> pd.DataFrame:
    """Conditions of what is taken as a table, in workbook order."""
    return pd.DataFrame(rows, columns=list(CONDITION_COLUMNS))


def support_told(plan: Plan) -> dict[tuple[str, str, str, int], float]:
    """The plan's own table of support: MUSD by instrument, term, scenario and year; empty where it has none."""
    frame = plan.tables.get("support")
    found: dict[tuple[str, str, str, int], float] = {}
    for row in () if frame is None else frame.itertuples(index=False):
        key = (str(row.instrument), str(row.term), str(row.scenario), _year(row.year))
        found[key] = found.get(key, 0.0) + (float(row.musd) if _finite(row.musd) else math.inf)
    return found


def taken_told(plan: Plan) -> dict[str, tuple[float, float]]:
    """What the plan tells of each instrument: amount and public cost [MUSD]; empty where it has no such table."""
    frame = plan.tables.get("instruments")
    found: dict[str, tuple[float, float]] = {}
    for row in () if frame is None else frame.itertuples(index=False):
        amount, public = (float(x) if _finite(x) else math.inf for x in (row.amount_musd, row.public_musd))
        before = found.get(str(row.instrument), (0.0, 0.0))
        found[str(row.instrument)] = before[0] + amount, before[1] + public
    return found
