"""The reference pages under docs/ are what the code prints."""

from __future__ import annotations

import pytest

from support import DOCS, docs_script


@pytest.mark.parametrize("name", ["workbook.md", "summary.md", "mathematics.md", "commands.md"])
def test_page_is_current(name: str) -> None:
    """A page equals what `python docs/generate.py` writes."""
    assert (DOCS / name).read_text(encoding="utf-8") == docs_script("generate").page(name)
