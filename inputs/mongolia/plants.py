"""Where plants may stand: sites with their cost factors, power and water on offer, and the periods of the case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inputs.mongolia.dossier import Record, assumed, table
from inputs.mongolia.ore import Deposit, Rows, deposits, technology
from inputs.mongolia.steps import CRACKING, SEPARATION, benefication, mine

FIRST_YEAR, PERIOD_YEARS = 2027, (2, 2, 2, 2, 3, 3, 4, 4, 4, 4)
HOURS = 8000
NODES = {"KHANBOGD": "S_KBG"}
"""Sites whose node the dossier leaves blank (fault 3)."""

FIRST_ORE, FIRST_HEAVY_ORE = 2030, 2034
WESTERN = ("D_KHB", "S_KHV")
MAX_UNITS = {"CRACK_SA": 2, "CRACK_CED": 2, "CRACK_PG": 2, "SX_L": 2, "METAL": 2, "NORM_CELL": 2}


def node_of(site: Record) -> str:
    """The node of a site."""
    return site["network_node_id"] or NODES[site["site_id"]]


def tables() -> dict[str, Rows]:
    """Sites, utility supply, periods."""
    sites = table("sites")
    return {
        "sites": [row for site in sites for row in _options(site)],
        "utility_supply": [row for site in sites for row in _supply(site)],
        "periods": list(_periods()),
    }


def cracking_at(site: Record) -> list[str]:
    """The cracking steps a site may hold: Khalzan's Class 7 pre-concentrate must be cracked near its mine."""
    if "CRACK" not in site["allowed_tech"].split(";"):
        return []
    return [p for p in CRACKING if (p == "CRACK_PG") == (node_of(site) in WESTERN)]


def _options(site: Record) -> Iterator[dict[str, Any]]:
    allowed, node = site["allowed_tech"].split(";"), node_of(site)
    first = FIRST_HEAVY_ORE if node in WESTERN else FIRST_ORE
    deposit = next((d for d in deposits() if d.node == node), None)
    infra = {"extra_capex_musd": float(site["site_infrastructure_capex_musd"])}
    yield _option(site, "INFRA", first, "infrastructure of the site, once", capex_factor=1.0, opex_factor=1.0, **infra)
    if deposit:
        yield from _mine(site, deposit)
    for process in (*cracking_at(site), *_others(allowed, bool(cracking_at(site)))):
        yield _option(site, process, first, _about(process), max_units=MAX_UNITS.get(process, 1))


def _others(allowed: list[str], cracks: bool) -> list[str]:
    """Steps besides mining and cracking. A residue cell without cracking beside it would have nothing to store."""
    found = ["NORM_CELL", "ACID_S"] if cracks else []
    if "SX" in allowed:
        found += SEPARATION
    return found + [process for process in ("METAL", "ALLOY") if process in allowed]


def _about(process: str) -> str:
    if process == "ACID_S":
        return "in no site's allowed_tech: allowed where cracking is (fault 3)"
    if process == "NORM_CELL":
        return "residue cells stand with cracking (fault 3)"
    return ""


def _mine(site: Record, d: Deposit) -> Iterator[dict[str, Any]]:
    start = int(d.row["earliest_start_year"])
    dug = "mine development and mining cost are the deposit's own, without site factors"
    once = {}
    if d.life_years is not None:
        once["last_year"] = start + d.life_years - 1
        dug += "; last_year: one mine, whose life is the reserve's"
    yield _option(site, mine(d), start, dug, capex_factor=1.0, opex_factor=1.0, **once)
    most = float(d.row["max_ore_t_per_y"])
    fitting = tuple(r["size"] for r in technology(d.row["ben_tech"]) if float(r["capacity_per_y"]) <= most)
    yield _option(site, benefication(d), start, "sizes up to the most ore a year", sizes=fitting)


def _option(site: Record, process: str, first: int, note: str, **given: Any) -> dict[str, Any]:
    row = {
        "node": node_of(site),
        "process": process,
        "max_units": 1,
        "capex_factor": float(site["construction_cost_factor"]),
        "opex_factor": float(site["labour_cost_factor"]),
        "first_year": first,
        **given,
    }
    return {**row, **site.known(note=note)}


def _supply(site: Record) -> Iterator[dict[str, Any]]:
    power = float(site["power_available_mw"]) * HOURS
    steps = (
        ("power", "power_cost_usd_per_mwh", power, f"{site['power_available_mw']} MW x {HOURS:,} h"),
        ("water", "water_cost_usd_per_m3", float(site["water_available_m3_per_y"]), "water available"),
    )
    for utility, price, limit, note in steps:
        row = {"node": node_of(site), "utility": utility, "price_usd": float(site[price]), "limit_y": limit}
        yield {**row, **site.known(note=note)}


def _periods() -> Iterator[dict[str, Any]]:
    known = assumed("short periods while plants are built, four years later: earliest starts are 2030-2034 (fault 8)")
    start = FIRST_YEAR
    for years in PERIOD_YEARS:
        yield {"period": f"{start}-{(start + years - 1) % 100}", "start_year": start, "years": years, **known}
        start += years
