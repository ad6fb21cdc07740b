"""What there is to show: where plants are built, where exports pass, and how much travels on every leg."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from khovor.case import SEA, Lane, travel
from khovor.report.content import Content
from khovor.report.corridors import exports, passed
from khovor.report.maps.geography import Point, sea_lane
from khovor.report.paths import Path

LEAST = 0.005
"""Exports below this share of the largest are left out: they are hairs on the map, and names without room."""

LEAST_QUIET = 0.002
"""The same for goods on their way in or between plants, where reagents dwarf all else."""


@dataclass(frozen=True, slots=True)
class Line:
    """A way between two places: its points, how goods travel on it (land, sea, air), and the expected yearly mean."""

    points: tuple[Point, ...]
    by: str
    t_y: float


@dataclass(slots=True)
class Scene:
    """Everything with coordinates, by node. `exports` and `others` are lines; tonnes are expected yearly means.

    `middle` is the longitude to put in the middle of a map of the world.
    """

    at: dict[str, Point]
    built: list[str]
    dug: set[str]
    passed: dict[str, float]
    bought_by: dict[str, float]
    middle: float
    exports: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)


def located(c: Content) -> dict[str, Point]:
    """Longitude and latitude of the nodes that have both."""
    return {n.name: (n.lon, n.lat) for n in c.case.nodes.values() if n.lat is not None and n.lon is not None}


def drawable(c: Content) -> bool:
    """Whether there is a map to draw: of two places at least."""
    return len(located(c)) > 1


def scene(c: Content) -> Scene:
    """The plan as places and lines; nodes without coordinates are left out, buyers among them are at their gateway."""
    at = located(c)
    leaving = exports(c.case, c.paths)
    found = Scene(
        at=at,
        built=[n for n in dict.fromkeys(c.solution.builds["node"]) if n in at],
        dug={d.node for d in c.case.deposits},
        passed=_sums(c, ((p, n) for p in leaving for n in passed(c.case, p) if n in at)),
        bought_by=_sums(c, ((p, last) for p in leaving if (last := _gateway(c, at, p)))),
        middle=0.0,
    )
    outward = set(map(id, leaving))
    found.others = _lines(c, at, [p for p in c.paths if id(p) not in outward], LEAST_QUIET)
    found.exports = _lines(c, at, leaving, LEAST)
    found.middle = _middle(found)
    return found


def _middle(found: Scene) -> float:
    """Opposite the meridian that the least tonnes of exports cross; where many are alike, nearest to what is built."""
    home = [found.at[n][0] for n in found.built] or [x for x, _ in found.at.values()]
    centre = sum(home) / len(home)

    def crossed(middle: float) -> tuple[float, float]:
        return sum(x.t_y for x in found.exports if _crosses(x, middle + 180.0)), abs(_apart(middle, centre))

    return min((5.0 * k - 180.0 for k in range(72)), key=crossed)


def _crosses(line: Line, meridian: float) -> bool:
    """Whether a line crosses a meridian, each of its parts the short way round."""
    sides = [_apart(x, meridian) for x, _ in line.points]
    return any(a * b <= 0 and abs(a - b) < 180.0 for a, b in pairwise(sides))


def _apart(a: float, b: float) -> float:
    """Degrees of longitude from b to a, eastwards, between -180 and 180."""
    return (a - b + 180.0) % 360.0 - 180.0


def _sums(c: Content, pairs: Iterator[tuple[Path, str]]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for path, node in pairs:
        sums[node] += _mean(c, path)
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    return {node: t_y for node, t_y in ordered if t_y >= LEAST * ordered[0][1]}


def _mean(c: Content, path: Path) -> float:
    return c.odds[path.scenario] * path.t_y * c.years[path.period] / sum(c.years.values())


def _gateway(c: Content, at: dict[str, Point], path: Path) -> str:
    """The last place with coordinates to which a path really goes."""
    nodes = [path.start, *(leg.end for leg in path.legs if _goes_somewhere(c.case.lanes[leg.lane]))]
    return next((n for n in reversed(nodes) if n in at), "")


def _goes_somewhere(lane: Lane) -> bool:
    """A lane without distance, days or freight only hands goods over, as from a gateway to a country's buyers."""
    return bool(lane.distance_km or lane.days or lane.freight_usd_t)


def _lines(c: Content, at: dict[str, Point], paths: list[Path], least: float) -> list[Line]:
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for path in paths:
        for leg in path.legs:
            if leg.start in at and leg.end in at and _goes_somewhere(c.case.lanes[leg.lane]):
                a, b = sorted((leg.start, leg.end))
                sums[a, b, travel(c.case.lanes[leg.lane])] += _mean(c, path)
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    return [
        Line(tuple(sea_lane(at[a], at[b]) if by == SEA else (at[a], at[b])), by, t)
        for (a, b, by), t in ordered
        if t >= least * ordered[0][1]
    ]
