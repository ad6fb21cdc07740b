"""The sheets of a study: one row a run with its value beside the base's, a chart of the values, and the money terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, PLAIN, Head

HEADS = (
    Head("Run", width=18),
    Head("What is changed", width=44, wraps=True),
    Head("Status", width=14),
    Head("Value [MUSD]", MONEY),
    Head("Bound [MUSD]", MONEY),
    Head("Gap", "0.00%"),
    Head("Difference to base [MUSD]", MONEY),
    Head("at least [MUSD]", MONEY),
    Head("at most [MUSD]", MONEY),
    Head("Capital [MUSD]", MONEY),
    Head("Seconds", "0.0"),
    Head("Builds that differ from the base", width=60, wraps=True),
    Head("Message", width=40, spills=True),
)


def study_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """The runs side by side, the base first."""
    study = summary["study"]
    page = book.page(
        "Study",
        f"Study {study['name']}",
        "One row a run. The difference of the best plans of a run and of the base lies between the two amounts beside "
        "it, as far as each is proved.",
    )
    placed = page.table(HEADS, [_row(run) for run in study["runs"]], main=True)
    bars(page, placed, [4], "Value by run", summary["unit"], f"A{page.row + 1}", size=(24.0, 9.0))


def _row(run: Mapping[str, Any]) -> list[object]:
    difference = run["difference"] or {}
    return [
        run["name"],
        "; ".join(run["changes"]) or "nothing",
        run["status"],
        *(run[key] for key in ("objective", "bound", "gap")),
        *(difference.get(key) for key in ("value", "low", "high")),
        run["capital"],
        run["seconds"],
        "; ".join(run["otherwise"]),
        run["message"],
    ]


def terms_sheet(book: Book, summary: Mapping[str, Any], terms: Sequence[Mapping[str, float]]) -> None:
    """Every money term of every run that has a plan."""
    page = book.page("Money", "Value by term", "Expected discounted contribution to value of each run [MUSD].")
    names = list(dict.fromkeys(name for found in terms for name in found))
    runs = summary["study"]["runs"]
    rows = [
        [run["name"], *(found.get(name, 0.0) for name in names)]
        for run, found in zip(runs, terms, strict=True)
        if found
    ]
    page.table([Head("Run", PLAIN, 18), *(Head(f"{name} [MUSD]", MONEY) for name in names)], rows, main=True)
