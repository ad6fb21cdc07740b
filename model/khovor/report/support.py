"""What support is taken and what it asks for in return, as summary.json, the sentences and the sheets tell it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from khovor.report.content import Content
from khovor.report.names import listed
from khovor.units import FEASIBILITY, T_PER_KT

KINDS = {"grant": "grant", "loan": "loan", "price_floor": "price floor", "guarantee": "guarantee"}
"""Kinds in words."""


def support(c: Content) -> dict[str, Any]:
    """{taken, public_musd, target_irr, financed, conditions, binding} of a plan."""
    solution, terms = c.solution, c.case.terms
    taken = solution.instruments.to_dict("records")
    return {
        "taken": taken,
        "public_musd": float(sum(row["public_musd"] for row in taken)),
        "target_irr": (c.case.horizon.rate if terms.target_irr is None else terms.target_irr)
        if terms.objective == "support"
        else None,
        "financed": solution.financed.to_dict("records"),
        "conditions": conditions(c),
    }


def conditions(c: Content) -> list[dict[str, Any]]:
    """Each condition of what is taken: its least slack in any period and future, and whether it is at its limit there.

    The slack is in the unit of what is measured. No sale and no technology are at their limit whenever they are kept;
    what selling there would be worth is told as their price.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in c.verification.conditions.itertuples(index=False):
        slack = row.measured - row.limit if row.condition.startswith("min_") else row.limit - row.measured
        near = FEASIBILITY * (1.0 if abs(row.limit) <= 1.0 else max(abs(row.limit), T_PER_KT))
        known = found.get((row.instrument, row.condition))
        if known is None or slack < known["slack"]:
            price = _price(c, f"condition {row.instrument}: {row.condition}")
            found[row.instrument, row.condition] = {
                "instrument": row.instrument,
                "condition": row.condition,
                "measured": float(row.measured),
                "limit": float(row.limit),
                "slack": float(slack),
                "binds": bool(slack <= near and (price != 0.0 or row.condition.startswith("min_"))),
                "price": price,
                "at": row.at,
            }
    return list(found.values())


def _price(c: Content, subject: str) -> float:
    """The dearest price of a condition in any period and future [MUSD per t/y or unit, of the objective]."""
    frame = c.solution.duals
    prices = [float(value) for value in frame[frame["subject"] == subject]["value"]]
    return max(prices, key=abs, default=0.0)


def support_sentences(c: Content) -> Iterator[str]:
    """What is taken, what it costs the public, what binds."""
    told = c.summary["instruments"]
    if not c.case.instruments:
        return
    if not told["taken"]:
        yield "Takes none of the support on offer."
        return
    words = [f"{r['instrument']} ({KINDS[r['kind']]}, {r['amount_musd']:,.1f} MUSD)" for r in told["taken"]]
    rate = 100 * c.case.horizon.rate
    cost = f"public money of {told['public_musd']:,.1f} MUSD, discounted at {rate:.3g}% a year"
    yield f"Takes support: {listed(words)}; {cost}."
    binding = [f"{r['condition']} ({r['instrument']})" for r in told["conditions"] if r["binds"]]
    if binding:
        yield f"Conditions of support that bind: {listed(binding)}."
