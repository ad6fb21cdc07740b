"""Workbooks recalculated by a real spreadsheet program: LibreOffice without a window."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from support import PATIENCE_S

NEEDS_OFFICE = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine"),
]


def recalculate(paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Workbooks by the stem of their file, as LibreOffice computes them: values, no formulas."""
    profile, out = f"-env:UserInstallation={(folder / 'profile').as_uri()}", folder / "out"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=PATIENCE_S)
    return {path.stem: openpyxl.load_workbook(path, data_only=True) for path in out.iterdir()}


def verdicts(book: Any) -> dict[str, str]:
    """What the Checks sheet says of every tie and rule."""
    rows = book["Checks"].iter_rows(min_row=6, max_col=6, values_only=True)
    return {row[0]: row[5] for row in rows if row[5] in ("OK", "BROKEN")}
