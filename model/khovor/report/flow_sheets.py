"""Sheets of what moves, is made, sold, stored and drawn: expected yearly amounts by period."""

from __future__ import annotations

from typing import Any

from khovor.report.content import Content
from khovor.report.sheet import MONEY, SHARE, TONNES, Head, Page


def _periods(c: Content, unit: str = "t/y") -> list[Head]:
    return [Head(f"{p} [{unit}]", TONNES) for p in c.periods]


def lanes(excel: Any, c: Content) -> None:
    """Flows by lane and commodity."""
    page = Page(
        excel, "Flows by lane", "Flows by lane", "Expected tonnes a year at departure; from > to is the direction."
    )
    rows = []
    for (lane, start, end, product, origin), values in c.expected("flows", ["lane", "from", "to", "product", "origin"]):
        mode, gate = c.case.lanes[lane].mode, c.case.lanes[lane].gate
        rows.append([lane, c.place(start), c.place(end), mode, gate, c.product(product), origin, *values])
    heads = [Head("Lane", width=30), Head("From", width=26), Head("To", width=26), Head("Mode"), Head("Gate", width=18)]
    page.table([*heads, Head("Product", width=28), Head("Origin"), *_periods(c)], rows, freeze=True)


def corridors(excel: Any, c: Content) -> None:
    """Exports by corridor: what passes which borders, ports and airports."""
    note = "Expected tonnes a year that leave home and are sold; cost and days of an ordinary year, fees included."
    page = Page(excel, "Flows by corridor", "How exports leave", note)
    table = c.corridors
    by_corridor = []
    if not table.empty:
        wide = table.pivot_table(index="corridor", columns="period", values="t_y", aggfunc="sum", fill_value=0.0)
        wide = wide.reindex(columns=c.periods, fill_value=0.0)
        order = wide.sum(axis=1).sort_values(ascending=False).index
        by_corridor = [[str(k), *(float(v) for v in wide.loc[k])] for k in order]
    placed = page.table([Head("Corridor", width=60), *_periods(c)], by_corridor)
    if by_corridor:
        _shares_chart(page, c, by_corridor)
    page.heading("By corridor, product and buyer")
    rows = [
        [r.corridor, c.product(r.product), c.place(r.buyer), r.period, r.t_y, r.usd_t, r.days]
        for r in table.itertuples(index=False)
    ]
    heads = [Head("Corridor"), Head("Product"), Head("Buyer"), Head("Period"), Head("t/y", TONNES)]
    page.table([*heads, Head("Freight and fees [USD/t]", MONEY), Head("Days", MONEY)], rows)
    _ = placed


def _shares_chart(page: Page, c: Content, rows: list[list[Any]]) -> None:
    """Corridors by period, turned so that periods are the categories."""
    page.heading("Exports by period and corridor [t/y]")
    top = rows[:6]
    turned = [[p, *(row[i] for row in top)] for i, p in enumerate(c.periods, 1)]
    placed = page.table([Head("Period"), *(Head(str(row[0]), TONNES) for row in top)], turned)
    page.bars(placed, range(2, len(top) + 2), "Exports by corridor", "t/y", f"A{page.row}", stacked=True)
    page.row += 18


def production(excel: Any, c: Content) -> None:
    """What is made and taken in, by product and place."""
    page = Page(excel, "Production", "What is made", "Expected output in tonnes a year.")
    recipes = {(p.key.node, p.key.process, p.key.sizes, r.name, r.origin): r for p in c.case.plants for r in p.recipes}
    made: dict[tuple[str, str, str], list[float]] = {}
    for key, values in c.expected("activity", ["node", "process", "sizes", "recipe", "origin"]):
        for commodity, amount in recipes[key].balance.items():  # type: ignore[index]
            if amount > 0:
                old = made.setdefault((commodity.product, commodity.origin, key[0]), [0.0] * len(values))
                made[commodity.product, commodity.origin, key[0]] = [
                    o + amount * v for o, v in zip(old, values, strict=True)
                ]
    rows = [[c.product(p), o, c.place(n), *values] for (p, o, n), values in sorted(made.items())]
    page.table([Head("Product", width=34), Head("Origin"), Head("Where", width=30), *_periods(c)], rows, freeze=True)
    page.heading("Bought in")
    bought = [[c.product(p), c.place(n), *values] for (n, p), values in c.expected("purchases", ["node", "product"])]
    page.table([Head("Product"), Head("Where"), *_periods(c)], bought)
    page.heading("Disposed of")
    gone = [[c.product(p), c.place(n), *values] for (n, p), values in c.expected("disposals", ["node", "product"])]
    page.table([Head("Product"), Head("Where"), *_periods(c)], gone)


def sales(excel: Any, c: Content) -> None:
    """What is sold to whom, at which list price, and contracts missed."""
    page = Page(
        excel,
        "Sales",
        "What is sold",
        "Expected tonnes a year; price before profile and events, per tonne of the priced basis.",
    )
    markets = {(m.key.node, m.key.product, m.key.tier, m.key.row): m for m in c.case.markets}
    rows = []
    for key, values in c.expected("sales", ["node", "product", "tier", "row"]):
        market = markets[key]  # type: ignore[index]
        basis = f"per t {market.component}" if market.component else "per t"
        rows.append([c.product(key[1]), c.place(key[0]), key[2], market.price_usd_t, basis, market.at, *values])
    heads = [
        Head("Product", width=30),
        Head("Buyer", width=28),
        Head("Tier"),
        Head("Price [USD/t]", TONNES),
        Head("Basis"),
    ]
    page.table([*heads, Head("Input cell"), *_periods(c)], rows, freeze=True)
    page.heading("Contracts missed")
    short = [[c.product(p), c.place(n), *values] for (n, p), values in c.expected("shortfalls", ["node", "product"])]
    page.table([Head("Product"), Head("Buyer"), *_periods(c)], short)


def stocks_and_utilities(excel: Any, c: Content) -> None:
    """Stocks at the end of each period, and what is drawn of each utility against its limit."""
    page = Page(excel, "Stocks and utilities", "Stocks and utilities", "Expected amounts.")
    page.heading("Stock at the end of the period [t]")
    held = [
        [c.product(p), o, c.place(n), *values]
        for (n, p, o), values in c.expected("stocks", ["node", "product", "origin"], "t")
    ]
    page.table([Head("Product", width=30), Head("Origin"), Head("Where", width=28), *_periods(c, "t")], held)
    page.heading("Utilities drawn [units a year] and the largest share of the limit")
    limits = {tuple(s.key): s.limit_y for s in c.case.utilities}
    rows = []
    for key, values in c.expected("utilities", ["node", "utility", "row"], "use_y"):
        limit = limits[key]
        rows.append(
            [
                key[1],
                c.place(key[0]),
                limit if limit is not None else "unlimited",
                max(values) / limit if limit else "",
                *values,
            ]
        )
    heads = [Head("Utility"), Head("Where"), Head("Limit [unit/y]", TONNES), Head("Largest share", SHARE)]
    page.table([*heads, *_periods(c, "unit/y")], rows)
