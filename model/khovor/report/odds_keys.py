"""What the summaries of `khovor information` and `khovor decide` hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COMMON: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "status": "optimal (every solve within its gap) or feasible (some stopped at a limit)",
    "unit": "MUSD, real, of the base year; every value is minus its cost under the objective cost",
    "headline": "[sentence]: what was found, in words",
    "scenarios": "[{scenario, name, probability}]",
    "seconds": "{read, check, runs}: seconds per step",
    "stamp": "that of the first solve",
}

INFORMATION_KEYS: Final[Mapping[str, str]] = {
    **_COMMON,
    "sp": "[low, high]: what the best plan for all futures is worth in expectation; null is an end that is not proved",
    "ws": "[low, high]: the same were each future known before building",
    "eev": "[low, high]: the plan of the mean future, valued in all; null where it cannot keep the rules of each",
    "eev_likeliest": "{plan, value: [low, high]}: the plan of the likeliest future, valued in all",
    "evpi": "[low, high]: ws - sp, the expected value of perfect information",
    "vss": "[low, high]: sp - eev, the value of the stochastic solution",
    "alone": "{scenario: [low, high]}: what the best plan of a future is worth there",
    "values": "{plan: {scenario: MUSD}}: what each plan is worth; null where it cannot keep the rules of that future",
    "expected": "{plan: MUSD}: the same in expectation",
    "regret": "{plan: {scenario: [low, high]}}: how much more the best plan of that future is worth there",
    "worst_regret": "{plan: [low, high]}: the greatest regret of a plan in any future",
    "minimax": "{plan, regret: [low, high]}: the plan of these whose greatest regret is least",
    "plans": "[{plan, status, objective, bound, gap, builds, verified, otherwise, seconds}]: the solves; plans are "
    "'all futures', 'mean future', and '<scenario> alone'; `otherwise` is against the first, in words",
    "violations": "[sentence]: where WS >= SP >= EEV does not hold, or a value belies a bound",
    "verified": "{passed}: whether every plan passed the checker and there is no violation",
}
"""What the summary of `khovor information` holds."""

DECISION_KEYS: Final[Mapping[str, str]] = {
    **_COMMON,
    "scenario": "the future whose probability moves from `from` to `to`; null where none does",
    "thresholds": "[{probability: [low, high], at, value, open, before, after, plans: [label, label], changes}]: where "
    "the best plan changes; beyond the interval one of the two is ahead by more than `open`, what the proof leaves "
    "open there [MUSD]; `before` and `after` are builds, `changes` the difference in words",
    "stretches": "[{plan, probability: [from, to]}]: which plan is the best known where",
    "worst_case": "{box: {scenario: [low, high]}, plan, value: [low, high], odds, builds, plans: [{plan, expected, "
    "worst, odds}]}: the plan with the best worst case over a box of probabilities; `value` lies between its worst "
    "case and what no plan can exceed; null without a box",
    "regret": "{plan, value: [low, high], in, builds, best: {scenario: [low, high]}, best_expected, changes, plans: "
    "[{plan, expected, greatest: [low, high], in, regret: {scenario: [low, high]}}]}: the plan whose greatest regret "
    "is least; `value` lies between what no plan can go below and its own, `in` is the future of it, `best` what the "
    "best plan of a future is worth there, `best_expected` the plan that is worth most in expectation, `changes` the "
    "difference to it in words; null where it was not asked for",
    "plans": "[{plan, expected, values: {scenario: MUSD}, builds, projects, closures, bookings}]: the plans known, "
    "each named by the solve that found it; expected and values null where it cannot keep the rules of a future",
    "solves": "[{solve, odds, status, objective, bound, gap, verified, open, seconds}]; `odds` is null of the "
    "solves for the worst case, least regret (whose objective is the mean of `best` less it) and a future alone",
    "verified": "{passed}: whether every plan passed the checker",
}
"""What the summary of `khovor decide` holds."""
