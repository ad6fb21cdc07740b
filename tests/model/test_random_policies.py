"""Random worlds under a policy of every measure: what the program counts is what the checker measures."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from random_worlds import random_world

from khovor.case import Case, Measure, Policy, Window
from support import case_of, solve_and_check


def policies(case: Case, dice: Random) -> tuple[Policy, ...]:
    """One policy of each measure, each with a price, so that every world has a plan."""
    territory = dice.choice(["MN", "CN", "US"])
    subjects: dict[Measure, str] = {
        "transit_share": dice.choice(["CN", "US", "RU"]) + dice.choice(["", ":land", ":overflight"]),
        "sales_share": territory,
        "processing_share": dice.choice(["", territory]),
        "delivered_t": f"{dice.choice(list(case.products))}:{territory}",
        "co2_t": dice.choice(["", "road"]),
        "utility": case.utilities[0].key.utility if case.utilities else "",
        "capex_musd": dice.choice(["", "B", "mill"]),
        "units": dice.choice(["mill", "B:mill"]),
    }
    return tuple(_policy(measure, subject, dice) for measure, subject in subjects.items())


def _policy(measure: Measure, subject: str, dice: Random) -> Policy:
    limit = dice.choice([0.2, 0.5, 0.8] if measure.endswith("_share") else [1.0, 50.0, 500.0])
    by_value, expected = dice.random() < 0.5, dice.random() < 0.5
    sense, penalty = dice.choice(["max", "min"]), dice.choice([1.0, 50.0, 3000.0])
    return Policy(measure, measure, subject, by_value, sense, limit, expected, Window(), penalty, "policies!A1")


@pytest.mark.parametrize("seed", range(40))
def test_program_and_checker_count_alike(seed: int) -> None:
    """Every amount beyond a limit is paid for as the checker measures it, in each future or on average."""
    tables, settings = random_world(seed)
    case = case_of(tables, **{**settings, "home_territory": "MN"})
    _, verdict = solve_and_check(replace(case, policies=policies(case, Random(seed))))
    assert verdict.passed, verdict.failures[:3]
    assert len(verdict.policies) >= 8 * len(case.horizon.periods)
    assert (verdict.policies["beyond"] > 0).any()
