"""A view: which part of the globe a picture shows, and where on it a place falls, in pixels.

The formulas are those by which Vega draws the outlines, so that labels can be placed before the picture is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, pi, radians, tan
from typing import Any

from khovor.report.maps.geography import Point

STEEPEST = 80.0
"""Degrees of latitude beyond which Mercator is of no use."""


FLATTEST = 0.36
"""Least height of a view as a share of its width."""


def _mercator(x: float, y: float) -> Point:
    return x, log(tan(pi / 4 + radians(max(-STEEPEST, min(STEEPEST, y))) / 2))


def _natural_earth(x: float, y: float) -> Point:
    lat = radians(y)
    square = lat * lat
    fourth = square * square
    width = 0.8707 - 0.131979 * square + fourth * (-0.013791 + fourth * (0.003971 * square - 0.001529 * fourth))
    height = 1.007226 + square * (0.015085 + fourth * (-0.044475 + 0.028874 * square - 0.005916 * fourth))
    return x * width, lat * height


FORMULAS: dict[str, Callable[[float, float], Point]] = {"mercator": _mercator, "naturalEarth1": _natural_earth}
"""Longitude from the middle [radians] and latitude [degrees] to the plane, y upwards."""


@dataclass(frozen=True, slots=True)
class View:
    """A projection turned, scaled and moved; `detail` names its outlines (see geography)."""

    projection: str
    detail: str
    middle: float
    scale: float
    shift: Point
    width: int
    height: int

    def place(self, point: Point) -> Point:
        """Pixels from the upper left corner."""
        x, y = _turned(self.projection, self.middle, point)
        return self.shift[0] + self.scale * x, self.shift[1] - self.scale * y

    def shows(self, point: Point, margin: float = 0.0) -> bool:
        """Whether a place lies in the picture."""
        x, y = self.place(point)
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin

    @property
    def vega(self) -> dict[str, Any]:
        """The same as Vega takes it."""
        return {
            "type": self.projection,
            "rotate": [-self.middle, 0, 0],
            "center": [0, 0],
            "scale": self.scale,
            "translate": list(self.shift),
            "clipExtent": [[0, 0], [self.width, self.height]],
        }


def fitted(
    projection: str,
    detail: str,
    points: Sequence[Point],
    width: int,
    tallest: int,
    margin: float,
    middle: float | None = None,
) -> View:
    """The view of this width that shows all points, with a margin [share of the width]; as tall as it must be.

    `middle` is the longitude in the middle; None = opposite the widest stretch without a point.
    """
    middle = _middle([x for x, _ in points]) if middle is None else middle
    flat = [_turned(projection, middle, p) for p in points]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    low, high = min(y for _, y in flat), max(y for _, y in flat)
    room = width * (1.0 - 2.0 * margin)
    pad = 2.0 * margin * width
    scale = min(room / max(right - left, 1e-3), (tallest - pad) / max(high - low, 1e-3))
    height = int(min(tallest, max(scale * (high - low) + pad, width * FLATTEST)))
    shift = (width / 2 - scale * (left + right) / 2, height / 2 + scale * (low + high) / 2)
    return View(projection, detail, middle, scale, shift, width, height)


def _turned(projection: str, middle: float, point: Point) -> Point:
    east = (point[0] - middle + 180.0) % 360.0 - 180.0
    return FORMULAS[projection](radians(east), point[1])


def _middle(longitudes: Sequence[float]) -> float:
    """The longitude opposite the widest stretch without a point.

    >>> _middle([170.0, -170.0]), _middle([0.0, 90.0])
    (180.0, 45.0)
    """
    around = sorted({x % 360.0 for x in longitudes})
    gaps = [((b - a) % 360.0 or 360.0, b) for a, b in zip(around, around[1:] + around[:1], strict=True)]
    widest, after = max(gaps)
    middle = (after + (360.0 - widest) / 2.0) % 360.0
    return middle - 360.0 if middle > 180.0 else middle
