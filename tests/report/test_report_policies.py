"""Policies, risk and futures in the results: what is measured, what binds and at what price, what futures change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from report_cases import content_of, everything, table, two_ways, written

from khovor.report import Content

CHINA: dict[str, Any] = {"policy": "China", "measure": "transit_share", "subject": "CN", "sense": "max", "limit": 0.3}


def ways(**cells: Any) -> Content:
    """The case with two ways out, and a policy on its road; a tonne by air costs 470 USD more than by road and sea."""
    return content_of({**two_ways(), "policies": [{**CHINA, **cells}]})


def lines(c: Content, word: str) -> list[str]:
    """The sentences of the answer that hold a word."""
    return [text for text in c.summary["headline"] if word in text]


def test_measured_policies_are_told() -> None:
    """Three tenths go by China in each period: the limit, and nothing beyond it."""
    found = ways().summary["policies"]
    assert [(p["policy"], p["period"], p["limit"]) for p in found] == [("China", "early", 0.3), ("China", "late", 0.3)]
    assert [p["measured"] for p in found] == pytest.approx([0.3, 0.3])
    assert [p["beyond"] for p in found] == pytest.approx([0.0, 0.0])
    assert {p["at"].split("!")[0] for p in found} == {"policies"}


def test_a_policy_that_binds_tells_its_price() -> None:
    """A tonne a year more by road in all ten years saves 470 USD each: 4,700 USD."""
    assert lines(ways(), "Policy") == [
        "Policy China binds (2030-2033 and 2034-2039): one t/y over its limit then would add 4,700 USD."
    ]


def test_a_policy_that_asks_for_more_costs() -> None:
    """At least 70% overfly RU: a tonne more of that in the later years costs 470 USD in each of six."""
    c = ways(policy="Russia", subject="RU", sense="min", limit=0.7, first_year=2034)
    assert lines(c, "Policy") == ["Policy Russia binds (2034-2039): one t/y over its limit then would cost 2,820 USD."]


def test_a_policy_with_room_to_spare_is_not_told() -> None:
    """Six tenths go by road; nine are allowed: no sentence, no price."""
    c = ways(limit=0.9)
    assert lines(c, "Policy") == []
    assert not c.solution.duals["rule"].str.startswith("policy").any()


def test_a_policy_that_is_paid_for() -> None:
    """At 1 USD a tonne it is missed: 60 - 30 t/y, at a price no higher than the penalty."""
    c = ways(penalty_usd=1)
    assert [p["beyond"] for p in c.summary["policies"]] == pytest.approx([30.0, 30.0])
    assert lines(c, "missed") == ["Policy China is missed in at least one period, and paid for."]
    assert c.summary["terms"]["penalty"] == pytest.approx(-30 * 10 * 1e-6)


def test_prices_of_policies_stand_on_the_price_sheet(tmp_path: Path) -> None:
    """The same price in words, with the cell of the limit."""
    rows = table(written(ways(), tmp_path)["Shadow prices"], "In words")
    (row,) = [r for r in rows if "policy" in r["In words"]]
    assert row["In words"] == "One t/y over the limit of policy China adds 4,700 USD."
    assert row["Input cell"].startswith("policies!")


def test_policies_stand_on_the_sheet_of_futures(tmp_path: Path) -> None:
    """Each policy, period and future with what the checker measured."""
    rows = table(written(ways(), tmp_path)["Scenarios"], "Policy")
    assert [(r["Policy"], r["From"], r["Limit"]) for r in rows] == [("China", 2030, 0.3), ("China", 2034, 0.3)]
    assert [r["Measured"] for r in rows] == pytest.approx([0.3, 0.3])


def test_futures_tell_what_they_change() -> None:
    """The squeeze of the gate and of the price in words, the calm future nothing."""
    calm, squeeze = content_of(everything()).summary["scenarios"]
    assert calm["changes"] == []
    assert squeeze["changes"] == [
        "gate: G: capacity x 0.5, cost x 1.5, +7 USD/t, +10 days, from 2032",
        "market: M:conc: price x 0.8, from 2033",
    ]


def test_risk_is_told(tmp_path: Path) -> None:
    """With a tail of 40% the worst mean is the value of the squeeze, and the objective lies between it and the mean."""
    c = content_of(everything(), risk_weight=0.25, risk_tail=0.4)
    risk, worths = c.summary["risk"], {f["scenario"]: f["npv"] for f in c.summary["scenarios"]}
    assert risk["cvar"] == pytest.approx(worths["squeeze"])
    assert risk["expected"] == pytest.approx(0.6 * worths["calm"] + 0.4 * worths["squeeze"])
    assert c.summary["objective"] == pytest.approx(0.75 * risk["expected"] + 0.25 * risk["cvar"])
    assert lines(c, "In the worst 40% of futures it is worth")
    facts = {row[0].value: row[1].value for row in written(c, tmp_path)["Summary"].iter_rows(max_col=2)}
    assert facts["Mean of the worst futures, CVaR [MUSD]"] == pytest.approx(risk["cvar"])


def test_no_risk_is_no_sentence() -> None:
    """Without a weight on the worst futures nothing is said of them."""
    c = content_of(everything())
    assert c.summary["risk"] is None
    assert lines(c, "worst") == []
