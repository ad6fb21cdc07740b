"""What a command imports, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support import PATIENCE_S


def said(program: str) -> str:
    """What a program prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = [sys.executable, "-c", program]
    return subprocess.run(ran, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout


def test_statistics_are_not_imported_by_a_solve() -> None:
    """The command with all it imports, and a plan found: the parts of scipy that Pyomo would have are not there."""
    solve = "import sys, khovor.cli; from support import one_mine, solved; print(solved(one_mine()).objective)"
    value, there = said(f"{solve}; print('scipy.stats' in sys.modules)").split()
    assert (round(float(value), 9), there) == (0.9, "False")


def test_pyomo_has_them_when_it_asks() -> None:
    """Pyomo's own scipy is all of it, whether scipy or khovor was imported first."""
    asks = "from pyomo.common.dependencies import scipy; print(scipy.stats.norm.cdf(0.0), scipy.sparse.__name__)"
    for first in ("import khovor", "import scipy.optimize, khovor"):
        assert said(f"{first}; {asks}").split() == ["0.5", "scipy.sparse"]


def test_what_draws_the_map_is_not_imported_without_one(tmp_path: Path) -> None:
    """A run whose places have no coordinates writes its results without what takes as long to import as the rest."""
    run = "from khovor.run import Options, run; from command import written; from pathlib import Path"
    solve = (
        f"{run}; path = Path({str(tmp_path)!r}); print(run(written(path), Options(out=path / 'run')).written is None)"
    )
    assert (
        said(f"{solve}; import sys; print('altair' in sys.modules, 'vl_convert' in sys.modules)").split()
        == ["False"] * 3
    )
