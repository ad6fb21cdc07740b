"""Sheets of money: where the value comes from, by term, period and future."""

from __future__ import annotations

import pandas as pd
from openpyxl.utils import get_column_letter

from khovor.report.content import Content
from khovor.report.events import changes
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.kilograms import kilograms
from khovor.report.sheets.page import MONEY, SHARE, TONNES, YEAR, Head, Page, Placed
from khovor.report.sheets.support_block import support_block
from khovor.report.terms import WORDS

FIRST = 5
"""Row of the first future on the sheet Scenarios."""


def money(book: Book, c: Content) -> None:
    """Terms by period and by future: they add up to the objective; then what a kilogram costs."""
    note = "Discounted MUSD, expected over the futures. What adds to value is positive, what is paid negative."
    page = book.page("Money", "Where the value comes from", note)
    frame = c.money
    rows = [[WORDS.get(t, t), sum(v), *v] for (t,), v in c.by_period(frame, ["term"], "mean")]
    heads = [Head("Term", width=34), Head("Total [MUSD]", MONEY), *(Head(f"{y} [MUSD]", MONEY) for y in c.names.years)]
    placed = page.table(heads, rows, main=True, total="Sum of all terms")
    if rows:
        _ties(book, c, placed)
        page.row += bars(page, placed, [2], "Value by term", "MUSD", f"A{page.row}", flat=True, size=(22.0, 11.0))
    _by_future(book, page, c, frame)
    kilograms(book, page, c)
    support_block(book, page, c)


def _ties(book: Book, c: Content, placed: Placed) -> None:
    total, sign = placed.column(2), "" if c.gains else "-"
    book.tie("The sum of all money terms is the expected value", f"{sign}SUM({total})", c.expected_objective)
    last = 2 + len(c.periods)
    book.tie("The money of the periods adds up to its total", f"SUM({placed.block(3, last)})", f"SUM({total})")
    book.tie("The objective of the solver is that of the checker", repr(c.solution.objective), c.verification.objective)


def _by_future(book: Book, page: Page, c: Content, frame: pd.DataFrame) -> None:
    """Futures down, terms across; what is paid in every future is counted in each."""
    page.heading("By future: what each is worth, and why")
    terms = list(dict.fromkeys(t for (t,), _ in c.by_period(frame, ["term"], "mean")))
    by = frame.groupby(["scenario", "term"])["musd"].sum().to_dict()
    rows = [
        [s.label, *(float(by.get((s.name, t), 0.0)) + float(by.get(("", t), 0.0)) for t in terms), ""]
        for s in c.case.scenarios
    ]
    heads = [Head("Future"), *(Head(f"{WORDS.get(t, t)} [MUSD]", MONEY) for t in terms), Head("Value [MUSD]", MONEY)]
    placed = page.table(heads, rows)
    if terms:
        for row in range(placed.top, placed.bottom + 1):
            last = get_column_letter(len(terms) + 1)
            page.formula(row, len(terms) + 2, f"=SUM(B{row}:{last}{row})", MONEY)
        told = f"Scenarios!$D${FIRST}:$D${FIRST + len(c.case.scenarios) - 1}"
        values = placed.column(len(terms) + 2)
        book.tie("Every future's money adds up to its value", f"SUMPRODUCT(ABS({values}-{told}))+1", 1.0)


def scenarios(book: Book, c: Content) -> None:
    """Each future: odds, value, what it changes, what is sold in it."""
    page = book.page("Scenarios", "The futures", "The plan is the same in all of them; operation adapts to each.")
    sold = c.solution.sales.assign(t=c.solution.sales["t_y"] * c.solution.sales["period"].map(c.years))
    tonnes = sold.groupby("scenario")["t"].sum().to_dict()
    span = sum(c.years.values())
    rows = [
        [f["name"], f["scenario"], f["probability"], f["npv"], "", float(tonnes.get(f["scenario"], 0.0)) / span]
        for f in c.summary["scenarios"]
    ]
    heads = [Head("Future"), Head("Key"), Head("Probability", SHARE), Head("Value [MUSD]", MONEY)]
    heads += [Head("Against the mean [MUSD]", MONEY), Head("Sold, mean [t/y]", TONNES)]
    placed = page.table(heads, rows, main=True)
    odds, values = placed.column(3), placed.column(4)
    for row in range(placed.top, placed.bottom + 1):
        page.formula(row, 5, f"=D{row}-SUMPRODUCT({odds},{values})", MONEY)
    sign = 1.0 if c.gains else -1.0
    mean, expected = f"SUMPRODUCT({odds},{values})", sign * c.expected_objective
    book.tie("The futures' values, weighted by their odds, are the expected value", mean, expected)
    _objective(book, page, c, placed)
    book.tie("The futures' probabilities add up to 1", f"SUM({odds})", 1.0)
    if len(rows) > 1:
        page.row += bars(
            page, placed, [4], "Value in each future", "MUSD", f"A{page.row}", flat=True, size=(24.0, 10.0)
        )
    _policies(page, c)
    _by_both(page, c)
    _events(page, c)


def _objective(book: Book, page: Page, c: Content, placed: Placed) -> None:
    """The objective from the futures' values, live; the mean of the tail is the most that any level of it gives."""
    weight, tail, sign = c.case.terms.risk_weight, c.case.terms.risk_tail, 1.0 if c.gains else -1.0
    odds, values = placed.column(3), placed.column(4)
    mean = f"SUMPRODUCT({odds},{values})"
    if not weight:
        book.tie("The objective is the expected value", mean, sign * c.solution.objective)
        return
    page.heading("Risk: the objective weighs the mean of the worst futures")
    page.fact("Weight of the worst futures", weight, SHARE)
    page.fact("Share of futures that count as the worst", tail, SHARE)
    levels = [
        f"{value}-SUMPRODUCT({odds},({value}-{values})*({values}<{value}))/{tail!r}"
        for value in (f"$D${row}" for row in range(placed.top, placed.bottom + 1))
    ]
    row = page.fact("Mean of the worst futures, CVaR [MUSD]", "", bold=True)
    page.formula(row, 2, f"=MAX({','.join(levels)})", MONEY)
    objective = f"{1.0 - weight!r}*{mean}+{weight!r}*Scenarios!$B${row}"
    book.tie("The objective is expected value and CVaR as weighed", objective, sign * c.solution.objective)
    page.row += 1


def _policies(page: Page, c: Content) -> None:
    """What the checker measured of every policy."""
    if c.verification.policies.empty:
        return
    page.heading("Policies, as the independent checker measures them")
    rows = [
        [r.policy, c.starts[r.period], c.names.future(r.scenario) if r.scenario else "all", *r[3:6], r.at]
        for r in c.verification.policies.itertuples(index=False)
    ]
    heads = [
        Head("Policy"),
        Head("From", YEAR),
        Head("Future"),
        Head("Measured", "#,##0.###"),
        Head("Limit", "#,##0.###"),
    ]
    page.table([*heads, Head("Beyond it", "#,##0.###"), Head("Input cell")], rows)


def _by_both(page: Page, c: Content) -> None:
    page.heading("Money by future, term and period, discounted; what is paid in every future comes first")
    order = {name: place for place, name in enumerate(c.names.futures)}
    series = sorted(c.by_period(c.money, ["scenario", "term"], "musd"), key=lambda item: order[item[0][0]])
    rows = [[c.names.future(w), WORDS.get(t, t), sum(v), *v] for (w, t), v in series]
    heads = [Head("Future"), Head("Term"), Head("Total [MUSD]", MONEY)]
    page.table([*heads, *(Head(f"{y} [MUSD]", MONEY) for y in c.names.years)], rows)


def _events(page: Page, c: Content) -> None:
    """Events alike in effect and years stand as one line."""
    page.heading("What each future changes")
    rows = [
        [future.label, f"{change.effect}, {change.years}", change.at, change.what]
        for future in c.case.scenarios
        for change in changes(future)
    ]
    heads = [Head("Future"), Head("Effect"), Head("First input cell"), Head("On what", spills=True)]
    page.table(heads, rows)
