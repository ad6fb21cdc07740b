"""results.xlsx: the table of contents of the results workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.cash_sheet import cash_flow
from khovor.report.sheets.check_sheet import checks
from khovor.report.sheets.flow_sheets import corridors, lanes
from khovor.report.sheets.goods_sheets import production, sales
from khovor.report.sheets.map_sheet import map_sheet
from khovor.report.sheets.money_sheets import money, scenarios
from khovor.report.sheets.plan_sheets import build_plan, sites
from khovor.report.sheets.price_sheet import shadow_prices
from khovor.report.sheets.summary_sheet import summary
from khovor.report.sheets.trust_sheets import assumptions, provenance

SHEETS: Final[tuple[Callable[[Book, Content], None], ...]] = (
    summary,
    map_sheet,
    build_plan,
    sites,
    corridors,
    lanes,
    production,
    sales,
    money,
    cash_flow,
    scenarios,
    shadow_prices,
    checks,  # after every sheet that declares a tie
    assumptions,
    provenance,
)


def write_results(path: Path, content: Content) -> None:
    """Write the results workbook to a path. Raises OSError as the disk does."""
    book = Book()
    for sheet in SHEETS:
        sheet(book, content)
    book.save(path)
