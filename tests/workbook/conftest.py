"""A fresh copy of the sound workbook for every test that breaks one."""

from __future__ import annotations

from pathlib import Path

import pytest
from sound import Broken


@pytest.fixture
def book(tmp_path: Path) -> Broken:
    """An editor of a sound workbook of its own."""
    return Broken(tmp_path)
