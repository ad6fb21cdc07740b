"""The conditions of an instrument as policies: what binds is measured like any policy, by rule and checker alike."""

from __future__ import annotations

from typing import Literal

from khovor.case.domain import Case
from khovor.case.instruments import Condition, Instrument
from khovor.case.measures import alliance
from khovor.case.policy import Measure, Policy
from khovor.case.years import Window


def bindings(case: Case, instrument: Instrument) -> tuple[tuple[Condition, Policy], ...]:
    """The conditions of an instrument as hard policies in each future, each told with the condition it comes from.

    No sale is no delivery of any product that the territory has a market for; no technology is no unit online of any
    process whose technology is the territory's; the shares and tonnes of the others are policies as they stand.
    """
    found = []
    for condition in instrument.conditions:
        for measure, subject, sense, limit in _measured(case, condition):
            policy = Policy(
                name=f"{instrument.name}: {condition}",
                measure=measure,
                subject=subject,
                by_value=measure == "processing_share",
                sense=sense,
                limit=limit,
                expected=False,
                window=Window(condition.since, None),
                penalty_usd=None,
                at=instrument.conditions_at,
            )
            found.append((condition, policy))
    return tuple(found)


Sense = Literal["max", "min"]


def _measured(case: Case, condition: Condition) -> list[tuple[Measure, str, Sense, float]]:
    if condition.kind == "no_sale":
        buyers = alliance(case, condition.subject)
        sold = [m.key.product for m in case.markets if case.nodes[m.key.node].territory in buyers]
        return [("delivered_t", f"{product}:{condition.subject}", "max", 0.0) for product in dict.fromkeys(sold)]
    if condition.kind == "no_technology":
        owners = alliance(case, condition.subject)
        places = dict.fromkeys((plant.key.node, plant.key.process) for plant in case.plants)
        owned = [(n, k) for n, k in places if case.processes[k].technology in owners]
        return [("units", f"{node}:{process}", "max", 0.0) for node, process in owned]
    if condition.kind == "min_processing":
        return [("processing_share", "", "min", condition.amount)]
    return [("delivered_t", condition.subject, "min", condition.amount)]
