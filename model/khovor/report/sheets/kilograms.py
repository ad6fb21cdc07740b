"""The part of the sheet Money on what a kilogram costs: by product with a chart, by market and way out, by period."""

from __future__ import annotations

from typing import Final

from khovor.report.content import Content
from khovor.report.corridors import label
from khovor.report.kilograms import RULE
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import TONNES, Head, Page

USD: Final = '#,##0.00;-#,##0.00;"-"'


def kilograms(book: Book, page: Page, c: Content) -> None:
    """Levelised cost of all that is sold, delivered; of a plan that breaks a rule nothing is told."""
    found = c.unit_costs
    if found is None:
        return
    page.heading("What a kilogram costs, delivered, step by step")
    page.sentence(RULE, 8)
    steps = [Head(f"{short(step)} [USD/kg]", USD) for step in found.steps]
    sums = [Head("Sold, discounted [t]", TONNES), Head("Brings [USD/kg]", USD), Head("Costs [USD/kg]", USD)]
    by_product = [[c.names.product(r[0]), *r[1:]] for r in found.table("product").itertuples(index=False, name=None)]
    placed = page.table([Head("Product"), *sums, *steps], by_product)
    if by_product:
        whole = f"SUMPRODUCT({placed.column(2)},{placed.column(4)})/1000"
        book.tie("The cost of every kilogram adds up to the cost of the plan", whole, float(found.costs["musd"].sum()))
        last = 4 + len(found.steps)
        book.tie(
            "The steps of every kilogram add up to its cost",
            f"SUMPRODUCT({placed.block(5, last)})",
            f"SUM({placed.column(4)})",
        )
        columns = list(range(5, last + 1))
        title = "What a kilogram costs, step by step"
        page.row += bars(page, placed, columns, title, "USD/kg", f"A{page.row}", stacked=True, size=(26.0, 11.0))
    page.heading("The same by market and way out, what sells for most first")
    rows = [
        [c.names.product(product), c.names.place(market), _way(c, corridor), *amounts]
        for product, market, corridor, *amounts in found.table("product", "market", "corridor").itertuples(
            index=False, name=None
        )
    ]
    page.table([Head("Product"), Head("Market"), Head("Way out"), *sums, *steps], rows)
    page.heading("The same by period")
    periods = [
        [c.names.product(product), c.names.when(period), *amounts]
        for product, period, *amounts in found.table("product", "period").itertuples(index=False, name=None)
    ]
    page.table([Head("Product"), Head("Years"), *sums, *steps], periods)


def short(step: str) -> str:
    """A step up to its first bracket.

    >>> short("Concentrate (40% TREO)")
    'Concentrate'
    """
    return step.split(" (")[0]


def _way(c: Content, corridor: str) -> str:
    nodes = [] if corridor == "direct" else corridor.split(" > ")
    return label(c.case, c.names, nodes)
