"""Sheets of what moves: by lane, and by corridor for what leaves home."""

from __future__ import annotations

from typing import Any

from khovor.case import travel
from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import COLOURS, bars
from khovor.report.sheets.page import MONEY, TONNES, Head, Page


def lanes(book: Book, c: Content) -> None:
    """Flows by lane and commodity."""
    note = "Expected tonnes a year at departure. The largest mean comes first."
    page = book.page("Flows by lane", "What moves on every lane", note)
    rows = []
    for (lane, start, end, product, origin), values in c.expected("flows", ["lane", "from", "to", "product", "origin"]):
        known = c.case.lanes[lane]
        ends = [
            c.names.place(start),
            c.names.place(end),
            c.names.product(product),
            c.names.short(origin) if origin else "",
        ]
        rows.append([*ends, travel(known), known.mode, known.gate, lane, c.mean(values), *values])
    heads = [Head("From"), Head("To"), Head("Product"), Head("Origin"), Head("By"), Head("Mode"), Head("Gate")]
    heads += [Head("Lane"), Head("Mean [t/y]", TONNES), *(Head(f"{y} [t/y]", TONNES) for y in c.names.years)]
    page.table(heads, rows, main=True)


def corridors(book: Book, c: Content) -> None:
    """Exports by corridor: what passes which borders, ports and airports."""
    note = "Expected tonnes a year that leave home, at departure; cost and days of an ordinary year, fees included."
    page = book.page("Flows by corridor", "How exports leave", note)
    table = c.corridors.assign(weighted=c.corridors["t_y"] * c.corridors["usd_t"])
    cost = {key[0]: c.total(v) for key, v in c.by_period(table, ["name"], "weighted")}
    tonnes = c.by_period(table, ["name"], "t_y")
    rows = [[name, c.mean(v), cost[name] / c.total(v), *v] for (name,), v in tonnes]
    heads = [Head("Corridor", width=50), Head("Mean [t/y]", TONNES), Head("Freight and fees [USD/t]", MONEY)]
    heads += [Head(f"{y} [t/y]", TONNES) for y in c.names.years]
    placed = page.table(heads, rows, main=True)
    if rows:
        _over_time(page, c, rows)
    page.heading("By corridor, product and buyer")
    detail = [
        [name, c.names.product(product), c.names.place(buyer), c.mean(v), *v]
        for (name, product, buyer), v in c.by_period(table, ["name", "product", "buyer"], "t_y")
    ]
    heads = [Head("Corridor"), Head("Product"), Head("To"), Head("Mean [t/y]", TONNES)]
    parts = page.table([*heads, *(Head(f"{y} [t/y]", TONNES) for y in c.names.years)], detail)
    if rows:
        both = f"SUM({placed.column(2)})", f"SUM({parts.column(4)})"
        book.tie("Exports by corridor are exports by corridor, product and buyer", *both)


def _over_time(page: Page, c: Content, rows: list[list[Any]]) -> None:
    """Corridors by period, turned so that periods are the categories; small corridors stand together."""
    page.heading("Exports over time [t/y]")
    most = len(COLOURS) - 1
    shown = rows if len(rows) <= most + 1 else rows[:most]
    rest = rows[len(shown) :]
    turned = [[y, *(r[i] for r in shown), sum(r[i] for r in rest)] for i, y in enumerate(c.names.years, 3)]
    heads = [Head("Years"), *(Head(str(row[0]), TONNES) for row in shown), Head(f"{len(rest)} others", TONNES)]
    if not rest:
        heads, turned = heads[:-1], [row[:-1] for row in turned]
    placed = page.table(heads, turned)
    columns = range(2, len(heads) + 1)
    page.row += bars(
        page, placed, columns, "Exports by corridor", "t/y", f"A{page.row}", stacked=True, size=(30.0, 10.0)
    )
