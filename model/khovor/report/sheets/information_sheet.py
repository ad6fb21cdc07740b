"""The sheet `Information`: what was found in sentences, the figures, values and regrets of each plan in each future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.decision_sheet import futures_told
from khovor.report.sheets.page import MONEY, Head, Page

FIGURES = (
    ("ws", "WS: each future known before building"),
    ("sp", "SP: the best plan for all futures"),
    ("eev", "EEV: the plan of the mean future, in all futures"),
    ("evpi", "EVPI = WS - SP: value of perfect information"),
    ("vss", "VSS = SP - EEV: value of the stochastic solution"),
)

NOTE = (
    "Amounts lie between their two ends, as far as each solve is proved; a value is expected over the futures, minus "
    "its cost under the objective cost."
)

BROKEN = "rules broken"


def information_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Sentences, figures, then a row a plan: its value and its regret in each future."""
    page = book.page("Information", "What information is worth", NOTE)
    page.widths({"A": 50, "B": 16, "C": 16, "D": 16})
    for sentence in summary["headline"]:
        page.sentence(sentence, 4)
    page.row += 1
    heads = [Head("Figure"), Head("at least [MUSD]", MONEY), Head("at most [MUSD]", MONEY)]
    page.table(heads, [[words, *map(_shown, summary[key])] for key, words in FIGURES])
    _values(page, summary)
    _regrets(page, summary)


def _values(page: Page, summary: Mapping[str, Any]) -> None:
    futures = [s["scenario"] for s in summary["scenarios"]]
    page.heading("Value of each plan in each future [MUSD]")
    page.paragraph(futures_told(summary))
    heads = [Head("Plan"), Head("Expected", MONEY), *(Head(w, MONEY) for w in futures)]
    rows = [
        [
            plan,
            summary["expected"][plan] if _kept(row) else BROKEN,
            *(BROKEN if row[w] is None else row[w] for w in futures),
        ]
        for plan, row in summary["values"].items()
    ]
    page.table(heads, rows)


def _regrets(page: Page, summary: Mapping[str, Any]) -> None:
    """Regret as the least it can be: how much more the best known plan of a future is worth there."""
    futures = [s["scenario"] for s in summary["scenarios"]]
    page.heading("Regret of each plan in each future [MUSD], at least and at most")
    heads = [Head("Plan"), Head("End"), Head("Greatest", MONEY), *(Head(w, MONEY) for w in futures)]
    rows: list[Sequence[object]] = []
    for plan, row in summary["regret"].items():
        for end, words in enumerate(("at least", "at most")):
            rows.append([plan, words, *(_regret(span[end]) for span in (summary["worst_regret"][plan], *row.values()))])
    page.table(heads, rows)


def _kept(row: Mapping[str, float | None]) -> bool:
    return None not in row.values()


def _shown(value: float | None) -> object:
    return "not known" if value is None else value


def _regret(value: float | None) -> object:
    return "without limit" if value is None else value
