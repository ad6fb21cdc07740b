"""The Gobi hub of the dossier (deposits.md), rebuilt from the shipped tables: tonnes and capital within 5%.

The hub mines 2 Mt/y at Khotgor, 1 Mt/y at Mushgai Khudag and 30 kt/y at Lugiin Gol, cracks all concentrate at
Tsogttsetsii and separates at Sainshand or Darkhan. deposits.md scales every plant to the tonne by its exponent; here it
is the smallest sizes on offer: large, medium and medium concentrators, the hub size of cracking and of separation, a
large residue cell. Its capital counts no site infrastructure at Tsogttsetsii (15 MUSD); here it is in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import pytest

from inputs.mongolia import guide, tables
from khovor.case import Case, Commodity, Recipe, build_case
from khovor.workbook import from_tables

ORE = {"D_KTG": 2e6, "D_MUS": 1e6, "D_LUG": 3e4}
CONCENTRATORS = ("BEN_KTG", "BEN_MUS", "BEN_LUG")
WITHIN = 0.05

AT_THE_MINES = (
    *((node, "INFRA", "site") for node in ORE),
    ("D_KTG", "MINE_KTG", "full"),
    ("D_MUS", "MINE_MUS", "full"),
    ("D_LUG", "MINE_LUG", "full"),
    ("D_KTG", "BEN_KTG", "large"),
    ("D_MUS", "BEN_MUS", "medium"),
    ("D_LUG", "BEN_LUG", "medium"),
)
CRACKING = (("S_TTG", "INFRA", "site"), ("S_TTG", "NORM_CELL", "large"))


@cache
def shipped() -> Case:
    """The case of the tables."""
    return build_case(from_tables(tables(), guide.SETTINGS))


def recipes(process: str) -> list[Recipe]:
    """The recipes of a process, one per feed and origin."""
    found = {(r.name, r.origin): r for plant in shipped().plants for r in plant.recipes if r.process == process}
    return [r for r in found.values() if not process.startswith("BEN_") or r.origin == f"D_{process[4:]}"]


def run(*processes: str) -> tuple[dict[str, float], dict[Commodity, float]]:
    """Put a year's ore through these steps: activity by process, and what is left (negative: bought) [t/y]."""
    left: dict[Commodity, float] = defaultdict(float, {Commodity("ore", node): t for node, t in ORE.items()})
    activity: dict[str, float] = defaultdict(float)
    for process in processes:
        for recipe in recipes(process):
            feed = next(c for c, amount in recipe.balance.items() if amount < 0 and c.origin)
            done = left[feed] / -recipe.balance[feed]
            activity[process] += done
            for commodity, amount in recipe.balance.items():
                left[commodity] += amount * done
    return activity, left


def tonnes(left: dict[Commodity, float], product: str) -> float:
    """Tonnes of a product over all origins."""
    return sum(t for commodity, t in left.items() if commodity.product == product)


def capital(units: Sequence[tuple[str, str, str]]) -> float:
    """Capital of one unit of each (node, process, size) [MUSD]."""
    options = {o.key[:3]: o for plant in shipped().plants for o in plant.options}
    return sum(options[unit].capex_musd for unit in units)


def capacity(process: str, size: str) -> float:
    """Capacity of one unit [t/y of feed]."""
    return next(o.capacity_t_y for p in shipped().plants for o in p.options if o.key[1:3] == (process, size))


def near(expected: float) -> object:
    """Within 5%."""
    return pytest.approx(expected, rel=WITHIN)


def test_cerium_depleted_route_makes_the_tonnes_of_the_dossier() -> None:
    """Ore to oxide: 5,618 t NdPr oxide, 1.2 kt REO of heavies, 229 kt acid, 127 kt residue, 157 + 106 kt reagents."""
    activity, left = run(*CONCENTRATORS, "CRACK_CED", "SX_L")
    assert tonnes(left, "ndpr_ox") == near(5618)
    assert 0.76 * tonnes(left, "hree_conc") == near(1200)
    assert -tonnes(left, "h2so4") == near(229_000)
    assert tonnes(left, "norm_res") == near(127_000)
    assert -tonnes(left, "reagents_imp") - tonnes(left, "reagents_dom") == near(157_000 + 106_000)
    assert 0.55 * activity["SX_L"] == near(17_600)


def test_carbonate_route_contains_the_neodymium_of_the_dossier() -> None:
    """Ore to full carbonate: 5,762 t NdPr and 29.6 kt REO contained, about 54 kt of product."""
    _, left = run(*CONCENTRATORS, "CRACK_SA")
    content = {
        d.node: next(r for r in recipes("SX_L") if (r.name, r.origin) == ("mrec", d.node)).balance
        for d in shipped().deposits
        if d.node in ORE
    }
    recovery = 0.975
    ndpr = sum(left[Commodity("mrec", n)] * b[Commodity("ndpr_ox", "")] / recovery for n, b in content.items())
    assert ndpr == near(5762)
    assert 0.55 * tonnes(left, "mrec") == near(29_600)
    assert tonnes(left, "mrec") == near(54_000)


def test_plants_of_the_hub_are_large_enough() -> None:
    """The sizes whose capital is compared below can run what the hub makes."""
    activity, left = run(*CONCENTRATORS, "CRACK_CED", "SX_L")
    assert activity["CRACK_CED"] <= capacity("CRACK_CED", "hub")
    assert activity["SX_L"] <= capacity("SX_L", "hub")
    assert tonnes(left, "norm_res") <= capacity("NORM_CELL", "large")


@pytest.mark.parametrize(("site", "expected"), [("S_SAI", 1961), ("S_DAR", 1914)])
def test_capital_of_the_oxide_hub(site: str, expected: float) -> None:
    """Mines, cracking at Tsogttsetsii and light separation at Sainshand or Darkhan cost what deposits.md says."""
    separation = ((site, "INFRA", "site"), (site, "SX_L", "hub"))
    assert capital((*AT_THE_MINES, *CRACKING, ("S_TTG", "CRACK_CED", "hub"), *separation)) == near(expected)


def test_capital_of_the_carbonate_hub() -> None:
    """Mines and full cracking at Tsogttsetsii cost what deposits.md says: 1,313 MUSD."""
    assert capital((*AT_THE_MINES, *CRACKING, ("S_TTG", "CRACK_SA", "hub"))) == near(1313)
