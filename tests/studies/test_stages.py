"""`khovor stages`: values worked out by hand, never falling from stage to stage; stages derived or named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from random_worlds import random_world

from cli.command import khovor, written
from support import Rows, one_mine

MADE = {"mine": {"ore": 1}, "mill": {"ore": -1, "conc": 0.5}, "smelter": {"conc": -1, "metal": 0.5}}

PRICES = {"ore": 20000, "conc": 60000, "metal": 100000}


def chain(**changes: Rows) -> dict[str, Rows]:
    """100 t of ore sold as it is, as 50 t of concentrate, or as 25 t of metal; freight 1,000 USD/t.

    Ore: 1.9 - 1 = 0.9; concentrate: 2.95 - 1.5 = 1.45; metal: 2.475 - 1.6 = 0.875 [MUSD].
    """
    capex = {"mine": 1, "mill": 0.5, "smelter": 0.1}
    return one_mine(
        **{
            "products": [{"product": p, "name": p.title()} for p in PRICES],
            "processes": [{"process": k} for k in MADE],
            "recipes": [
                {"process": k, "recipe": "run", "product": p, "t_per_t": t}
                for k, balance in MADE.items()
                for p, t in balance.items()
            ],
            "sizes": [{"process": k, "size": "s", "capacity_t_y": 100, "capex_musd": c} for k, c in capex.items()],
            "sites": [{"node": "D", "process": k} for k in MADE],
            "markets": [{"node": "M", "product": p, "price_usd_t": price} for p, price in PRICES.items()],
            **changes,
        }
    )


def told(folder: Path, tables: Mapping[str, Rows], *options: object, code: int = 0, **settings: object) -> Any:
    """The document of the stages of a case."""
    answer = khovor("stages", written(folder, tables, **settings), "--out", folder / "run", "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def column(document: Mapping[str, Any], key: str) -> list[Any]:
    """One key of every stage."""
    return [stage[key] for stage in document["stages"]]


def test_where_to_stop(tmp_path: Path) -> None:
    """Ore 0.9, concentrate 1.45; metal would be worth less, so with it allowed the plan still stops before."""
    found = told(tmp_path, chain())
    assert column(found, "stage") == ["Ore", "Conc", "Metal"]
    assert column(found, "processes") == [["mine"], ["mill"], ["smelter"]]
    assert column(found, "value") == pytest.approx([0.9, 1.45, 1.45])
    assert column(found, "bound") == pytest.approx([0.9, 1.45, 1.45])
    assert column(found, "capital") == pytest.approx([1.0, 1.5, 1.5])
    assert [s["adds"] and s["adds"]["value"] for s in found["stages"]] == [
        None,
        pytest.approx(0.55),
        pytest.approx(0.0),
    ]
    assert found["stages"][1]["sold"] == {"conc": pytest.approx(50.0)}
    assert (found["best"], found["status"], found["derived"]) == ("Conc", "optimal", True)


@pytest.mark.slow
def test_stages_side_by_side(tmp_path: Path) -> None:
    """Two at a time, none from the plan of another, find the same values."""
    found = told(tmp_path, chain(), "--jobs", 2)
    assert column(found, "value") == pytest.approx([0.9, 1.45, 1.45])
    assert column(found, "bound") == pytest.approx([0.9, 1.45, 1.45])
    assert (found["best"], found["status"]) == ("Conc", "optimal")


def test_named_stages(tmp_path: Path) -> None:
    """Two stages as the analyst names them; what is named nowhere is free."""
    found = told(tmp_path, chain(), "--stage", "Raw=Mine", "--stage", "Metal=smelter")
    assert column(found, "stage") == ["Raw", "Metal"]
    assert column(found, "value") == pytest.approx([1.45, 1.45])
    assert found["derived"] is False


def test_a_mill_that_stands_may_not_run(tmp_path: Path) -> None:
    """An existing mill costs its upkeep of 0.2 a year at every stage, and concentrates only from its own on."""
    mill = {"node": "D", "process": "mill", "status": "existing", "existing_size": "s", "existing_units": 1}
    sizes = [
        {"process": k, "size": "s", "capacity_t_y": 100, "capex_musd": c, "fixed_opex_musd_y": f}
        for k, c, f in (("mine", 1, 0), ("mill", 0.5, 0.2), ("smelter", 0.1, 0))
    ]
    sites = [{"node": "D", "process": "mine"}, mill, {"node": "D", "process": "smelter"}]
    found = told(tmp_path, chain(sizes=sizes, sites=sites))
    assert column(found, "value")[1:] == pytest.approx([1.75, 1.75])
    assert column(found, "value")[0] == pytest.approx(0.9, abs=0.2 + 1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_more_stages_are_never_worth_less(seed: int, tmp_path: Path) -> None:
    """In random worlds values do not fall from stage to stage (nor costs rise), and no value beats its bound."""
    tables, settings = random_world(seed)
    found = told(tmp_path, tables, "--stage", "ore=mine", "--stage", "conc=mill", "--stage", "acid=boiler", **settings)
    sign = -1.0 if found["sense"] == "minimize" else 1.0
    values, bounds = ([sign * v for v in column(found, key)] for key in ("value", "bound"))
    assert values == sorted(values)
    assert bounds == sorted(bounds)
    assert all(v <= b + 1e-9 for v, b in zip(values, bounds, strict=True))
    assert found["verified"]["passed"] is True


def test_the_folder(tmp_path: Path) -> None:
    """The usual files, a sheet with a row for each stage and a chart."""
    told(tmp_path, chain())
    folder = tmp_path / "run"
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    sheet = load_workbook(folder / "results.xlsx")["Stages"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)].count("Conc") == 2
    assert len(sheet._charts) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--stage", "ore"), "--stage takes NAME=process,process"),
        (("--stage", "ore=mien", "--stage", "conc=mill"), "Did you mean mine?"),
        (("--stage", "ore=mine", "--stage", "conc=mine,mill"), "named in two stages"),
        (("--stage", "all=mine,mill,smelter"), "fewer than two stages"),
    ],
)
def test_usage(arguments: tuple[object, ...], says: str, tmp_path: Path) -> None:
    """Stages that mean nothing here: exit code 2, and what would be right."""
    answer = khovor("stages", written(tmp_path, chain()), *arguments, "--out", tmp_path / "run")
    assert answer.returncode == 2, answer.stderr
    assert says in answer.stderr
