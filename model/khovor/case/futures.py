"""Cases made from a case: one future alone, the mean of all of them, other odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from khovor.case.domain import Case, Scenario

MEAN = "mean"
"""The name of the mean future."""


def with_scenario(case: Case, name: str) -> Case:
    """The case as if this future were certain. Raises KeyError for an unknown scenario."""
    by_name = {s.name: s for s in case.scenarios}
    return replace(case, scenarios=(replace(by_name[name], probability=1.0),))


def with_mean(case: Case) -> Case:
    """The case as if its mean were certain: every factor, fee and delay weighed over the futures by probability."""
    mean = Scenario(MEAN, "The mean of all futures", 1.0, (), case.scenarios[0].at, mean_of=case.scenarios)
    return replace(case, scenarios=(mean,))


def with_odds(case: Case, odds: Mapping[str, float]) -> Case:
    """The case with these probabilities. A future of probability 0 stays: its rules hold for every plan."""
    return replace(case, scenarios=tuple(replace(s, probability=odds[s.name]) for s in case.scenarios))
