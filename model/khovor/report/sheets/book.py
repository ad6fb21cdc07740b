"""The results workbook being written: its pages, and what must hold between their cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook as Excel

from khovor.report.sheets.page import Page


class Tie(NamedTuple):
    """Two amounts that must agree, each a live formula (without `=`) or a number; `allowed` is relative."""

    name: str
    left: str
    right: str
    allowed: float


@dataclass
class Book:
    """The workbook and the ties its sheets have declared so far; the Checks sheet prints them as live formulas."""

    excel: Any = field(default_factory=Excel)
    ties: list[Tie] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.excel.remove(self.excel.active)

    def page(self, name: str, title: str, note: str = "") -> Page:
        """A new sheet at the end."""
        return Page(self.excel.create_sheet(name), title, note)

    def tie(self, name: str, left: str, right: str | float, allowed: float = 1e-6) -> None:
        """Declare that two amounts agree."""
        self.ties.append(Tie(name, left, right if isinstance(right, str) else repr(float(right)), allowed))

    def save(self, path: Path) -> None:
        """Write the file. Raises OSError as the disk does."""
        self.excel.save(path)
