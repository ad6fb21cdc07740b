"""What a break-even search found, as summary.json and `--json` say it, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from khovor.case import Case
from khovor.finance.sold import quoted
from khovor.report import Names, finite
from khovor.studies.breakeven_search import CLOSE, HIGHEST, Point, Search
from khovor.units import USD_PER_MUSD

HOW: Final = (
    "Each solve multiplies every price that buyers pay for the products, profiles and events included, by one factor; "
    "value is expected. The next factor is that at which the plan just found is worth nothing, until no plan is worth "
    "more there. As it stands: what the best plan builds and opens is kept, slots, closures and operation adapt. Above "
    "the interval a plan pays, at its lower end none does. Prices are what a kilogram of the first product "
    "brings, levelised, at factor 1, times the factor; of a product that no plan sells, what its best buyer offers."
)


def document_of(case: Case, products: Sequence[str], whole: Search, standing: Search | None) -> dict[str, Any]:
    """The content of summary.json but for its seconds and stamp."""
    prices = {product: _price(case, product, whole) for product in products}
    price = prices[products[0]]
    points = [(p, False) for p in whole.points]
    points += [(p, True) for p in standing.points[1:]] if standing is not None else []
    document: dict[str, Any] = {
        "title": case.terms.title,
        "status": "optimal" if _proved(whole, case.terms.mip_gap) else "feasible",
        "unit": "MUSD",
        "product": products[0],
        "products": list(products),
        "price": price,
        "prices": prices,
        "value": {"objective": whole.points[0].value, "bound": whole.points[0].bound},
        "breakeven": _told(whole, price),
        "as_it_stands": None if standing is None else _told(standing, price),
        "how": HOW,
        "points": [_point(p, price, held) for p, held in points],
        "solves": len(points),
        "verified": {"passed": all(p.record.result["verified"]["passed"] for p, _ in points)},
    }
    whole_document: dict[str, Any] = finite(document | {"headline": list(_sentences(case, document))})
    return whole_document


def _price(case: Case, product: str, whole: Search) -> float | None:
    """USD/kg at factor 1: what the plan at break-even is paid, else the first that sells any, else what is offered."""
    for point in [*([whole.plan] if whole.plan is not None else []), *whole.points]:
        tonnes, earned, _ = point.record.result["sold"].get(product, (0.0, 0.0, 0.0))
        if tonnes > 0:
            return float(earned * USD_PER_MUSD / tonnes / 1000.0)
    offered = quoted(case, product)
    return None if offered is None else offered / 1000.0


def _proved(search: Search, gap: float) -> bool:
    """Whether the interval is as narrow as was asked for."""
    if search.high is None:
        return search.always or all(p.bound is not None and p.bound <= search.nothing for p in search.points)
    return search.low is not None and search.high - search.low <= max(gap, 2.0 * CLOSE) * search.high * (1.0 + CLOSE)


def _told(search: Search, price: float | None) -> dict[str, Any]:
    """The interval; `always`: the plan pays at any price."""
    factors = [None if f is None else min(f, search.high or f) for f in (search.low, search.high)]
    prices = [None if f is None or price is None else f * price for f in factors]
    plan = search.plan.record.result if search.plan is not None else {}
    keys = ("builds", "projects", "capital")
    return {"factor": factors, "price": prices, "always": search.always, **{k: plan.get(k) for k in keys}}


def _point(point: Point, price: float | None, held: bool) -> dict[str, Any]:
    told = point.record.result
    return {
        "name": point.record.label,
        "held": held,
        "factor": point.factor,
        "price": None if price is None else point.factor * price,
        "status": point.record.status,
        "objective": point.value,
        "bound": point.bound,
        "gap": told["gap"],
        "revenue": point.revenue * point.factor,
        "capital": told["capital"],
        "seconds": round(point.record.seconds, 3),
        "builds": told["builds"],
        "verified": told["verified"],
    }


def _sentences(case: Case, document: dict[str, Any]) -> Iterator[str]:
    """What was found, in words."""
    first, *others = (Names(case).product(product) for product in document["products"])
    name = f"{first}, {' and '.join(others)} in step," if others else first
    value = document["value"]["objective"]
    yield f"At its own prices the case is worth {value:,.3f} MUSD."
    yield _sentence(f"The case breaks even with {name}", document["breakeven"], document["price"])
    if document["as_it_stands"] is not None:
        yield _sentence("What the plan builds, as it stands, breaks even with it", document["as_it_stands"], None)
    yield f"{document['solves']} solves."


def _sentence(what: str, told: dict[str, Any], price: float | None) -> str:
    low, high = told["price"]
    if told["always"]:
        return f"{what} at any price: it pays even if nothing is paid for it."
    if high is None:
        return f"{what} at no price up to {HIGHEST:,.0f} times its own."
    now = "" if price is None else f"; it brings {price:,.2f} USD/kg at its own prices"
    factor = f"{told['factor'][1]:.4g} times its prices"
    if low is None:
        return f"{what} at {high:,.2f} USD/kg or less ({factor}; how much less is not proved){now}."
    if high - low <= 1e-6 * high:
        return f"{what} at {high:,.2f} USD/kg ({factor}){now}."
    return f"{what} between {low:,.2f} and {high:,.2f} USD/kg ({factor} at most){now}."
