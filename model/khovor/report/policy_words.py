"""Policies in sentences: which bind and what that costs, which are missed and paid for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from khovor.report.content import Content
from khovor.report.names import listed
from khovor.solution import POLICY_RULES
from khovor.units import FEASIBILITY, USD_PER_MUSD

LEAST_USD: Final = 0.5
"""Prices below this bind nobody."""


def policy_sentences(c: Content) -> Iterator[str]:
    """Of each policy that binds, its price; of each that is missed, that it is."""
    duals = c.solution.duals[c.solution.duals["rule"].isin(POLICY_RULES)]
    for policy in c.case.policies:
        found = duals[duals["subject"] == f"policy {policy.name}"]
        usd = float(found["value"].sum()) * USD_PER_MUSD
        if abs(usd) >= LEAST_USD:
            years = listed([c.names.when(p) for p in c.periods if p in set(found["period"])])
            effect = f"{'add' if usd > 0 else 'cost'} {abs(usd):,.0f} USD"
            unit = found["unit"].iloc[0]
            yield f"Policy {policy.name} binds ({years}): one {unit} over its limit then would {effect}."
    told = c.verification.policies
    missed = told[told["beyond"] > FEASIBILITY]
    for name in dict.fromkeys(missed["policy"]):
        yield f"Policy {name} is missed in at least one period, and paid for."
