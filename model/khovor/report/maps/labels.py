"""Where labels go: beside their place, clear of each other and of every mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from khovor.report.maps.view import View

LETTER = 0.56
"""Mean width of a letter as a share of its size."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom [pixels]."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a place [pixels], with its size [pixels] and how far it must keep from the place."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    colour: str = "#222222"
    clear: float = 7.0


@dataclass(frozen=True, slots=True)
class Set:
    """A label where it was put: x and y are its left edge and its middle."""

    label: Label
    x: float
    y: float


def arranged(view: View, labels: Iterable[Label], keep_clear: Iterable[Box]) -> list[Set]:
    """Put labels one after the other, the first choosing first, where they hide nothing; the rest are left out."""
    taken = list(keep_clear)
    found = []
    for label in labels:
        spots = ((spot, _box(label, *spot)) for spot in _spots(label))
        free = next(((spot, box) for spot, box in spots if _inside(view, box) and not _hits(box, taken)), None)
        if free is not None:
            taken.append(free[1])
            found.append(Set(label, *free[0]))
    return found


def _spots(label: Label) -> list[tuple[float, float]]:
    wide, high, gap = LETTER * label.size * len(label.text), label.size, label.clear
    right, left, centre = label.x + gap, label.x - gap - wide, label.x - wide / 2
    up, down = label.y - gap - high / 2, label.y + gap + high / 2
    near = [(right, label.y), (left, label.y), (centre, up), (centre, down)]
    corners = [(x, y) for x in (right - gap / 2, left + gap / 2) for y in (up + gap / 2, down - gap / 2)]
    far = [(x, label.y + k * high) for k in (-1.6, 1.6) for x in (right, left, centre)]
    return [*near, *corners, *far]


def _box(label: Label, x: float, y: float) -> Box:
    return x, y - label.size / 2, x + LETTER * label.size * len(label.text), y + label.size / 2


def _inside(view: View, box: Box) -> bool:
    return box[0] >= 2 and box[1] >= 2 and box[2] <= view.width - 2 and box[3] <= view.height - 2


def _hits(box: Box, taken: list[Box]) -> bool:
    return any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)
