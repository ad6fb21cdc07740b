"""The picture of the README comes out of a run folder by one command."""

from __future__ import annotations

from pathlib import Path

from report_cases import content_of, two_ways

from khovor.report.sheets.results import write_results
from support import DOCS, docs_script


def test_picture_of_the_readme_is_the_map_of_the_run(tmp_path: Path) -> None:
    """It is taken as it stands in results.xlsx, and the one in docs/ is such a picture, named by the README."""
    write_results(tmp_path / "results.xlsx", content_of(two_ways()))
    (picture,) = docs_script("pictures").write(tmp_path, tmp_path)
    assert picture.name == "corridors.png"
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" == (DOCS / picture.name).read_bytes()[:8]
    assert f"docs/{picture.name}" in (DOCS.parent / "README.md").read_text(encoding="utf-8")
