"""Cases made from a case: one future alone, the mean of all of them, other odds, the worst of many odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from khovor.case.ambiguity import Ambiguity
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


def with_worst_odds(case: Case, low: Mapping[str, float], high: Mapping[str, float]) -> Case:
    """The case whose objective is the expected value under the worst probabilities between these, by future."""
    return replace(case, ambiguity=Ambiguity(low, high, {s.name: 0.0 for s in case.scenarios}))


def with_regret(case: Case, best: Mapping[str, float]) -> Case:
    """The case whose objective is the mean of `best` less the greatest regret of a plan in any future.

    `best` is what the best plan of each future is worth there [MUSD]. Its mean, by the case's own probabilities, keeps
    the objective as large as values are, so that a gap means the same.
    """
    mean = sum(s.probability * best[s.name] for s in case.scenarios)
    par = {s.name: best[s.name] - mean for s in case.scenarios}
    return replace(case, ambiguity=Ambiguity(dict.fromkeys(par, 0.0), dict.fromkeys(par, 1.0), par))
