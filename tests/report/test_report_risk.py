"""What is proved of an averse plan is told of the objective, not of its expected value."""

from __future__ import annotations

from report_cases import content_of

from support import one_mine


def test_the_proof_stands_beside_the_objective() -> None:
    """0.3 MUSD expected, -0.3 in the worse half: the plan is judged by 0.06, and so is the bound."""
    tables = one_mine(
        scenarios=[{"scenario": "good", "probability": 0.5}, {"scenario": "bad", "probability": 0.5}],
        events=[{"scenario": "bad", "target_type": "product", "target": "ore", "price_factor": 0.4}],
    )
    told = content_of(tables, risk_weight=0.4, risk_tail=0.5).summary["headline"]
    worth = next(place for place, text in enumerate(told) if text.startswith("Worth"))
    assert "0.300 MUSD" in told[worth]
    assert "no plan" not in told[worth]
    assert "0.060 MUSD of the two: proved within" in told[worth + 1]
