"""The sheet `Break-even`: the answer in sentences, the solves with a curve of value against price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import curve
from khovor.report.sheets.page import MONEY, Head

PRICE: Final = "#,##0.00"

HEADS: Final = (
    Head("Solve", width=40),
    Head("Factor", "0.000000"),
    Head("Price [USD/kg]", PRICE),
    Head("Value [MUSD]", MONEY),
    Head("Bound [MUSD]", MONEY),
    Head("Revenue from what moves [MUSD]", MONEY),
    Head("Capital [MUSD]", MONEY),
    Head("Status", width=12),
    Head("Seconds", "0.0"),
    Head("Sites", spills=True),
)


def breakeven_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """The solves of the whole case by price with their curve, then those of the plan as it stands."""
    first, *others = summary["products"]
    step = f", moved in step with {' and '.join(others)}," if others else ""
    page = book.page("Break-even", f"The price of {first}{step} at which nothing is earned", summary["how"])
    for sentence in summary["headline"]:
        page.line(sentence)
    page.row += 1
    points = sorted(summary["points"], key=lambda p: p["factor"])
    whole = [_row(p) for p in points if not p["held"]]
    placed = page.table(HEADS, whole, main=True)
    if summary["as_it_stands"] is not None:
        page.heading("What the best plan builds, as it stands")
        page.table(HEADS, [_row(p) for p in points if p["held"]])
    curve(page, placed, 3, 4, ("Price [USD/kg]", "Value [MUSD]"), f"A{page.row + 1}")


def _row(p: Mapping[str, Any]) -> list[object]:
    keys = ("name", "factor", "price", "objective", "bound", "revenue", "capital", "status", "seconds")
    return [*(p[key] for key in keys), "; ".join(dict.fromkeys(f"{b['process']} at {b['node']}" for b in p["builds"]))]
