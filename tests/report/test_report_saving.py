"""How results are saved: the file is the one openpyxl would write, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Excel
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart
from openpyxl.styles import Alignment, Font
from report_cases import content_of, everything

from khovor.report.sheets import book, results, saving

TEXTS = st.text(max_size=8).map(lambda text: ILLEGAL_CHARACTERS_RE.sub("", text))
NUMBERS = st.integers(-(10**18), 10**18) | st.floats()
VALUES = TEXTS | NUMBERS | st.booleans() | st.none() | st.just('=SUM(A1:B2)&"<\'"')
LOOKS = st.sampled_from(({}, {"font": Font(bold=True)}, {"number_format": "0.0%", "alignment": Alignment(indent=1)}))
CELLS = st.dictionaries(st.tuples(st.integers(1, 40), st.integers(1, 30)), st.tuples(VALUES, LOOKS), max_size=12)


def _parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook but the one that tells the time."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


def _book(cells: Mapping[tuple[int, int], Any], drawn: bool) -> Any:
    """A workbook of one sheet with a tall row, a merged range and perhaps a chart."""
    excel = Excel()
    for (row, column), (value, look) in cells.items():
        cell = excel.active.cell(row, column, value)
        for name, style in look.items():
            setattr(cell, name, style)
    excel.active.row_dimensions[3].height = 31.5
    excel.active.merge_cells("B2:D2")
    if drawn:
        excel.active.add_chart(BarChart(), "E5")
    return excel


@given(CELLS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_cells_are_written_as_openpyxl_does(cells: Mapping[tuple[int, int], Any], drawn: bool) -> None:
    """Numbers, texts with any blanks and signs, truths, formulas and nothing, in any look: the same bytes."""
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.xlsx", Path(folder) / "theirs.xlsx"
        saving.save(_book(cells, drawn), ours)
        _book(cells, drawn).save(theirs)
        assert _parts(ours) == _parts(theirs)


def test_results_are_the_file_openpyxl_would_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole results workbook, with its map, charts, filters and conditional formats, is the same in every part."""
    content = content_of(everything())
    results.write_results(tmp_path / "ours.xlsx", content)
    monkeypatch.setattr(book, "save", lambda excel, path: excel.save(path))
    results.write_results(tmp_path / "theirs.xlsx", content)
    ours = _parts(tmp_path / "ours.xlsx")
    assert len(ours) > 30
    assert ours == _parts(tmp_path / "theirs.xlsx")
