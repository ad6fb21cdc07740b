"""A plan to value: a workbook solved once the command's own way, its run folder kept until this process ends."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from khovor.run import Options, run


@functools.cache
def planned(workbook: Path) -> Path:
    """The run folder of a workbook; any plan will do, for what is measured is its valuation."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run(workbook, Options(time_limit_s=900.0, gap=0.2, seed=1, out=folder / "run"))
    return folder / "run"
