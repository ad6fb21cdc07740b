"""results.xlsx: the table of contents of the results workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook as Excel

from khovor.report import flow_sheets, money_sheets, plan_sheets, trust_sheets
from khovor.report.content import Content

SHEETS: Final[tuple[Callable[[Any, Content], None], ...]] = (
    plan_sheets.summary,
    plan_sheets.build_plan,
    plan_sheets.sites,
    flow_sheets.lanes,
    flow_sheets.corridors,
    flow_sheets.production,
    flow_sheets.sales,
    flow_sheets.stocks_and_utilities,
    money_sheets.money,
    money_sheets.scenarios,
    money_sheets.shadow_prices,
    trust_sheets.checks,
    trust_sheets.assumptions,
    trust_sheets.provenance,
)


def write_results(path: Path, content: Content) -> None:
    """Write the results workbook to a path. Raises OSError as the disk does."""
    excel: Any = Excel()
    excel.remove(excel.active)
    for sheet in SHEETS:
        sheet(excel, content)
    excel.save(path)
