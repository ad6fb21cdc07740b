"""What only the whole network shows: markets out of reach, plants that can never run, contracts nothing can meet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter
from sound import HEADER

from khovor.errors import Issue
from khovor.run import examine
from khovor.workbook import TABLES, write
from support import SETTINGS, Rows, one_mine

MINE = one_mine()
(LANE,) = MINE["lanes"]
(MARKET,) = MINE["markets"]
TWO = [{"product": "ore", "transport_class": "bulk"}, {"product": "acid", "transport_class": "dg"}]
DRAWS_POWER: dict[str, Rows] = {
    "utilities": [{"utility": "power", "unit": "MWh"}],
    "utility_use": [{"process": "mine", "utility": "power", "use_per_t": 1}],
}


def examined(folder: Path, tables: dict[str, Rows]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Errors and warnings of a workbook and its network."""
    path = folder / "case.xlsx"
    write(path, tables, SETTINGS, only=())
    found = examine(path)
    return found.errors, found.warnings


def cell(table: str, row: int, column: str) -> str:
    """The cell of a column in a data row of a workbook that is written."""
    titles = [c.name for c in TABLES[table].columns]
    return f"{get_column_letter(1 + titles.index(column))}{HEADER + 1 + row}"


def test_a_sound_network(tmp_path: Path) -> None:
    """The mine whose ore reaches its market has nothing to be said of it."""
    assert examined(tmp_path, MINE) == ((), ())


@pytest.mark.parametrize(
    "lane",
    [
        {"from": "M", "to": "D"},
        {"capacity_t_y": 0},
        {"classes": "dg"},
        {"first_year": 2040},
        {"status": "project"},
        {"to": "N"},
    ],
    ids=lambda lane: "-".join(lane),
)
def test_a_market_no_lane_reaches(tmp_path: Path, lane: dict[str, object]) -> None:
    """The wrong way, shut, for other goods, too late, not built, or somewhere else: a warning at the market."""
    nodes = [*MINE["nodes"], {"node": "N", "kind": "hub"}]
    errors, warnings = examined(tmp_path, one_mine(nodes=nodes, products=TWO, lanes=[{**LANE, **lane}]))
    market = next(w for w in warnings if w.sheet == "markets")
    assert errors == ()
    assert market.cell == cell("markets", 0, "product")
    assert market.message == "Nothing can ever be sold here: no open lane brings ore at M to this market."
    assert (market.found, market.severity) == ("ore at M", "warning")
    assert {w.sheet for w in warnings} == {"markets", "sites", "lanes"}


@dataclass(frozen=True)
class Idle:
    """Tables with a plant that can never run, and why."""

    name: str
    tables: dict[str, Rows]
    why: str


IDLE = [
    Idle(
        "no input",
        {"products": TWO, "recipes": [*MINE["recipes"], {**MINE["recipes"][0], "product": "acid", "t_per_t": -0.1}]},
        "mine at D can never run: acid never reaches it.",
    ),
    Idle("no power", DRAWS_POWER, "mine at D can never run: no utility_supply of power there."),
    Idle(
        "power elsewhere",
        {**DRAWS_POWER, "utility_supply": [{"node": "M", "utility": "power", "price_usd": 1}]},
        "mine at D can never run: no utility_supply of power there.",
    ),
    Idle(
        "no outlet",
        {"products": TWO, "recipes": [*MINE["recipes"], {**MINE["recipes"][0], "product": "acid", "t_per_t": 0.1}]},
        "mine at D can never run: some output has neither a market, a plant, nor a disposal_usd_t.",
    ),
    Idle(
        "too long to build",
        {"processes": [{"process": "mine", "build_years": 5}]},
        "mine at D can never be available within the horizon.",
    ),
]


@pytest.mark.parametrize("idle", IDLE, ids=lambda idle: idle.name)
def test_a_plant_that_can_never_run(tmp_path: Path, idle: Idle) -> None:
    """A plant that can never be fed, powered, relieved or built: a warning at its site with what is missing."""
    errors, warnings = examined(tmp_path, one_mine(**idle.tables))
    assert errors == ()
    (site,) = [w for w in warnings if w.sheet == "sites"]
    assert (site.cell, site.message) == (cell("sites", 0, "process"), idle.why)
    assert site.expected


GATE = [{"gate": "g", "capacity_t_y": 60}]
TWO_LANES = [LANE, {**LANE, "lane": "D-M 2"}]

SHORT: list[tuple[str, dict[str, Rows], float]] = [
    ("capacity of the plant", {}, 100),
    ("capacity of the lane", {"lanes": [{**LANE, "capacity_t_y": 60}]}, 60),
    ("capacity of two lanes", {"lanes": [{**lane, "capacity_t_y": 30} for lane in TWO_LANES]}, 60),
    ("a gate they share", {"gates": GATE, "lanes": [{**lane, "gate": "g"} for lane in TWO_LANES]}, 60),
    ("losses", {"lanes": [{**LANE, "loss_share": 0.25, "capacity_t_y": 80}]}, 60),
    (
        "a project that widens the lane",
        {
            "lanes": [{**LANE, "status": "project"}],
            "projects": [{"project": "p", "capex_musd": 1}],
            "project_effects": [{"project": "p", "target_type": "lane", "target": "D-M", "adds": 60}],
        },
        60,
    ),
    (
        "offers to buy",
        {"sites": [], "purchases": [{"node": "D", "product": "ore", "price_usd_t": 1, "max_t_y": 60}]},
        60,
    ),
    (
        "an offer on the spot, past a narrow lane",
        {
            "lanes": [{**LANE, "capacity_t_y": 10}],
            "purchases": [{"node": "M", "product": "ore", "price_usd_t": 1, "max_t_y": 60}],
        },
        160,
    ),
]


@pytest.mark.parametrize(("name", "tables", "most"), SHORT, ids=[short[0] for short in SHORT])
def test_a_contract_larger_than_all_that_can_arrive(
    tmp_path: Path, name: str, tables: dict[str, Rows], most: float
) -> None:
    """A hard contract a tonne above the most that can arrive is an error at its market; at the most it is none."""
    contract = one_mine(**tables, markets=[{**MARKET, "min_t_y": most + 1}])
    errors, _ = examined(tmp_path, contract)
    (error,) = errors
    assert (error.sheet, error.cell) == ("markets", cell("markets", 0, "product"))
    assert error.message == (
        f"The contract asks for {most + 1:g} t/y of ore in p1, more than all that can ever arrive ({most:g} t/y)."
    )
    (tmp_path / "case.xlsx").unlink()
    assert examined(tmp_path, one_mine(**tables, markets=[{**MARKET, "min_t_y": most}]))[0] == ()


def test_a_contract_with_a_penalty_may_be_too_large(tmp_path: Path) -> None:
    """What may be missed at a price is no error."""
    tables = one_mine(markets=[{**MARKET, "min_t_y": 500, "shortfall_usd_t": 1}])
    assert examined(tmp_path, tables) == ((), ())


def test_a_contract_nothing_reaches(tmp_path: Path) -> None:
    """A contract at a market without a lane is an error that says that nothing arrives."""
    nodes = [*MINE["nodes"], {"node": "F", "kind": "market"}]
    tables = one_mine(nodes=nodes, markets=[MARKET, {**MARKET, "node": "F", "min_t_y": 1}])
    (error,) = examined(tmp_path, tables)[0]
    assert error.cell == cell("markets", 1, "product")
    assert "more than all that can ever arrive (0 t/y)" in error.message


HOP = {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1, "both_ways": "yes"}
THROUGH: dict[str, Rows] = {
    "nodes": [
        *MINE["nodes"],
        {"node": "C", "kind": "hub", "territory": "CN"},
        {"node": "H", "kind": "hub", "territory": "KR"},
    ],
    "lanes": [
        {**HOP, "lane": "D-C", "to": "C"},
        {**HOP, "lane": "C-H", "from": "C", "to": "H"},
        {**HOP, "lane": "H-M", "from": "H", "both_ways": "no"},
    ],
}
"""Ore goes through China to a hub in Korea, and may come back."""


@pytest.mark.parametrize(
    ("pile", "subject", "told"),
    [("H", "CN", True), ("H", "CN:land", True), ("C", "CN", False), ("D", "US", False), ("H", "KR", False)],
)
def test_a_stockpile_that_forgets(tmp_path: Path, pile: str, subject: str, told: bool) -> None:
    """Ore stored beyond China counts as not having been there: a warning at the policy; none where it makes no odds."""
    policy = {"policy": "away", "measure": "transit_share", "subject": subject, "sense": "max", "limit": 0.5}
    stored = [{"node": pile, "product": "ore", "capacity_t": 10}]
    path = tmp_path / "case.xlsx"
    tables = one_mine(**THROUGH, policies=[policy], stockpiles=stored)
    write(path, tables, {**SETTINGS, "home_territory": "MN"}, only=())
    warnings = examine(path).warnings
    assert [(w.sheet, w.cell, w.found) for w in warnings] == [
        ("policies", cell("policies", 0, "limit"), "ore at H")
    ] * told
    assert all("counts in away as not having been in CN" in w.message for w in warnings)


@pytest.mark.parametrize(("technology", "told"), [("", True), ("CN", False), ("US", False)])
def test_a_technology_rule_that_can_bind_nothing(tmp_path: Path, technology: str, told: bool) -> None:
    """No Chinese technology, where no process says whose it is: a warning at the conditions; none once one says so."""
    loan = {"instrument": "loan", "kind": "loan", "share_max": 0.5, "rate": 0.03, "tenor_years": 5}
    tables = one_mine(
        nodes=[*MINE["nodes"], {"node": "C", "kind": "market", "territory": "CN"}],
        lanes=[LANE, {**LANE, "lane": "D-C", "to": "C"}],
        markets=[MARKET, {**MARKET, "node": "C"}],
        processes=[{"process": "mine", **({"technology": technology} if technology else {})}],
        instruments=[{**loan, "conditions": "no_sale:CN; no_technology:CN"}],
    )
    errors, warnings = examined(tmp_path, tables)
    assert errors == ()
    found = [(w.sheet, w.cell, w.found) for w in warnings]
    assert found == [("instruments", cell("instruments", 0, "conditions"), "no_technology:CN")] * told
