"""The picture of the README comes out of a run folder by one command."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from report_cases import content_of, two_ways

from khovor.report.sheets.results import write_results

DOCS = Path(__file__).parents[2] / "docs"


def pictures() -> ModuleType:
    """docs/pictures.py as a module."""
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_picture_of_the_readme_is_the_map_of_the_run(tmp_path: Path) -> None:
    """It is taken as it stands in results.xlsx, and the one in docs/ is such a picture, named by the README."""
    write_results(tmp_path / "results.xlsx", content_of(two_ways()))
    (picture,) = pictures().write(tmp_path, tmp_path)
    assert picture.name == "corridors.png"
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" == (DOCS / picture.name).read_bytes()[:8]
    assert f"docs/{picture.name}" in (DOCS.parent / "README.md").read_text(encoding="utf-8")
