"""Why to believe it: the ties between the cells of this workbook, live, and the independent checker's verdict."""

from __future__ import annotations

from collections import Counter

from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.page import PLAIN, SMALL, TONNES, Head, Page
from khovor.units import FEASIBILITY
from khovor.workbook.look import font

MASTER = 4
"""Row of the master check, in column B; the Summary points at it."""

NUMBER = "#,##0.000"

MOST_FAILURES = 200


def checks(book: Book, c: Content) -> None:
    """One master cell, the ties, every rule the checker went through, and what failed."""
    note = "A cell turns red when it is not OK: the ties are live formulas, so a cell changed by hand shows here."
    page = book.page("Checks", "Checks", note)
    page.row = MASTER
    page.fact("Master check", "", bold=True)
    page.sheet.freeze_panes = page.sheet.cell(MASTER + 1, 1)
    page.row += 1
    ties, rules = _ties(book, page), _rules(page, c)
    page.formula(MASTER, 2, f'=IF({ties}+{rules}=0,"OK","BROKEN")').font = font(bold=True)
    page.verdicts(f"B{MASTER}")
    page.heading("What failed")
    failed = [
        [f.rule, f.message, f.subject, f.period, c.names.future(f.scenario) if f.scenario else "", f.at]
        for f in c.verification.failures[:MOST_FAILURES]
    ]
    page.table(
        [Head("Rule"), Head("Message"), Head("What"), Head("Period"), Head("Future"), Head("Input cell")], failed
    )


def _ties(book: Book, page: Page) -> str:
    """What must agree; returns a formula that counts what does not."""
    page.heading("What must agree between the cells of this workbook")
    heads = [
        Head("Tie", width=70),
        Head("One", NUMBER, 20),
        Head("Other", NUMBER, 20),
        Head("Relative difference", SMALL),
    ]
    placed = page.table(
        [*heads, Head("Allowed", SMALL), Head("Verdict", PLAIN)],
        [[t.name, "", "", "", t.allowed, ""] for t in book.ties],
    )
    for row, tie in enumerate(book.ties, placed.top):
        page.formula(row, 2, f"={tie.left}", NUMBER)
        page.formula(row, 3, f"={tie.right}", NUMBER)
        page.formula(row, 4, f"=ABS(B{row}-C{row})/MAX(1,ABS(B{row}),ABS(C{row}))", SMALL)
        page.formula(row, 6, f'=IF(ISNUMBER(D{row}),IF(D{row}<=E{row},"OK","BROKEN"),"BROKEN")')
    return _broken(page, f"F{placed.top}:F{placed.bottom}")


def _rules(page: Page, c: Content) -> str:
    """The checker's rules; returns a formula that counts those that are broken."""
    page.heading("What the independent checker re-derived from the case and the result tables alone")
    failed = Counter(failure.rule for failure in c.verification.failures)
    rows = [[rule, n, failed[rule], worst, FEASIBILITY, ""] for rule, (n, worst) in c.verification.by_rule.items()]
    heads = [Head("Rule"), Head("Comparisons", TONNES), Head("Failed", TONNES), Head("Worst relative violation", SMALL)]
    placed = page.table([*heads, Head("Allowed", SMALL), Head("Verdict", PLAIN)], rows)
    for row in range(placed.top, placed.bottom + 1):
        page.formula(row, 6, f'=IF(ISNUMBER(D{row}),IF(D{row}<=E{row},"OK","BROKEN"),"BROKEN")')
    return _broken(page, f"F{placed.top}:F{placed.bottom}")


def _broken(page: Page, cells: str) -> str:
    page.verdicts(cells)
    return f'(ROWS({cells})-COUNTIF({cells},"OK"))'
