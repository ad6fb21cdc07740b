"""The part of the sheet Cash flow on income tax and the state's share: the law's account of every year, all live.

The taxable result of a year is what its lines say, less depreciation, less what is a site's own in its tax holiday.
Old losses offset a share of a gain, the oldest first. With L(y) all losses up to year y, and gone(y) those of them used
or too old by year y, a loss of which may be used for N years after its own:

    gone(y) = max(gone(y-1) + used(y-1), L(y-N-1))
    used(y) = min(share · gain(y), L(y-1) - gone(y))
    tax(y)  = rate · (gain(y) - used(y))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from openpyxl.styles import Alignment

from khovor.finance import SHARED, TAXED, Line
from khovor.report.sheets.book import Book
from khovor.report.sheets.cash_grid import ACCOUNT, FIRST, Grid, word
from khovor.report.sheets.page import MONEY, SHARE, YEAR, Head, Page

TOLD: Final = {
    "result": "taxable results",
    "depreciation": "depreciation",
    "losses_used": "losses used",
    "losses_left": "losses left",
    "income_tax": "income tax",
    "state_participation": "share of the state",
}
"""What khovor tells of a year, by its row of the account."""

SIGN: Final = {"depreciation": -1.0}
"""Depreciation is told as an amount, and stands in the account as what is taken off."""

FOREVER: Final = "for ever"


def tax(page: Page, g: Grid) -> None:
    """The rates, the holidays, then the account of every case; nothing where nothing is levied on years."""
    if not g.levied:
        return
    fiscal = g.c.case.fiscal
    page.row = g.tax
    page.heading("Income tax and the state's share, year by year: undiscounted MUSD, what is paid is negative")
    page.fact("Rate of income tax", fiscal.income_tax, SHARE)
    page.fact("Share of a gain that old losses may offset", fiscal.loss_share, SHARE)
    page.fact("Years after it in which a loss may be used", _years(fiscal.loss_years), YEAR)
    page.fact("Years over which capital is written off", fiscal.depreciation_years, YEAR)
    page.fact("State's share, carried: of good years' cash", fiscal.carried, SHARE)
    page.fact("State's share, paid: of all cash, outlays too", fiscal.paid, SHARE)
    if g.taxed:
        _holidays(page, g)
        _written_off(page, g)
    for place, (_, label) in enumerate(g.cases):
        page.row = g.account(place) - 1
        heads = [Head(f"Tax account: {label}"), Head("Sum", MONEY), *(Head("") for _ in range(6))]
        page.header([*heads, *(Head(str(year), YEAR) for year in g.years)])
        for name in g.accounts:
            _line(page, g, name, place)


def _years(years: int | None) -> object:
    return FOREVER if years is None else years


def _holidays(page: Page, g: Grid) -> None:
    """First and last year of each; a 1 in the years that are free."""
    page.row = g.holiday - 1
    heads = [Head("Sites free of income tax"), Head("First year", YEAR), Head("Last year", YEAR)]
    heads += [*(Head("") for _ in range(5)), *(Head(str(year), YEAR) for year in g.years)]
    page.header(heads)
    if not g.holidays:
        page.write(g.holiday, 1, "none")
    for row, (node, years) in enumerate(g.holidays.items(), g.holiday):
        page.write(row, 1, g.c.names.place(node))
        page.across(row, 2, [years.start, years.stop - 1], YEAR)
        free = [f'=IF(AND($B{row}<={x}${g.head},{x}${g.head}<=$C{row}),1,"")' for x in g.letters]
        page.across(row, FIRST, free, YEAR)


def _written_off(page: Page, g: Grid) -> None:
    """Straight line; what is left of it in the last year of life."""
    page.row = g.asset - 1
    heads = [Head("Capital written off"), Head("Free from", YEAR), Head("Free until", YEAR), Head("Input cell")]
    names = ("MUSD a unit", "Units", "Available from", "Life [years]", *map(str, g.years))
    page.header([*heads, *(Head(name, YEAR) for name in names)])
    if not g.assets:
        page.write(g.asset, 1, "none")
    priced = {row.line: place for place, row in enumerate(g.rows, g.ledger)}
    for row, (line, units, start, life) in enumerate(g.assets, g.asset):
        page.write(row, 1, line.what)
        page.write(row, 4, line.at).alignment = Alignment(horizontal="left", indent=1)
        page.across(row, 2, _free_years(g, line), YEAR)
        page.across(row, 5, [f"=$E${priced[line]}", units], "#,##0.######")
        page.across(row, 7, [start, life], YEAR)
        whole = g.rate("depreciation years")
        most = f"MIN({whole},$H{row})"  # an empty life does not count
        years = [f"{letter}${g.head}" for letter in g.letters]
        cells = [
            f"=-$E{row}*$F{row}*IF(AND({y}>=$G{row},{y}<$G{row}+{most}),"
            f"IF({y}=$G{row}+{most}-1,1-({most}-1)/{whole},1/{whole}),0)"
            for y in years
        ]
        page.across(row, FIRST, cells, MONEY)


def _line(page: Page, g: Grid, name: str, place: int) -> None:
    """A row of the account of a case: over the years of the horizon, or, of the state's share, over all."""
    row, case = g.account(place, name), g.c.case
    page.write(row, 1, ACCOUNT[name])
    if place == 0 and g.by_future:
        cells = [_mean(g, name, letter) for letter in g.letters]
    else:
        within = range(case.horizon.periods[0].start_year, case.horizon.last_year + 1)
        asked = {y: name == "state_participation" or y in within for y in g.years}
        cells = [
            CELLS[name](g, place, letter) if asked[year] else ""
            for year, letter in zip(g.years, g.letters, strict=True)
        ]
    bold = name in ("result", "income_tax", "state_participation")
    page.across(row, FIRST, [cell or None for cell in cells], MONEY, bold)
    if name not in ("gone", "losses_left"):
        page.across(row, 2, [f"=SUM({g.span(row)})"], MONEY, bold)


def _mean(g: Grid, name: str, letter: str) -> str:
    """The futures' mean."""
    parts = [f"$B${g.top('project') + k}*{letter}{g.account(k, name)}" for k in range(1, len(g.cases))]
    return "=" + "+".join(parts)


def _sum(g: Grid, place: int, letter: str, counted: str) -> str:
    """Of a case in a year, the lines that count."""
    return f"SUMPRODUCT({counted}*{g.column(g.member(place))}*{g.amounts(letter)})"


def _free(g: Grid, letter: str) -> str:
    """1 for the lines of sites in their holiday."""
    year = f"{letter}${g.head}"
    return f"({g.column(g.beyond(2))}<={year})*({g.column(g.beyond(3))}>={year})"


def _named(g: Grid, term: str) -> str:
    return f'({g.column("B")}="{word(term)}")'


def _taxable(g: Grid, place: int, letter: str) -> str:
    return f"={_sum(g, place, letter, g.column(g.beyond(1)))}"


def _depreciation(g: Grid, place: int, letter: str) -> str:
    """Of all capital, less that of sites in their holiday: the same in every future."""
    last, year = g.asset + max(len(g.assets), 1) - 1, f"{letter}${g.head}"
    start, until, written = (f"{x}${g.asset}:{x}${last}" for x in ("$B", "$C", letter))
    return f"=SUMPRODUCT((1-({start}<={year})*({until}>={year}))*{written})"


def _holiday(g: Grid, place: int, letter: str) -> str:
    """What is a free site's own, with its sign turned: what it adds to goods, less its costs."""
    if not g.holidays:
        return ""
    counted = f"{_free(g, letter)}*({_named(g, 'holiday_value')}-{g.column(g.beyond(1))})"
    return f"={_sum(g, place, letter, counted)}"


def _result(g: Grid, place: int, letter: str) -> str:
    return f"={letter}{g.account(place, 'taxable')}+{letter}{g.account(place, 'depreciation')}" + (
        f"+{letter}{g.account(place, 'holiday')}" if g.holidays else ""
    )


def _gain(g: Grid, place: int, letter: str) -> str:
    return f"=MAX(0,{letter}{g.account(place, 'result')})"


def _loss(g: Grid, place: int, letter: str) -> str:
    """A loss that may be carried forward."""
    return f"=IF(OR({g.rate('loss years')}=0,{g.rate('loss share')}=0),0,MAX(0,-{letter}{g.account(place, 'result')}))"


def _gone(g: Grid, place: int, letter: str) -> str:
    loss, year, years = g.span(g.account(place, "loss")), f"{letter}${g.head}", g.span(g.head)
    old = f"IF(ISNUMBER({g.rate('loss years')}),SUMPRODUCT(({years}<{year}-{g.rate('loss years')})*{loss}),0)"
    before = g.before(letter)
    if not before:
        return f"={old}"
    return f"=MAX({before}{g.account(place, 'gone')}+{before}{g.account(place, 'losses_used')},{old})"


def _losses_used(g: Grid, place: int, letter: str) -> str:
    before, loss = g.before(letter), g.account(place, "loss")
    if not before:
        return "=0"
    there = f"SUM(${g.letters[0]}{loss}:{before}{loss})-{letter}{g.account(place, 'gone')}"
    return f"=MAX(0,MIN({g.rate('loss share')}*{letter}{g.account(place, 'gain')},{there}))"


def _losses_left(g: Grid, place: int, letter: str) -> str:
    loss = g.account(place, "loss")
    gone, used = (f"{letter}{g.account(place, name)}" for name in ("gone", "losses_used"))
    return f"=SUM(${g.letters[0]}{loss}:{letter}{loss})-{gone}-{used}"


def _base(g: Grid, place: int, letter: str) -> str:
    return f"={letter}{g.account(place, 'gain')}-{letter}{g.account(place, 'losses_used')}"


def _income_tax(g: Grid, place: int, letter: str) -> str:
    return f"=-{g.rate('rate')}*{letter}{g.account(place, 'base')}"


def _state(g: Grid, place: int, letter: str) -> str:
    """Of what operation leaves in a good year; or of all cash, that before the first year too."""
    tax = f"{letter}{g.account(place, 'income_tax')}" if g.taxed else "0"
    if g.c.case.fiscal.carried:
        within = g.years[g.letters.index(letter)] >= g.c.case.horizon.periods[0].start_year
        return f"=-{g.rate('carried')}*MAX(0,{letter}{g.account(place, 'taxable')}+{tax})" if within else ""
    outlays = "+".join(_named(g, name) for name in sorted(SHARED - TAXED - {"income_tax"}))
    shared = _sum(g, place, letter, f"({g.column(g.beyond(1))}+{outlays})")
    return f"=-{g.rate('paid')}*({shared}+{tax})"


CELLS: Final[Mapping[str, Callable[[Grid, int, str], str]]] = {
    "taxable": _taxable,
    "depreciation": _depreciation,
    "holiday": _holiday,
    "result": _result,
    "gain": _gain,
    "loss": _loss,
    "gone": _gone,
    "losses_used": _losses_used,
    "losses_left": _losses_left,
    "base": _base,
    "income_tax": _income_tax,
    "state_participation": _state,
}
"""The formula of each row of an account, for a case and the column of a year."""


def flags(g: Grid, line: Line) -> list[object]:
    """Of a line of the ledger: whether it makes taxable cash, and the first and last year in which its site is free."""
    if not g.levied:
        return []
    return [float(line.term in TAXED), *_free_years(g, line)]


def _free_years(g: Grid, line: Line) -> list[object]:
    """The first and last year in which a line's site is free, 0 and 0 of any other."""
    if line.site not in g.holidays:
        return [0.0, 0.0]
    row = g.holiday + list(g.holidays).index(line.site)
    return [f"=$B${row}", f"=$C${row}"]


def flag_heads(g: Grid) -> list[Head]:
    """Their headers."""
    names = ("Makes taxable cash", "Free of tax from", "Free of tax until") if g.levied else ()
    return [Head(name, YEAR) for name in names]


def tax_ties(book: Book, g: Grid) -> None:
    """The accounts against the plan's own; each year and future weighs as many times as its place, so none stands in
    for another.
    """
    if not g.levied:
        return
    futures = {w: place for place, (w, _) in enumerate(g.cases) if w} or {g.c.case.scenarios[0].name: 0}
    frame, first = g.c.solution.fiscal, g.years[0]
    years = f"('Cash flow'!{g.span(g.head)}-{first - 1})"
    for name, words in TOLD.items():
        if name in g.accounts and not (name == "state_participation" and g.c.case.fiscal.paid):
            cells = "+".join(
                f"{k + 1}*SUMPRODUCT({years}*'Cash flow'!{g.span(g.account(k, name))})" for k in futures.values()
            )
            told = frame[frame["term"] == name]
            weights = (told["year"] - first + 1) * (told["scenario"].map(futures) + 1)
            amount = SIGN.get(name, 1.0) * float((told["musd"] * weights).sum())
            book.tie(f"The {words} of every year and future are khovor's (weighed by their places)", cells, amount)
