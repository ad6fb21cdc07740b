"""The independent checker: from the case and the result tables alone, is this plan allowed and worth what it says?

It shares nothing with the network, the formulation or the solver; `verify` is the table of contents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from khovor.case import Case, Policy
from khovor.verify import (
    balance,
    existence,
    fiscal,
    instruments,
    money,
    policies,
    processing,
    siting,
    trade,
    transport,
    utilities,
)
from khovor.verify.check import MONEY, Check, Verification
from khovor.verify.money import worst_mean
from khovor.verify.plan import Plan
from khovor.verify.policies import Measured
from khovor.verify.tables import conditions_frame, policies_frame, read, support_told, taken_told, terms_frame, yearly
from khovor.verify.view import View

__all__ = ["Check", "Measured", "Plan", "Verification", "measure", "verify", "worst_mean"]

RULES: Final[tuple[Callable[[View], Iterator[Check]], ...]] = (
    existence.activity_has_recipe,
    existence.flow_has_lane,
    existence.flow_is_of_allowed_class,
    existence.sale_has_market,
    existence.shortfall_has_price,
    existence.purchase_has_offer,
    existence.use_has_step,
    existence.disposal_has_outlet,
    existence.stock_has_pile,
    balance.goods_balance,
    processing.activity_within_capacity,
    processing.activity_above_minimum_load,
    processing.ore_within_reserve,
    siting.units_are_whole,
    siting.builds_are_ready,
    siting.units_within_site,
    siting.closures_within_existing,
    siting.required_process_online,
    siting.projects_are_ready,
    siting.projects_after_required,
    siting.projects_exclude,
    siting.overrides_hold,
    transport.shipments_within_lane,
    transport.shipments_within_gate,
    transport.shipments_within_booking,
    transport.booking_within_gate,
    trade.sales_within_tier,
    trade.contract_delivered,
    trade.purchases_within_offer,
    trade.stock_within_room,
    trade.stock_left_at_the_end,
    utilities.utility_supplied,
    utilities.use_within_step,
    instruments.offered,
    instruments.financed_once,
    instruments.within_share,
    instruments.floors_within_sales,
    instruments.floors_within_tonnage,
    instruments.paid_for_closure,
    money.probabilities_add_up,
)
"""Every rule that is asked of case and plan; policies and money, which share what is measured, follow in `verify`."""


def verify(case: Case, solution: Plan) -> Verification:
    """Check every rule and recompute every money term of a plan.

    Raises nothing for a bad plan: whatever is wrong with it is a failure in the answer.
    """
    tables, checks = read(case, solution)
    view = View(case, tables)
    for rule in RULES:
        checks += rule(view)
    kept = tuple(policies.measured(view))
    checks += policies.policies_held(view, kept)
    accounts = fiscal.yearly_accounts(view)
    terms = money.terms_of(view, kept, accounts)
    held = instruments.conditions_measured(view)
    checks += instruments.conditions_kept(view, held)
    checks += instruments.years_agree(view, support_told(solution))
    checks += instruments.taken_agrees(view, taken_told(solution))
    objective = money.value(view, terms)
    if case.terms.objective == "support":
        public = instruments.public_musd(view)
        rated = instruments.at_target(view)
        asked = money.terms_of(rated, kept, fiscal.yearly_accounts(rated))
        size = max(MONEY, sum(map(abs, asked.values())))
        checks += instruments.target_reached(view, money.value(rated, asked), size)
        objective = sum(public.values())
    checks += money.terms_agree(view, terms)
    checks += fiscal.years_agree(view, accounts, yearly(solution))
    checks += money.objective_agrees(view, solution, objective)
    checks += money.bound_is_consistent(view, solution)
    names = [p.name for p in case.horizon.periods]
    own = [(term, w, names[t], musd) for (term, w, t), musd in terms.items() if musd]
    failures = sorted((c for c in checks if c.failed), key=lambda c: -c.violation)
    return Verification(
        passed=not failures,
        worst=max((c.violation for c in checks), default=0.0),
        checks=len(checks),
        failures=tuple(failures),
        by_rule=_by_rule(checks),
        terms=terms_frame(own),
        objective=objective,
        policies=policies_frame(
            [(m.policy.name, names[m.t], m.w, m.measured, m.policy.limit, m.beyond, m.policy.at) for m in kept]
        ),
        conditions=conditions_frame(
            [
                (x.name, str(condition), m.policy.subject, names[m.t], m.w, m.measured, m.policy.limit, m.policy.at)
                for x, condition, m in held
            ]
        ),
    )


def measure(case: Case, solution: Plan, asked: Sequence[Policy]) -> list[Measured]:
    """Policies measured on a plan as if the case held them: each in each of its periods, and futures where it does."""
    view = View(replace(case, policies=tuple(asked)), read(case, solution)[0])
    return list(policies.measured(view))


def _by_rule(checks: Iterable[Check]) -> dict[str, tuple[int, float]]:
    found: dict[str, tuple[int, float]] = {}
    for check in checks:
        count, worst = found.get(check.rule, (0, 0.0))
        found[check.rule] = (count + 1, max(worst, check.violation))
    return found
