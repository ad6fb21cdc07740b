"""Outlines, sea lanes and country names, read from the files in `report/geo` (see its README); never from a network."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from math import hypot
from typing import Any, Final

Point = tuple[float, float]
"""Longitude and latitude in degrees."""

NEAR_DEG: Final = 1.5
"""How far the end of a sea lane may lie from the port it serves."""


@cache
def outlines(detail: str) -> tuple[dict[str, Any], ...]:
    """GeoJSON features with `name` and two-letter `code`: `world` (1:110m) or `region` (Asia, 1:50m)."""
    name = {"world": "world_110m.json", "region": "region_50m.json"}[detail]
    return tuple(_load(name)["features"])


@cache
def country_names() -> dict[str, str]:
    """Country by two-letter code."""
    found = {f["properties"]["code"]: f["properties"]["name"] for d in ("region", "world") for f in outlines(d)}
    return {code: name for code, name in found.items() if code} | {"US": "United States"}


def sea_lane(start: Point, end: Point) -> list[Point]:
    """The way a ship takes between two ports, where a known lane joins them; else the two ends alone."""
    for line in _sea_lanes():
        for way in (line, line[::-1]):
            if _apart(way[0], start) <= NEAR_DEG and _apart(way[-1], end) <= NEAR_DEG:
                return [start, *way[1:-1], end]
    return [start, end]


@cache
def _sea_lanes() -> tuple[tuple[Point, ...], ...]:
    return tuple(tuple((x, y) for x, y in line) for line in _load("sea_routes.json")["coordinates"])


def _apart(a: Point, b: Point) -> float:
    around = abs(a[0] - b[0]) % 360.0
    return hypot(min(around, 360.0 - around), a[1] - b[1])


def _load(name: str) -> Any:
    return json.loads((files("khovor.report") / "geo" / name).read_text(encoding="utf-8"))
