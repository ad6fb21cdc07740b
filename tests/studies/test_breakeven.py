"""`khovor breakeven`: prices worked out by hand and against brute force; what pays at any price, or at none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from test_brute_force import World, best_by_enumeration, random_world, tables_of

from cli.command import khovor, written
from khovor.studies.breakeven_search import Search
from khovor.studies.tasks import Record
from support import Rows, one_mine


def told(folder: Path, tables: Mapping[str, Rows], *options: object, code: int = 0, **settings: object) -> Any:
    """The document of a break-even."""
    path = folder / "case.xlsx"
    if not path.exists():
        written(folder, tables, **settings)
    answer = khovor("breakeven", path, "--out", folder / "run", "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def two_sizes(price: float) -> dict[str, Rows]:
    """100 t for 1 MUSD or 200 t for 3, freight 1,000 USD/t: the small pays from 11,000 on, the large from 16,000."""
    return one_mine(
        sizes=[
            {"process": "mine", "size": "small", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "mine", "size": "large", "capacity_t_y": 200, "capex_musd": 3},
        ],
        markets=[{"node": "M", "product": "ore", "price_usd_t": price}],
    )


def test_another_plan_pays_where_the_best_no_longer_does(tmp_path: Path) -> None:
    """At 40 USD/kg the large mine is best and pays down to 16; there the small is, and it pays down to 11."""
    found = told(tmp_path, two_sizes(40000))
    assert found["product"] == "ore"
    assert found["price"] == pytest.approx(40.0)
    assert found["breakeven"]["price"] == pytest.approx([11.0, 11.0], rel=1e-6)
    assert found["breakeven"]["factor"] == pytest.approx([0.275, 0.275], rel=1e-6)
    assert [b["size"] for b in found["breakeven"]["builds"]] == ["small"]
    assert found["as_it_stands"]["price"] == pytest.approx([16.0, 16.0], rel=1e-6)
    assert found["status"] == "optimal"
    assert found["solves"] <= 6
    assert "breaks even with ore at 11.00 USD/kg" in " ".join(found["headline"])


def test_what_does_not_pay_today(tmp_path: Path) -> None:
    """At 5 USD/kg nothing is built; the price is found above it, and there is no plan to let stand."""
    found = told(tmp_path, two_sizes(5000), "--product", "ORE")
    assert found["breakeven"]["price"] == pytest.approx([11.0, 11.0], rel=1e-6)
    assert found["as_it_stands"] is None
    assert found["value"]["objective"] == pytest.approx(0.0, abs=1e-9)


def test_what_must_be_built_though_it_loses(tmp_path: Path) -> None:
    """A forced mine that loses at 5 USD/kg is worth nothing at 11: the same from below, with and without it held."""
    overrides = [{"node": "D", "process": "mine", "size": "small", "units": 1}]
    found = told(tmp_path, {**two_sizes(5000), "overrides": overrides})
    assert found["value"]["objective"] == pytest.approx(-0.6)
    assert found["breakeven"]["price"] == pytest.approx([11.0, 11.0], rel=1e-5)
    assert found["as_it_stands"]["price"] == pytest.approx([11.0, 11.0], rel=1e-5)


def test_what_pays_at_any_price(tmp_path: Path) -> None:
    """Gold alone carries the mine: it needs no price for its silver."""
    tables = one_mine(
        products=[{"product": "gold"}, {"product": "silver", "disposal_usd_t": 0}],
        recipes=[{"process": "mine", "recipe": "dig", "product": p, "t_per_t": 1} for p in ("gold", "silver")],
        markets=[{"node": "M", "product": p, "price_usd_t": 20000} for p in ("gold", "silver")],
    )
    found = told(tmp_path, tables, "--product", "silver")
    assert found["breakeven"]["always"] is True
    assert found["breakeven"]["factor"] == [None, None]


def both_sold(**changes: Rows) -> dict[str, Rows]:
    """100 t of oxide at 20,000 USD/t, or 80 t of metal from them at 30,000 for 0.1 MUSD more; freight 1,000 USD/t."""
    return one_mine(
        **{
            "products": [{"product": "oxide", "name": "Oxide"}, {"product": "metal", "name": "Metal"}],
            "processes": [{"process": "mine"}, {"process": "smelter"}],
            "recipes": [
                {"process": "mine", "recipe": "dig", "product": "oxide", "t_per_t": 1},
                {"process": "smelter", "recipe": "melt", "product": "oxide", "t_per_t": -1},
                {"process": "smelter", "recipe": "melt", "product": "metal", "t_per_t": 0.8},
            ],
            "sizes": [
                {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
                {"process": "smelter", "size": "s", "capacity_t_y": 100, "capex_musd": 0.1},
            ],
            "sites": [{"node": "D", "process": "mine"}, {"node": "D", "process": "smelter"}],
            "markets": [
                {"node": "M", "product": "oxide", "price_usd_t": 20000},
                {"node": "M", "product": "metal", "price_usd_t": 30000},
            ],
            **changes,
        }
    )


def test_products_in_step(tmp_path: Path) -> None:
    """Metal: 2.4 f - 0.08 - 1.1; oxide: 2 f - 0.1 - 1; together nothing pays below f = 1.18/2.4, which is metal's.

    Of metal alone the case needs no price: its oxide is worth 0.9 whatever metal brings.
    """
    found = told(tmp_path, both_sold(), "--product", "oxide", "--product", "METAL", "--product", "oxide")
    assert (found["product"], found["products"]) == ("oxide", ["oxide", "metal"])
    factor = 1.18 / 2.4
    assert found["breakeven"]["factor"] == pytest.approx([factor, factor], rel=1e-6)
    assert found["prices"] == {"oxide": pytest.approx(20.0), "metal": pytest.approx(30.0)}  # no plan sells the oxide
    assert found["breakeven"]["price"] == pytest.approx([20.0 * factor] * 2, rel=1e-6)
    assert "Oxide, Metal in step, at 9.83 USD/kg" in " ".join(found["headline"])
    assert all(p["verified"]["passed"] for p in found["points"])
    alone = told(tmp_path, both_sold(), "--product", "metal", "--out", tmp_path / "alone")
    assert alone["breakeven"]["always"] is True


def test_in_step_another_product_carries_the_case(tmp_path: Path) -> None:
    """A smelter at 0.35 MUSD pays at today's prices, not at the break-even: there oxide alone is sold, at 2 f = 1.1."""
    sizes = [
        {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
        {"process": "smelter", "size": "s", "capacity_t_y": 100, "capex_musd": 0.35},
    ]
    found = told(tmp_path, both_sold(sizes=sizes), "--product", "oxide", "--product", "metal")
    assert found["breakeven"]["factor"] == pytest.approx([0.55, 0.55], rel=1e-6)
    assert found["as_it_stands"]["factor"] == pytest.approx([1.43 / 2.4] * 2, rel=1e-6)
    assert [b["process"] for b in found["breakeven"]["builds"]] == ["mine"]


def best_at(world: World, factor: float) -> float:
    """The best of all plans enumerated, at prices times a factor."""
    return best_by_enumeration(replace(world, tiers=tuple((p * factor, most) for p, most in world.tiers)))


@pytest.mark.parametrize("seed", range(6))
def test_brute_force_over_factors(seed: int, tmp_path: Path) -> None:
    """The highest factor at which the best of all enumerated plans is worth nothing, by bisection."""
    world = random_world(seed)
    low, high = 0.0, 64.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if best_at(world, middle) > 1e-12 else (middle, high)
    found = told(tmp_path, tables_of(world), "--product", "ore", discount_rate=world.rate)
    assert found["breakeven"]["factor"][1] == pytest.approx(high, rel=1e-5)
    assert found["breakeven"]["factor"][0] == pytest.approx(high, rel=1e-5)


def test_the_folder_and_resuming(tmp_path: Path) -> None:
    """The usual files and a sheet with a curve; asked again, nothing is solved again."""
    first = told(tmp_path, two_sizes(40000))
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    assert len(load_workbook(folder / "results.xlsx")["Break-even"]._charts) == 1
    again = told(tmp_path, two_sizes(40000))
    assert [p["seconds"] for p in again["points"]] == [p["seconds"] for p in first["points"]]


def solved(factor: float, value: float, bound: float) -> Record:
    """A run at a factor on the price of ore, of which the plan sells for 100 MUSD at factor 1."""
    decided = dict.fromkeys(("builds", "closures", "projects", "bookings"), ())
    told = {"objective": value, "bound": bound, "sold": {"ore": (1.0, 100.0, 1.0)}}
    return Record(f"{factor}", "", "feasible" if value < bound else "optimal", "", 0.0, {**decided, **told})


def test_weak_bounds_still_enclose_the_break_even() -> None:
    """The case is worth 100 f - 60; bounds, 30 too high, prove nothing near 0.6, so a leap goes to where they may."""

    def ask(factor: float, _: object) -> Record:
        return solved(factor, max(0.0, 100.0 * factor - 60.0), max(0.0, 100.0 * factor - 30.0))

    search = Search(ask, ("ore",))
    search.run(0.01)
    assert search.high == pytest.approx(0.6)
    assert search.low == pytest.approx(0.576 - 1.2 * 0.276)
    assert len(search.points) == 6


def test_bounds_that_fall_slowly_are_followed_down() -> None:
    """Worth 100 f - 60, of which a floor pays half what falls: bounds, 12 too high, end at 0.36, and that is seen."""

    def ask(factor: float, _: object) -> Record:
        value = 100.0 * factor - 60.0 if factor >= 0.6 else 50.0 * factor - 30.0
        return solved(factor, value, value + 12.0)

    search = Search(ask, ("ore",))
    search.run(0.01)
    assert search.high == pytest.approx(0.6)
    assert search.low is not None
    assert 0.3 < search.low <= 0.36


@pytest.mark.parametrize("late", [(0.5, 0.59), (0.5, 0.9)])
def test_a_price_that_no_time_was_left_for(late: tuple[float, float]) -> None:
    """The case is worth 100 f - 60; between two prices no plan is found in time: what pays at 0.6 stands."""
    asked = []

    def ask(factor: float, _: object) -> Record:
        asked.append(factor)
        if late[0] < factor < late[1]:
            return Record(f"{factor}", "", "no_solution", "The time limit was reached.", 0.0, {})
        return solved(factor, max(0.0, 100.0 * factor - 60.0), max(0.0, 100.0 * factor - 55.0))

    search = Search(ask, ("ore",))
    search.run(0.03)
    assert any(late[0] < factor < late[1] for factor in asked)
    assert search.high == pytest.approx(0.6)
    assert search.low is not None
    assert search.low <= 0.5


@pytest.mark.parametrize(("gap", "solves"), [(0.0, 10), (0.01, 6)])
def test_tax_does_not_slow_the_search(gap: float, solves: int) -> None:
    """Of 100 f - 60 tax takes half: steps by revenue alone would halve what is left, one after another."""

    def ask(factor: float, _: object) -> Record:
        value = max(0.0, 0.5 * (100.0 * factor - 60.0))
        return solved(factor, value, value)

    search = Search(ask, ("ore",))
    search.run(gap)
    assert search.low is not None and search.high is not None
    assert 0.6 * (1.0 - gap) - 1e-6 <= search.low <= 0.6 + 1e-6
    assert 0.6 - 1e-6 <= search.high <= 0.6 * (1.0 + gap) + 1e-5
    assert len(search.points) <= solves


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--product", "oar"), "Did you mean ore?"),
        (("--set", "settings[objective].value=cost"), "settings[objective].value=npv"),
        (("--set", "markets[M:ore].price_usd_t=100"), "say --product"),
    ],
)
def test_usage(arguments: tuple[object, ...], says: str, tmp_path: Path) -> None:
    """A product that nobody pays for, an objective without revenue, nothing sold: exit code 2, and what to do."""
    answer = khovor("breakeven", written(tmp_path), *arguments, "--out", tmp_path / "run")
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr
