"""The sheet Cash flow: year by year from quantities and prices, all live; the expected flow, or any future picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation

from khovor.case.years import TIMING
from khovor.finance import KINDS, Returns
from khovor.report.content import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.cash_grid import EXPECTED, FACTS, FIRST, PICK, Grid, word
from khovor.report.sheets.cash_ledger import ledger
from khovor.report.sheets.cash_tax import tax, tax_ties
from khovor.report.sheets.charts import years_across
from khovor.report.sheets.page import GREY, MONEY, SHARE, YEAR, Head, Page
from khovor.workbook.look import font

RATE, BASE, SHIFT, OTHER, LABEL = "$B$4", "$B$5", "$B$6", "$B$7", "$B$8"
"""Cells of the discount rate, base year, when in a year money counts, the rate to try, and the case shown."""

TRY = 0.10
EXACT, RUNNING, RATIO = "0.0##%", "#,##0.0;-#,##0.0;0.0", "0.00"
NOTHING = "0.000001"
"""MUSD that is rounding."""

OF: dict[str, str] = {
    "project": '({kind}<>"debt_drawn")*({kind}<>"debt_served")*({kind}<>"equity")*({kind}<>"account")',
    "equity": '({kind}<>"account")',
    "available": '(({kind}="revenue")+({kind}="cost")+({kind}="tax"))',
    "served": '({kind}="debt_served")',
}
"""Which lines count in a block."""

AND: Final[Mapping[str, tuple[str, ...]]] = {
    "project": ("income_tax",),
    "equity": ("income_tax", "state_participation"),
    "available": ("income_tax",),
}
"""Which terms that have no lines count in it besides."""


def cash_flow(book: Book, c: Content) -> None:
    """What is shown, its figures, the same of every future, and the quantities and prices it is all made from."""
    g = Grid(c)
    page = book.page("Cash flow", "Cash flow")
    # One line, however long: the cells below are named by their place.
    page.row = 2
    page.row = page.line(_note(g), font(italic=True, color=GREY)) + 2
    beyond = [g.right(place) for place in range(1, 6 + len(g.members))]
    page.widths({"A": 46.0, **dict.fromkeys([*"BCDEFGH", *beyond], 13.0), **dict.fromkeys(g.letters, 9.0)})
    page.fact("Discount rate, per year", c.case.horizon.rate, EXACT)
    page.fact("Base year", c.case.horizon.base_year, YEAR)
    page.fact("When in a year money counts (0 start, 1 end)", TIMING[c.case.horizon.timing], "0.0")
    page.fact("Another rate to try (change it)", TRY, EXACT)
    _pick(page, g)
    _shown(page, g)
    _facts(page, g)
    page.row = g.chart
    rows = [(g.shown("project"), "Project flow, as valued")]
    years_across(page, g.head, rows, (FIRST, g.last), f"A{g.chart}")
    for block, title in g.blocks.items():
        _block(page, g, block, title)
    _figures(page, g, "project", c.finance.project)
    if g.financed:
        _figures(page, g, "equity", c.finance.equity)
        for row in range(g.top("cover"), g.top("cover") + len(g.cases)):
            page.formula(row, 3, f'=IF(COUNT({g.span(row)})=0,"none",MIN({g.span(row)}))', RATIO)
    tax(page, g)
    ledger(page, g)
    _ties(book, g)
    tax_ties(book, g)


def _note(g: Grid) -> str:
    imputed = [word(term) for term in g.terms if KINDS[term] == "imputed"]
    parts = [
        "Undiscounted MUSD by year, recomputed from the quantities and prices at the bottom: change one and it moves."
    ]
    if imputed:
        parts.append(f"Counted as in the plan's value, but not cash: {', '.join(imputed)}.")
    if g.c.finance.flow.left_out:
        parts.append("Sales are left out, as the objective cost does: there is no return to tell.")
    if g.worked_out:
        parts.append(f"Worked out below, year by year: {', '.join(word(term) for term in g.worked_out)}.")
    if not g.by_future and len(g.c.case.scenarios) > 1:
        parts.append("Of so many futures only the expected flow is shown.")
        if g.c.case.fiscal.yearly:
            parts.append("What is levied on years stands in it as the plan tells it.")
    return " ".join(parts)


def _pick(page: Page, g: Grid) -> None:
    """The case shown, by its label; below it its place in the list."""
    page.fact("Shown (pick from the list)", EXPECTED, bold=True)
    top, bottom = g.top("project"), g.top("project") + len(g.cases) - 1
    labels = f"$A${top}:$A${bottom}"
    listed = DataValidation(type="list", formula1=f"={labels}", allow_blank=False)
    page.sheet.add_data_validation(listed)
    listed.add(LABEL.replace("$", ""))
    row = page.fact("Its place in the list", "")
    page.formula(row, 2, f"=SUMPRODUCT(MAX(({labels}={LABEL})*(ROW({labels})-{top - 1})))", YEAR)


def _shown(page: Page, g: Grid) -> None:
    """Terms down, years across; then sums, discounting."""
    page.row = g.head
    heads = [Head("MUSD"), Head("Sum", MONEY), Head("Present value", MONEY), *(Head("") for _ in range(5))]
    page.header([*heads, *(Head("", YEAR) for _ in g.years)])
    for place, year in enumerate(g.years, FIRST):
        page.sheet.cell(g.head, place).value = year
    for term in g.terms:
        _row(page, g, term, word(term), partial(_term, g, term))
    first = g.head + 1
    sums = {"project": ("Project flow, as valued", g.shown("project") - 1)}
    if g.financed:
        inside = sum(KINDS[t] not in ("debt_drawn", "debt_served", "equity") for t in g.terms)
        sums = {
            "project": ("Project flow, as valued", first + inside - 1),
            "equity": ("Equity flow", first + len(g.terms) - 1),
        }
    for name, (title, last) in sums.items():
        empty = last < first  # of a plan that does nothing: a sum upwards would take in its own row
        _row(page, g, name, title, lambda x, e=empty, y=last: "=0" if e else f"=SUM({x}{first}:{x}{y})", bold=True)  # type: ignore[misc]
    flow, so_far = g.shown("equity" if g.financed else "project"), g.shown("so far")
    before = dict(zip(g.letters[1:], g.letters, strict=False))
    _row(page, g, "so far", "So far", lambda x: f"={x}{flow}" + (f"+{before[x]}{so_far}" if x in before else ""))
    page.write(g.shown("apart"), 1, "Years from base")
    page.across(g.shown("apart"), FIRST, [f"={x}{g.head}-{BASE}+{SHIFT}" for x in g.letters], "0.0")
    page.write(g.shown("factor"), 1, "Factor")
    page.across(g.shown("factor"), FIRST, [f"=(1+{RATE})^-{x}{g.shown('apart')}" for x in g.letters], "0.0000")
    _row(page, g, "discounted", "Discounted", lambda x: f"={x}{flow}*{x}{g.shown('factor')}")


def _term(g: Grid, term: str, letter: str) -> str:
    """A term in a year: its lines as far as they count, or its row in the account of the case that is shown."""
    if term in g.worked_out:
        first, apart = g.account(0, term), g.account(1) - g.account(0)
        rows = f"{letter}${first}:{letter}${g.account(len(g.cases) - 1, term)}"
        return f"=N(INDEX({rows},({PICK}-1)*{apart}+1))"
    kind, here = g.column(g.right(1)), f"({g.column('B')}=$A{g.shown(term)})"
    return f'=SUMPRODUCT({here}*({kind}<>"account")*{g.column("H")}*{g.amounts(letter)})'


def _row(page: Page, g: Grid, name: str, title: str, formula: Callable[[str], str], bold: bool = False) -> None:
    row = g.shown(name)
    page.write(row, 1, title)
    page.across(row, FIRST, [formula(letter) for letter in g.letters], MONEY if name != "so far" else RUNNING, bold)
    if name not in ("so far", "discounted"):
        worth = f"=SUMPRODUCT({g.span(row)},{g.span(g.shown('factor'))})"
        page.across(row, 2, [f"=SUM({g.span(row)})", worth], MONEY, bold)


def _facts(page: Page, g: Grid) -> None:
    """Figures of what is shown."""
    page.row = FACTS
    for flow in ("project", *(["equity"] if g.financed else [])):
        row, of = g.shown(flow), "" if flow == "project" else ", equity"
        other = f"=SUMPRODUCT({g.span(row)},(1+{OTHER})^-{g.span(g.shown('apart'))})"
        guess = f"INDEX($G${g.top(flow)}:$G${g.top(flow) + len(g.cases) - 1},{PICK})"
        late, later = (f"=INDEX(${x}${g.top(flow)}:${x}${g.top(flow) + len(g.cases) - 1},{PICK})" for x in "EF")
        facts = (
            ("Net present value", " [MUSD]", f"=$C${row}", MONEY),
            ("Net present value at the other rate", " [MUSD]", other, MONEY),
            ("Internal rate of return", "", _irr(g.span(row), guess), "0.0%"),
            ("Payback: year in which all outlays are recovered", "", late, YEAR),
            ("The same, discounted", "", later, YEAR),
        )
        for name, unit, formula, number_format in facts:
            page.formula(page.fact(f"{name}{of}{unit}", "", bold=True), 2, formula, number_format)


def _irr(flow: str, guess: str) -> str:
    """A rate where the flow has both signs, else none."""
    both = f"SUMPRODUCT(({flow}>{NOTHING})*1)*SUMPRODUCT(({flow}<-{NOTHING})*1)"
    return f'=IF({both}=0,"none",IFERROR(IRR({flow},{guess}),"none"))'


def _block(page: Page, g: Grid, block: str, title: str) -> None:
    """One row a case, years across."""
    top = g.top(block)
    page.row = top - 1
    flow = block in ("project", "equity")
    named = ["Probability", "NPV [MUSD]", "IRR", "Payback", "Discounted payback", "First guess of the IRR", ""]
    titles = named if flow else ["", "Least" if block == "cover" else "", *[""] * 5]
    heads = [Head(title), *(Head(name, MONEY) for name in titles), *(Head(str(year), YEAR) for year in g.years)]
    page.header(heads)
    for place, (_, label) in enumerate(g.cases):
        page.write(top + place, 1, label)
        cells = [_cell(g, block, place, letter) for letter in g.letters]
        page.across(top + place, FIRST, cells, RATIO if block == "cover" else RUNNING)


def _cell(g: Grid, block: str, place: int, letter: str) -> str:
    """A case in a year: of a flow its lines, or the futures' mean; of what is so far, the year before and this."""
    row = g.top(block) + place
    if block in OF:
        if place == 0 and g.by_future:
            return f"=SUMPRODUCT({g.down('project', '$B')},{g.down(block, letter)})"
        kinds = OF[block].format(kind=g.column(g.right(1)))
        terms = [term for term in AND.get(block, ()) if term in g.worked_out]
        others = "".join(f"+N({letter}{g.account(place, term)})" for term in terms)
        return f"=SUMPRODUCT({kinds}*{g.column(g.member(place))}*{g.amounts(letter)}){others}"
    if block == "cover":
        served, available = (f"{letter}{g.top(name) + place}" for name in ("served", "available"))
        return f'=IF({served}<-{NOTHING},-{available}/{served},"")'
    flow, _, discounted = block.partition(" so far")
    now = f"{letter}{g.top(flow) + place}" + (f"*{letter}${g.shown('factor')}" if discounted else "")
    first = letter == g.letters[0]
    return f"={now}" if first else f"={g.letters[g.letters.index(letter) - 1]}{row}+{now}"


def _figures(page: Page, g: Grid, flow: str, figures: Mapping[str, Returns]) -> None:
    """NPV, IRR and paybacks of every case."""
    for place, (w, _) in enumerate(g.cases):
        row = g.top(flow) + place
        found = figures[w]
        if place:
            page.across(row, 2, [g.c.odds[w]], SHARE)
        page.formula(row, 3, f"=SUMPRODUCT({g.span(row)},{g.span(g.shown('factor'))})", MONEY)
        page.formula(row, 4, _irr(g.span(row), f"$G{row}"), "0.0%")
        for column, block in ((5, f"{flow} so far"), (6, f"{flow} so far, discounted")):
            page.formula(row, column, _payback(g, g.top(block) + place), YEAR)
        page.across(row, 7, [0.1 if found.irr is None else round(found.irr, 3)], "0.0%")


def _payback(g: Grid, row: int) -> str:
    """The year after the last at whose end the flow is behind."""
    so_far, years = g.span(row), g.span(g.head)
    behind, end = f"({so_far}<-{NOTHING})", f"INDEX({so_far},1,{len(g.years)})"
    recovered = f"SUMPRODUCT(MAX({behind}*{years}))+1"
    return f'=IF({end}<-{NOTHING},"not within the horizon",IF(SUMPRODUCT({behind}*1)=0,"at once",{recovered}))'


def _ties(book: Book, g: Grid) -> None:
    """The sheet against khovor's own figures, in every case."""
    c, sign = g.c, 1.0 if g.c.gains else -1.0
    flow = "equity" if g.financed else "project"
    top, bottom = g.top(flow), g.top(flow) + len(g.cases) - 1
    worth = f"'Cash flow'!$C${top}"
    book.tie("The cash flow discounts back to the expected value", worth, sign * c.expected_objective)
    shown = f"'Cash flow'!$C${g.shown(flow)}"
    book.tie(
        "What is shown is the case that is picked", shown, f"INDEX('Cash flow'!$C${top}:$C${bottom},'Cash flow'!{PICK})"
    )
    if g.by_future:
        values = f"'Cash flow'!$C${top + 1}:$C${bottom}"
        told = f"Scenarios!$D$5:$D${5 + len(g.cases) - 2}"
        book.tie("Every future's cash flow discounts back to its value", f"SUMPRODUCT(ABS({values}-{told}))+1", 1.0)
    flows = {"project": c.finance.project} | ({"equity": c.finance.equity} if g.financed else {})
    for name, figures in flows.items():
        found = [figures[w] for w, _ in g.cases]
        paid = [one for one in found if not one.ahead]
        numbers: dict[str, tuple[str, Sequence[float | None]]] = {
            "D": ("internal rates of return", [one.irr for one in found]),
            "E": ("payback years", [one.payback_year for one in paid]),
            "F": ("discounted payback years", [one.discounted_payback_year for one in paid]),
        }
        for letter, (what, values_) in numbers.items():
            cells = f"SUM('Cash flow'!${letter}${g.top(name)}:${letter}${g.top(name) + len(g.cases) - 1})"
            book.tie(
                f"The {what} of the {name} flow are khovor's", cells, float(sum(v for v in values_ if v is not None))
            )
    if g.financed:
        least = [min(by_year.values()) for w, _ in g.cases if (by_year := c.finance.cover[w])]
        cells = f"SUM('Cash flow'!$C${g.top('cover')}:$C${g.top('cover') + len(g.cases) - 1})"
        book.tie("The least debt-service cover ratios are khovor's", cells, float(sum(least)))
