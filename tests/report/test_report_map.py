"""The map: where places fall, what is shown, labels that hide nothing, a picture drawn without a network."""

from __future__ import annotations

import json
import struct
from itertools import combinations
from pathlib import Path
from typing import Any

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_cases import content_of, everything, on_the_map, two_ways, written

from khovor.report import Content, Names
from khovor.report.maps import drawing
from khovor.report.maps.countries import country_labels
from khovor.report.maps.geography import country_names, outlines, sea_lane
from khovor.report.maps.labels import LETTER, Label, arranged
from khovor.report.maps.scene import drawable, scene
from khovor.report.maps.view import FORMULAS, View, fitted
from support import one_mine


@pytest.fixture(scope="module")
def ways() -> Content:
    """The case with two ways out."""
    return content_of(two_ways())


@pytest.fixture
def asia() -> View:
    """Mongolia and its neighbours."""
    return fitted("mercator", "region", [(88.0, 42.0), (120.0, 52.0)], 1000, 620, 0.05)


def test_outlines_travel_with_the_package() -> None:
    """The world and the region are there, with the codes of the shipped case's countries, in well under 300 kB."""
    assert len(outlines("world")) > 170
    assert {"MN", "CN", "RU", "JP", "KR", "US", "DE", "EE", "FR", "GB", "IN", "MY", "VN", "KZ"} <= set(country_names())
    assert sum(len(json.dumps(outlines(detail))) for detail in ("world", "region")) < 300_000


def test_a_view_shows_all_it_was_fitted_to(asia: View) -> None:
    """The corners lie inside the picture, north above south and east right of west, and the middle in the middle."""
    assert asia.shows((88.0, 42.0), margin=10)
    assert asia.shows((120.0, 52.0), margin=10)
    (west, south), (east, north) = asia.place((88.0, 42.0)), asia.place((120.0, 52.0))
    assert west < east
    assert north < south
    assert asia.place((104.0, 45.0))[0] == pytest.approx(asia.width / 2)


@given(st.floats(-179, 179), st.floats(-75, 75), st.sampled_from(sorted(FORMULAS)))
def test_the_world_has_one_cut_only(x: float, y: float, projection: str) -> None:
    """Neighbouring places fall side by side, wherever the middle is, unless the cut lies between them."""
    view = fitted(projection, "world", [(100.0, -40.0), (-100.0, 60.0)], 1000, 560, 0.0, middle=105.0)
    if abs((x - 105.0 + 180.0) % 360.0 - 360.0) > 1.0 and abs((x - 105.0 + 180.0) % 360.0) > 1.0:
        (a, b), (c, d) = view.place((x, y)), view.place((x + 0.1, y + 0.1))
        assert abs(a - c) < 5
        assert abs(b - d) < 5


def test_vega_draws_where_labels_are_put(asia: View) -> None:
    """The places computed here are those at which Vega draws: its own projection of the same points agrees."""
    points = [(88.0, 42.0), (104.7, 44.2), (120.0, 52.0)]
    for view in (asia, fitted("naturalEarth1", "world", [*points, (-118.0, 34.0)], 900, 500, 0.05)):
        spec: dict[str, Any] = {
            "width": view.width,
            "height": view.height,
            "projection": view.vega,
            "data": {"values": [{"x": x, "y": y} for x, y in points]},
            "mark": "circle",
            "encoding": {
                "longitude": {"field": "x", "type": "quantitative"},
                "latitude": {"field": "y", "type": "quantitative"},
            },
        }
        graph = drawing.vl_convert.vegalite_to_scenegraph(spec)
        drawn = [(item["x"], item["y"]) for item in _circles(graph)]
        assert drawn == [pytest.approx(view.place(p), abs=0.6) for p in points]


def _circles(graph: Any) -> list[dict[str, Any]]:
    """The circles of a scene graph."""
    if isinstance(graph, dict):
        if graph.get("marktype") == "symbol":
            return list(graph["items"])
        return [c for value in graph.values() for c in _circles(value)]
    return [c for value in graph for c in _circles(value)] if isinstance(graph, list) else []


def test_sea_lanes_follow_the_sea() -> None:
    """Between two ports of the dossier a ship goes by its lane, either way; between others straight on."""
    tianjin, los_angeles = (117.8, 38.97), (-118.23, 33.74)
    there, back = sea_lane(tianjin, los_angeles), sea_lane(los_angeles, tianjin)
    assert len(there) > 5
    assert (there[0], there[-1]) == (tianjin, los_angeles)
    assert back == there[::-1]
    assert sea_lane((0.0, 0.0), (10.0, 0.0)) == [(0.0, 0.0), (10.0, 0.0)]


@given(
    st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 500), st.text("abcdef ", min_size=1, max_size=20)), max_size=40)
)
def test_labels_hide_nothing(places: list[tuple[float, float, str]]) -> None:
    """However crowded, labels keep off each other and off the marks, and stay in the picture."""
    view = View("mercator", "world", 0.0, 1.0, (0.0, 0.0), 1000, 500)
    marks = [(x - 5, y - 5, x + 5, y + 5) for x, y, _ in places]
    put = arranged(view, [Label(text, x, y, 12) for x, y, text in places], marks)
    boxes = [(s.x, s.y - 6, s.x + LETTER * 12 * len(s.label.text), s.y + 6) for s in put]
    for a, b in [*combinations(boxes, 2), *((box, mark) for box in boxes for mark in marks)]:
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    assert all(b[0] >= 0 and b[2] <= 1000 and b[1] >= 0 and b[3] <= 500 for b in boxes)


def test_a_lone_label_stands_beside_its_place() -> None:
    """With room all round a label goes to the right of its place."""
    view = View("mercator", "world", 0.0, 1.0, (0.0, 0.0), 1000, 500)
    (put,) = arranged(view, [Label("here", 500, 250, 12)], [(495, 245, 505, 255)])
    assert (put.x > 500, put.y) == (True, 250)


def test_countries_are_named_inside_themselves(asia: View) -> None:
    """Mongolia is named at its middle, and small corners of countries are not named at all."""
    found = {label.text: (label.x, label.y) for label in country_labels(asia)}
    x, y = asia.place((103.8, 46.9))
    assert abs(found["MONGOLIA"][0] - x) < 60
    assert abs(found["MONGOLIA"][1] - y) < 40
    assert "JAPAN" not in found


def test_the_scene_by_hand(ways: Content) -> None:
    """Sixty tonnes pass crossing and harbour, forty fly; all are handed over at the gateway: the buyer has no place."""
    found = scene(ways)
    assert found.built == ["D"]
    assert found.passed == pytest.approx({"G": 100, "X": 60, "P": 60})
    assert found.bought_by == pytest.approx({"G": 100})
    assert {(line.by, round(line.t_y)) for line in found.exports} == {("land", 60), ("sea", 60), ("air", 40)}
    assert [round(line.t_y) for line in found.others] == [50]


def test_lanes_that_only_hand_over_are_not_drawn() -> None:
    """A lane without distance, days or freight is no way: goods are handed over where it begins."""
    tables = two_ways()
    tables["nodes"] = [{**n, "lat": 40.0, "lon": -100.0} if n["node"] == "M" else n for n in tables["nodes"]]
    found = scene(content_of(tables))
    assert set(found.bought_by) == {"G"}
    assert all((-100.0, 40.0) not in line.points for line in found.exports)


def test_the_cut_of_the_world_crosses_least(ways: Content) -> None:
    """With flows from Mongolia eastwards to America the map is cut over Europe and Africa, not in the Pacific."""
    middle = scene(ways).middle
    assert 60 <= middle % 360 <= 240


def test_the_picture_is_a_png_of_two_views(ways: Content) -> None:
    """Home and the world stand one above the other, each as wide as the picture."""
    png = drawing.picture(ways)
    width, height = struct.unpack(">II", png[16:24])
    assert width >= drawing.WIDTH * drawing.SHARPNESS
    assert height > width / 2


def test_what_is_drawn_is_vega_lite(ways: Content) -> None:
    """The whole map, put together as plain data, is sound by the schema of Vega-Lite; misspelt it is not."""
    told = drawing.specification(ways)
    alt.Chart.from_dict(told, validate=True)
    told["vconcat"][0]["layer"][0]["mark"]["type"] = "geoshap"
    with pytest.raises(Exception, match="geoshap"):
        alt.Chart.from_dict(told, validate=True)


def test_one_view_is_enough_where_nothing_goes_far() -> None:
    """Without exports that leave the first view there is no second one."""
    tables = {**on_the_map(everything()), "markets": [{"node": "M", "product": "conc", "price_usd_t": 1}]}
    tall = struct.unpack(">II", drawing.picture(content_of(two_ways()))[16:24])[1]
    c = content_of(tables)
    assert c.corridors.empty
    flat = struct.unpack(">II", drawing.picture(c)[16:24])[1]
    assert flat < tall


def test_nothing_is_fetched(ways: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given to Vega holds all its data: no address stands in it but that of its own schema."""
    given_to: list[str] = []

    def kept(spec: str, **_: Any) -> bytes:
        given_to.append(spec)
        return b""

    monkeypatch.setattr(drawing.vl_convert, "vegalite_to_png", kept)
    drawing.picture(ways)
    text = json.dumps({k: v for k, v in json.loads(given_to[0]).items() if k != "$schema"})
    assert "http" not in text
    assert '"url"' not in text


def test_no_coordinates_no_picture(ways: Content, tmp_path: Path) -> None:
    """Fewer than two places with coordinates make no map, and the sheet says so."""
    assert drawable(ways)
    c = content_of(one_mine())
    assert not drawable(c)
    assert "There is no map" in written(c, tmp_path)["Map"]["A3"].value


def test_territories_are_countries_by_name(ways: Content) -> None:
    """A two-letter code is told as its country, another name as itself."""
    names = Names(ways.case)
    assert [names.territory(code) for code in ("MN", "us", "Zone 5", "")] == [
        "Mongolia",
        "United States",
        "Zone 5",
        "(no territory)",
    ]
