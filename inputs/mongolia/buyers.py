"""Buyers by country: market nodes behind the gateways that serve them, with caps on what overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from inputs.mongolia.classes import RARE_EARTHS, listed
from inputs.mongolia.dossier import Record, assumed, table

REO_IN_CARBONATE = 0.55
"""t REO per t of mixed carbonate."""

CAPPED_CLASSES = {"magnet": ("ndpr_ox", "ndpr_metal"), "oxide": ("mrec",)}
"""Classes that may be capped at a buyer -> what the dossier calls their products."""

LAST_YEAR = "2035"
"""The last year for which the dossier states demand; it holds from then on."""

PLACES: dict[str, tuple[str, str, float, float]] = {
    "USA": ("US", "United States", 39.8, -98.6),
    "JPN": ("JP", "Japan", 36.2, 138.3),
    "KOR": ("KR", "South Korea", 36.4, 127.9),
    "DEU": ("DE", "Germany", 51.1, 10.4),
    "EST": ("EE", "Estonia", 58.7, 25.5),
    "FRA": ("FR", "France", 46.6, 2.5),
    "GBR": ("GB", "United Kingdom", 53.0, -1.5),
    "IND": ("IN", "India", 22.0, 79.0),
    "CHN": ("CN", "China", 36.0, 104.0),
    "MYS": ("MY", "Malaysia", 3.9, 102.2),
    "VNM": ("VN", "Vietnam", 20.9, 105.9),
}
"""Market of the dossier -> territory, name, and a point on the map to stand for the country."""


def node(market: str) -> str:
    """Node at which a country's buyers stand."""
    return f"C_{market}"


def cap(market: str) -> str:
    """Gate that caps NdPr oxide and metal together."""
    return f"NDPR_{market}"


def separation(market: str) -> str:
    """Gate that caps carbonates of every kind together."""
    return f"CARB_{market}"


@cache
def gateways() -> dict[str, tuple[str, ...]]:
    """Market -> the ports and airports through which it is served, as demand.csv names them."""
    return {row["market_id"]: tuple(row["network_node_ids"].split(";")) for row in table("demand")}


@cache
def capped() -> dict[str, tuple[Record, Record]]:
    """Markets that buy both NdPr oxide and NdPr metal -> their rows of the last year (oxide, metal)."""
    rows = {(r["market_id"], r["product_id"]): r for r in table("demand") if r["year"] == LAST_YEAR}
    return {
        market: (rows[market, "ndpr_ox"], rows[market, "ndpr_metal"])
        for market in gateways()
        if (market, "ndpr_metal") in rows
    }


def nodes() -> Iterator[dict[str, Any]]:
    """The market nodes."""
    for market, (territory, name, lat, lon) in PLACES.items():
        yield {
            "node": node(market),
            "name": f"Buyers in {name}",
            "kind": "market",
            "territory": territory,
            "lat": lat,
            "lon": lon,
            **assumed(f"stands for all buyers of the country, served from {', '.join(gateways()[market])}"),
        }


@cache
def separators() -> dict[str, Record]:
    """Markets whose only use of class `oxide` is separating carbonate -> their demand of the last year [t REO/y]."""
    rows = {(r["market_id"], r["product_id"]): r for r in table("demand") if r["year"] == LAST_YEAR}
    others = {market for market, product in rows if product in ("lace_prod", "y_ox", "seg_res")}
    found = {market: rows[market, "mrec"] for market in gateways() if (market, "mrec") in rows}
    return {market: row for market, row in found.items() if market not in others}


def lanes() -> Iterator[dict[str, Any]]:
    """Links of no cost from each gateway to its buyers; NdPr and carbonate run apart where they are capped."""
    for market, doors in gateways().items():
        for door in doors:
            link = {"from": door, "to": node(market), "mode": "link", "usd_t": 0.0, "days": 0.0, "both_ways": "no"}
            known = assumed("from gateway to buyer: no cost, delivery is in the arc before", source="demand.csv")
            apart = {"magnet": ("NdPr", cap(market))} if market in capped() else {}
            if market in separators() and not door.startswith("A_"):
                apart["oxide"] = ("carbonate", separation(market))
            for name, (label, gate) in apart.items():
                yield {**link, "lane": f"{door}-{node(market)} link {label}", "gate": gate, "classes": name, **known}
            rest = tuple(name for name in RARE_EARTHS if name not in apart)
            if _bought(market) - {product for name in apart for product in CAPPED_CLASSES[name]}:
                yield {**link, "lane": f"{door}-{node(market)} link", "classes": listed(rest), **known}


def _bought(market: str) -> set[str]:
    return {row["product_id"] for row in table("demand") if row["market_id"] == market}


def gates() -> Iterator[dict[str, Any]]:
    """The caps at buyers [t/y of product]: NdPr oxide and metal together, and carbonates of every kind together."""
    for market, (oxide, metal) in capped().items():
        most = max((oxide, metal), key=lambda row: float(row["addressable_demand"]))
        yield {
            "gate": cap(market),
            "capacity_t_y": most.number("addressable_demand"),
            **most.known(
                note=f"fault 6: demand for NdPr oxide ({oxide['addressable_demand']} t/y in {LAST_YEAR}) and for metal "
                f"({metal['addressable_demand']} t/y) overlap, so the larger caps their sum; alloy is apart"
            ),
        }
    for market, row in separators().items():
        reo = float(row["addressable_demand"])
        yield {
            "gate": separation(market),
            "capacity_t_y": round(reo / REO_IN_CARBONATE, 3),
            **row.known(
                note=f"one demand for carbonate ({reo:,.0f} t REO/y in {LAST_YEAR}, / {REO_IN_CARBONATE:g}): "
                "full, Ce-depleted and Khalzan's"
            ),
        }
