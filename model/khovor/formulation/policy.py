"""Shares, caps and targets (rule 8), kept in every future or on average, or paid for.

beyond[i,t,w] what a future lacks or has too much of policy i; over[i,t] the same of what is decided once, or of the
mean of all futures. Shares are linear: Σ counted - limit · Σ all, in kt/y, or by value in kt/y of the dearest product;
capital in MUSD spent in the period, all else in thousands of the limit's unit (units: 1). The conditions of an
instrument are policies that bind while it is taken: a row gives way by the most it could be broken, times 1 - uptake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import pyomo.environ as pyo

from khovor.case import Policy, alliance, bindings, net_exports, reference_value, spending, value_added
from khovor.errors import InfeasibleError
from khovor.formulation.frame import Frame, Subject, weighted
from khovor.formulation.penalty import dearest, scale
from khovor.formulation.widest import Widest
from khovor.network import first_entries, project_periods

Terms = list[tuple[float, Any]]
"""(coefficient, variable); a constant has no variable."""


def variables(f: Frame) -> None:
    """Declare what policies with a price are missed by."""
    priced = [(i, p) for i, p in enumerate(f.case.policies) if p.penalty_usd is not None]
    each = [(i, t) for i, p in priced if not (p.decided or p.expected) for t in p.periods(f.case.horizon)]
    once = [(i, t) for i, p in priced if p.decided or p.expected for t in p.periods(f.case.horizon)]
    f.operate("beyond", each, doc="beyond[i,t,w]: by how much a policy with a price is missed  [kt/y]")
    f.model.over = pyo.Var(
        once, domain=pyo.NonNegativeReals, doc="over[i,t]: the same of what is decided once, or of the mean  [kt/y, 1]"
    )


def constraints(f: Frame) -> None:
    """Declare every policy in each of its periods."""
    terms: dict[tuple[int, int], Terms] = {}
    for i, policy in enumerate(f.case.policies):
        measure = MEASURES[policy.measure](f, policy)
        terms |= {(i, t): measure(t) for t in policy.periods(f.case.horizon)}
    told = [key for key, found in terms.items() if _is_row(f, key, found)]
    _decided_policy_held(f, {key: terms[key] for key in told if f.case.policies[key[0]].decided})
    operating = [key for key in told if not f.case.policies[key[0]].decided]
    _policy_held(f, {key: terms[key] for key in operating if not f.case.policies[key[0]].expected})
    _policy_held_on_average(f, {key: terms[key] for key in operating if f.case.policies[key[0]].expected})
    _conditions_hold(f)


def _is_row(f: Frame, key: tuple[int, int], counted: Terms) -> bool:
    """Whether a policy has anything to hold in a period; what nothing can meet is said at once."""
    i, t = key
    if any(variable is not None for _, variable in counted) or key in f.model.over or key in f.model.beyond:
        return True
    policy, amount = f.case.policies[i], _constant(counted) * scale(f.case, f.case.policies[i])
    limit = 0.0 if policy.is_share else policy.limit
    if amount > limit if policy.sense == "max" else amount < limit:
        message = f"Nothing can move policy {policy.name} in {f.case.horizon.periods[t].name}: it stays at {amount:g}."
        raise InfeasibleError.asked(policy.at, message, "Give it a penalty_usd, a later first_year, or a way.")
    return False


def _constant(counted: Terms) -> float:
    return sum(amount for amount, variable in counted if variable is None)


def _missed(amounts: Any, *key: int) -> list[Any]:
    """By what a policy is missed, where that has a price."""
    return [amounts[key]] if key in amounts else []


def _relation(f: Frame, policy: Policy, counted: Terms, missed: list[Any]) -> Any:
    limit = (0.0 if policy.is_share else policy.limit / scale(f.case, policy)) - _constant(counted)
    slack = [(-1.0 if policy.sense == "max" else 1.0, amount) for amount in missed]
    body = weighted([*((c, v) for c, v in counted if v is not None), *slack])
    return body <= limit if policy.sense == "max" else body >= limit


def _policy_held(f: Frame, terms: dict[tuple[int, int], Terms]) -> None:
    @f.rows(list(terms), doc="Σ counted[i,t,w] - share[i] · Σ all[t,w] ≤ limit[i] + beyond[i,t,w] (≥, -)  [kt/y]")
    def policy_held(m: Any, i: int, t: int) -> Any:
        return _relation(f, f.case.policies[i], terms[i, t], _missed(m.beyond, i, t))

    f.subjects["policy_held"] = lambda i, t, w: _subject(f, i)


def _policy_held_on_average(f: Frame, terms: dict[tuple[int, int], Terms]) -> None:
    @f.rows(
        list(terms),
        doc="Σ_w probability[w] · (Σ counted[i,t,w] - share[i] · Σ all[t,w]) ≤ limit[i] + over[i,t] (≥, -)  [kt/y]",
        pooled=True,
    )
    def policy_held_on_average(m: Any, i: int, t: int) -> Any:
        return _relation(f, f.case.policies[i], terms[i, t], _missed(m.over, i, t))

    f.subjects["policy_held_on_average"] = lambda i, t: _subject(f, i)


def _decided_policy_held(f: Frame, terms: dict[tuple[int, int], Terms]) -> None:
    m = f.model

    @m.Constraint(list(terms), doc="Σ counted[i,t] ≤ limit[i] + over[i,t] (≥, -)  [MUSD, 1]")
    def decided_policy_held(m: Any, i: int, t: int) -> Any:
        return _relation(f, f.case.policies[i], terms[i, t], _missed(m.over, i, t))

    f.subjects["decided_policy_held"] = lambda i, t: _subject(f, i)


def _conditions_hold(f: Frame) -> None:
    held = [(i, policy) for i in f.model.uptake for _, policy in bindings(f.case, f.case.instruments[i])]
    if not held:
        return
    widest, terms = Widest(f), dict[tuple[int, int], Terms]()
    for c, (_, policy) in enumerate(held):
        measure = MEASURES[policy.measure](f, policy)
        terms |= {(c, t): measure(t) for t in policy.periods(f.case.horizon)}
    told = [key for key, counted in terms.items() if counted or held[key[0]][1].sense == "min"]

    def bound(m: Any, c: int, t: int) -> Any:
        i, policy = held[c]
        sign, limit = 1.0 if policy.sense == "max" else -1.0, 0.0 if policy.is_share else policy.limit
        body = [(sign * a, v) for a, v in terms[c, t] if v is not None]
        most = sign * (limit / scale(f.case, policy) - _constant(terms[c, t]))
        give = max(0.0, widest.of(body, policy.at) - most)
        return weighted([*body, (give, m.uptake[i])]) <= most + give

    f.subjects["condition_held"] = f.subjects["decided_condition_held"] = lambda c, t, w="": Subject(
        f"condition {held[c][1].name}", held[c][1].at, "USD/y" if held[c][1].by_value else "t/y"
    )

    @f.rows(
        [key for key in told if not held[key[0]][1].decided],
        doc="Σ counted[c,t,w] ≤ limit[c] + most[c,t] · (1 - uptake[i])  (≥, -)  [kt/y]",
    )
    def condition_held(m: Any, c: int, t: int) -> Any:
        return bound(m, c, t)

    @f.model.Constraint(
        [key for key in told if held[key[0]][1].decided],
        doc="Σ counted[c,t] ≤ limit[c] + most[c,t] · (1 - uptake[i])  (≥, -)  [1]",
    )
    def decided_condition_held(m: Any, c: int, t: int) -> Any:
        return bound(m, c, t)


def _subject(f: Frame, i: int) -> Subject:
    policy = f.case.policies[i]
    unit = {"capex_musd": "MUSD", "units": "units", "utility": "units/y"}.get(policy.measure, "t/y")
    return Subject(f"policy {policy.name}", policy.at, "USD/y" if policy.is_share and policy.by_value else unit)


def _worth(f: Frame, policy: Policy, product: str) -> float:
    """What a tonne counts in a share, in units of its rows."""
    value = reference_value(f.case, product, policy.by_value)
    return value / dearest(f.case) if policy.by_value else value


Measured = Callable[[int], Terms]


def _by_period(members: Iterable[tuple[int, float, Any]]) -> Measured:
    """(period, coefficient, variable) as the terms of a period; what counts nothing is left out."""
    found: dict[int, Terms] = {}
    for t, coefficient, variable in members:
        if coefficient:
            found.setdefault(t, []).append((coefficient, variable))
    return lambda t: found.get(t, [])


def _transit(f: Frame, policy: Policy) -> Measured:
    pairs = f.network.pairs
    territory, _, way = policy.subject.partition(":")
    entries, leaving, place = first_entries(f.network, territory), net_exports(f.case), f.case.policies.index(policy)
    starts = [(pair.leg.start, pair.commodity) for pair in pairs]
    enters = [starts[k] in entries.fresh and way in ("", entries.ways.get(k, "-")) for k in range(len(pairs))]
    enters = [entering and k in entries.ways for k, entering in enumerate(enters)]
    counts = [
        (enters[k] and starts[k] not in entries.mixed) - policy.limit * leaving.get((pair.leg, pair.commodity), 0)
        for k, pair in enumerate(pairs)
    ]
    worth = [_worth(f, policy, pair.commodity.product) for pair in pairs]
    whole = _shipped(f, [count * each for count, each in zip(counts, worth, strict=True)])
    parts = [(t, enters[k] * worth[k], part) for (i, k, t), part in f.operation["fresh"].listed if i == place]
    return _by_period([*whole, *parts])


def _shipped(f: Frame, counts: Sequence[float]) -> list[tuple[int, float, Any]]:
    """(period, coefficient, shipment) of every pair that counts."""
    return [(t, counts[i], f.model.ship[i, t]) for i, t in f.network.ships if counts[i]]


def _sales(f: Frame, policy: Policy) -> Measured:
    buyers, offers = alliance(f.case, policy.subject), f.network.offers
    there = [f.case.nodes[offer.market.key.node].territory in buyers for offer in offers]
    worth = [_worth(f, policy, offer.commodity.product) for offer in offers]
    return _by_period((t, (there[q] - policy.limit) * worth[q], sold) for (q, t), sold in f.operation["sell"].listed)


def _processing(f: Frame, policy: Policy) -> Measured:
    territory = policy.subject or f.case.terms.home_territory
    activities, most = f.network.activities, dearest(f.case)
    there = [f.case.nodes[a.plant.key.node].territory == territory for a in activities]
    worth = [value_added(f.case, a.recipe) / most if policy.by_value else 1.0 for a in activities]
    return _by_period((t, (there[x] - policy.limit) * worth[x], act) for (x, t), act in f.operation["act"].listed)


def _delivered(f: Frame, policy: Policy) -> Measured:
    product, _, name = policy.subject.rpartition(":")
    buyers, offers = alliance(f.case, name), f.network.offers
    counted = [
        offer.commodity.product == product and f.case.nodes[offer.market.key.node].territory in buyers
        for offer in offers
    ]
    return _by_period((t, float(counted[q]), sold) for (q, t), sold in f.operation["sell"].listed)


def _emissions(f: Frame, policy: Policy) -> Measured:
    lanes = [pair.lane for pair in f.network.pairs]
    factors = [lane.co2_kg_t / 1000.0 if policy.subject in ("", lane.mode) else 0.0 for lane in lanes]
    return _by_period(_shipped(f, factors))


def _utility(f: Frame, policy: Policy) -> Measured:
    keys = [step.key for step in f.case.utilities]
    meant = [policy.subject in (key.utility, f"{key.node}:{key.utility}") for key in keys]
    return _by_period((t, float(meant[s]), used) for (s, t), used in f.operation["use"].listed)


def _capital(f: Frame, policy: Policy) -> Measured:
    case, subject = f.case, policy.subject
    members = []
    for o, option in enumerate(f.options):
        node, process = option.key.node, option.key.process
        if subject in ("", node, process, case.nodes[node].territory):
            for v in f.vintages[o]:
                shares = spending(case.horizon, v, option.build_years)
                members += [(t, share * option.capex_musd, f.model.build[o, v]) for t, share in shares.items()]
    for j, project in case.projects.items():
        for v in project_periods(case, j) if subject in ("", j) else ():
            shares = spending(case.horizon, v, project.build_years)
            members += [(t, share * project.capex_musd, f.model.project[j, v]) for t, share in shares.items()]
    return _by_period(members)


def _units(f: Frame, policy: Policy) -> Measured:
    members: list[tuple[int, float, Any]] = []
    for o, option in enumerate(f.options):
        if policy.subject in (option.key.process, f"{option.key.node}:{option.key.process}"):
            for t in f.periods:
                units, existing = f.alive[o, t]
                members += [(t, c, v) for c, v in [*units, (existing, None)]]
    return _by_period(members)


MEASURES: Final[dict[str, Callable[[Frame, Policy], Measured]]] = {
    "transit_share": _transit,
    "sales_share": _sales,
    "processing_share": _processing,
    "delivered_t": _delivered,
    "co2_t": _emissions,
    "utility": _utility,
    "capex_musd": _capital,
    "units": _units,
}
"""What each measure counts: by period, coefficients in units of its rows; of a share, its limit taken off."""
