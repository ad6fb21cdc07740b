"""Years by hand: what a dollar is worth, shares of periods, lead times, lives and ramps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khovor.case import Horizon, Period, Window

FOUR = Period("four", 2030, 4, "")
TWO = Period("two", 2034, 2, "")


def horizon(rate: float = 0.1, timing: str = "end", *periods: Period) -> Horizon:
    """Six years from 2030 in periods of four and two, base year 2030."""
    return Horizon(periods or (FOUR, TWO), 2030, rate, timing)


@pytest.mark.parametrize(("timing", "shift"), [("start", 0.0), ("mid", 0.5), ("end", 1.0)])
def test_worth_of_a_dollar(timing: str, shift: float) -> None:
    """A dollar of 2033 is worth 1.1^-(3 + s) with s = 0, 1/2, 1."""
    assert horizon(0.1, timing).worth(2033) == pytest.approx(1.1 ** -(3 + shift))


@pytest.mark.parametrize(
    ("window", "first", "second"),
    [
        (Window(), 1.0, 1.0),
        (Window(2033, None), 0.25, 1.0),
        (Window(None, 2030), 0.25, 0.0),
        (Window(2031, 2034), 0.75, 0.5),
        (Window(2040, None), 0.0, 0.0),
    ],
)
def test_share_of_a_period_in_a_window(window: Window, first: float, second: float) -> None:
    """Both ends of a window count: 2031 to 2034 is three years of four and one of two."""
    assert (horizon().share(0, window), horizon().share(1, window)) == (first, second)


def test_annuity_is_the_sum_of_the_years() -> None:
    """A dollar a year in 2034 and 2035 at 10%, end of year: 1.1^-5 + 1.1^-6."""
    assert horizon().annuity(1) == pytest.approx(1.1**-5 + 1.1**-6)


def test_annuity_in_a_window_keeps_the_yearly_mean() -> None:
    """A mean of a dollar over four years, all of it in 2033: four dollars of 2033, at 1.1^-4; none out of window."""
    assert horizon().annuity(0, Window(2033, 2033)) == pytest.approx(4 * 1.1**-4)
    assert horizon().annuity(1, Window(2033, 2033)) == 0.0


def test_annuity_follows_a_profile() -> None:
    """Twice the price in 2035: 1.1^-5 + 2 x 1.1^-6."""
    assert horizon().annuity(1, factor=lambda y: 2.0 if y == 2035 else 1.0) == pytest.approx(1.1**-5 + 2 * 1.1**-6)


def test_outlay_is_spread_over_the_years_of_building() -> None:
    """Ready in 2034 after three years: thirds in 2031, 2032, 2033; without lead time all of it in 2034."""
    assert horizon().outlay(1, 3) == pytest.approx((1.1**-2 + 1.1**-3 + 1.1**-4) / 3)
    assert horizon().outlay(1, 0) == pytest.approx(1.1**-5)


def test_ready_after_lead_time_and_within_years() -> None:
    """From base year 2030: four years of building are done in 2034, five are not; the first day must be in window."""
    assert horizon().ready(0, 0, Window())
    assert not horizon().ready(0, 1, Window())
    assert horizon().ready(1, 4, Window())
    assert not horizon().ready(1, 5, Window())
    assert not horizon().ready(1, 0, Window(2035, None))
    assert not horizon().ready(1, 0, Window(None, 2033))


def test_years_alive() -> None:
    """A life of five years from 2030 ends with 2034; an existing unit ages from the first year; None never ends."""
    assert horizon().years_alive(0, 5, 1) == (2034,)
    assert horizon().years_alive(None, 5, 1) == (2034,)
    assert horizon().years_alive(1, 1, 1) == (2034,)
    assert horizon().years_alive(1, 9, 0) == ()
    assert horizon().years_alive(None, None, 1) == (2034, 2035)


def test_availability_by_ramp_and_life() -> None:
    """Ramp 0.2, 0.5, 0.8: mean over 2030-33 is 2.5/4; from 2034 it is 0.35; an existing unit is past its ramp."""
    ramp = (0.2, 0.5, 0.8)
    assert horizon().availability(0, None, ramp, 0) == pytest.approx(0.625)
    assert horizon().availability(1, None, ramp, 1) == pytest.approx(0.35)
    assert horizon().availability(None, None, ramp, 0) == 1.0
    assert horizon().availability(0, 5, ramp, 1) == 0.5
    assert horizon().availability(0, 2, ramp, 0) == pytest.approx(0.175)
    assert horizon().availability(0, 4, ramp, 1) == 0.0


def test_end_of_life_within_the_horizon() -> None:
    """The year after the life, if the horizon (2035) still has it."""
    assert horizon().end_of_life(0, 5) == 2035
    assert horizon().end_of_life(0, 6) is None
    assert horizon().end_of_life(None, 4) == 2034
    assert horizon().end_of_life(1, 1) == 2035
    assert horizon().end_of_life(0, None) is None


@pytest.mark.parametrize("timing", ["start", "mid", "end"])
def test_worth_on_the_day_after(timing: str) -> None:
    """The day after 2035 is six years from the start of 2030, whenever in a year payments fall."""
    assert horizon(0.1, timing).end_worth() == pytest.approx(1.1**-6)


@given(
    rate=st.floats(0, 0.5),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    first=st.integers(2025, 2050),
    last=st.integers(2025, 2050),
)
def test_periods_only_cut_time(rate: float, lengths: list[int], first: int, last: int) -> None:
    """However years are cut into periods, the present value of a dollar a year in a window is that of its years."""
    starts = [2030 + sum(lengths[:i]) for i in range(len(lengths))]
    periods = tuple(Period(str(s), s, n, "") for s, n in zip(starts, lengths, strict=True))
    cut, window = Horizon(periods, 2030, rate, "mid"), Window(first, last)
    whole = sum(cut.worth(y) for y in range(2030, 2030 + sum(lengths)) if first <= y <= last)
    assert sum(cut.share(t, window) * cut.annuity(t, window) for t in cut.indices) == pytest.approx(whole)
