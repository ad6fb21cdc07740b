"""What the marks and lines of the map mean, in a box in its lower left corner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from khovor.report.maps.labels import Box, Label, Set
from khovor.report.maps.layers import COLOURS, QUIET, Data, boxes, points, strokes, texts
from khovor.report.maps.view import View

MARKS = {
    "mine": "mine that is built",
    "plant": "plant that is built",
    "passed": "border, port or airport on the way out",
    "buyer": "where exports are handed over",
}

LINE, LEFT, SIZE = 17.0, 12.0, 11.0
"""Height of a line, space to the left, size of the letters [pixels]."""

WIDE = 265.0


def box(view: View, ways: Sequence[str]) -> Box:
    """The room the legend takes."""
    return LEFT, view.height - LEFT - LINE * (len(MARKS) + len(ways) + 1) - 8.0, LEFT + WIDE, view.height - LEFT


def legend(data: Data, view: View, ways: Sequence[str]) -> Iterator[alt.Chart]:
    """The layers of the legend; `ways` are the ways of travelling that the map shows."""
    left, top, right, bottom = box(view, ways)
    rows = [(COLOURS[way], "whole", f"exports by {way}; width: tonnes a year") for way in ways]
    rows.append((QUIET, "dashed", "goods on their way in or between plants"))
    lines: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    put = []
    for place, (colour, dash, text) in enumerate(rows):
        y = top + 4.0 + LINE * (place + 0.5)
        lines.append({"x": left + 8, "x2": left + 32, "y": y, "colour": colour, "dash": dash})
        put.append(Set(Label(text, 0, 0, SIZE), left + 40, y))
    for place, (kind, text) in enumerate(MARKS.items(), len(rows)):
        y = top + 4.0 + LINE * (place + 0.5)
        marks.append({"x": left + 20, "y": y, "kind": kind})
        put.append(Set(Label(text, 0, 0, SIZE), left + 40, y))
    yield boxes(data, [{"x": left, "y": top, "x2": right, "y2": bottom}])
    yield strokes(data, lines)
    yield points(data, marks)
    yield from texts(data, put)
