"""Names of countries on a view: written where the most room is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from khovor.report.maps.geography import outlines
from khovor.report.maps.labels import Label
from khovor.report.maps.view import View

STEP = 24
"""Pixels between the spots tried."""

LEAST = 0.03
"""Share of the picture below which a country goes unnamed."""

Floats = npt.NDArray[np.float64]


def country_labels(view: View) -> Iterator[Label]:
    """A grey label for each country that fills a good part of the view, at the middle of what is seen of it."""
    xs, ys = np.arange(STEP / 2, view.width, STEP), np.arange(STEP / 2, view.height, STEP)
    for feature in outlines(view.detail):
        inside = _inside(view, feature, xs, ys)
        if inside.mean() >= LEAST:
            rows, columns = np.nonzero(inside)
            x, y = float(np.median(xs[columns])), float(np.median(ys[rows]))
            yield Label(feature["properties"]["name"].upper(), x, y, 15, colour="#9A948A", clear=0.0)


def _inside(view: View, feature: dict[str, Any], xs: Floats, ys: Floats) -> npt.NDArray[np.bool_]:
    """Which spots of a grid (rows at `ys`) lie in a country: an odd number of its edges to their right."""
    odd = np.zeros((len(ys), len(xs)), dtype=bool)
    for polygon in feature["geometry"]["coordinates"]:
        for ring in polygon:
            x, y = np.array([view.place((east, north)) for east, north in ring]).T
            above = y[:, None] > ys
            edges, rows = np.nonzero(above[:-1] != above[1:])
            x1, y1, x2, y2 = x[edges], y[edges], x[edges + 1], y[edges + 1]
            crossed = (x2 - x1) * (ys[rows] - y1) / (y2 - y1) + x1
            np.logical_xor.at(odd, rows, xs < crossed[:, None])
    return odd
