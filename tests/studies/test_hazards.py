"""Futures drawn from hazards have the hazards' moments, keep their streams apart, and strike a group as one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from khovor.case import Hazard, Horizon, Period, conditions
from khovor.studies.hazards import Aspect, draw, long_run_share, strikes
from khovor.studies.sampling import Wanted, draw_sample
from support import case_of, one_mine

FUTURES, YEARS, WARM = 4000, 60, 20
"""Futures and years of a statistical test, and years after which the clear beginning is forgotten."""

HORIZON = Horizon((Period("a", 2032, 4, ""), Period("b", 2036, 6, "")), 2030, 0.0, "end")


def hazard(probability: float = 0.2, years: float = 3.0, **changes: Any) -> Hazard:
    """A hazard that halves the capacity of a group."""
    return dataclasses.replace(Hazard("g", "", probability, years, 0.5, 1.0, 1.0, (), ""), **changes)


def runs(struck: np.ndarray) -> np.ndarray:
    """Lengths of the unbroken runs of struck years that begin in the first half, and so are seen whole."""
    found: list[int] = []
    for row in struck:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        found += [last - first for first, last in zip(edges[::2], edges[1::2], strict=True) if first < len(row) // 2]
    return np.array(found)


@pytest.mark.parametrize(("probability", "years"), [(0.1, 1.0), (0.3, 0.4), (0.05, 4.0), (0.4, 2.5), (0.6, 3.0)])
def test_long_run_share_of_struck_years(probability: float, years: float) -> None:
    """The share of struck years is p·m/(p·m + 1 - p), within four standard errors over independent futures."""
    struck = strikes(hazard(probability, years), FUTURES, YEARS, 1)[:, WARM:].mean(axis=1)
    m = max(years, 1.0)
    expected = probability * m / (probability * m + 1.0 - probability)
    assert long_run_share(hazard(probability, years)) == pytest.approx(expected)
    assert abs(struck.mean() - expected) < 4.0 * struck.std() / np.sqrt(FUTURES)


@pytest.mark.parametrize(("probability", "years"), [(0.1, 1.0), (0.05, 4.0), (0.4, 2.5)])
def test_runs_of_struck_years_are_geometric(probability: float, years: float) -> None:
    """Runs last m/(1 - p) years on average with the standard deviation of a geometric length, both within 3%."""
    found = runs(strikes(hazard(probability, years), FUTURES, 2 * YEARS, 2))
    mean = years / (1.0 - probability)
    assert found.mean() == pytest.approx(mean, rel=0.03)
    assert found.std() == pytest.approx(np.sqrt(mean * (mean - 1.0)), rel=0.03)


def test_nothing_is_under_way_when_the_base_year_begins() -> None:
    """In the base year a hazard strikes with its annual probability, however long it lasts; later more often."""
    struck = strikes(hazard(0.1, 5.0), FUTURES, YEARS, 3)
    assert abs(struck[:, 0].mean() - 0.1) < 4.0 * np.sqrt(0.1 * 0.9 / FUTURES)
    assert struck[:, WARM:].mean() > 0.3


def test_never_and_always() -> None:
    """A hazard of probability 0 never strikes, one of probability 1 always."""
    assert not strikes(hazard(0.0), 50, 30, 1).any()
    assert strikes(hazard(1.0, 1.0), 50, 30, 1).all()
    assert (long_run_share(hazard(0.0)), long_run_share(hazard(1.0))) == (0.0, 1.0)


def test_more_hazards_and_more_futures_leave_the_others_as_they_are() -> None:
    """A hazard put before another, or futures after others, change no draw of theirs; another seed does."""
    own, other = hazard(), hazard(name="other")
    few, many = draw([own], HORIZON, 30, 7), draw([other, own], HORIZON, 50, 7)
    assert (many.struck[1, :30] == few.struck[0]).all()
    assert (many.struck[0] != many.struck[1]).any()
    assert (draw([own], HORIZON, 30, 8).struck != few.struck).any()


def test_hazards_are_independent_of_one_another() -> None:
    """Two hazards strike together as often as chance has it: a correlation within four standard errors of 0."""
    a, b = (strikes(hazard(name=name), FUTURES, YEARS, 5)[:, -1] for name in ("a", "b"))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.0 / np.sqrt(FUTURES)


def test_factors_multiply_where_two_hazards_strike_one_group() -> None:
    """Both struck: the product; below a year the effect is its share; years before the first period are not told."""
    mild, brief = hazard(0.5, 1.0), hazard(0.5, 0.25, name="brief", capacity_factor=0.2)
    drawn = draw([mild, brief], HORIZON, 200, 1)
    assert drawn.years == tuple(range(2032, 2042))
    assert drawn.aspects == (Aspect("group", "g", "capacity_factor"),)
    expected = np.where(drawn.struck[0], 0.5, 1.0) * np.where(drawn.struck[1], 0.8, 1.0)
    np.testing.assert_allclose(drawn.factors[:, :, 0], expected)
    assert len(np.unique(expected)) == 4


def test_a_common_cause_strikes_all_members_at_once() -> None:
    """In every future and period a lane and a gate of one group keep the same share of capacity, at times half."""
    tables = one_mine(
        periods=[{"period": str(year), "start_year": year, "years": 1} for year in range(2030, 2040)],
        gates=[{"gate": "G", "capacity_t_y": 50}],
        groups=[{"group": "g", "member": "D-M"}, {"group": "g", "member": "G"}],
        hazards=[{"group": "g", "annual_probability": 0.3, "mean_years": 2, "capacity_factor": 0.5}],
    )
    sample = draw_sample(case_of(tables), Wanted(20, 1))
    drawn = case_of({**tables, "scenarios": sample.scenarios, "events": sample.events})
    left = [
        (found.factor("capacity", "lane", "D-M", t), found.factor("capacity", "gate", "G", t))
        for found in (conditions(drawn, scenario) for scenario in drawn.scenarios)
        for t in drawn.horizon.indices
    ]
    assert all(lane == gate for lane, gate in left)
    assert {lane for lane, _ in left} == {0.5, 1.0}


def test_events_say_what_was_drawn() -> None:
    """Read back year by year, the rows of each future give the factors drawn for it: capacity, freight and prices."""
    years = range(2030, 2042)
    risks = {"annual_probability": 0.3, "mean_years": 2, "capacity_factor": 0.5, "cost_factor": 2}
    tables = one_mine(
        periods=[{"period": str(year), "start_year": year, "years": 1} for year in years],
        groups=[{"group": "g", "member": "D-M"}],
        hazards=[
            {"group": "g", **risks},
            {"group": "g", "hazard": "dear", **risks, "price_factor": 1.5, "markets": "M"},
        ],
    )
    sample = draw_sample(case_of(tables), Wanted(15, 3))
    case = case_of({**tables, "scenarios": sample.scenarios, "events": sample.events})
    (market,) = case.markets
    things = {"capacity": ("lane", "D-M"), "cost": ("lane", "D-M"), "price": ("market", market.key)}
    aspects = [aspect.column.removesuffix("_factor") for aspect in sample.drawn.aspects]
    assert len(case.scenarios) == sample.different == 15
    for scenario, factors in zip(case.scenarios, sample.drawn.factors, strict=True):
        found = conditions(case, scenario)
        told = [[found.factor(aspect, *things[aspect], t) for aspect in aspects] for t in case.horizon.indices]
        np.testing.assert_allclose(told, factors)


def test_equal_futures_become_one() -> None:
    """With one hazard and one year there are two futures, struck and spared, with their shares of the draws."""
    tables = one_mine(
        groups=[{"group": "g", "member": "D-M"}],
        hazards=[{"group": "g", "annual_probability": 0.3, "mean_years": 1, "capacity_factor": 0}],
    )
    sample = draw_sample(case_of(tables), Wanted(200, 1))
    struck = float(sample.drawn.struck.mean())
    odds = {row["name"]: row["probability"] for row in sample.scenarios}
    assert 0.2 < struck < 0.4
    assert odds == {"g 2030": pytest.approx(struck), "nothing strikes": pytest.approx(1.0 - struck)}


def test_a_hazard_without_effect_leaves_one_future() -> None:
    """Where nothing changes whatever strikes, all futures are one."""
    hazards = [{"group": "g", "annual_probability": 0.3, "mean_years": 1}]
    case = case_of(one_mine(groups=[{"group": "g", "member": "D-M"}], hazards=hazards))
    sample = draw_sample(case, Wanted(10, 1, reduce=5))
    assert ([row["probability"] for row in sample.scenarios], sample.events) == ([1.0], ())


def test_struck_shares_of_the_kept_futures() -> None:
    """With all futures kept each hazard strikes as often as in the draws; with one, as in that one."""
    tables = one_mine(
        periods=[{"period": "p", "start_year": 2030, "years": 12}],
        groups=[{"group": "g", "member": "D-M"}],
        hazards=[{"group": "g", "annual_probability": 0.4, "mean_years": 2, "capacity_factor": 0.5}],
    )
    whole, one = (draw_sample(case_of(tables), Wanted(40, 2, reduce)) for reduce in (None, 1))
    assert whole.struck == pytest.approx([whole.drawn.struck.mean()])
    kept = int(str(one.scenarios[0]["scenario"]).removeprefix("F")) - 1
    assert one.struck == pytest.approx([one.drawn.struck[0, kept].mean()])
