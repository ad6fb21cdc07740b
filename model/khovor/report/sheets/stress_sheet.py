"""The sheets of a stress: what is lost by target and period, by pair, every closing in full, and what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, TONNES, Head

MOST_BARS: Final = 30
"""Targets that a chart can still tell apart: the first, which lose most."""

MOST_PRICES: Final = 6
"""Gates of a closing that the sheet names, those worth most first; summary.json has all."""

UNKEPT: Final = "rules cannot be kept"


def stress_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Value lost by target and period: the matrix, and a chart of what closing for good costs."""
    page = book.page("Stress", f"The plan with corridors closed: {summary['title']}", summary["how"])
    found: dict[tuple[str, str], dict[str | None, Mapping[str, Any]]] = {}
    for c in summary["closures"]:
        found.setdefault((c["target"], c["kind"]), {})[c["period"]] = c
    rows: list[list[object]] = []
    for (target, kind), by in found.items():
        good = by[None]
        rescued, taken = _tonnes(good["rescued_by"][:4], "corridor"), _tonnes(good["taken_by"][:4], "market")
        losses = [_loss(by[period]["loss"]) for period in summary["periods"]]
        told = _what(good)
        rows.append([target, kind, _loss(good["loss"]), good["stranded_t"], *losses, rescued, taken, told])
    heads = [Head("Closed", width=24), Head("Kind"), Head("For good [MUSD]", MONEY), Head("Stranded [t]", TONNES)]
    periods = [Head(f"{period} [MUSD]", MONEY) for period in summary["periods"]]
    words = [
        Head("Rescued by, for good", width=50, wraps=True),
        Head("Taken by, for good", width=40, wraps=True),
        Head("What it is", width=60, wraps=True),
    ]
    placed = page.table([*heads, *periods, *words], rows, main=True)
    if rows:
        worst = replace(placed, bottom=min(placed.bottom, placed.top + MOST_BARS - 1))
        bars(page, worst, [3], "Value lost when closed for good", summary["unit"], f"A{page.row + 1}", size=(24.0, 9.0))


def pairs_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Value lost when two targets are closed for good: a matrix, one alone on its diagonal; empty = the worse alone."""
    page = book.page("Stress pairs", "Two corridors closed for good: value lost [MUSD]", PAIRS)
    alone = {c["target"]: c["loss"] for c in summary["closures"] if c["period"] is None}
    both = {frozenset(p["targets"]): p["loss"] for p in summary["pairs"]}
    there = {name for pair in both for name in pair}
    names = [*(name for name in alone if name in there), *sorted(there - set(alone))]
    rows = [
        [one, *(_loss(alone.get(one, 0.0)) if one == other else _both(both, one, other) for other in names)]
        for one in names
    ]
    page.table([Head("Closed", width=24), *(Head(name, MONEY) for name in names)], rows, main=True)


PAIRS: Final = (
    "One alone on the diagonal. A blank cell loses no more than the worse of the two alone. All pairs of gates and "
    "groups were tried."
)


def closings_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Every closing in full."""
    note = (
        "Opening: what the first tonne a year let through again would add, in each closed year. Worth of gates: what "
        "one tonne a year more there would add, in each closed year, given the closing, of those worth most. Expected, "
        "discounted."
    )
    page = book.page("Closings", "Every closing", note)
    heads = [
        Head("Closed", width=24),
        Head("Kind"),
        Head("Period"),
        Head("Value [MUSD]", MONEY),
        Head("Loss [MUSD]", MONEY),
        Head("Stranded [t]", TONNES),
        Head("Unsold [t]", TONNES),
        Head("Opening [USD per t/y]", TONNES),
        Head("Worth of gates [USD per t/y]", width=50, wraps=True),
        Head("Rescued by", width=50, wraps=True),
        Head("Taken by", width=40, wraps=True),
    ]
    page.table(heads, [_closing(c) for c in summary["closures"]], main=True)


def _closing(c: Mapping[str, Any]) -> list[object]:
    return [
        c["target"],
        c["kind"],
        c["period"] or "for good",
        _loss(c["objective"]),
        _loss(c["loss"]),
        c["stranded_t"],
        c["unsold_t"],
        c["opening_usd_t_y"],
        "; ".join(f"{p['gate']} {p['usd_t_y']:,.0f}" for p in c["prices"][:MOST_PRICES]),
        _tonnes(c["rescued_by"], "corridor"),
        _tonnes(c["taken_by"], "market"),
    ]


def hedges_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """What could be added against the worst closings."""
    note = (
        "The closing taken as certain in every future, the plan kept, one kind of hedge free to be added. Cheapest: "
        "least capital, then slots, of those that recover at least half of what the best does. Recovered: expected, "
        "over the futures told under Valued in. Proved best: within the gap asked, a share of the value of the plan."
    )
    page = book.page("Hedges", "What would help", note)
    page.widths({"A": 24})
    for h in summary["hedges"]:
        page.paragraph(h["in_words"])
    page.row += 1
    heads = [
        Head("Closed", width=24),
        Head("Hedge"),
        Head("Recovered [MUSD]", MONEY),
        Head("Capital [MUSD]", MONEY),
        Head("Slots [MUSD]", MONEY),
        Head("Status"),
        Head("Proved best"),
        Head("Chosen for", width=36, wraps=True),
        Head("Valued in", width=36, wraps=True),
        Head("What is added", width=70, wraps=True),
    ]
    rows: Sequence[Sequence[object]] = [
        [
            h["target"],
            o["hedge"],
            o["recovered"],
            o["capital_musd"],
            o["slots_musd"],
            o["status"],
            "yes" if o["exact"] else "no",
            o["chosen_for"],
            o["valued_in"],
            "; ".join(o["added"]),
        ]
        for h in summary["hedges"]
        for o in h["options"]
    ]
    page.table(heads, rows)


def _tonnes(told: Sequence[Mapping[str, Any]], key: str) -> str:
    return "; ".join(f"{r[key]} {r['t']:,.0f} t" for r in told)


def _what(c: Mapping[str, Any]) -> str:
    """What a target is, and what else closes the very same lanes."""
    return f"{c['what']} (the same lanes as {', '.join(c['also'])})" if c["also"] else str(c["what"])


def _loss(amount: float | None) -> object:
    return UNKEPT if amount is None else amount


def _both(both: Mapping[frozenset[str], float | None], one: str, other: str) -> object:
    pair = frozenset((one, other))
    return _loss(both[pair]) if pair in both else None
