"""Years, periods and what a dollar in a year is worth: pure functions of the horizon, with doctests.

Year y carries the weight d(y) = (1 + r)^-(y - base_year + s), s = 0 (start), 1/2 (mid) or 1 (end of year).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

TIMING: Final = {"start": 0.0, "mid": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Window:
    """A span of years, both ends included; None = open."""

    first: int | None = None
    last: int | None = None

    def __contains__(self, year: int) -> bool:
        return (self.first is None or year >= self.first) and (self.last is None or year <= self.last)


ALWAYS: Final = Window()
"""Every year."""


@dataclass(frozen=True, slots=True)
class Period:
    """A block of years in which every flow is the same per year."""

    name: str
    start_year: int
    years: int
    at: str

    @property
    def span(self) -> range:
        """The calendar years of the period."""
        return range(self.start_year, self.start_year + self.years)


@dataclass(frozen=True)
class Horizon:
    """The periods and the discounting of a case. Periods are named by their place, 0 being the first."""

    periods: tuple[Period, ...]
    base_year: int
    rate: float
    timing: str

    @property
    def indices(self) -> range:
        """Places of the periods."""
        return range(len(self.periods))

    @property
    def last_year(self) -> int:
        """The last year of the last period."""
        return self.periods[-1].span[-1]

    def worth(self, year: int) -> float:
        """d(y), the present value of one dollar paid in year `year`.

        >>> p = Period("a", 2030, 2, "")
        >>> round(Horizon((p,), 2030, 0.10, "end").worth(2030), 6)
        0.909091
        >>> Horizon((p,), 2030, 0.10, "start").worth(2030)
        1.0
        """
        return float((1.0 + self.rate) ** -(year - self.base_year + TIMING[self.timing]))

    def share(self, t: int, window: Window) -> float:
        """The share of the years of period t that lie in the window.

        >>> Horizon((Period("a", 2030, 4, ""),), 2030, 0.1, "end").share(0, Window(2033, None))
        0.25
        """
        span = self.periods[t].span
        first = span.start if window.first is None else max(span.start, window.first)
        last = span.stop - 1 if window.last is None else min(span.stop - 1, window.last)
        return max(0, last - first + 1) / len(span)

    def annuity(self, t: int, window: Window = ALWAYS, factor: Callable[[int], float] | None = None) -> float:
        """Present value of one dollar a year in the years of period t that lie in the window [years].

        The dollar is the mean over *all* years of the period, so what happens in a part of the period is that much
        larger in each of those years; `factor(year)` multiplies it (a price profile).

        >>> h = Horizon((Period("a", 2030, 2, ""),), 2030, 0.0, "end")
        >>> h.annuity(0), h.annuity(0, Window(2031, None))
        (2.0, 2.0)
        """
        if window == ALWAYS and factor is None:
            return self._annuities[t]
        share = self.share(t, window)
        if share == 0.0:
            return 0.0
        valid = (y for y in self.periods[t].span if y in window)
        return sum(self.worth(y) * (factor(y) if factor else 1.0) for y in valid) / share

    @cached_property
    def _annuities(self) -> list[float]:
        return [sum(map(self.worth, period.span)) for period in self.periods]

    def outlay(self, t: int, build_years: int) -> float:
        """Present value of one dollar of capital that makes something available from the first day of period t.

        Spent in equal parts in the `build_years` years before t; in the first year of t if there are none.

        >>> h = Horizon((Period("a", 2030, 1, ""), Period("b", 2031, 1, "")), 2029, 0.0, "end")
        >>> h.outlay(1, 2)
        1.0
        """
        start = self.periods[t].start_year
        if build_years == 0:
            return self.worth(start)
        return sum(self.worth(y) for y in range(start - build_years, start)) / build_years

    def ready(self, t: int, build_years: int, window: Window) -> bool:
        """Whether something with this lead time may become available on the first day of period t."""
        start = self.periods[t].start_year
        return start >= self.base_year + build_years and start in window

    def years_alive(self, built: int | None, lifetime: int | None, t: int) -> tuple[int, ...]:
        """The years of period t in which a unit available from period `built` (None: existing, from the first) runs."""
        span, start = self.periods[t].span, self.periods[0 if built is None else built].start_year
        end = span.stop if lifetime is None else min(span.stop, start + lifetime)
        return tuple(range(max(span.start, start), end))

    def availability(self, built: int | None, lifetime: int | None, ramp: tuple[float, ...], t: int) -> float:
        """Mean over the years of period t of what a unit can do, as a share of its capacity.

        >>> h = Horizon((Period("a", 2030, 4, ""),), 2030, 0.1, "end")
        >>> h.availability(0, 3, (0.4, 0.7, 0.9), 0)
        0.5
        """
        lived = self.years_alive(built, lifetime, t)
        start = self.periods[0 if built is None else built].start_year
        if built is None or not lived or lived[0] - start >= len(ramp):
            return len(lived) / self.periods[t].years
        return sum(ramp[y - start] if y - start < len(ramp) else 1.0 for y in lived) / self.periods[t].years

    def end_of_life(self, built: int | None, lifetime: int | None) -> int | None:
        """The first year after the life of a unit, or None when that lies beyond the horizon."""
        if lifetime is None:
            return None
        after = self.periods[0 if built is None else built].start_year + lifetime
        return after if after <= self.last_year else None

    def end_worth(self) -> float:
        """Present value of one dollar on the day after the horizon."""
        return float((1.0 + self.rate) ** -(self.last_year + 1 - self.base_year))
