"""What information is worth, from plans and their values: pure arithmetic of intervals.

Each future solved alone is worth between its best known plan and its bound; WS is their mean. SP is what the best plan
for all futures is worth, EEV what the plan of the mean future is worth in all of them, exactly.

EVPI = WS - SP, what knowing the future would be worth; VSS = SP - EEV, what planning for all futures is worth. The
regret of a plan in a future is what the best plan of that future is worth more there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from khovor.studies.plans import Plan, Span
from khovor.units import FEASIBILITY

ALL = "all futures"
MEAN = "mean future"


def alone(w: str) -> str:
    """The name of the plan made for one future alone."""
    return f"{w} alone"


def information(odds: Mapping[str, float], plans: Sequence[Plan], *, expires: bool = False) -> dict[str, Any]:
    """EVPI, VSS and regrets from the plans of all futures (ALL), of their mean (MEAN), and of each future alone.

    `expires`: losses do, and a large program may say too little of its plan's operation.

    What concerns a plan that cannot keep the rules of a future is infinite, as are ends that are not proved.
    """
    by_name = {plan.label: plan for plan in plans}
    certain = {w: best_known(by_name[alone(w)].span, [plan.worths[w] for plan in plans]) for w in odds}
    ws = Span(*(math.fsum(p * certain[w][end] for w, p in odds.items()) for end in (0, 1)))
    values = {name: plan.value(odds) for name, plan in by_name.items()}
    proved = by_name[ALL].span
    known = max(proved.low, *values.values())
    sp = Span(known, max(known, min(proved.high, ws.high)))
    eev = values[MEAN]
    likely = alone(max(odds, key=lambda w: odds[w]))
    regrets = {name: regret(certain, plan) for name, plan in by_name.items()}
    worst = {name: greatest(row) for name, row in regrets.items()}
    least = min(worst, key=lambda name: (worst[name].high, worst[name].low))
    return {
        "sp": sp,
        "ws": ws,
        "eev": Span(eev, eev),
        "eev_likeliest": {"plan": likely, "value": Span(values[likely], values[likely])},
        "evpi": Span(max(0.0, ws.low - sp.high), max(0.0, ws.high - sp.low)),
        "vss": Span(max(0.0, sp.low - eev), max(0.0, sp.high - eev)),
        "alone": certain,
        "values": {name: plan.worths for name, plan in by_name.items()},
        "expected": values,
        "regret": regrets,
        "worst_regret": worst,
        "minimax": {"plan": least, "regret": worst[least]},
        "violations": list(_violations(odds, by_name, values, expires)),
    }


def distinct(span: Span, scale: float) -> bool:
    """Whether an amount that cannot be negative is told apart from zero."""
    return span.low > FEASIBILITY * max(1.0, abs(scale))


def best_known(proved: Span, found: Sequence[float | None]) -> Span:
    """What the best plan of a future alone is worth; a plan made for something else may be better than its own."""
    low = max(proved.low, *(worth for worth in found if worth is not None))
    return Span(low, max(low, proved.high))


def regret(best: Mapping[str, Span], plan: Plan) -> dict[str, Span]:
    """What the best plan of each future is worth more there than this one [MUSD]; infinite where it breaks a rule."""
    worths = {w: -math.inf if worth is None else worth for w, worth in plan.worths.items()}
    return {w: Span(span.low - worths[w], span.high - worths[w]) for w, span in best.items()}


def greatest(regrets: Mapping[str, Span]) -> Span:
    """Between what the greatest of some regrets lies."""
    return Span(max(r.low for r in regrets.values()), max(r.high for r in regrets.values()))


def _violations(
    odds: Mapping[str, float], plans: Mapping[str, Plan], values: Mapping[str, float], expires: bool
) -> Iterator[str]:
    """What cannot be, were every bound and every value right: WS >= SP >= EEV, and its parts."""
    known = [abs(worth) for plan in plans.values() for worth in plan.worths.values() if worth is not None]
    slack = FEASIBILITY * max(1.0, *known)
    own = plans[ALL].span
    ws_high = math.fsum(p * plans[alone(w)].span.high for w, p in odds.items())
    if ws_high < own.low - slack:
        yield f"WS >= SP does not hold: at most {ws_high:.6f} against {own.low:.6f} MUSD."
    off = own.low - values[ALL]
    if (off if expires else abs(off)) > slack:
        yield f"The plan for all futures is worth {own.low:.6f} MUSD, but {values[ALL]:.6f} valued future by future."
    for name, value in values.items():
        if value > own.high + slack:
            yield f"SP >= EEV does not hold: '{name}' is worth {value:.6f} in all, SP at most {own.high:.6f} MUSD."
    for name, plan in plans.items():
        for w, worth in plan.worths.items():
            if worth is not None and worth > plans[alone(w)].span.high + slack:
                yield f"The plan '{name}' is worth {worth:.6f} MUSD in {w}, more than the bound of {w} alone."
