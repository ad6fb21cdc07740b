"""Running the command, within the test or in a process of its own as an analyst does, and the workbooks it is given."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from khovor import workbook
from khovor.cli import app
from support import PATIENCE_S, SETTINGS, Rows, one_mine

MODEL = Path(workbook.__file__).parents[2]


def environment() -> dict[str, str]:
    """This process's environment, with the package under test importable and no terminal colours."""
    return {**os.environ, "PYTHONPATH": str(MODEL), "NO_COLOR": "1"}


def command_line(*arguments: object) -> list[str]:
    """`khovor ARGUMENTS` for a process of its own."""
    return [sys.executable, "-m", "khovor", *map(str, arguments)]


def process(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`khovor ARGUMENTS` in a process of its own: what it said on the real streams, and its exit code."""
    return subprocess.run(
        command_line(*arguments), cwd=cwd, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S
    )


def khovor(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The same within this process, a second or two faster."""
    with chdir(cwd or Path.cwd()):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def written(folder: Path, tables: Mapping[str, Rows] | None = None, **settings: object) -> Path:
    """A workbook `case.xlsx` in a folder; without tables, the mine whose value is 0.9 MUSD."""
    path = folder / "case.xlsx"
    told = {"title": "A mine", **SETTINGS, **settings}
    workbook.write(path, tables or one_mine(), told, title="A case of the tests")
    return path


def two_contracts() -> dict[str, Rows]:
    """Two hard contracts that 100 t/y can meet one by one, but not together."""
    tables = one_mine()
    markets = [
        {"node": "M", "product": "ore", "tier": tier, "price_usd_t": 20000, "min_t_y": 80, "max_t_y": 80}
        for tier in (1, 2)
    ]
    return {**tables, "markets": markets}


def market_split(*, soft: bool, plants: int = 40, products: int = 5) -> dict[str, Rows]:
    """Plants that run fully or not at all, whose outputs must add up to exactly half of all there could be.

    The market split problem: no solver proves it within a test's patience. `soft` prices what is missing, so that a
    plan is found at once; otherwise none is found.
    """
    dice = random.Random(1)
    names = [f"p{k}" for k in range(products)]
    share = {(i, name): dice.randint(1, 99) for i in range(plants) for name in names}
    half = {name: sum(share[i, name] for i in range(plants)) // 2 for name in names}
    price: dict[str, object] = {"shortfall_usd_t": 5000} if soft else {}
    makers = [f"k{i}" for i in range(plants)]
    return one_mine(
        products=[{"product": name} for name in names],
        processes=[{"process": maker} for maker in makers],
        recipes=[
            {"process": f"k{i}", "recipe": "make", "product": name, "t_per_t": amount}
            for (i, name), amount in share.items()
        ],
        sizes=[{"process": maker, "size": "s", "capacity_t_y": 10, "min_load": 1} for maker in makers],
        sites=[{"node": "D", "process": maker} for maker in makers],
        markets=[
            {"node": "M", "product": name, "price_usd_t": 0, "min_t_y": amount * 10, "max_t_y": amount * 10, **price}
            for name, amount in half.items()
        ],
    )


def changed(rows: Rows, place: int, **cells: Any) -> Rows:
    """Rows with some cells of one of them changed."""
    return [{**row, **cells} if i == place else row for i, row in enumerate(rows)]
