"""An infeasible case says which cells ask too much, by how much, and which cells stand in the way."""

from __future__ import annotations

import pytest

from khovor.errors import Conflict, InfeasibleError
from support import Rows, case_of, one_mine, solve_and_check


def conflicts_of(tables: dict[str, Rows]) -> tuple[Conflict, ...]:
    """The conflicts of a case that has no plan."""
    with pytest.raises(InfeasibleError) as caught:
        solve_and_check(case_of(tables))
    assert caught.value.status == "infeasible"
    return caught.value.conflicts


def contracts(*asked: float) -> list[dict[str, object]]:
    """Tiers of one market, each a hard contract."""
    return [
        {"node": "M", "product": "ore", "tier": k, "price_usd_t": 5000, "min_t_y": t} for k, t in enumerate(asked, 1)
    ]


def test_contracts_beyond_the_plant_say_how_much_and_why() -> None:
    """Two contracts of 60 t/y from a mine of 100: one lowers its 60 by 20, and the mine's row is named."""
    (conflict,) = conflicts_of(one_mine(markets=contracts(60, 60)))
    assert conflict.rows[0] in {("markets", "B2"), ("markets", "B3")}
    assert "20 t/y more than any plan can give" in conflict.message
    assert "Lower min_t_y by 20" in conflict.repair
    assert ("sites", "B2") in conflict.rows[1:]


def test_the_lane_is_named_where_it_is_what_limits() -> None:
    """A lane of 70 t/y under the same contracts: 50 t/y too much, and the lane's cell stands in the way."""
    lanes = [{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 70}]
    (conflict,) = conflicts_of(one_mine(markets=contracts(60, 60), lanes=lanes))
    assert "50 t/y" in conflict.message
    assert ("lanes", "A2") in conflict.rows[1:]


def test_the_future_in_which_it_fails_is_named() -> None:
    """A contract that only the future with a half lane breaks: the message says which future, in which period."""
    tables = one_mine(
        markets=contracts(80),
        lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 100}],
        scenarios=[{"scenario": "calm", "probability": 0.9}, {"scenario": "squeeze", "probability": 0.1}],
        events=[{"scenario": "squeeze", "target_type": "lane", "target": "D-M", "capacity_factor": 0.5}],
    )
    (conflict,) = conflicts_of(tables)
    assert "in p1, future squeeze, for 30 t/y" in conflict.message


def test_overrides_that_the_site_cannot_hold() -> None:
    """An override that asks for two units where one may stand: one too many, its cell first."""
    tables = one_mine(
        overrides=[{"node": "D", "process": "mine", "units": 2}],
        sites=[{"node": "D", "process": "mine", "max_units": 1}],
    )
    (conflict,) = conflicts_of(tables)
    assert conflict.rows[0][0] == "overrides"
    assert "Lower units by 1" in conflict.repair


def test_contract_and_forbidden_build_clash() -> None:
    """An override that forbids the only mine under a contract: one of the two cells gives way, and is named."""
    (conflict,) = conflicts_of(
        one_mine(markets=contracts(60), overrides=[{"node": "D", "process": "mine", "units": 0}])
    )
    assert conflict.rows[0] in {("markets", "B2"), ("overrides", "A2"), ("overrides", "C2")}


def test_what_doing_nothing_allows_has_no_conflict() -> None:
    """A soft contract asks for nothing that money cannot settle: there is a plan."""
    soft = [{"node": "M", "product": "ore", "price_usd_t": 5000, "min_t_y": 900, "shortfall_usd_t": 10}]
    _, verification = solve_and_check(case_of(one_mine(markets=soft)))
    assert verification.passed


def test_a_value_without_bound_is_not_called_infeasible() -> None:
    """Unlimited ore at a price below its sale's has no bound, and the status says so."""
    tables = one_mine(purchases=[{"node": "D", "product": "ore", "price_usd_t": 1}])
    with pytest.raises(InfeasibleError) as caught:
        solve_and_check(case_of(tables))
    assert caught.value.status == "unbounded"
