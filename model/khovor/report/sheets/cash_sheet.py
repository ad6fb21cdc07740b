"""Cash flow year by year, with live formulas for net present value, internal rate of return and payback."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from khovor.case.years import TIMING
from khovor.report.cash import yearly_cash
from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, YEAR, Head, Page, Placed
from khovor.report.terms import WORDS

RATE, BASE, SHIFT, OTHER = "$B$4", "$B$5", "$B$6", "$B$7"
"""Cells of the discount rate, the base year, when in a year money counts, and the rate to try."""

SHARE_EXACT = "0.0##%"

RUNNING = "#,##0.0"
"""Money that is not added up, as it is a sum already."""

TRY = 0.10


def cash_flow(book: Book, c: Content) -> None:
    """Expected cash by year and term, and what follows from it."""
    note = (
        "Undiscounted MUSD, expected over the futures. Capital in the years it is spent; all else level over the years "
        "of its period, at the same present value."
    )
    page = book.page("Cash flow", "Cash flow", note)
    page.widths({"A": 46.0})
    page.fact("Discount rate, per year", c.case.horizon.rate, SHARE_EXACT)
    page.fact("Base year", c.case.horizon.base_year, YEAR)
    page.fact("When in a year money counts (0 start, 1 end)", TIMING[c.case.horizon.timing], "0.0")
    page.fact("Another rate to try (change it)", TRY, SHARE_EXACT)
    results = page.row
    page.row += 5
    cash = yearly_cash(c)
    placed = _table(page, cash)
    _results(book, page, c, placed, results)
    net = placed.columns - 4
    page.row += bars(page, placed, [net], "Net cash flow", "MUSD", f"A{page.row}", size=(26.0, 9.0))


def _table(page: Page, cash: dict[str, dict[int, float]]) -> Placed:
    """Years down, terms across; then live: net, cumulative, years from the base, factor, discounted."""
    years = list(next(iter(cash.values()), {}))
    heads = [Head("Year", YEAR), *(Head(f"{WORDS.get(term, term)} [MUSD]", MONEY) for term in cash)]
    live = ("Net [MUSD]", MONEY), ("Cumulative [MUSD]", RUNNING), ("Years from base", "0.0"), ("Factor", "0.0000")
    heads += [*(Head(*head) for head in live), Head("Discounted [MUSD]", MONEY)]
    rows = [[year, *(found[year] for found in cash.values()), *[""] * 5] for year in years]
    placed = page.table(heads, rows, total="Sum")
    last = get_column_letter(1 + len(cash))
    net, so_far, apart, factor = (get_column_letter(1 + len(cash) + k) for k in range(1, 5))
    for row in range(placed.top, placed.top + len(rows)):
        before = f"+{so_far}{row - 1}" if row > placed.top else ""
        formulas = (
            (f"=SUM(B{row}:{last}{row})", MONEY),
            (f"={net}{row}{before}", RUNNING),
            (f"=A{row}-{BASE}+{SHIFT}", "0.0"),
            (f"=(1+{RATE})^-{apart}{row}", "0.0000"),
            (f"={net}{row}*{factor}{row}", MONEY),
        )
        for place, (formula, number_format) in enumerate(formulas, len(cash) + 2):
            page.formula(row, place, formula, number_format)
    return placed


def _results(book: Book, page: Page, c: Content, placed: Placed, row: int) -> None:
    """Net present value, the same at another rate, internal rate of return, payback: all live."""
    years, net = placed.column(1), placed.column(placed.columns - 4)
    so_far, apart, discounted = (placed.column(placed.columns - k) for k in (3, 2, 0))
    behind = f"({so_far}<-0.000001)"
    last = f"INDEX({so_far},ROWS({so_far}))"
    recovered = f"SUMPRODUCT(MAX({behind}*{years}))+1"
    payback = f'=IF({last}<-0.000001,"not within the horizon",IF(SUMPRODUCT({behind}*1)=0,"at once",{recovered}))'
    facts = (
        ("Net present value [MUSD]", f"=SUM({discounted})", MONEY),
        ("Net present value at the other rate [MUSD]", f"=SUMPRODUCT({net},(1+{OTHER})^-{apart})", MONEY),
        ("Internal rate of return", f'=IFERROR(IRR({net},0.1),"none")', "0.0%"),
        ("Payback: year in which all outlays are recovered", payback, YEAR),
    )
    page.row, after = row, page.row
    for name, formula, number_format in facts:
        page.formula(page.fact(name, "", bold=True), 2, formula, number_format)
    page.row = after
    sign = 1.0 if c.gains else -1.0
    book.tie("The cash flow discounts back to the expected value", f"SUM({discounted})", sign * c.expected_objective)
