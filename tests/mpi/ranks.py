"""Ranks of MPI for the tests: whether they can be had, `mpiexec` beside this Python, and what a script on them says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import environment

from khovor.errors import UsageError
from khovor.solve.hedging import Crew
from support import PATIENCE_S

TESTS = Path(__file__).parents[1]


def crew() -> Crew:
    """This process as the one rank there is; without `khovor[mpi]` the tests of a file are skipped, in CI they fail."""
    try:
        return Crew()
    except UsageError as absent:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(absent), allow_module_level=True)


def on_ranks(count: int, *arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` on so many ranks: what they said on the streams, and the exit code of the first."""
    beside = Path(sys.executable).parent
    mpiexec = shutil.which("mpiexec", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    assert mpiexec is not None, "mpiexec is not installed"
    own = environment()
    own["PYTHONPATH"] = os.pathsep.join([own["PYTHONPATH"], *(str(TESTS / room) for room in ("", "model", "mpi"))])
    command = [mpiexec, "-n", str(count), sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True, timeout=PATIENCE_S)


def hedged(count: int, *worlds: str) -> dict[str, dict[str, Any]]:
    """What `hedging_script.py` says of these worlds on so many ranks."""
    answer = on_ranks(count, TESTS / "mpi" / "hedging_script.py", *worlds)
    assert answer.returncode == 0, answer.stderr
    told: dict[str, dict[str, Any]] = json.loads(answer.stdout)
    return told
