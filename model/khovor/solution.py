"""The plan as frozen tables: what the solver found, in the input's units (t/y, units, MUSD)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from khovor.case import Case
from khovor.formulation import DECIDED_ONCE, Formulation, Subject
from khovor.formulation.fiscal import told_by_year
from khovor.formulation.penalty import dearest, scale
from khovor.formulation.yearly import SUPPORT, instrument_rows, support_rows
from khovor.solve import Outcome, Prices
from khovor.units import SMALL, T_PER_KT

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution", "interrupted"]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    # decisions taken once
    "builds": ("node", "process", "size", "row", "period", "units"),
    "closures": ("node", "process", "size", "row", "period", "units"),
    "projects": ("project", "period"),
    "bookings": ("gate", "period", "t_y"),
    "financed": ("instrument", "build_years", "period", "musd"),  # or insured: capital as it is spent
    # operation, per period and scenario
    "activity": ("node", "process", "sizes", "recipe", "origin", "period", "scenario", "t_y"),
    "flows": ("lane", "from", "to", "product", "origin", "period", "scenario", "t_y"),
    "purchases": ("node", "product", "row", "origin", "period", "scenario", "t_y"),
    "sales": ("node", "product", "tier", "row", "origin", "period", "scenario", "t_y"),
    "shortfalls": ("node", "product", "tier", "row", "period", "scenario", "t_y"),
    "utilities": ("node", "utility", "row", "period", "scenario", "use_y"),
    "disposals": ("node", "product", "origin", "period", "scenario", "t_y"),
    "stocks": ("node", "product", "origin", "period", "scenario", "t"),
    "topped": ("instrument", "node", "product", "tier", "row", "origin", "period", "scenario", "t_y"),
    "payouts": ("instrument", "since", "period", "scenario", "musd_y"),
    # money: signed contribution to value, discounted, not weighted by probability; scenario "" = paid in every future
    "terms": ("term", "scenario", "period", "musd"),
    # support by year, undiscounted, and by instrument: what is taken and what it costs the public, discounted
    "support": ("instrument", "term", "scenario", "year", "musd"),
    "instruments": ("instrument", "kind", "amount_musd", "public_musd"),
    # by calendar year, undiscounted: taxes and shares as in terms, and what they are made of (see told_by_year)
    "fiscal": ("term", "scenario", "year", "musd"),
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
    `minimize` for cost and support. `tables` has one frame per name in COLUMNS, sorted, without rows that are zero.
    `prices` are those of the proof, for that of a case like this one.
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
    prices: Prices | None = field(default=None, compare=False, repr=False)

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


Row = tuple[Any, ...]


def collect(case: Case, formulation: Formulation, outcome: Outcome) -> Solution:
    """Read the plan out of the solver's columns into tables (see COLUMNS), in the input's units."""
    reader = _Reader(case, formulation)
    rows: dict[str, list[Row]] = defaultdict(list)
    for place in np.flatnonzero(outcome.values > SMALL).tolist():
        label = outcome.matrix.columns[place]
        if label is not None and label[0] == "ship":
            reader.shipped(label[1], float(outcome.values[place]))
        elif label is not None and label[0] in TABLE_OF:
            variable, own = label
            for index in reader.told(variable, own):
                rows[TABLE_OF[variable]].append(reader.rows[variable](index, float(outcome.values[place])))
    rows["flows"] = list(reader.flows())
    given = [
        (label, float(outcome.values[place]))
        for place, label in enumerate(outcome.matrix.columns if case.instruments else ())
        if label is not None and label[0] in SUPPORT and outcome.values[place] > SMALL
    ]
    rows["support"], rows["instruments"] = list(support_rows(formulation, given)), instrument_rows(formulation, given)
    rows["terms"] = list(_terms(case, formulation, outcome))
    rows["fiscal"] = list(told_by_year(formulation, outcome.matrix.places, outcome.values))
    rows["duals"] = list(_duals(formulation, outcome))
    tables = {name: _frame(name, rows[name]) for name in COLUMNS}
    n_rows, n_columns = outcome.matrix.shape
    whole = (n_rows, n_columns, int(outcome.matrix.integer.sum()), len(outcome.matrix.value))
    return Solution(
        status=outcome.status,  # type: ignore[arg-type]
        sense="minimize" if case.terms.minimises else "maximize",
        objective=outcome.objective,
        bound=outcome.bound,
        gap=relative_gap(outcome.objective, outcome.bound),
        tables=tables,
        size=Size(*(outcome.size or whole)),
        log=outcome.log,
        facts={"nodes": outcome.nodes},
        prices=outcome.prices,
    )


TABLE_OF: Final[Mapping[str, str]] = {
    "build": "builds",
    "close": "closures",
    "project": "projects",
    "book": "bookings",
    "act": "activity",
    "buy": "purchases",
    "sell": "sales",
    "short": "shortfalls",
    "use": "utilities",
    "dump": "disposals",
    "stock": "stocks",
    "support": "financed",
    "topped": "topped",
    "paid": "payouts",
}
"""Which result table a variable fills; what goes on corridors fills `flows` leg by leg."""


class _Reader:
    """Turns an index of a variable and its value into a row of its table, and shipments on corridors into flows."""

    def __init__(self, case: Case, formulation: Formulation) -> None:
        self._case, self._net, self._formulation = case, formulation.network, formulation
        self._names = [p.name for p in case.horizon.periods]
        self._options = case.options
        self._on_legs: dict[tuple[int, int, str], float] = defaultdict(float)
        self.rows: dict[str, Callable[[Any, float], Row]] = {
            "build": self._units,
            "close": self._units,
            "project": lambda i, v: (i[0], self._names[i[1]]),
            "book": lambda i, v: (i[0], self._names[i[1]], v * T_PER_KT),
            "act": self._activity,
            "buy": self._purchase,
            "sell": self._sale,
            "short": self._shortfall,
            "use": self._utility,
            "dump": lambda i, v: (*i[:3], self._names[i[3]], i[4], v * T_PER_KT),
            "stock": lambda i, v: (*i[:3], self._names[i[3]], i[4], v * T_PER_KT),
            "support": lambda i, v: (case.instruments[i[0]].name, i[1], self._names[i[2]], v),
            "topped": lambda i, v: (case.instruments[i[0]].name, *self._sale(i[1:], v)),
            "paid": lambda i, v: (case.instruments[i[0]].name, self._names[i[1]], self._names[i[2]], i[3], v),
        }

    def told(self, variable: str, index: Row) -> list[Row]:
        """The index once for each future it speaks for; decisions taken once stay as they are."""
        if variable in DECIDED_ONCE:
            return [index]
        return [(*index[:-1], s.name) for s in self._formulation.spoken_for(index[-2], index[-1])]

    def _units(self, index: Row, value: float) -> Row:
        return (*self._options[index[0]].key, self._names[index[1]], round(value))

    def _activity(self, index: Row, value: float) -> Row:
        activity = self._net.activities[index[0]]
        return (
            *activity.plant.key,
            activity.recipe.name,
            activity.recipe.origin,
            self._names[index[1]],
            index[2],
            value * T_PER_KT,
        )

    def shipped(self, index: Row, amount: float) -> None:
        """Add what departs on a corridor to the flow on each of its legs."""
        legs, t, w = index
        for i, share in self._net.on_legs(legs):
            self._on_legs[i, t, w] += share * amount

    def flows(self) -> Iterator[Row]:
        """The flow on each leg [t/y], told for each future it speaks for."""
        for index, amount in self._on_legs.items():
            for i, t, w in self.told("ship", index) if amount > SMALL else ():
                pair = self._net.pairs[i]
                yield (*pair.leg, *pair.commodity, self._names[t], w, amount * T_PER_KT)

    def _purchase(self, index: Row, value: float) -> Row:
        offer = self._case.purchases[index[0]]
        key = offer.key
        return (key.node, key.product, key.row, offer.origin, self._names[index[1]], index[2], value * T_PER_KT)

    def _sale(self, index: Row, value: float) -> Row:
        offer = self._net.offers[index[0]]
        return (*offer.market.key, offer.commodity.origin, self._names[index[1]], index[2], value * T_PER_KT)

    def _shortfall(self, index: Row, value: float) -> Row:
        return (*self._case.markets[index[0]].key, self._names[index[1]], index[2], value * T_PER_KT)

    def _utility(self, index: Row, value: float) -> Row:
        return (*self._case.utilities[index[0]].key, self._names[index[1]], index[2], value * T_PER_KT)


def _terms(case: Case, formulation: Formulation, outcome: Outcome) -> Iterator[Row]:
    """The value of every named term at the plan."""
    terms, names = outcome.matrix.terms, [p.name for p in case.horizon.periods]
    amounts = [] if terms is None else terms.entries @ outcome.values + terms.constants
    for (name, w, t), amount in zip([] if terms is None else terms.keys, amounts, strict=True):
        for told in [s.name for s in formulation.spoken_for(t, w)] if w else [""]:
            if amount:
                yield (name, told, names[t], float(amount))


def _duals(formulation: Formulation, outcome: Outcome) -> Iterator[Row]:
    """Prices of binding rules: MUSD of expected value gained per unit more of the right-hand side."""
    names = [p.name for p in formulation.case.horizon.periods]
    sign = 1.0 if outcome.matrix.maximise else -1.0
    for place in np.flatnonzero(np.abs(outcome.duals) > SMALL).tolist():
        label = outcome.matrix.rows[place]
        if label is None or label[0] not in PRICED:
            continue
        rule, index = label
        subject: Subject = formulation.subjects[rule](*index)
        t, w = PRICED[rule](index)
        price = sign * outcome.duals[place] / _scale(formulation.case, rule, index, subject)
        for told, share in _shares(formulation, t, w):
            period = "" if t is None else names[t]
            yield (rule, subject.name, period, told, share * price, subject.unit, subject.at)


def _scale(case: Case, rule: str, index: Row, subject: Subject) -> float:
    """Units of the input in one unit of a row."""
    if rule == "condition_held" and subject.unit == "USD/y":
        return T_PER_KT * dearest(case)
    return scale(case, case.policies[index[0]]) if rule in POLICY_RULES else T_PER_KT


def _shares(formulation: Formulation, t: int | None, w: str) -> list[tuple[str, float]]:
    """The futures a row speaks for, each with its share of the row's price."""
    if t is None or not w:
        return [(w, 1.0)]
    futures = formulation.spoken_for(t, w)
    total = sum(s.probability for s in futures)
    return [(s.name, s.probability / total if total else 0.0) for s in futures]


POLICY_RULES: Final = ("policy_held", "policy_held_on_average", "decided_policy_held")
"""Rules whose index begins with the place of a policy."""

PRICED: Final[Mapping[str, Callable[[Row], tuple[int | None, str]]]] = {
    "activity_within_capacity": lambda i: (i[1], i[2]),
    "activity_above_minimum_load": lambda i: (i[1], i[2]),
    "ore_within_reserve": lambda i: (None, i[1]),
    "shipments_within_lane": lambda i: (i[1], i[2]),
    "shipments_within_gate": lambda i: (i[1], i[2]),
    "shipments_within_booking": lambda i: (i[1], i[2]),
    "booking_within_gate": lambda i: (i[1], ""),
    "stock_within_room": lambda i: (i[2], i[3]),
    "stock_left_at_the_end": lambda i: (None, i[2]),
    "sales_within_tier": lambda i: (i[1], i[2]),
    "contract_delivered": lambda i: (i[1], i[2]),
    "use_within_step": lambda i: (i[1], i[2]),
    "policy_held": lambda i: (i[1], i[2]),
    "policy_held_on_average": lambda i: (i[1], ""),
    "decided_policy_held": lambda i: (i[1], ""),
    "condition_held": lambda i: (i[1], i[2]),
}
"""Rules whose price is told, and where period and scenario stand in their index."""


def _frame(name: str, rows: list[Row]) -> pd.DataFrame:
    """Texts stay Python's own: pandas' kind of text is several times slower to go through row by row."""
    ordered = sorted(rows, key=lambda r: tuple(map(str, r[:-1])))
    cells = zip(*ordered, strict=True) if ordered else ((),) * len(COLUMNS[name])
    return pd.DataFrame({c: _column(values) for c, values in zip(COLUMNS[name], cells, strict=True)})


def _column(values: Row) -> pd.Series[Any]:
    whole = values and all(isinstance(v, (int, float)) for v in values)
    return pd.Series(values, dtype=None if whole else object)
