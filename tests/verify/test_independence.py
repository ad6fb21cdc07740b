"""The checker shares nothing with what it checks, and answers whatever it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
from good_plan import SETTINGS, solution_of, tables_in, tables_out

import khovor.verify
from khovor.verify import verify
from support import PATIENCE_S, case_of

MODEL = Path(khovor.verify.__file__).parents[2]


def test_the_model_is_not_loaded() -> None:
    """The checker and all it imports load neither network, formulation nor solver, and not even Pyomo.

    The package's front door (`khovor.solve`) does, so the script stands in for it.
    """
    script = (
        "import sys, types; front = types.ModuleType('khovor'); "
        f"front.__path__ = [{str(MODEL / 'khovor')!r}]; sys.modules['khovor'] = front; import khovor.verify; "
        "print(*(m for m in sys.modules if m.startswith(('khovor.', 'pyomo', 'highspy'))))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(MODEL)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    loaded = set(answer.stdout.split())
    assert "khovor.verify" in loaded
    assert not {m for m in loaded if m.startswith(("pyomo", "highspy"))}
    assert not loaded & {"khovor.network", "khovor.formulation", "khovor.solve", "khovor.solution"}


def test_what_cannot_be_read_is_a_failure_not_an_exception() -> None:
    """A plan without any table, or with tables of nonsense, is refused with a reason."""
    case = case_of(tables_in(), **SETTINGS)
    plan = solution_of(case, tables_out(case))
    assert not verify(case, replace(plan, tables={})).passed
    nonsense = {name: pd.DataFrame({c: ["?", None, 3.5] for c in frame}) for name, frame in plan.tables.items()}
    verdict = verify(case, replace(plan, tables=nonsense))
    assert not verdict.passed
    assert all(failure.message for failure in verdict.failures)
