"""Properties that hold for every case: options help, closures hurt, money scales, identical futures are one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support import Rows, one_mine, solved

quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

prices = st.integers(min_value=2, max_value=60).map(lambda n: n * 1000)
capacities = st.integers(min_value=10, max_value=200)
factors = st.sampled_from([0.0, 0.3, 0.7, 1.0])


def two_corridors(price: int, near: int, far: int, factor: float, booked: bool) -> dict[str, Rows]:
    """A mine and two lanes through two gates, the near one squeezed in one of two futures."""
    gate = {"gate": "near", "capacity_t_y": near, "booking_usd_t_y": 200 if booked else None}
    return one_mine(
        periods=[{"period": "a", "start_year": 2030, "years": 2}, {"period": "b", "start_year": 2032, "years": 3}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": price}],
        lanes=[
            {"lane": "L1", "from": "D", "to": "M", "mode": "road", "usd_t": 500, "gate": "near"},
            {"lane": "L2", "from": "D", "to": "M", "mode": "road", "usd_t": 2500, "gate": "far"},
        ],
        gates=[gate, {"gate": "far", "capacity_t_y": far}],
        scenarios=[{"scenario": "calm", "probability": 0.6}, {"scenario": "squeeze", "probability": 0.4}],
        events=[{"scenario": "squeeze", "target_type": "gate", "target": "near", "capacity_factor": factor}],
    )


@quick
@given(prices, capacities, capacities, factors, st.booleans())
def test_another_option_never_lowers_value(price: int, near: int, far: int, factor: float, booked: bool) -> None:
    """Adding a third lane cannot make the best plan worse."""
    tables = two_corridors(price, near, far, factor, booked)
    third = {"lane": "L3", "from": "D", "to": "M", "mode": "road", "usd_t": 1500, "capacity_t_y": 20}
    more = {**tables, "lanes": [*tables["lanes"], third]}
    assert solved(more).objective >= solved(tables).objective - 1e-7


@quick
@given(prices, capacities, capacities, factors, st.booleans())
def test_closing_a_corridor_never_raises_value(price: int, near: int, far: int, factor: float, booked: bool) -> None:
    """Shutting the far gate cannot make the best plan better."""
    tables = two_corridors(price, near, far, factor, booked)
    shut = {**tables, "gates": [tables["gates"][0], {"gate": "far", "capacity_t_y": 0}]}
    assert solved(shut).objective <= solved(tables).objective + 1e-7


@quick
@given(prices, capacities, factors, st.sampled_from([0.5, 2.0, 7.0]))
def test_scaling_all_money_scales_value(price: int, near: int, factor: float, scale: float) -> None:
    """Every price and cost times s makes the value times s."""
    tables = two_corridors(price, near, 50, factor, True)
    scaled = {
        **tables,
        "markets": [{**tables["markets"][0], "price_usd_t": price * scale}],
        "lanes": [{**lane, "usd_t": lane["usd_t"] * scale} for lane in tables["lanes"]],  # type: ignore[operator]
        "gates": [{**tables["gates"][0], "booking_usd_t_y": 200 * scale}, tables["gates"][1]],
        "sizes": [{**tables["sizes"][0], "capex_musd": scale}],
    }
    assert solved(scaled).objective == pytest.approx(scale * solved(tables).objective, rel=1e-6, abs=1e-7)


@quick
@given(prices, capacities, factors)
def test_splitting_a_future_changes_nothing(price: int, near: int, factor: float) -> None:
    """One future told as two identical halves has the same value."""
    tables = two_corridors(price, near, 50, factor, True)
    halves = [
        {"scenario": "calm", "probability": 0.6},
        {"scenario": "squeeze", "probability": 0.1},
        {"scenario": "again", "probability": 0.3},
    ]
    events = [{**tables["events"][0], "scenario": name} for name in ("squeeze", "again")]
    assert solved({**tables, "scenarios": halves, "events": events}).objective == pytest.approx(
        solved(tables).objective, rel=1e-6, abs=1e-7
    )


@quick
@given(prices, capacities, capacities, factors, st.booleans())
def test_order_of_rows_does_not_matter(price: int, near: int, far: int, factor: float, booked: bool) -> None:
    """The order of the rows in the workbook does not change the value."""
    tables = two_corridors(price, near, far, factor, booked)
    turned = {name: rows if name in ("periods",) else list(reversed(rows)) for name, rows in tables.items()}
    assert solved(turned).objective == pytest.approx(solved(tables).objective, rel=1e-6, abs=1e-7)
