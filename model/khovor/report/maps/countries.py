"""Names of countries on a view: written where the most room is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
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
    xs, ys = np.meshgrid(np.arange(STEP / 2, view.width, STEP), np.arange(STEP / 2, view.height, STEP))
    for feature in outlines(view.detail):
        inside = _inside(view, feature, xs, ys)
        if inside.mean() >= LEAST:
            x, y = float(np.median(xs[inside])), float(np.median(ys[inside]))
            yield Label(feature["properties"]["name"].upper(), x, y, 15, colour="#9A948A", clear=0.0)


def _inside(view: View, feature: dict[str, Any], xs: Floats, ys: Floats) -> npt.NDArray[np.bool_]:
    """Which spots lie in a country: an odd number of its edges to their right."""
    odd = np.zeros(xs.shape, dtype=bool)
    for polygon in feature["geometry"]["coordinates"]:
        for ring in polygon:
            corners = np.array([view.place((x, y)) for x, y in ring])
            for (x1, y1), (x2, y2) in pairwise(corners):
                if y1 != y2:
                    between = (y1 > ys) != (y2 > ys)
                    odd ^= between & (xs < (x2 - x1) * (ys - y1) / (y2 - y1) + x1)
    return odd
