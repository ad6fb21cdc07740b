"""Probabilities that are known within bounds only, and the worst of them for a plan."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from khovor.case import Case
from khovor.errors import UsageError
from khovor.workbook import Workbook

Odds = dict[str, float]
Box = Mapping[str, tuple[float, float]]
"""By future, between what its probability lies."""

TOTAL = 1.0e-9
"""How far probabilities may be from adding up to 1."""


def around(case: Case, workbook: Workbook, within: float | None) -> Box:
    """The columns low and high of the table scenarios; where they are blank, `within` as a share of the probability.

    A probability that has neither stays as it is. Raises UsageError for a box without probabilities that add up to 1.
    """
    rows = {row.scenario: row for row in workbook.rows["scenarios"]}
    share = within or 0.0
    box = {}
    for s in case.scenarios:
        row = rows[s.name]
        low = s.probability * (1.0 - share) if row.low is None else row.low
        high = s.probability * (1.0 + share) if row.high is None else row.high
        box[s.name] = (max(0.0, low), min(1.0, high))
    return _sound(box)


def from_file(case: Case, path: Path) -> Box:
    """The box of a CSV file with the columns scenario, low, high; a future that is not in it keeps its probability.

    Raises UsageError for a file that cannot be read so, or a box without probabilities that add up to 1.
    """
    box = {s.name: (s.probability, s.probability) for s in case.scenarios}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["scenario"] not in box:
                    raise UsageError(f"{path.name}: there is no scenario '{row['scenario']}'.")
                box[row["scenario"]] = (float(row["low"]), float(row["high"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is not a CSV file with the columns scenario, low, high: {error}") from error
    return _sound(box)


def _sound(box: Box) -> Box:
    for w, (low, high) in box.items():
        if not 0.0 <= low <= high <= 1.0:
            raise UsageError(f"The probability of '{w}' cannot lie between {low:g} and {high:g}.")
    least, most = sum(low for low, _ in box.values()), sum(high for _, high in box.values())
    if least > 1.0 + TOTAL or most < 1.0 - TOTAL:
        raise UsageError(f"Probabilities in this box add up to {least:g} to {most:g}, never to 1.")
    return box


def worst_odds(worths: Mapping[str, float], box: Box) -> Odds:
    """The probabilities of a box under which a plan is worth least: what is free goes to its worst futures first.

    >>> worst_odds({"calm": 10.0, "shut": -5.0}, {"calm": (0.5, 1.0), "shut": (0.0, 0.3)})
    {'calm': 0.7, 'shut': 0.3}
    """
    odds = {w: low for w, (low, _) in box.items()}
    free = 1.0 - sum(odds.values())
    for w in sorted(worths, key=lambda w: worths[w]):
        more = min(max(free, 0.0), box[w][1] - box[w][0])
        odds[w] += more
        free -= more
    return odds
