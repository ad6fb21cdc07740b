"""The sheets of a frontier: its points with a curve of value against the measure; of two measures a matrix too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import curve
from khovor.report.sheets.page import MONEY, Head

AMOUNT = "#,##0.0##"
PERCENT = "0.0%"
"""A share of nothing is a figure here, no dash."""

PRICE = "[>=1000]#,##0;[<=-1000]-#,##0;#,##0.00"


def frontier_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Sentences, one row a point, and the curve."""
    page = book.page("Frontier", f"Value against {' and '.join(map(_titled, summary['measures']))}", summary["how"])
    for sentence in summary["headline"]:
        page.paragraph(sentence)
    page.row += 1
    placed = page.table(_heads(summary), [_row(summary, point) for point in summary["points"]], main=True)
    if len(summary["measures"]) == 1:
        measured = _head(summary["measures"][0], _titled(summary["measures"][0])).title
        curve(page, placed, 3, 5, (measured, "Value [MUSD]"), f"A{page.row + 1}")


def surface_sheet(book: Book, summary: Mapping[str, Any]) -> None:
    """Values by the limits of two measures: the first downwards, the second to the right; blank = no plan."""
    first, second = summary["measures"]
    note = f"Value [MUSD] by limits: downwards {_titled(first)}, to the right {_titled(second)}; blank = no plan."
    page = book.page("Surface", "Value by both limits", note)
    down = list(dict.fromkeys(p["limit"] for p in summary["points"]))
    right = list(dict.fromkeys(p["limit2"] for p in summary["points"]))
    values = {(p["limit"], p["limit2"]): p["value"] for p in summary["points"]}
    heads = [_head(first, "Limit"), *(Head(_said(second, limit), MONEY) for limit in right)]
    page.table(heads, [[a, *(values.get((a, b)) for b in right)] for a in down], main=True)


def _heads(summary: Mapping[str, Any]) -> list[Head]:
    measured = [_head(m, what) for m in summary["measures"] for what in ("Limit", "Measured")]
    priced = [
        Head(f"Price [{summary['price_unit']}]", PRICE),
        *(Head(f"Price {end}", PRICE) for end in ("at least", "at most")),
    ]
    return [
        Head("Point", width=18),
        *measured,
        Head("Status", width=12),
        Head("Value [MUSD]", MONEY),
        Head("Objective [MUSD]", MONEY),
        Head("Bound [MUSD]", MONEY),
        Head("Gap", "0.00%"),
        *(priced if len(summary["measures"]) == 1 else ()),
        Head("Capital, all periods [MUSD]", MONEY),
        Head("Seconds", "0.0"),
        Head("Plan of", width=18),
        Head("Dominated by", width=18),
        Head("Built", width=60, wraps=True),
        Head("Message", width=30, spills=True),
    ]


def _row(summary: Mapping[str, Any], point: Mapping[str, Any]) -> Sequence[object]:
    price = point["price"] or {}
    places = ("",) if len(summary["measures"]) == 1 else ("", "2")
    return [
        point["name"],
        *(point[f"{what}{place}"] for place in places for what in ("limit", "measured")),
        point["status"],
        *(point[key] for key in ("value", "objective", "bound", "gap")),
        *(price.get(key) for key in ("value", "low", "high") if len(places) == 1),
        *(point[key] for key in ("capital", "seconds", "plan_of", "dominated_by")),
        "; ".join(_sites(point["builds"])),
        point["message"],
    ]


def _sites(builds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is built at each place, by the names of the workbook."""
    for node in dict.fromkeys(b["node"] for b in builds):
        yield f"{node}: {', '.join(dict.fromkeys(b['process'] for b in builds if b['node'] == node))}"


def _titled(measure: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (measure["measure"], measure["subject"])))


def _head(measure: Mapping[str, Any], what: str) -> Head:
    """A column of a measure; the limit of the mean of the worst futures is its weight."""
    if measure["measure"] == "cvar" and what == "Limit":
        return Head("Weight of the worst", "0.00")
    unit = measure["unit"]
    return Head(f"{what} [{unit}]", AMOUNT) if unit else Head(f"{what} (share)", PERCENT)


def _said(measure: Mapping[str, Any], limit: float) -> str:
    return f"{limit:,.1f} {measure['unit']}" if measure["unit"] else f"{limit:.1%}"
