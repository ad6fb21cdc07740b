"""The reference pages under docs/ are what the code prints."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["workbook.md", "summary.md", "mathematics.md", "commands.md"])
def test_page_is_current(name: str) -> None:
    """A page equals what `python docs/generate.py` writes."""
    assert (DOCS / name).read_text(encoding="utf-8") == generator().page(name)
