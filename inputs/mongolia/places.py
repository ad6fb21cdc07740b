"""Every place of the network: deposits, sites, hubs, borders, ports, airports, and the buyers by country."""

from __future__ import annotations

from typing import Any

from inputs.mongolia import buyers
from inputs.mongolia.arcs import EXCLUDED
from inputs.mongolia.dossier import Record, table

NOTES = {
    "S_KBG": "the site KHANBOGD, to which sites.csv gives no node (fault 3)",
    "A_IST": "transit only: no buyer stands behind it (fault 6)",
    "A_HKG": "transit only: no buyer stands behind it (fault 6)",
    "M_RTM": "serves Germany and Britain (fault 6)",
}
"""Places where a fault of the dossier is mended, and how."""


def tables() -> dict[str, list[dict[str, Any]]]:
    """The table `nodes`."""
    kept = [node for node in table("nodes") if node["id"] not in EXCLUDED]
    return {"nodes": [*map(_node, kept), *buyers.nodes()]}


def _node(node: Record) -> dict[str, Any]:
    known = node.known(note=NOTES.get(node["id"], ""))
    known["source"] = known["source"] or "planning estimate of the dossier"
    return {
        "node": node["id"],
        "name": node["name"],
        "kind": _kind(node),
        "territory": node["country"],
        "lat": node.number("lat"),
        "lon": node.number("lon"),
        **known,
    }


def _kind(node: Record) -> str:
    """Kind in the workbook: a gateway is a port, for its buyers stand at a market node of their own."""
    if node["id"] == "M_CHN":
        return "hub"
    return {"rail_hub": "hub", "market": "port"}.get(node["kind"], node["kind"])
