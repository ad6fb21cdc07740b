"""Sheets of goods: what is made, stored and what becomes of it; what is sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from khovor.report.content import Content, Series
from khovor.report.paths import processed, stock_changes
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, SHARE, TONNES, Head, Page
from khovor.report.worth import list_price
from khovor.units import USD_PER_MUSD

BALANCE = ("made", "bought", "from stock", "taken in", "sold", "disposed of", "lost on the way", "to stock")
"""Where goods come from (three) and where they go (five)."""

CAME = 3

WHERE = (Head("Product"), Head("Origin"), Head("Where"))


def production(book: Book, c: Content) -> None:
    """What is made, by product and place, and what becomes of it: used, sold, disposed of, stored."""
    page = book.page("Production", "What is made and what becomes of it", "Expected tonnes a year.")
    made: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0] * len(c.periods))
    places = {p: t for t, p in enumerate(c.periods)}
    for (product, origin, period, scenario), node, t_y in processed(c.case, c.solution):
        if t_y > 0:
            made[product, origin, node][places[period]] += c.odds[scenario] * t_y
    rows = [[*_where(c, p, o, n), c.mean(v), *v] for (p, o, n), v in sorted(made.items())]
    page.table([*WHERE, Head("Mean [t/y]", TONNES), *_periods(c)], rows, main=True)
    _balance(book, page, c)
    _traded(page, c, "Bought in", c.expected("purchases", ["product", "origin", "node"]))
    _traded(page, c, "Disposed of", c.expected("disposals", ["product", "origin", "node"]))
    _stocks(page, c)


def _balance(book: Book, page: Page, c: Content) -> None:
    """By product over the horizon, with a live difference that must be nothing."""
    page.heading("What becomes of it: expected tonnes over the whole horizon")
    sums: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(BALANCE, 0.0))
    for product, column, period, scenario, t_y in _moves(c):
        sums[product][column] += c.odds[scenario] * c.years[period] * t_y
    rows = [[c.names.product(p), *sums[p].values(), ""] for p in c.case.products if p in sums]
    heads = [Head("Product"), *(Head(f"{name.capitalize()} [t]", TONNES) for name in BALANCE)]
    placed = page.table([*heads, Head("Left over [t]", TONNES)], rows)
    for row in range(placed.top, placed.top + len(rows)):
        page.formula(row, len(BALANCE) + 2, f"=SUM(B{row}:D{row})-SUM(E{row}:I{row})", TONNES)
    if rows:
        came, went = placed.block(2, 1 + CAME), placed.block(2 + CAME, 1 + len(BALANCE))
        book.tie(
            "What is made, bought and drawn from stock is used, sold, disposed of, lost or stored",
            f"SUM({came})",
            f"SUM({went})",
        )
        left = f"SUMPRODUCT(ABS({placed.column(len(BALANCE) + 2)}))+SUM({came})"
        book.tie("Nothing is left over of any product", left, f"SUM({came})")


def _moves(c: Content) -> Iterator[tuple[str, str, str, str, float]]:
    """(product, column of the balance, period, future, t/y)."""
    s = c.solution
    for (product, _, period, scenario), _, t_y in processed(c.case, s):
        yield product, "made" if t_y > 0 else "taken in", period, scenario, abs(t_y)
    for (product, _, period, scenario), _, t_y in stock_changes(c.case, s):
        yield product, "from stock" if t_y > 0 else "to stock", period, scenario, abs(t_y)
    for table, column in (("purchases", "bought"), ("sales", "sold"), ("disposals", "disposed of")):
        for r in s.tables[table].itertuples(index=False):
            yield r.product, column, r.period, r.scenario, r.t_y
    for lane, _, _, product, _, period, scenario, t_y in s.flows.itertuples(index=False):
        loss = c.case.lanes[lane].loss_share
        if loss:
            yield product, "lost on the way", period, scenario, loss * t_y


def _traded(page: Page, c: Content, title: str, series: Series) -> None:
    page.heading(title)
    rows = [[*_where(c, p, o, n), c.mean(v), *v] for (p, o, n), v in series]
    page.table([*WHERE, Head("Mean [t/y]", TONNES), *_periods(c)], rows)


def _where(c: Content, product: str, origin: str, node: str) -> list[object]:
    """A commodity and its place, in words (see WHERE)."""
    return [c.names.product(product), c.names.short(origin) if origin else "", c.names.place(node)]


def sales(book: Book, c: Content) -> None:
    """What is sold to whom and for how much, and contracts missed."""
    note = (
        "Expected tonnes a year. The list price is that of the input row, per tonne of product, before profile and "
        "events; what is earned counts both, undiscounted."
    )
    page = book.page("Sales", "What is sold", note)
    markets = {tuple(m.key): m for m in c.case.markets}
    earned = c.earnings.assign(usd=c.earnings["usd_y"] * c.earnings["scenario"].map(c.odds))
    money = dict(c.by_period(earned, ["node", "product", "tier", "row"], "usd"))
    rows = []
    for key, values in c.expected("sales", ["node", "product", "tier", "row"]):
        market = markets[key]
        prices = [list_price(market, origin) for origin in market.content] or [market.price_usd_t]
        price = prices[0] if max(prices) == min(prices) else f"{min(prices):,.0f} to {max(prices):,.0f}"
        where = [c.names.product(key[1]), c.names.place(key[0]), f"{key[2]}", market.at, price]
        rows.append([*where, c.mean(money[key]) / USD_PER_MUSD, c.mean(values), *values])
    heads = [Head("Product"), Head("Buyer"), Head("Tier"), Head("Input cell"), Head("List price [USD/t]", TONNES)]
    heads += [Head("Earned, mean [MUSD/y]", MONEY), Head("Mean [t/y]", TONNES), *_periods(c)]
    page.table(heads, rows, main=True)
    _by_product(page, c)
    page.heading("Contracts missed")
    short = [
        [c.names.product(p), c.names.place(n), c.mean(v), *v]
        for (p, n), v in c.expected("shortfalls", ["product", "node"])
    ]
    page.table([Head("Product"), Head("Buyer"), Head("Mean [t/y]", TONNES), *_periods(c)], short)


def _by_product(page: Page, c: Content) -> None:
    page.heading("What each product earns, undiscounted, mean over the horizon")
    earned = c.earnings.assign(usd=c.earnings["usd_y"] * c.earnings["scenario"].map(c.odds))
    tonnes = dict(c.expected("sales", ["product"]))
    money = [[p, c.mean(v) / USD_PER_MUSD] for (p,), v in c.by_period(earned, ["product"], "usd")]
    total = sum(m for _, m in money)
    rows = [[c.names.product(p), m, m / total if total else 0.0, c.mean(tonnes[p,])] for p, m in money]
    heads = [Head("Product"), Head("Earned [MUSD/y]", MONEY), Head("Share", SHARE), Head("Sold [t/y]", TONNES)]
    placed = page.table(heads, rows)
    if len(rows) > 1:
        page.row += bars(page, placed, [2], "Earned by product", "MUSD/y", f"A{page.row}", flat=True)


def _stocks(page: Page, c: Content) -> None:
    page.heading("Stock at the end of the period")
    room = {(s.node, s.product): s.capacity_t for s in c.case.stockpiles}
    held = [
        [*_where(c, p, o, n), room[n, p], *values]
        for (n, p, o), values in c.expected("stocks", ["node", "product", "origin"], "t")
    ]
    page.table([*WHERE, Head("Room [t]", TONNES), *_periods(c, "t")], held)


def _periods(c: Content, unit: str = "t/y") -> list[Head]:
    return [Head(f"{y} [{unit}]", TONNES) for y in c.names.years]
