"""The sheet of a valuation: what the futures say together, and the value of the plan in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, SHARE, Head

METHOD = (
    "Standard error: sqrt(Σ p·(v - mean)² / (n - 1)) with n = 1 / Σ p²; interval: mean ± t · standard error, with "
    "Student's t of n - 1 degrees of freedom. The futures count as a sample."
)

MOST_BARS = 60
"""Futures that a chart can still tell apart."""


def value_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Facts first, then the futures."""
    page = book.page("Valuation", f"The plan in {len(summary['futures']):,} other futures", METHOD)
    page.widths({"A": 34, "B": 34})
    low, high = summary["interval"] or (None, None)
    for name, value, how in (
        ("Expected value [MUSD]", summary["expected"], MONEY),
        ("Standard error [MUSD]", summary["standard_error"], MONEY),
        ("95% interval, from [MUSD]", low, MONEY),
        ("95% interval, to [MUSD]", high, MONEY),
        ("Worst [MUSD]", summary["worst"], MONEY),
        ("Probability of a value below 0", summary["below_zero"], SHARE),
        ("Futures whose rules it cannot keep", summary["infeasible"], "0"),
        ("Value in the futures it was made for [MUSD]", summary["in_sample"], MONEY),
    ):
        page.fact(name, "not known" if value is None else value, how)
    page.row += 1
    heads = [Head("Future"), Head("Name"), Head("Probability", "0.00%"), Head("Value [MUSD]", MONEY), Head("Status")]
    keys = ("scenario", "name", "probability", "npv", "status")
    placed = page.table(heads, [[f[key] for key in keys] for f in summary["futures"]])
    if len(summary["futures"]) <= MOST_BARS:
        bars(page, placed, [4], "Value by future", summary["unit"], "G3", size=(20.0, 9.0))
