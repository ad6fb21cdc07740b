"""Hazards year by year: which years of a drawn future each one strikes, and what it does to its targets then.

A hazard is an alternating renewal process in whole years. None is under way when the base year begins. In a year in
which it is not under way it starts with probability p = `annual_probability`; it lasts a geometric number of years with
mean m = max(1, `mean_years`), so that each further year follows with probability 1 - 1/m; the year after its end it may
start again. Hence, once struck, a year is followed by a struck one with probability 1 - (1 - p)/m; unbroken runs of
struck years last m/(1 - p) on average, and in the long run p·m/(p·m + 1 - p) of all years are struck. A hazard that
lasts less than a year on average takes one year with that share of its effect: factor = 1 + `mean_years`·(factor - 1),
as a year range counts in a period.

Hazards are independent of one another. All members of a group share its hazards' draws: that is a common cause.
Where several strike one target in one year their factors multiply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from khovor.case import Hazard, Horizon

Array = npt.NDArray[np.float64]


class Aspect(NamedTuple):
    """A column of `events` on a target: what a hazard multiplies."""

    target_type: str
    target: str
    column: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Futures as they were drawn.

    `factors` has the shape (futures, years, aspects), 1 where nothing strikes; `struck` (hazards, futures, years).
    """

    years: tuple[int, ...]
    aspects: tuple[Aspect, ...]
    factors: Array
    struck: npt.NDArray[np.bool_]


def draw(hazards: Sequence[Hazard], horizon: Horizon, futures: int, seed: int) -> Drawn:
    """Draw futures from hazards, over the years of the periods.

    Each hazard has a stream of its own, told by the seed and its name, of which each future takes the next stretch:
    more hazards or more futures leave the draws of the others as they are.
    """
    years = tuple(range(horizon.base_year, horizon.last_year + 1))
    within = slice(years.index(horizon.periods[0].start_year), None)
    struck = np.stack([strikes(hazard, futures, len(years), seed)[:, within] for hazard in hazards])
    effects = [dict(_effects(hazard)) for hazard in hazards]
    aspects = tuple(dict.fromkeys(aspect for effect in effects for aspect in effect))
    factors = np.ones((futures, struck.shape[2], len(aspects)))
    for hit, effect in zip(struck, effects, strict=True):
        for aspect, factor in effect.items():
            factors[:, :, aspects.index(aspect)] *= np.where(hit, factor, 1.0)
    return Drawn(years[within], aspects, factors, struck)


def strikes(hazard: Hazard, futures: int, years: int, seed: int) -> npt.NDArray[np.bool_]:
    """Whether a hazard strikes, of the shape (futures, years), the first year being the base year."""
    dice = _stream(hazard, seed).random((futures, years))
    start, again = hazard.annual_probability, _again(hazard)
    struck = np.zeros((futures, years), dtype=np.bool_)
    before = np.zeros(futures, dtype=np.bool_)
    for year in range(years):
        before = struck[:, year] = dice[:, year] < np.where(before, again, start)
    return struck


def long_run_share(hazard: Hazard) -> float:
    """The share of years a hazard strikes in the long run.

    >>> round(long_run_share(Hazard("g", "", 0.2, 4.0, 0.0, 1.0, 1.0, (), "")), 6)
    0.5
    """
    start = hazard.annual_probability
    return start / (start + 1.0 - _again(hazard)) if start else 0.0


def _again(hazard: Hazard) -> float:
    """The probability that a struck year is followed by a struck one."""
    return 1.0 - (1.0 - hazard.annual_probability) / max(1.0, hazard.mean_years)


def _stream(hazard: Hazard, seed: int) -> np.random.Generator:
    told = hashlib.sha256(f"{hazard.group}:{hazard.name}".encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(told, dtype="<u4").tolist()])


def _effects(hazard: Hazard) -> Iterator[tuple[Aspect, float]]:
    """What a hazard multiplies, and by how much in a year that it strikes."""
    lasting = min(1.0, hazard.mean_years)
    told = [
        (Aspect("group", hazard.group, "capacity_factor"), hazard.capacity_factor),
        (Aspect("group", hazard.group, "cost_factor"), hazard.cost_factor),
        *((Aspect("market", market, "price_factor"), hazard.price_factor) for market in hazard.markets),
    ]
    yield from ((aspect, 1.0 + lasting * (factor - 1.0)) for aspect, factor in told if factor != 1.0)
