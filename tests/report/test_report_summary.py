"""summary.json and the sentences: documented keys, plain JSON, sums that tie, the words of every kind of case."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from report_cases import SECONDS, content_of, everything, two_ways

from khovor.report import KEYS, Content, summarise
from support import one_mine


def again(c: Content, **changed: Any) -> dict[str, Any]:
    """The summary of a run whose plan is told otherwise."""
    return summarise(c.case, c.workbook, replace(c.solution, **changed), c.verification, SECONDS)


def words(c: Content) -> str:
    """The sentences as one text."""
    return "\n".join(c.summary["headline"])


@pytest.fixture(scope="module")
def whole() -> Content:
    """The case with every feature."""
    return content_of(everything(), discount_rate=0.1)


@pytest.fixture(scope="module")
def ways() -> Content:
    """The case with two ways out."""
    return content_of(two_ways())


def test_keys_are_the_documented_ones(whole: Content) -> None:
    """No key is missing from the reference, and none stands there in vain."""
    assert list(whole.summary) == list(KEYS)


def test_it_is_plain_json(whole: Content) -> None:
    """It is written without NaN or infinity and read back the same."""
    assert json.loads(json.dumps(whole.summary, allow_nan=False)) == whole.summary


def test_what_is_not_known_is_null(ways: Content) -> None:
    """Without a bound, bound and gap are null, and the sentences say that nothing is proved."""
    told = again(ways, bound=inf, gap=inf, status="feasible")
    json.dumps(told, allow_nan=False)
    assert (told["bound"], told["gap"]) == (None, None)
    assert "proved no bound" in told["headline"][1]
    worst = replace(ways.verification, worst=nan)
    assert summarise(ways.case, ways.workbook, ways.solution, worst, SECONDS)["verified"]["worst"] is None


def test_terms_add_up_to_the_objective(whole: Content) -> None:
    """The expected terms are the objective, and so are the futures' values weighted by their odds."""
    assert sum(whole.summary["terms"].values()) == pytest.approx(whole.solution.objective)
    futures = whole.summary["scenarios"]
    assert sum(f["probability"] * f["npv"] for f in futures) == pytest.approx(whole.solution.objective)
    assert len({f["npv"] for f in futures}) == 2


def test_cost_leaves_revenue_out() -> None:
    """Under the cost objective the futures' values are minus the cost, revenue not counted."""
    market = {"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 50}
    c = content_of(one_mine(markets=[market]), objective="cost")
    (future,) = c.summary["scenarios"]
    assert c.solution.objective == pytest.approx(1.05)
    assert future["npv"] == pytest.approx(-1.05)
    assert words(c).startswith("Solved")
    assert "Costs 1.050 MUSD: discounted cost" in words(c)


def test_shares_of_corridors_are_of_all_exports(ways: Content) -> None:
    """Six tenths leave by the crossing and the harbour, the rest flies straight to the gateway."""
    found = {r["corridor"]: (r["name"], r["t_y"], r["share"]) for r in ways.summary["corridors"]}
    assert found["X > P > G"] == ("Crossing > Harbour > Gateway", pytest.approx(60), pytest.approx(0.6))
    assert found["G"] == ("Gateway", pytest.approx(40), pytest.approx(0.4))
    assert sum(r["share"] for r in ways.summary["corridors"]) == pytest.approx(1.0)


def test_exposure_of_two_ways(ways: Content) -> None:
    """Sixty per cent pass CN by land, forty overfly RU, all inputs come from CN, all is sold in US."""
    exposure = ways.summary["exposure"]
    assert exposure["CN"]["transit"] == pytest.approx(0.6)
    assert exposure["CN"]["inputs"] == pytest.approx(1.0)
    assert exposure["RU"]["entry"]["overflight"] == pytest.approx(0.4)
    assert exposure["US"]["sales"] == pytest.approx(1.0)
    assert set(exposure["CN"]["by_period"]) == {"early", "late"}


def test_sentences_read_like_an_answer(ways: Content) -> None:
    """Worth and proof, where and when, what sells, how it leaves, what the neighbour means; countries by name."""
    text = words(ways)
    for part in (
        "Solved: the plan is proved",
        "Worth ",
        "net present value at 0% a year, in US dollars of 2030; proved within 0.00% of the best possible",
        "Red Hill (ore), from 2030: mine.",
        "Ore (100% of the money, 100 t/y)",
        "Crossing > Harbour > Gateway (60%); Gateway (40%)",
        "China: 60% of the exported tonnes and 60% of their value enter or overfly it (first met by land 60%)",
        "next to nothing is sold there; 100% of the inputs' value is bought there.",
    ):
        assert part in text


def test_sentences_of_several_futures(whole: Content) -> None:
    """With futures, worth is an expectation and the range is told with its odds."""
    text = words(whole)
    assert "in expectation over 2 futures" in text
    assert "(squeeze, probability 40%)" in text


def test_loss_is_called_a_loss() -> None:
    """A plan that must be carried out at a loss loses; it is not worth less than nothing."""
    override = {"node": "D", "process": "mine", "units": 1}
    c = content_of(one_mine(overrides=[override], markets=[{"node": "M", "product": "ore", "price_usd_t": 0}]))
    assert "Loses 1.000 MUSD" in words(c)


def test_nothing_to_do_is_said() -> None:
    """Where nothing pays, nothing is built, sold or shipped, and the sentences say so."""
    c = content_of(one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 1}]))
    for part in ("Worth 0.000 MUSD", "Nothing is built.", "Nothing is sold at a price.", "Nothing leaves home."):
        assert part in words(c)
    assert c.summary["exposure"] == {}


def test_changes_and_support_are_told() -> None:
    """What was changed for this run is said, and stamped."""
    c = content_of(one_mine(), ["markets[M:ore:*].price_usd_t=30000"])
    assert any("Changed for this run" in text and "30000" in text for text in c.summary["headline"])
    assert len(c.summary["stamp"]["changes"]) == 1


def test_later_units_are_told_as_again() -> None:
    """A unit renewed at the end of its life is built again, in the year it stands."""
    c = content_of(
        one_mine(
            periods=[{"period": f"p{y}", "start_year": y, "years": 2} for y in (2030, 2032)],
            processes=[{"process": "mine", "lifetime_years": 2}],
        )
    )
    assert "D, from 2030, again 2032: mine." in words(c)


def test_basis_of_what_the_plan_touches() -> None:
    """Rows are counted by basis: all of them by table, and those the plan uses apart."""
    lanes = [
        {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "basis": "sourced"},
        {"lane": "dear", "from": "D", "to": "M", "mode": "road", "usd_t": 9000, "basis": "assumption"},
    ]
    c = content_of(one_mine(lanes=lanes))
    assert c.summary["assumptions"]["lanes"] == {"sourced": 1, "assumption": 1}
    assert c.summary["rests_on"]["sourced"] == 1
    assert "assumption" not in c.summary["rests_on"]
