"""Support on the Money sheet: what is taken of each instrument, what binds, what it brings and costs by year."""

from __future__ import annotations

from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.page import MONEY, Head, Page
from khovor.report.support import KINDS
from khovor.report.terms import WORDS

NUMBER = "#,##0.###"


def support_block(book: Book, page: Page, c: Content) -> None:
    """Nothing where no instrument is on offer."""
    told = c.summary["instruments"]
    if not c.case.instruments:
        return
    page.heading("Support taken: capital financed or insured as spent, and what it costs the public")
    page.sentence(
        "Public cost is expected, discounted at the discount rate, and never below 0 for any capital: a loan dearer "
        "than that rate is not counted as earning public money. A price floor's amount is what it is expected to pay.",
        8,
    )
    rows = [[r["instrument"], KINDS[r["kind"]], r["amount_musd"], r["public_musd"]] for r in told["taken"]]
    heads = [Head("Instrument"), Head("Kind"), Head("Amount [MUSD]", MONEY), Head("Public cost [MUSD]", MONEY)]
    placed = page.table(heads, rows)
    if rows:
        book.tie("The public cost of instruments adds up", f"SUM({placed.column(4)})", told["public_musd"])
    if told["conditions"]:
        page.heading("Conditions of what is taken: where each has least room, and its price there")
        listed = [
            [r["instrument"], r["condition"], r["measured"], r["limit"], "yes" if r["binds"] else "no", r["price"]]
            for r in told["conditions"]
        ]
        heads = [Head("Instrument"), Head("Condition"), Head("Measured", NUMBER), Head("Limit", NUMBER)]
        page.table([*heads, Head("Binds"), Head("Price [MUSD per unit]", NUMBER)], listed)
    if rows:
        _by_year(page, c)


def _by_year(page: Page, c: Content) -> None:
    """Undiscounted, expected over the futures."""
    page.heading("Support by year, to (+) and from (-) the investor: undiscounted MUSD, expected over the futures")
    frame = c.solution.support
    frame = frame.assign(mean=frame["musd"].astype(float) * frame["scenario"].map(c.odds).astype(float))
    years = sorted(set(frame["year"]))
    sums = frame.groupby(["instrument", "term", "year"], sort=False)["mean"].sum().to_dict()
    keys = list(dict.fromkeys(zip(frame["instrument"], frame["term"], strict=True)))
    rows = [[name, WORDS.get(term, term), *(sums.get((name, term, y), 0.0) for y in years)] for name, term in keys]
    page.table([Head("Instrument"), Head("What"), *(Head(f"{y} [MUSD]", MONEY) for y in years)], rows)
