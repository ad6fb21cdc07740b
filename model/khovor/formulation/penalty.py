"""In what units policies are stated, and what a unit beyond the limit costs: read by rules and by money alike."""

from __future__ import annotations

from khovor.case import Case, Policy
from khovor.units import T_PER_KT, USD_PER_MUSD


def dearest(case: Case) -> float:
    """The largest reference value [USD/t]: shares by value are stated in kt of it."""
    return max((product.value_usd_t for product in case.products.values()), default=0.0) or 1.0


def scale(case: Case, policy: Policy) -> float:
    """Units of the limit (t, USD of goods, utility units, MUSD, units) in one unit of a policy's rows."""
    if policy.decided:
        return 1.0
    return T_PER_KT * (dearest(case) if policy.is_share and policy.by_value else 1.0)


def penalty_musd(case: Case, policy: Policy, t: int) -> float:
    """Discounted price of one unit of a policy's rows beyond its limit in period t [MUSD].

    Paid every year; for capital, which is spent once in the period, as if spread over its years.
    """
    years = case.horizon.periods[t].years if policy.measure == "capex_musd" else 1.0
    price = (policy.penalty_usd or 0.0) * scale(case, policy) / USD_PER_MUSD
    return price * case.horizon.annuity(t) / years
