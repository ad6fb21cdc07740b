"""What a tonne of each product counts where several are made at once: one number a product, the same in every plan."""

from __future__ import annotations

from khovor.case.domain import Case


def values(case: Case) -> dict[str, float]:
    """USD per tonne of product: its reference value, else the mean price of its buyers, else of its sellers, else 0."""
    prices: dict[str, list[float]] = {}
    asked: dict[str, list[float]] = {}
    for market in case.markets:
        held = market.content.values() or (1.0,)
        prices.setdefault(market.key.product, []).extend(market.price_usd_t * market.payable_share * c for c in held)
    for purchase in case.purchases:
        asked.setdefault(purchase.key.product, []).append(purchase.price_usd_t)
    return {
        name: product.value_usd_t or _mean(prices.get(name, [])) or _mean(asked.get(name, []))
        for name, product in case.products.items()
    }


def _mean(amounts: list[float]) -> float:
    return sum(amounts) / len(amounts) if amounts else 0.0
