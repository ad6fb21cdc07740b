"""The ledger of the sheet Cash flow: quantities by year and their prices, each with its cell of the input."""

from __future__ import annotations

from khovor.report.sheets.cash_grid import FIRST, PICK, Grid, word
from khovor.report.sheets.cash_tax import flag_heads, flags
from khovor.report.sheets.page import SHARE, YEAR, Head, Page

QUANTITY, EXACT = "#,##0.###", "#,##0.######"


def ledger(page: Page, g: Grid) -> None:
    """Price paths, then every line."""
    _paths(page, g)
    page.row = g.ledger - 2
    page.heading("Lines: a quantity a year, a price, and what events of a future make of it")
    odds: list[object] = [f"=$B${g.top('project') + k}" for k in range(1, len(g.cases))] or [1.0]
    page.across(g.ledger - 2, g.last + 3, odds, SHARE)
    heads = [
        Head("What", width=46.0),
        Head("Term"),
        Head("Unit"),
        Head("Input cell"),
        Head("Price [USD or MUSD]", EXACT),
    ]
    heads += [Head("Factor on it", EXACT), Head("Price path", YEAR), Head("Counts in what is shown", SHARE)]
    heads += [*(Head(str(year), QUANTITY) for year in g.years), Head("Kind"), Head("MUSD per unit and price", EXACT)]
    heads += [Head(label, YEAR) for w, label in g.cases if w in g.members or len(g.cases) == 1]
    page.header([*heads, *flag_heads(g)])
    numbers = {profile: place for place, profile in enumerate(g.profiles)}
    for row, (line, happens, quantity, kind) in enumerate(g.rows, g.ledger):
        for place, text in enumerate((line.what, word(line.term), line.unit, line.at), 1):
            if text:
                page.write(row, place, text)
        page.across(row, 5, [line.price, line.factor, numbers[line.profile], _weight(g, row)], EXACT)
        page.across(row, FIRST, [float(amount) if amount else None for amount in quantity], QUANTITY)
        page.write(row, g.last + 1, kind)
        page.across(row, g.last + 2, [line.musd, *(happens.get(w) for w in g.members), *flags(g, line)], EXACT)
    page.row = g.ledger + len(g.rows) + 1


def _weight(g: Grid, row: int) -> str:
    """How much of a line what is shown counts: its odds when expected, 1 or 0 in a future."""
    first, last = g.right(3), g.right(2 + len(g.members))
    happens, odds = f"${first}{row}:${last}{row}", f"${first}${g.ledger - 2}:${last}${g.ledger - 2}"
    if not g.by_future:
        return f"={first}{row}"
    return f"=IF({PICK}=1,SUMPRODUCT({happens},{odds}),N(INDEX({happens},1,{PICK}-1)))"


def _paths(page: Page, g: Grid) -> None:
    page.row = g.path - 2
    page.heading("Price paths: what a price is, times that of its line")
    heads = [Head("Path"), *(Head("") for _ in range(5)), Head("Number", YEAR), Head("")]
    page.header([*heads, *(Head(str(year), YEAR) for year in g.years)])
    for place, profile in enumerate(g.profiles):
        page.write(g.path + place, 1, profile or "flat")
        page.across(g.path + place, 7, [place], YEAR)
        page.across(g.path + place, FIRST, g.c.finance.flow.path(profile).tolist(), "0.000")
