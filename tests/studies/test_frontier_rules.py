"""What runs at some limits say of others: shown on runs written by hand, which no solver made."""

from __future__ import annotations

import pytest

from khovor.case import Policy, Window
from khovor.studies.frontier_axes import Asked, Axis
from khovor.studies.frontier_curve import Bounds, Limits
from khovor.studies.frontier_rules import dominated, nearest, price, switches, widest
from khovor.studies.tasks import Record
from khovor.verify import Measured


def axis(sense: str = "max", measure: str = "transit_share") -> Axis:
    """A measure of China."""
    policy = Policy("p", measure, "CN", False, sense, 0.0, False, Window(), None, "policies!A1")  # type: ignore[arg-type]
    return Axis(Asked(measure, "CN"), {}, policy)


def run(objective: float, bound: float, *measured: float, status: str = "optimal", site: str = "D") -> Record:
    """A run with a plan at a site."""
    builds = [{"node": site, "process": "mine"}]
    told = {"objective": objective, "bound": bound, "measured": list(measured), "builds": builds, "projects": []}
    return Record(f"{objective:g}", "", status, "", 1.0, told)


IMPOSSIBLE = Record("no plan", "", "infeasible", "Nothing can be done.", 1.0, {})
GAP = 0.05


def test_a_plan_for_a_tighter_limit_is_one_for_a_looser() -> None:
    """Within the gap the looser run found less: it takes the tighter plan, and value never rises as limits tighten."""
    curve = Bounds((axis(),), True, GAP)
    runs = {curve.free: run(100, 104, 1.0), (0.8,): run(95, 99, 0.8), (0.4,): run(97, 98, 0.4)}
    loose, tight = curve.reading((0.8,), runs), curve.reading((0.4,), runs)
    assert (loose.objective, loose.summary["measured"]) == (97, [0.4])
    assert loose.plan is runs[(0.4,)]
    assert (tight.objective, tight.bound) == (97, 98)
    assert loose.status == "optimal"


def test_a_bound_for_a_looser_limit_is_one_for_a_tighter() -> None:
    """A run stopped early with a poor bound has the better one of its looser neighbour, and is proved by it."""
    curve = Bounds((axis(),), True, GAP)
    runs = {curve.free: run(100, 101, 1.0), (0.5,): run(98, 130, 0.5, status="feasible")}
    point = curve.reading((0.5,), runs)
    assert (point.bound, point.status) == (101, "optimal")
    assert point.gap == pytest.approx(3 / 98)


def test_costs_are_bounded_from_below() -> None:
    """Under least cost the plan with the lower cost is taken, and the higher bound."""
    curve = Bounds((axis(),), False, GAP)
    runs = {curve.free: run(100, 99, 1.0), (0.8,): run(106, 101, 0.8), (0.4,): run(104, 90, 0.4)}
    assert curve.reading((0.8,), runs).objective == 104
    assert curve.reading((0.4,), runs).bound == 101


def test_what_is_impossible_stays_so() -> None:
    """Tighter than an impossible limit nothing is run; looser all is as it was."""
    curve = Bounds((axis("min"),), True, GAP)
    runs = {curve.free: run(100, 100, 0.2), (0.6,): IMPOSSIBLE}
    assert curve.settled((0.7,), runs)
    assert (curve.reading((0.7,), runs).status, curve.reading((0.7,), runs).message) == (
        "infeasible",
        "Nothing can be done.",
    )
    assert not curve.settled((0.5,), runs)


def test_only_a_proved_plan_settles_a_tighter_limit() -> None:
    """A looser plan that happens to keep the limit settles it when it is proved, not when it was merely found."""
    curve = Bounds((axis(),), True, GAP)
    assert curve.settled((0.5,), {(0.8,): run(90, 90, 0.3)})
    assert not curve.settled((0.2,), {(0.8,): run(90, 90, 0.3)})
    assert not curve.settled((0.5,), {(0.8,): run(90, 99, 0.3, status="feasible")})
    assert not curve.settled((0.8,), {(0.5,): run(90, 90, 0.3)})


def test_two_limits_are_compared_each() -> None:
    """On a surface a point is looser than another only where both limits are."""
    curve = Bounds((axis(), axis("min", "delivered_t")), True, GAP)
    runs = {(0.5, 10.0): run(90, 90, 0.5, 30.0)}
    assert curve.settled((0.5, 20.0), runs)
    assert not curve.settled((0.5, 40.0), runs)
    assert not curve.settled((0.6, 5.0), runs)
    assert curve.reading((0.6, 5.0), runs).objective == 90


def test_the_measure_is_that_of_the_worst_period_in_which_anything_moves() -> None:
    """Periods without goods have no share; with none at all most is 0 and least is kept by whatever is asked."""
    most, least = axis(), axis("min")

    def told(axis: Axis, *parts: tuple[float, float]) -> list[Measured]:
        return [Measured(axis.policy, t, "", share, 0.0, whole) for t, (share, whole) in enumerate(parts)]

    assert most.worst(told(most, (0.2, 100.0), (0.7, 50.0), (1.0, 1e-6))) == 0.7
    assert least.worst(told(least, (0.2, 100.0), (0.7, 50.0), (0.0, 0.0))) == 0.2
    assert (most.worst([]), least.worst([])) == (0.0, None)
    assert least.keeps(None, 1.0)


def test_a_price_lies_between_the_proofs() -> None:
    """3 MUSD for 30 percentage points are 0.1 each; proofs leave 99..100 to 100..102 open: from 0 to 5 MUSD."""
    curve = Bounds((axis(),), True, GAP)
    runs = {(0.8,): run(100, 102, 0.8), (0.5,): run(97, 100, 0.5)}
    loose, tight = (curve.reading(at, runs) for at in runs)
    found = price(loose, tight, curve, 0.01)
    assert found == pytest.approx({"low": 0.0, "value": 1e5, "high": 5e6 / 30})
    assert price(loose, loose, curve, 0.01) is None


def test_switches_are_sought_in_the_widest_gap_beyond_what_a_plan_reaches() -> None:
    """The plan of 1.0 measures 0.9, so the change lies between 0.9 and 0.4; between 0.4 and 0.2 the sites stay."""
    curve = Bounds((axis(),), True, GAP)
    runs = {(1.0,): run(100, 100, 0.9), (0.4,): run(90, 90, 0.4, site="E"), (0.2,): run(80, 80, 0.2, site="E")}
    readings = [curve.reading(at, runs) for at in runs]
    assert switches(readings) == [(readings[0], readings[1])]
    assert widest(readings, curve, 0.001, 2) == [(pytest.approx(0.65),)]
    assert widest(readings, curve, 0.6, 2) == []


@pytest.mark.parametrize(
    ("merits", "by"),
    [
        ([(10.0, 1.0), (10.0, 1.0)], [None, None]),
        ([(10.0, 1.0), (9.0, 2.0)], [None, None]),
        ([(10.0, 1.0), None, (10.0, 2.0)], [2, None, None]),
        ([(10.0, 1.0, 1.0), (10.0, 2.0, 0.0)], [None, None]),
    ],
)
def test_dominated(merits: list[Limits | None], by: list[int | None]) -> None:
    """Nowhere worse and somewhere better; equal points, and points each better in one thing, stand both."""
    assert dominated(merits) == by


def test_a_point_begins_from_the_nearest() -> None:
    """From the nearest plan; one of a limit outside the span counts as on its edge."""
    free = (float("inf"),)
    assert nearest((0.1,), [free, (0.3,), (0.7,)], [(1.0, 0.0)]) == (0.3,)
    assert nearest((0.9,), [free, (0.3,)], [(1.0, 0.0)]) == free
