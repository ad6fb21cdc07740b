"""Sheets on what the plan rests on and how it was made: assumptions, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khovor.report.basis import touched
from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.page import PLAIN, TONNES, Head
from khovor.workbook import TABLES

SELDOM = ("basis", "low", "high", "source", "note")
"""Columns that say how a figure is known, not what it is."""

NUMBER = "#,##0.###"


def assumptions(book: Book, c: Content) -> None:
    """Input rows that are assumptions and touch what is built or used: the plan rests on these."""
    note = (
        "Rows of the input whose basis is `assumption` and that touch what this plan builds, runs, ships, buys or "
        "sells; then settings that are assumptions or say more in a note."
    )
    page = book.page("Assumptions", "What the plan rests on", note)
    rows: list[list[object]] = []
    for name, row in touched(c.case, c.workbook, c.solution):
        if row.basis == "assumption":
            where = f"{row.where.sheet} row {row.where.row}"
            rows.append(
                [name, _key(name, row), _figures(name, row), where, *_known(row.model_dump(include=set(SELDOM)))]
            )
    rows += _settings(c)
    heads = [
        Head("Table"),
        Head("Which"),
        Head("Figures"),
        Head("Input row"),
        Head("Low", NUMBER),
        Head("High", NUMBER),
    ]
    page.table(
        [*heads, Head("Source or analogue", width=60, wraps=True), Head("Note", width=60, wraps=True)], rows, main=True
    )


def _settings(c: Content) -> list[list[object]]:
    """Settings that are assumptions, or whose note says more."""
    values = c.workbook.settings.model_dump()
    return [
        ["settings", key, str(values.get(key, "")), "settings", *_known(known)]
        for key, known in c.workbook.provenance.items()
        if known.get("basis") == "assumption" or known.get("note")
    ]


def _known(row: Mapping[str, object]) -> list[object]:
    """Low, high, source and note; what is not said is blank."""
    return ["" if row.get(name) is None else row[name] for name in SELDOM[1:]]


def _key(name: str, row: Any) -> str:
    parts = [getattr(row, "from_" if k == "from" else k) for k in TABLES[name].keys]
    return " : ".join(str(p) for p in parts if p not in (None, "", ()))


def _figures(name: str, row: Any) -> str:
    """The numbers of the row, with their columns."""
    shown = []
    for column in TABLES[name].columns:
        if column.kind in ("number", "integer") and column.name not in SELDOM:
            value = getattr(row, column.name)
            if value is not None and value != column.default:
                shown.append(f"{column.name} {value:g}" if column.unit == "year" else f"{column.name} {value:,.10g}")
    return ", ".join(shown)


def provenance(book: Book, c: Content) -> None:
    """What was solved, with what, how large, how long; settings, defaults and warnings."""
    page = book.page("Provenance", "How this was made")
    page.widths({"A": 44.0})
    page.sheet.freeze_panes = "A2"
    for name, value in c.summary["stamp"].items():
        page.fact(name, "; ".join(value) if isinstance(value, list) else ("" if value is None else value))
    page.row += 1
    page.heading("Seconds per step")
    page.table([Head("Step"), Head("Seconds", "0.00")], [[k, v] for k, v in c.summary["seconds"].items()])
    page.heading("Size of the program")
    page.table([Head("What"), Head("How many", TONNES)], [[k, v] for k, v in c.summary["size"].items()])
    page.heading("What was left out before the build, as it could never matter")
    sizes = [[what, before, after] for what, before, after in c.network_sizes]
    page.table([Head("What"), Head("Before", TONNES), Head("After", TONNES)], sizes)
    page.heading("Settings")
    settings = [
        [k, v if isinstance(v, (int, float, str)) else str(v)]
        for k, v in c.workbook.settings.model_dump(exclude={"where"}).items()
        if v is not None
    ]
    page.table([Head("Setting"), Head("Value", PLAIN)], settings)
    page.heading("Defaults in use")
    page.table([Head("Table"), Head("Default")], [[i.sheet, i.message] for i in c.workbook.defaults])
    page.heading("Warnings")
    page.table([Head("Place"), Head("Warning")], [[f"{i.sheet}!{i.cell}", i.message] for i in c.warnings])
