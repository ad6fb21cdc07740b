"""The sheet `Stages`: what it is worth to stop at each stage, and what each more adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, SHARE, TONNES, Head

MOST_TERRITORIES: Final = 3
"""How many territories have columns of their own: those most passes through."""


def stages_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Sentences, one row a stage, the chart of the values, and what is sold."""
    page = book.page("Stages", "Where to stop", summary["how"])
    for sentence in summary["headline"]:
        page.line(sentence)
    page.row += 1
    territories = _exposed(summary)
    heads = [
        Head("Stopping at", width=30),
        Head("Status", width=12),
        Head("Value [MUSD]", MONEY),
        Head("Bound [MUSD]", MONEY),
        Head("Gap", "0.00%"),
        *(Head(f"{what} [MUSD]", MONEY) for what in ("Adds", "at least", "at most")),
        Head("Capital [MUSD]", MONEY),
        *(Head(f"{what}, {x}", SHARE) for x in territories for what in ("Transit", "Sales")),
        Head("Seconds", "0.0"),
        Head("Plan of", width=24),
        Head("Sites", width=44, wraps=True),
        Head("Message", spills=True),
    ]
    placed = page.table(heads, [_row(s, territories) for s in summary["stages"]], main=True)
    page.row += bars(page, placed, [3], "Value by last stage", summary["unit"], f"A{page.row}", size=(24.0, 9.0))
    products = list(dict.fromkeys(p for s in summary["stages"] for p in s["sold"]))
    page.heading("What is sold, mean over the horizon")
    rows = [[s["stage"], *(s["sold"].get(p, 0.0) for p in products)] for s in summary["stages"]]
    page.table([Head("Stopping at"), *(Head(f"{p} [t/y]", TONNES) for p in products)], rows)


def _exposed(summary: Mapping[str, Any]) -> list[str]:
    most: dict[str, float] = {}
    for stage in summary["stages"]:
        for territory, part in stage["exposure"].items():
            most[territory] = max(most.get(territory, 0.0), part["transit"], part["sales"])
    return sorted(most, key=lambda x: -most[x])[:MOST_TERRITORIES]


def _row(stage: Mapping[str, Any], territories: list[str]) -> list[object]:
    adds, exposure = stage["adds"] or {}, stage["exposure"]
    return [
        *(stage[key] for key in ("stage", "status", "value", "bound", "gap")),
        *(adds.get(key) for key in ("value", "low", "high")),
        stage["capital"],
        *(exposure.get(x, {}).get(key) for x in territories for key in ("transit", "sales")),
        stage["seconds"],
        stage["plan_of"],
        "; ".join(dict.fromkeys(f"{b['process']} at {b['node']}" for b in stage["builds"])),
        stage["message"],
    ]
