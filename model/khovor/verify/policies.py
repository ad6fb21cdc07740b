"""Policies measured on a plan: what counts, what it is a share of, and by how much the limit is missed.

A share is kept where what counts is at most (or at least) the limit times the whole; what is missed is told in the
unit of what counts (t/y, USD/y of reference value), of all else in the unit of the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from khovor.case import (
    Policy,
    alliance,
    reference_value,
    spending,
    value_added,
)
from khovor.units import USD_PER_MUSD
from khovor.verify.capital import Entry
from khovor.verify.check import COUNT, MONEY, TONNES, Check, at_least, at_most
from khovor.verify.entries import entering
from khovor.verify.view import View

HELD = "every policy is kept, or paid for"

Part = tuple[float, float]
"""(what counts, the whole it is a share of)."""


class Measured(NamedTuple):
    """A policy in a period and a future ("" = all of them): the share or amount, and what is beyond the limit."""

    policy: Policy
    t: int
    w: str
    measured: float
    beyond: float
    whole: float


def measured(view: View) -> Iterator[Measured]:
    """Every policy in each of its periods, in each future where it holds in each."""
    odds = {s.name: s.probability for s in view.case.scenarios}
    for policy in view.case.policies:
        for t in policy.periods(view.case.horizon):
            if policy.decided:
                yield _told(policy, t, "", [(1.0, (DECIDED[policy.measure](view, policy, t), 0.0))])
                continue
            parts = {w: OPERATING[policy.measure](view, policy, t, w) for w in view.futures}
            if policy.expected:
                yield _told(policy, t, "", [(odds[w], part) for w, part in parts.items()])
            else:
                yield from (_told(policy, t, w, [(1.0, part)]) for w, part in parts.items())


def policies_held(view: View, kept: Iterable[Measured]) -> Iterator[Check]:
    """Hard policies are kept."""
    for found in kept:
        policy = found.policy
        if policy.penalty_usd is not None:
            continue
        compare = at_most if policy.sense == "max" else at_least
        subject = view.subject(f"policy {policy.name}", found.t, found.w, policy.at)
        if policy.is_share:
            # A share of little is as uncertain as the little it is a share of.
            limit, amount = policy.limit * found.whole, found.measured * found.whole
            floor = TONNES * (_dearest(view) if policy.by_value else 1.0)
            yield compare(HELD, subject, amount, limit, unit="USD/y" if policy.by_value else "t/y", floor=floor)
        else:
            floor = {"capex_musd": MONEY, "units": COUNT}.get(policy.measure, TONNES)
            yield compare(HELD, subject, found.measured, policy.limit, unit="", floor=floor)


def penalty_terms(view: View, kept: Iterable[Measured]) -> Iterator[Entry]:
    """What priced policies cost where they are missed [MUSD]."""
    horizon = view.case.horizon
    for found in kept:
        policy = found.policy
        if policy.penalty_usd is not None:
            years = horizon.periods[found.t].years if policy.measure == "capex_musd" else 1.0
            price = policy.penalty_usd * horizon.annuity(found.t) / years / USD_PER_MUSD
            yield "penalty", found.w, found.t, -price * found.beyond


def _told(policy: Policy, t: int, w: str, parts: list[tuple[float, Part]]) -> Measured:
    counted = sum(odds * part[0] for odds, part in parts)
    whole = sum(odds * part[1] for odds, part in parts)
    limit = policy.limit * whole if policy.is_share else policy.limit
    beyond = max(0.0, counted - limit if policy.sense == "max" else limit - counted)
    share = counted / whole if whole > 0 else 0.0
    return Measured(policy, t, w, share if policy.is_share else counted, beyond, whole)


def _dearest(view: View) -> float:
    return max((p.value_usd_t for p in view.case.products.values()), default=0.0) or 1.0


def _transit(view: View, policy: Policy, t: int, w: str) -> Part:
    first = entering(view, policy.subject, t, w, least=policy.sense == "max")
    counted = sum(x * reference_value(view.case, c.product, policy.by_value) for c, x in first.items())
    leaving, whole = view.leaving, 0.0
    for row in view.tables.flows:
        if (row.t, row.w) == (t, w):
            move = row.leg, row.commodity
            worth = row.t_y * reference_value(view.case, row.product, policy.by_value)
            whole += worth * leaving.get(move, 0)
    return counted, whole


def _sales(view: View, policy: Policy, t: int, w: str) -> Part:
    buyers = alliance(view.case, policy.subject)
    return _split(
        (row.t_y * reference_value(view.case, row.product, policy.by_value), _place(view, row.node) in buyers)
        for row in view.tables.sales
        if (row.t, row.w) == (t, w)
    )


def _processing(view: View, policy: Policy, t: int, w: str) -> Part:
    territory = policy.subject or view.case.terms.home_territory
    return _split(
        (row.t_y * (value_added(view.case, recipe) if policy.by_value else 1.0), _place(view, row.node) == territory)
        for row, recipe in view.runs
        if (row.t, row.w) == (t, w)
    )


def _delivered(view: View, policy: Policy, t: int, w: str) -> Part:
    product, _, name = policy.subject.rpartition(":")
    buyers = alliance(view.case, name)
    found = [
        row.t_y
        for row in view.tables.sales
        if (row.t, row.w, row.product) == (t, w, product) and _place(view, row.node) in buyers
    ]
    return sum(found), 0.0


def _emissions(view: View, policy: Policy, t: int, w: str) -> Part:
    lanes = view.case.lanes
    found = [
        row.t_y * lanes[row.lane].co2_kg_t / 1000.0
        for row in view.tables.flows
        if (row.t, row.w) == (t, w) and row.lane in lanes and policy.subject in ("", lanes[row.lane].mode)
    ]
    return sum(found), 0.0


def _utility(view: View, policy: Policy, t: int, w: str) -> Part:
    found = [
        row.use_y
        for row in view.tables.utilities
        if (row.t, row.w) == (t, w) and policy.subject in (row.utility, f"{row.node}:{row.utility}")
    ]
    return sum(found), 0.0


def _capital(view: View, policy: Policy, t: int) -> float:
    case, subject, total = view.case, policy.subject, 0.0
    for row in view.tables.builds:
        option = view.options.get(row.option)
        if option is not None and subject in ("", row.node, row.process, _place(view, row.node)):
            total += row.units * option.capex_musd * spending(case.horizon, row.t, option.build_years).get(t, 0.0)
    for taken in view.tables.projects:
        project = case.projects.get(taken.project)
        if project is not None and subject in ("", taken.project):
            total += project.capex_musd * spending(case.horizon, taken.t, project.build_years).get(t, 0.0)
    return total


def _units(view: View, policy: Policy, t: int) -> float:
    return sum(
        view.alive(option, t)
        for key, option in view.options.items()
        if policy.subject in (key.process, f"{key.node}:{key.process}")
    )


def _place(view: View, node: str) -> str:
    known = view.case.nodes.get(node)
    return known.territory if known is not None else ""


def _split(amounts: Iterable[tuple[float, bool]]) -> Part:
    listed = list(amounts)
    return sum(x for x, counts in listed if counts), sum(x for x, _ in listed)


OPERATING: Final[dict[str, Callable[[View, Policy, int, str], Part]]] = {
    "transit_share": _transit,
    "sales_share": _sales,
    "processing_share": _processing,
    "delivered_t": _delivered,
    "co2_t": _emissions,
    "utility": _utility,
}

DECIDED: Final[dict[str, Callable[[View, Policy, int], float]]] = {"capex_musd": _capital, "units": _units}
