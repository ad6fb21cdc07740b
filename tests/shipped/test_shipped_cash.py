"""The sheet Cash flow of the shipped case, recalculated by LibreOffice, ties to khovor's own figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.command import khovor
from khovor.report.sheets.cash_grid import EXPECTED
from report.office import NEEDS_OFFICE, recalculate, verdicts
from support import PATIENCE_S

pytestmark = [*NEEDS_OFFICE, pytest.mark.slow]

CASE = Path(__file__).parents[2] / "inputs" / "mongolia.xlsx"


def test_the_shipped_case_ties(tmp_path: Path) -> None:
    """A plan within 5%, or as good as two minutes find: NPV and IRR of every future to 1e-6, and every check is OK."""
    out = tmp_path / "run"
    answer = khovor("solve", CASE, "--gap", 0.05, "--time-limit", PATIENCE_S, "--out", out, "--quiet")
    assert answer.returncode in (0, 1), answer.stderr
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["builds"]
    book = recalculate([out / "results.xlsx"], tmp_path)["results"]
    assert book["Checks"]["B4"].value == "OK", [name for name, v in verdicts(book).items() if v != "OK"]
    rows = [[cell.value for cell in row] for row in book["Cash flow"].iter_rows(max_col=4)]
    top = next(k for k, row in enumerate(rows) if row[0] == "Project flow, as valued" and row[1] == "Probability") + 1
    figures = summary["finance"]
    assert rows[top][0] == EXPECTED
    assert rows[top][2] == pytest.approx(summary["objective"], rel=1e-6)
    told = [figures, *figures["scenarios"].values()]
    for row, own in zip(rows[top : top + len(told)], told, strict=True):
        assert row[2] == pytest.approx(own["npv"], rel=1e-6), row[0]
        assert row[3] == ("none" if own["irr"] is None else pytest.approx(own["irr"], rel=1e-6)), row[0]
