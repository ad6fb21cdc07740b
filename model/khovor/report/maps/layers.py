"""The layers of a view in Vega's terms: outlines, flows, marks, texts. Data travel by name beside the charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import altair as alt

from khovor.case import AIR, LAND, SEA
from khovor.report.maps.geography import outlines
from khovor.report.maps.labels import Set
from khovor.report.maps.scene import Line
from khovor.report.maps.view import View
from khovor.units import T_PER_KT

COLOURS: Final = {LAND: "#C55A11", SEA: "#1F6FB4", AIR: "#8E44AD"}
"""One colour for each way of travelling."""

WATER, COUNTRY, HOME, BORDER, QUIET = "#EAF2F8", "#F7F5F0", "#FBE9C6", "#B8B2A5", "#8C867B"

SHAPES: Final = {
    "passed": ("circle", "#FFFFFF", 34),
    "buyer": ("circle", "#222222", 48),
    "plant": ("square", "#7A1F1F", 110),
    "mine": ("diamond", "#7A1F1F", 130),
}
"""Shape, fill and area [square pixels] of each kind of mark."""

WIDEST: Final = {"region": 9.0, "world": 6.0}
"""Width of the largest flow [pixels], by the detail of the view."""


@dataclass(slots=True)
class Data:
    """Data sets by name: Altair copies what stands in a chart many times over, so only names stand there."""

    sets: dict[str, Any] = field(default_factory=dict)

    def named(self, values: list[Any]) -> alt.NamedData:
        """Keep values, once, and give back their name."""
        name = next((known for known, kept in self.sets.items() if kept == values), f"d{len(self.sets)}")
        self.sets[name] = values
        return alt.NamedData(name=name)


def land(data: Data, view: View, home: str) -> Iterator[alt.Chart]:
    """The world, in more detail where there is any, and home tinted; cut by the projection: a mask is slow."""
    for detail in dict.fromkeys(("world", view.detail)):
        world = _shape(data, view, list(outlines(detail)))
        yield world.mark_geoshape(clip=False, fill=COUNTRY, stroke=BORDER, strokeWidth=0.6)
    mine = [f for f in outlines(view.detail) if home and f["properties"]["code"] == home]
    yield _shape(data, view, mine).mark_geoshape(clip=False, fill=HOME, stroke=BORDER, strokeWidth=1.0)


def quiet(data: Data, view: View, lines: Iterable[Line]) -> alt.Chart:
    """Goods on their way in or between plants: where, not how much."""
    shape = _shape(data, view, _features(lines))
    return shape.mark_geoshape(filled=False, stroke=QUIET, strokeWidth=1.2, strokeDash=[3, 2])


def flows(data: Data, view: View, lines: Iterable[Line], most_t_y: float) -> alt.Chart:
    """Exports: colour by how they travel, width by tonnes."""
    by = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    wide = alt.Scale(type="sqrt", domain=[0, most_t_y / T_PER_KT], range=[0.8, WIDEST[view.detail]])
    shape = _shape(data, view, _features(lines)).mark_geoshape(filled=False, strokeCap="round", strokeOpacity=0.85)
    return shape.encode(
        stroke=alt.Stroke("properties.by:N", scale=by, legend=None),
        strokeWidth=alt.StrokeWidth("properties.kt:Q", scale=wide, legend=None),
    )


def _shape(data: Data, view: View, features: list[Any]) -> alt.Chart:
    return alt.Chart(data.named(features)).project(**view.vega)


def _features(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "properties": {"by": line.by, "kt": line.t_y / T_PER_KT},
            "geometry": {"type": "LineString", "coordinates": [list(p) for p in line.points]},
        }
        for line in lines
    ]


def strokes(data: Data, values: list[dict[str, Any]]) -> alt.Chart:
    """Straight strokes in pixels: x, y, x2, colour, dash."""
    x2, y2 = alt.X2("x2:Q"), alt.Y2("y:Q")
    dash = alt.StrokeDash("dash:N", scale=alt.Scale(domain=["whole", "dashed"], range=[[1, 0], [3, 2]]), legend=None)
    colour = alt.Stroke("colour:N", scale=None, legend=None)
    chart = alt.Chart(data.named(values)).mark_rule(strokeWidth=3.0)
    return chart.encode(x=_pixel(alt.X, "x"), y=_pixel(alt.Y, "y"), x2=x2, y2=y2, stroke=colour, strokeDash=dash)


def boxes(data: Data, values: list[dict[str, Any]]) -> alt.Chart:
    """White boxes in pixels: x, y, x2, y2."""
    chart = alt.Chart(data.named(values)).mark_rect(fill="#FFFFFF", stroke=BORDER, opacity=1.0)
    return chart.encode(x=_pixel(alt.X, "x"), y=_pixel(alt.Y, "y"), x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))


def points(data: Data, marks: list[dict[str, Any]]) -> alt.Chart:
    """Marks in pixels: x, y, kind (see SHAPES)."""
    kinds = list(SHAPES)

    def scale(part: int) -> alt.Scale:
        return alt.Scale(domain=kinds, range=[SHAPES[k][part] for k in kinds])

    chart = alt.Chart(data.named(marks)).mark_point(stroke="#222222", strokeWidth=1, opacity=1, filled=True)
    return chart.encode(
        x=_pixel(alt.X, "x"),
        y=_pixel(alt.Y, "y"),
        shape=alt.Shape("kind:N", scale=scale(0), legend=None),
        fill=alt.Fill("kind:N", scale=scale(1), legend=None),
        size=alt.Size("kind:N", scale=scale(2), legend=None),
    )


def texts(data: Data, put: Iterable[Set]) -> Iterator[alt.Chart]:
    """Each text twice: a white rim, then the letters."""
    placed = list(put)
    for bold in (False, True):
        values = [
            {"x": s.x, "y": s.y, "text": s.label.text, "size": s.label.size, "colour": s.label.colour}
            for s in placed
            if s.label.bold is bold
        ]
        chart = alt.Chart(data.named(values)).encode(
            x=_pixel(alt.X, "x"),
            y=_pixel(alt.Y, "y"),
            text="text:N",
            size=alt.Size("size:Q", scale=None, legend=None),
        )
        style = {"align": "left", "baseline": "middle", "fontWeight": "bold" if bold else "normal"}
        yield chart.mark_text(stroke="#FFFFFF", strokeWidth=3, strokeOpacity=0.85, strokeJoin="round", **style)
        yield chart.mark_text(**style).encode(color=alt.Color("colour:N", scale=None, legend=None))


def _pixel(channel: Any, name: str) -> Any:
    """A channel that takes pixels as they are."""
    return channel(f"{name}:Q", scale=None, axis=None)
