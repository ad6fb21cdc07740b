"""The sheet `Decision`: at which odds the best plan changes, plans by future, the worst case and regret of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.page import MONEY, Head, Page

ODDS = "0.0000"

NOTE = (
    "A threshold lies in its interval: beyond it one plan is ahead of the other by more than the proof leaves open. "
    "Values are expected, minus the cost under the objective cost."
)


def decision_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Sentences, thresholds, the plans in each future, and worst cases and regrets where they were asked for."""
    page = book.page("Decision", "What to build as the odds change", NOTE)
    page.widths({"A": 30, "B": 16, "C": 16, "D": 16})
    for sentence in summary["headline"]:
        page.paragraph(sentence)
    page.row += 1
    if summary["scenario"] is not None:
        _thresholds(page, summary)
    _plans(page, summary)
    if summary["worst_case"] is not None:
        _worst_case(page, summary)
    if summary["regret"] is not None:
        _regret(page, summary)


def futures_told(summary: Mapping[str, Any]) -> str:
    """What the futures are, where they have names of their own, and their probabilities."""
    return "; ".join(
        f"{s['scenario']}: {s['name']} ({s['probability']:.3g})"
        if s["name"] != s["scenario"]
        else f"{s['scenario']} ({s['probability']:.3g})"
        for s in summary["scenarios"]
    )


def _thresholds(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading(f"Thresholds in the probability of {summary['scenario']}")
    heads = [
        Head("Probability", ODDS),
        Head("at least", ODDS),
        Head("at most", ODDS),
        Head("Value there [MUSD]", MONEY),
        Head("Left open [MUSD]", MONEY),
        Head("What is built otherwise beyond it", width=70, wraps=True),
    ]
    rows = [[t["at"], *t["probability"], t["value"], t["open"], "; ".join(t["changes"])] for t in summary["thresholds"]]
    page.table(heads, rows)


def _plans(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading("Value of each plan in each future [MUSD]")
    futures = [s["scenario"] for s in summary["scenarios"]]
    heads = [Head("Plan of"), Head("Expected", MONEY), *(Head(w, MONEY) for w in futures)]
    page.paragraph(futures_told(summary))
    page.table(heads, [[p["plan"], p["expected"], *(p["values"][w] for w in futures)] for p in summary["plans"]])


def _worst_case(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading("Worst case of each plan over the box of probabilities")
    told, futures = summary["worst_case"], [s["scenario"] for s in summary["scenarios"]]
    heads = [
        Head("Plan of"),
        Head("Expected [MUSD]", MONEY),
        Head("Worst [MUSD]", MONEY),
        *(Head(f"odds of {w}", ODDS) for w in futures),
    ]
    bounds = [
        [f"{end} in the box", "", "", *(told["box"][w][n] for w in futures)] for n, end in enumerate(("low", "high"))
    ]
    plans = [[p["plan"], p["expected"], p["worst"], *(p["odds"][w] for w in futures)] for p in told["plans"]]
    page.table(heads, plans + bounds)


def _regret(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading("Greatest regret of each plan, and in each future at most")
    told, futures = summary["regret"], [s["scenario"] for s in summary["scenarios"]]
    heads = [
        Head("Plan of"),
        Head("Expected [MUSD]", MONEY),
        Head("At least [MUSD]", MONEY),
        Head("At most [MUSD]", MONEY),
        *(Head(f"in {w} [MUSD]", MONEY) for w in futures),
    ]
    plans = [[p["plan"], p["expected"], *p["greatest"], *(p["regret"][w][1] for w in futures)] for p in told["plans"]]
    bounds = [["least of all plans", "", *told["value"], *("" for _ in futures)]]
    page.table(heads, plans + bounds)
