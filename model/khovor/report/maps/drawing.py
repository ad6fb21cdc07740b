"""The picture: home and its neighbours, and the world, as one PNG, drawn by Vega without a browser or a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import altair as alt
import vl_convert

from khovor.case import AIR, LAND, SEA
from khovor.report.content import Content
from khovor.report.maps.countries import country_labels
from khovor.report.maps.geography import Point, outlines
from khovor.report.maps.labels import Label, Set, arranged
from khovor.report.maps.layers import BORDER, WATER, Data, flows, land, points, quiet, texts
from khovor.report.maps.legend import box, legend
from khovor.report.maps.scene import Scene, scene
from khovor.report.maps.view import View, fitted
from khovor.units import T_PER_KT

WIDTH: Final = 1000
SHARPNESS: Final = 1.6

NEAR_DEG: Final = 6.0
"""How far beyond home's own places the first view reaches for the places that exports pass."""

FONT: Final = "Arial, Liberation Sans, DejaVu Sans, sans-serif"


def picture(c: Content) -> bytes:
    """The map of what is drawable as a PNG. Raises whatever the drawing library does."""
    return rendered(specification(c))


def rendered(specification: dict[str, Any]) -> bytes:
    """A PNG of what is specified for Vega-Lite. Raises whatever the drawing library does."""
    return bytes(vl_convert.vegalite_to_png(json.dumps(specification), scale=SHARPNESS))


def specification(c: Content) -> dict[str, Any]:
    """The map as Vega-Lite has it.

    Layers are put together as plain data: Altair copies every part again for each part it is put into.
    """
    found, data = scene(c), Data()
    near = _near(c, found)
    first = fitted(*_projection(c), near, WIDTH, 620, 0.06)
    views = [_layered(c, found, first, data, None)]
    far = [p for line in found.exports for p in line.points if not first.shows(p)]
    if far:
        lit = [p for line in found.exports for p in line.points]
        world = fitted("naturalEarth1", "world", [*lit, *near], WIDTH, 560, 0.04, found.middle)
        views.append(_layered(c, found, world, data, first))
    return _drawing(data, _title(c), views)


def first_sketch() -> None:
    """Draw a map of no plan, so that library, fonts and outlines are at hand. Raises whatever the library does."""
    view, data = fitted("mercator", "region", [(-120.0, -40.0), (120.0, 60.0)], WIDTH, 620, 0.0, 0.0), Data()
    word = Set(Label("khovor", 0.0, 0.0, 11), 0.0, 0.0)
    rendered(_drawing(data, "", [_view(view, [*land(data, view, ""), *texts(data, [word])])]))


def _drawing(data: Data, title: dict[str, Any] | str, views: list[dict[str, Any]]) -> dict[str, Any]:
    """Views one above the other."""
    return {
        "$schema": alt.SCHEMA_URL,
        "config": {"font": FONT, "background": "white", "padding": 8},
        "title": title,
        "vconcat": views,
        "spacing": 8,
        "datasets": data.sets,
    }


def _view(view: View, layers: Iterable[alt.Chart]) -> dict[str, Any]:
    return {
        "layer": [layer.to_dict(validate=False, context={"top_level": False}) for layer in layers],
        "width": view.width,
        "height": view.height,
        "view": {"fill": WATER, "stroke": BORDER, "strokeWidth": 1},
    }


def _title(c: Content) -> dict[str, Any]:
    years = c.names.years
    span = f"{years[0][:4]}-{years[-1][-4:]}"
    text = f"{c.case.terms.title or 'The plan'}: what is built, and how exports leave"
    below = f"Expected tonnes a year, mean of {span} over the futures"
    sizes = {"fontSize": 17, "subtitleFontSize": 12, "offset": 10}
    return {"text": text, "subtitle": below, "anchor": "start", **sizes}


def _near(c: Content, found: Scene) -> list[Point]:
    """Home's own places, and those within reach of them that exports pass."""
    own = [p for n, p in found.at.items() if c.case.nodes[n].territory == c.case.terms.home_territory]
    own = own or list(found.at.values())
    xs, ys = [x for x, _ in own], [y for _, y in own]
    reach = [
        (x, y)
        for x, y in (found.at[n] for n in found.passed)
        if min(xs) - NEAR_DEG <= x <= max(xs) + NEAR_DEG and min(ys) - NEAR_DEG <= y <= max(ys) + NEAR_DEG
    ]
    return own + reach


def _projection(c: Content) -> tuple[str, str]:
    """Mercator, on the finer outlines where home is among them."""
    fine = {f["properties"]["code"] for f in outlines("region")}
    return "mercator", "region" if c.case.terms.home_territory in fine else "world"


def _layered(c: Content, found: Scene, view: View, data: Data, first: View | None) -> dict[str, Any]:
    """One view: outlines, flows, marks, labels. A second view leaves out the marks that the first one shows."""
    ways = [way for way in (LAND, SEA, AIR) if any(line.by == way for line in found.exports)]
    marks = [m for m in _marks(found, view) if first is None or not first.shows(found.at[m["node"]])]
    taken = [(m["x"] - 5.0, m["y"] - 5.0, m["x"] + 5.0, m["y"] + 5.0) for m in marks]
    labels = list(_labels(c, found, view, {m["node"] for m in marks}))
    if first is None:
        taken.append(box(view, ways))
        labels += country_labels(view)
    most = max((line.t_y for line in found.exports), default=1.0)
    layers = [
        *land(data, view, c.case.terms.home_territory),
        *([quiet(data, view, found.others)] if first is None else []),
        flows(data, view, found.exports, most),
        points(data, [{k: m[k] for k in ("x", "y", "kind")} for m in marks]),
        *texts(data, arranged(view, labels, taken)),
        *(legend(data, view, ways) if first is None else ()),
    ]
    return _view(view, layers)


def _marks(found: Scene, view: View) -> Iterator[dict[str, Any]]:
    """Places in the view, as pixels, with their kind; what is built stands above what is passed."""
    kinds = dict.fromkeys(found.passed, "passed") | dict.fromkeys(found.bought_by, "buyer")
    kinds |= {n: "mine" if n in found.dug else "plant" for n in found.built}
    for node, kind in kinds.items():
        if view.shows(found.at[node]):
            x, y = view.place(found.at[node])
            yield {"node": node, "x": x, "y": y, "kind": kind}


def _labels(c: Content, found: Scene, view: View, marked: set[str]) -> Iterator[Label]:
    """What is built first, then where exports are handed over, then what they pass, the largest flows first."""
    tonnes = found.passed | found.bought_by
    order = dict.fromkeys((*found.built, *found.bought_by, *found.passed))
    for node in (n for n in order if n in marked):
        x, y = view.place(found.at[node])
        name, bold = c.names.short(node), node in found.built or node in found.bought_by
        text = f"{name}, {_amount(tonnes[node])}" if node in tonnes else name
        yield Label(text, x, y, 13 if node in found.built else 12 if bold else 11, bold)


def _amount(t_y: float) -> str:
    return f"{t_y / T_PER_KT:.1f} kt" if t_y >= T_PER_KT else f"{t_y:,.0f} t"
