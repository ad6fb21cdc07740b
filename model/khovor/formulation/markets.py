"""What is bought, sold and disposed of (rule 7): offers, tiers, contracts and their shortfall, disposal outlets.

sell[q,t,w] sale of a commodity in a market tier, buy[b,t,w] purchase, dump[n,p,o,t,w] disposal where it is made, all
[kt/y]; short[k,t,w] shortfall of a contract that has a price for it [kt/y of the priced basis].
"""

from __future__ import annotations

from typing import Any

from khovor.errors import InfeasibleError
from khovor.formulation.frame import Frame, Subject, grouped, scaled, weighted
from khovor.units import T_PER_KT


def variables(f: Frame) -> None:
    """Declare trade; an offer's own maximum is a bound of its variable."""
    case = f.case
    soft = [
        (k, t)
        for k, market in enumerate(case.markets)
        if market.min_t_y and market.shortfall_usd_t is not None
        for t in f.periods
        if case.horizon.share(t, market.window) > 0
    ]
    f.operate("sell", f.network.sells, doc="sell[q,t,w]: sale in a market tier  [kt/y]")
    f.operate("buy", f.network.buys, doc="buy[b,t,w]: purchase  [kt/y]", most=lambda b, t: _offered(f, b, t))
    f.operate("dump", f.network.dumps, doc="dump[n,p,o,t,w]: disposal where it is made  [kt/y]")
    f.operate("short", soft, doc="short[k,t,w]: shortfall of a contract  [kt/y]")


def constraints(f: Frame) -> None:
    """Declare tier maxima and contract minima."""
    places = {market.key: k for k, market in enumerate(f.case.markets)}
    sold = grouped(((places[f.network.offers[q].market.key], t), q) for q, t in f.network.sells)
    _sales_within_tier(f, sold)
    _contract_delivered(f, sold)


def _offered(f: Frame, b: int, t: int) -> float | None:
    purchase = f.case.purchases[b]
    factor = f.future.factor("demand", "purchase", purchase.key, t)
    if purchase.max_t_y is None:
        return None if factor else 0.0
    return factor * purchase.max_t_y * f.case.horizon.share(t, purchase.window) / T_PER_KT


def _sold(f: Frame, members: list[int], t: int) -> list[tuple[float, Any]]:
    """(tonnes of the priced basis per tonne sold, sale)."""
    offers = f.network.offers
    return [(offers[q].market.content[offers[q].commodity.origin], f.model.sell[q, t]) for q in members]


def _sales_within_tier(f: Frame, sold: dict[tuple[int, int], list[int]]) -> None:
    markets = f.case.markets
    index = [
        (k, t)
        for k, t in sold
        if markets[k].max_t_y is not None or f.future.ever_shuts("demand", "market", markets[k].key, t)
    ]

    @f.rows(index, doc="Σ_o content · sell[q,t,w] ≤ factor[k,t,w] · max[k] · share[k,t]  [kt/y]")
    def sales_within_tier(m: Any, k: int, t: int) -> Any:
        market = markets[k]
        factor = f.future.factor("demand", "market", market.key, t)
        most = scaled(factor * f.case.horizon.share(t, market.window), market.max_t_y)
        return weighted(_sold(f, sold[k, t], t)) <= most

    f.subjects["sales_within_tier"] = lambda k, t, w: Subject(
        f"demand for {markets[k].key.product} at {markets[k].key.node}, tier {markets[k].key.tier}",
        markets[k].at,
        "t/y",
    )


def _contract_delivered(f: Frame, sold: dict[tuple[int, int], list[int]]) -> None:
    markets, horizon = f.case.markets, f.case.horizon
    index = [
        (k, t)
        for k, market in enumerate(markets)
        if market.min_t_y
        for t in f.periods
        if horizon.share(t, market.window) > 0
    ]
    for k, t in index:
        if markets[k].shortfall_usd_t is None and (k, t) not in sold:
            message = f"Nothing can reach the contract at {markets[k].at} in {horizon.periods[t].name}."
            raise InfeasibleError.asked(markets[k].at, message, "Give it a shortfall_usd_t, or a way to be served.")

    @f.rows(index, doc="Σ_o content · sell[q,t,w] + short[k,t,w] ≥ factor[k,t,w] · min[k] · share[k,t]  [kt/y]")
    def contract_delivered(m: Any, k: int, t: int) -> Any:
        market = markets[k]
        factor = f.future.factor("demand", "market", market.key, t) * horizon.share(t, market.window)
        delivered = _sold(f, sold.get((k, t), []), t)
        missing = [(1.0, m.short[k, t])] if (k, t) in m.short else []
        return weighted(delivered + missing) >= factor * market.min_t_y / T_PER_KT

    f.subjects["contract_delivered"] = lambda k, t, w: Subject(
        f"contract for {markets[k].key.product} at {markets[k].key.node}", markets[k].at, "t/y"
    )
