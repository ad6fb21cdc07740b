"""Support instruments: what each covers, what it costs, and the conditions that bind when it is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from khovor.case.years import Window

FINANCING: Final = ("grant", "loan")
"""Kinds that pay capital: together never more than there is."""

CAPITAL: Final = (*FINANCING, "guarantee")
"""Kinds whose amount is a part of capital [MUSD, as it is spent]."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds in every future while an instrument is taken up; `subject` is a territory or group, or product:buyer.

    `amount` is a share (min_processing) or t/y (min_delivery, from `since` on).
    """

    kind: Literal["no_sale", "no_technology", "min_processing", "min_delivery"]
    subject: str
    amount: float
    since: int | None

    def __str__(self) -> str:
        parts = [self.kind, self.subject, f"{self.amount:g}" if self.amount else "", str(self.since or "")]
        return ":".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A support on offer.

    `capital` says which capital it is about, as (process | node | territory | project, name), () all of it; `risks` the
    gates, lanes and groups whose closing a guarantee pays for; `sales` the (product, buyer) a price floor holds for,
    buyer "" everyone, at most `t_y` in each year of `window`. `rate` is the interest of a loan, the premium of a
    guarantee. `share_max` is of the capital covered; a budget or tonnage of None is no limit.
    """

    name: str
    kind: Literal["grant", "loan", "price_floor", "guarantee"]
    capital: tuple[tuple[str, str], ...]
    risks: tuple[tuple[str, str], ...]
    sales: tuple[tuple[str, str], ...]
    t_y: float | None
    window: Window
    share_max: float
    budget_musd: float | None
    rate: float
    tenor_years: int | None
    grace_years: int
    floor_usd_t: float
    conditions: tuple[Condition, ...]
    at: str
    conditions_at: str

    def covers_unit(self, node: str, process: str, territory: str) -> bool:
        """Whether the capital of a plant there is covered."""
        named = {("node", node), ("process", process), ("territory", territory)}
        return not self.capital or not named.isdisjoint(self.capital)

    def covers_project(self, project: str) -> bool:
        """Whether the capital of a project is covered."""
        return not self.capital or ("project", project) in self.capital


def instruments_of(rows: Iterable[Any], at: Any) -> tuple[Instrument, ...]:
    """The instruments of the table, in its order; `at(row, column)` is the cell of a column."""
    return tuple(_instrument(row, at(row, "instrument"), at(row, "conditions")) for row in rows)


def _instrument(row: Any, place: str, conditions_at: str) -> Instrument:
    pairs = [_pair(part) for part in row.covers]
    told = dict(pairs)
    floor = row.kind == "price_floor"
    risks = ("gate", "lane", "group") if row.kind == "guarantee" else ()
    limits = ("t_y", "from", "to") if floor else ()
    return Instrument(
        name=row.instrument,
        kind=row.kind,
        capital=() if floor else tuple(pair for pair in pairs if pair[0] not in risks),
        risks=tuple(pair for pair in pairs if pair[0] in risks),
        sales=tuple(pair for pair in pairs if pair[0] not in limits) if floor else (),
        t_y=float(told["t_y"]) if floor and "t_y" in told else None,
        window=Window(_year(told.get("from")), _year(told.get("to"))) if floor else Window(),
        share_max=1.0 if row.share_max is None else row.share_max,
        budget_musd=row.budget_musd,
        rate=row.rate or 0.0,
        tenor_years=row.tenor_years,
        grace_years=row.grace_years or 0,
        floor_usd_t=row.floor_usd_t or 0.0,
        conditions=tuple(_condition(part) for part in row.conditions),
        at=place,
        conditions_at=conditions_at,
    )


def _pair(part: str) -> tuple[str, str]:
    name, _, of = part.partition(":")
    return name, of


def _year(told: str | None) -> int | None:
    return int(told) if told else None


def _condition(part: str) -> Condition:
    kind, *told = part.split(":")
    if kind == "min_processing":
        return Condition("min_processing", "", float(told[0]), None)
    if kind == "min_delivery":
        return Condition("min_delivery", f"{told[0]}:{told[1]}", float(told[2]), int(told[3]) if told[3:] else None)
    return Condition("no_sale" if kind == "no_sale" else "no_technology", told[0], 0.0, None)
