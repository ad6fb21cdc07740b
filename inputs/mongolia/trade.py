"""Who buys and who sells: markets by buyer, product and year, purchases of acid and reagents, price profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inputs.mongolia.deck import Quote, profile_of, profiles, quotes
from inputs.mongolia.dossier import Record, assumed, table
from inputs.mongolia.ore import Rows
from inputs.mongolia.plants import cracking_at, node_of
from inputs.mongolia.steps import REAGENTS_DOM_USD_T, REAGENTS_IMP_USD_T

YEARS = {"2027": (2027, 2029), "2030": (2030, 2034), "2035": (2035, None)}
"""Year of a demand row -> the years it holds."""

SOLD_AS = {
    "mrec": ("mrec", "mrec_ced", "mrec_kb"),
    "hree_conc": ("hree_conc", "hree_kb"),
    "conc_flot": ("conc_flot", "conc_fluo"),
}
"""Dossier's product -> the products of the case that meet this demand."""

REO_IN_CONCENTRATE = {"conc_flot": 0.131, "conc_fluo": 0.40}
"""t REO per t: Khotgor and Mushgai at full rate, and Lugiin Gol."""

CHINA = {"dy_ox": "Dy oxide", "tb_ox": "Tb oxide", "ndpr_metal": "NdPr metal"}
"""Products the dossier gives no Chinese buyer (fault 4)."""


def tables() -> dict[str, Rows]:
    """Markets, purchases, profiles."""
    demand = [r for r in table("demand") if float(r["addressable_demand"]) > 0]
    markets = [row for r in demand for row in _rows(r)]
    return {
        "markets": markets + list(_china(markets)),
        "purchases": [*_acid(), *_reagents()],
        "profiles": list(profiles()),
    }


def _rows(demand: Record) -> Iterator[dict[str, Any]]:
    for product in SOLD_AS.get(demand["product_id"], (demand["product_id"],)):
        quote = quotes()[product]
        premium = float(demand["price_premium_pct_vs_china_benchmark"]) / 100
        most, limit = _limit(demand, product)
        first, last = YEARS[demand["year"]]
        note = "; ".join(filter(None, (_price_note(product, quote, premium), limit, _floor(demand))))
        yield {
            "node": f"C_{demand['market_id']}",
            "product": product,
            "tier": 1,
            **_price(product, quote, premium),
            "max_t_y": most,
            "payable_share": quote.payable or float(demand["payability_frac"]),
            "first_year": first,
            "last_year": last,
            **demand.known(basis="assumption", note=note, **_span(quote, premium)),
        }


def _price(product: str, quote: Quote, premium: float) -> dict[str, Any]:
    return {
        "price_usd_t": round(quote.conservative * (1 + premium), 3),
        "profile": profile_of(product),
        "component": quote.component or None,
    }


def _span(quote: Quote, premium: float) -> dict[str, Any]:
    """low and high of the planning deck, in the terms of price_usd_t."""
    scale = (1 + premium) * quote.conservative / quote.planning
    return {"low": round(quote.low * scale, 3), "high": round(quote.high * scale, 3)}


def _price_note(product: str, quote: Quote, premium: float) -> str:
    per = "per t REO contained, " if quote.component else ""
    profile = profile_of(product)
    lifted = f"profile {profile} lifts it to the planning deck" if profile else "the same in both decks"
    return f"price_usd_t is {per}the conservative deck x {1 + premium:g} (premium over China); {lifted}; {quote.note}"


def _limit(demand: Record, product: str) -> tuple[float, str]:
    """Most that can be sold in the terms of the price, and how it was read."""
    most = float(demand["addressable_demand"])
    if product in REO_IN_CONCENTRATE:
        grade = REO_IN_CONCENTRATE[product]
        return round(most * grade, 3), f"limit of {most:,.0f} t of concentrate at {grade:.1%} REO (fault 5)"
    if demand["product_id"] in SOLD_AS:
        kinds = ", ".join(SOLD_AS[demand["product_id"]])
        together = ", held together by gate CARB where the buyer has one" if product.startswith("mrec") else ""
        return most, f"limit in t REO (fault 5), one demand for {kinds}{together}"
    return most, ""


def _floor(demand: Record) -> str:
    floor = demand["floor_price_usd_per_kg_available"]
    if not floor:
        return ""
    return f"a floor of {floor} USD/kg stands here for MP or Lynas, none covers Mongolia: not paid"


def _china(markets: Rows) -> Iterator[dict[str, Any]]:
    """Chinese buyers at the benchmark for as much as the largest buyer elsewhere takes."""
    for product, name in CHINA.items():
        quote = quotes()[product]
        for first, last in YEARS.values():
            taken = [m["max_t_y"] for m in markets if m["product"] == product and m["first_year"] == first]
            reason = f"{name}: the dossier names no Chinese buyer (fault 4); as much as the largest buyer elsewhere"
            yield {
                "node": "C_CHN",
                "product": product,
                "tier": 1,
                **_price(product, quote, 0.0),
                "max_t_y": max(taken),
                "payable_share": 1.0,
                "first_year": first,
                "last_year": last,
                **assumed(f"{_price_note(product, quote, 0.0)}; {reason}", **_span(quote, 0.0)),
            }


SMELTER_PRICE, SMELTER_FROM = 95.0, 2030
ERDENET, ERDENET_IMPORTED = "S_ERD", 140.0


def _acid() -> Iterator[dict[str, Any]]:
    """Acid at the delivered price wherever cracking may stand; Erdenet's smelter is planned, so its offer is shut."""
    for site in table("sites"):
        if not cracking_at(site):
            continue
        node, price = node_of(site), float(site["sulphuric_acid_delivered_usd_per_t"])
        note = "delivered, imported"
        if node == ERDENET:
            price, note = ERDENET_IMPORTED, "imported acid; the smelter's stands in the next row"
        yield {"node": node, "product": "h2so4", "price_usd_t": price, **site.known(low=None, high=260.0, note=note)}
        if node == ERDENET:
            shut = (
                "planned, not built: max_t_y = 0; --set 'purchases[S_ERD:h2so4:95].max_t_y=500000' opens it (fault 10)"
            )
            row = {"node": node, "product": "h2so4", "price_usd_t": SMELTER_PRICE, "max_t_y": 0.0}
            yield {**row, "first_year": SMELTER_FROM, **site.known(note=shut)}


OFFERS = (
    # node, product, price, low, high, reason
    ("R_BTO", "reagents_imp", REAGENTS_IMP_USD_T - 35, 150, 500, "250 delivered less 35 of freight to the Gobi"),
    ("B_ERE", "reagents_imp", REAGENTS_IMP_USD_T - 20, 150, 500, "250 delivered less 20 of freight to Sainshand"),
    ("R_URC", "reagents_imp", REAGENTS_IMP_USD_T - 35, 150, 500, "as Baotou: Xinjiang's chemical works"),
    ("R_NVS", "reagents_imp", 240, 180, 550, "a tenth dearer than China; extractants are mostly Chinese today"),
    ("S_UB", "reagents_dom", REAGENTS_DOM_USD_T - 40, 40, 120, "100 delivered less 40 of freight to the Gobi"),
    ("S_DAR", "reagents_dom", REAGENTS_DOM_USD_T - 40, 40, 120, "as Ulaanbaatar: lime and cement works"),
    ("S_ERD", "reagents_dom", REAGENTS_DOM_USD_T - 40, 40, 120, "as Ulaanbaatar"),
    ("R_BTO", "sulphur", 215, 145, 365, "250 landed (products.csv) less 35 of freight"),
    ("R_NVS", "sulphur", 180, 115, 330, "250 landed at Darkhan less 66 of freight: Russia exports sulphur"),
    ("R_BTO", "fe_b", 1500, 1200, 2200, "iron, ferroboron and alloying metals; Baotou makes steel"),
    ("R_NVS", "fe_b", 1600, 1200, 2400, "as Baotou, a little dearer"),
)


def _reagents() -> Iterator[dict[str, Any]]:
    for node, product, price, low, high, reason in OFFERS:
        row = {"node": node, "product": product, "price_usd_t": float(price)}
        yield {**row, **assumed(reason, low=float(low), high=float(high))}
