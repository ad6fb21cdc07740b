"""Buyers by country: market nodes behind the gateways that serve them, and one cap on NdPr oxide and metal together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from inputs.mongolia.classes import RARE_EARTHS, listed
from inputs.mongolia.dossier import Record, assumed, table

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


def lanes() -> Iterator[dict[str, Any]]:
    """Links of no cost from each gateway to its buyers; NdPr runs apart where it is capped."""
    for market, doors in gateways().items():
        for door in doors:
            link = {"from": door, "to": node(market), "mode": "link", "usd_t": 0.0, "days": 0.0, "both_ways": "no"}
            known = assumed("from gateway to buyer: no cost, delivery is in the arc before", source="demand.csv")
            rest = RARE_EARTHS
            if market in capped():
                rest = tuple(name for name in RARE_EARTHS if name != "magnet")
                apart = {"lane": f"{door}-{node(market)} link NdPr", "gate": cap(market), "classes": "magnet"}
                yield {**link, **apart, **known}
            yield {**link, "lane": f"{door}-{node(market)} link", "classes": listed(rest), **known}


def gates() -> Iterator[dict[str, Any]]:
    """The caps on NdPr oxide and metal together [t/y of product]: the larger of the two demands."""
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
