"""The checker's own money by hand, and every way in which a plan's money can lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import test_goods_rules
import test_link_rules
import test_plant_rules
import test_policy_rules
from changes import add, both, put, undiscounted
from good_plan import good, judge

from khovor.case import Case
from khovor.solution import Solution
from khovor.verify import money, tables, verify

HAND = {
    # paid in every future; two years in each period
    ("capex", "", "p1"): -(10 + 40 + 1),
    ("sustaining", "", "p1"): -2 * 0.05 * 40,
    ("sustaining", "", "p2"): -2 * 0.05 * 40,
    ("fixed_opex", "", "p1"): -2 * (2 + 0.5 + 2 * 0.5),
    ("fixed_opex", "", "p2"): -2 * (2 + 0.5 + 1 * 0.5),
    # the mine of 10 MUSD ends its life in 2033 and one kiln of 4 MUSD is closed in 2032, each at a tenth
    ("closing", "", "p2"): -(0.1 * 10 + 0.1 * 4),
    # four of ten years gone: leach 40, camp 1, one kiln 4
    ("terminal_value", "", "p2"): 0.6 * (40 + 1 + 4),
    ("project_capex", "", "p1"): -3,
    ("project_capex", "", "p2"): -1,
    ("project_opex", "", "p1"): -2 * 0.2,
    ("project_opex", "", "p2"): -2 * 0.2,
    ("booking", "", "p1"): -2 * 850 * 30e-6,
    ("booking", "", "p2"): -2 * 1900 * 30e-6,
    # the profile is 1 in 2030 and 1.2 from 2031; tier 2 pays 90% of 30,000 USD per tonne of the half that is REO
    ("revenue", "calm", "p1"): 900 * 20000e-6 * (1 + 1.2) + 2 * 520 * 0.5 * 30000e-6 * 0.9,
    ("revenue", "calm", "p2"): 1000 * 20000e-6 * 2.4 + 2 * 720 * 0.5 * 30000e-6 * 0.9,
    ("revenue", "squeeze", "p1"): 900 * 20000e-6 * (1 + 1.2) + 2 * 520 * 0.5 * 30000e-6 * 0.9,
    # 0.8 in one of two years is 0.9 over the period
    ("revenue", "squeeze", "p2"): 0.9 * (1000 * 20000e-6 * 2.4 + 2 * 720 * 0.5 * 30000e-6 * 0.9),
    # haul 100 km x 0.1 + 2 = 12 USD/t, rail 80 + 2, air 900, spur 40 + 2
    ("freight", "calm", "p1"): -2e-6 * (10000 * 12 + 800 * 82 + 220 * 900 + 400 * 42),
    ("freight", "calm", "p2"): -2e-6 * (10000 * 12 + 900 * 82 + 320 * 900 + 500 * 42),
    ("freight", "squeeze", "p1"): -2e-6 * (10000 * 12 + 800 * 82 + 220 * 900 + 400 * 42),
    ("freight", "squeeze", "p2"): -2e-6 * (10000 * 12 + 900 * 82 * 1.5 + 320 * 900 + 500 * 42),
    # rail 5 USD/t and 1% of 10,000 USD/t, and 7 USD/t more in the squeeze
    ("fees", "calm", "p1"): -2e-6 * 800 * 105,
    ("fees", "calm", "p2"): -2e-6 * 900 * 105,
    ("fees", "squeeze", "p1"): -2e-6 * 800 * 105,
    ("fees", "squeeze", "p2"): -2e-6 * 900 * 112,
    **{("variable_opex", w, t): -2e-6 * (10000 * 3 + 9500 * 100) for w in ("calm", "squeeze") for t in ("p1", "p2")},
    **{("purchases", w, t): -2e-6 * 950 * 200 for w in ("calm", "squeeze") for t in ("p1", "p2")},
    **{("disposal", w, t): -2e-6 * 3750 * 5 for w in ("calm", "squeeze") for t in ("p1", "p2")},
    **{("utilities", w, "p1"): -2e-6 * (10000 * 50 + 9000 * 90) for w in ("calm", "squeeze")},
    **{("utilities", w, "p2"): -2e-6 * (14000 * 50 + 5000 * 90) for w in ("calm", "squeeze")},
    # mean stock (400 + 600) / 2, then (600 + 200) / 2
    **{("holding", w, "p1"): -2e-6 * 500 * 10 for w in ("calm", "squeeze")},
    **{("holding", w, "p2"): -2e-6 * 400 * 10 for w in ("calm", "squeeze")},
    **{("shortfall", w, "p1"): -2e-6 * 40 * 5000 for w in ("calm", "squeeze")},
}
"""Every term of the good plan at a rate of 0, worked out by hand [MUSD]."""


def own(verdict_terms: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """Terms by name, scenario and period."""
    return {(r.term, r.scenario, r.period): r.musd for r in verdict_terms.itertuples()}


def test_every_term_by_hand() -> None:
    """At a rate of 0 the checker's terms are those worked out by hand, all of them and no others."""
    assert own(judge(undiscounted).terms) == pytest.approx(HAND)


def test_objective_by_hand() -> None:
    """The value is what every future pays plus 0.6 of the calm and 0.4 of the squeezed future."""
    weight = {"": 1.0, "calm": 0.6, "squeeze": 0.4}
    assert judge(undiscounted).objective == pytest.approx(sum(weight[w] * x for (_, w, _), x in HAND.items()))


def test_cost_leaves_revenue_out() -> None:
    """The cost of the plan is the same sum without revenue, its sign turned."""
    verdict = judge(both(undiscounted, add("settings", key="objective", value="cost")))
    weight = {"": 1.0, "calm": 0.6, "squeeze": 0.4}
    cost = -sum(weight[w] * x for (term, w, _), x in HAND.items() if term != "revenue")
    assert verdict.passed
    assert verdict.objective == pytest.approx(cost)


def worths(cost: bool = False) -> dict[str, float]:
    """The value of the plan in each future, by hand; under cost without revenue."""
    told = {key: x for key, x in HAND.items() if not (cost and key[0] == "revenue")}
    return {future: sum(x for (_, w, _), x in told.items() if w in ("", future)) for future in ("calm", "squeeze")}


@pytest.mark.parametrize(
    ("tail", "squeezed"),
    [
        (0.1, 1.0),  # less than the squeeze's probability: it alone
        (0.4, 1.0),  # the squeeze, and nothing of the calm future
        (0.5, 0.4 / 0.5),  # a tenth of the probability comes from the calm future
        (1.0, 0.4),  # all futures: the mean
    ],
)
@pytest.mark.parametrize("cost", [False, True])
def test_the_worst_futures_by_hand(tail: float, squeezed: float, cost: bool) -> None:
    """(1 - 0.3) x expected + 0.3 x the mean of the worst, the squeeze being worse (under cost: the dearer) by hand."""
    worth = worths(cost)
    assert worth["squeeze"] < worth["calm"]
    risk = both(add("settings", key="risk_weight", value=0.3), add("settings", key="risk_tail", value=tail))
    verdict = judge(both(undiscounted, both(risk, add("settings", key="objective", value="cost" if cost else "npv"))))
    expected = 0.6 * worth["calm"] + 0.4 * worth["squeeze"]
    worst = squeezed * worth["squeeze"] + (1 - squeezed) * worth["calm"]
    value = 0.7 * expected + 0.3 * worst
    assert verdict.passed, verdict.failures
    assert verdict.objective == pytest.approx(-value if cost else value)


def test_mean_of_the_worst_by_definition() -> None:
    """Values -8 (0.2), 0 (0.1), 10 (0.7): a tenth is -8; a quarter -8 and a part of 0; a half all three, in parts."""
    futures = [(10.0, 0.7), (-8.0, 0.2), (0.0, 0.1)]
    assert money.worst_mean(futures, 0.1) == pytest.approx(-8)
    assert money.worst_mean(futures, 0.25) == pytest.approx((0.2 * -8 + 0.05 * 0) / 0.25)
    assert money.worst_mean(futures, 0.5) == pytest.approx((0.2 * -8 + 0.1 * 0 + 0.2 * 10) / 0.5)
    assert money.worst_mean(futures, 1.0) == pytest.approx(0.2 * -8 + 0.7 * 10)


def test_years_are_weighed() -> None:
    """At 10%, end of year: capital of 2030 at 1/1.1; fixed cost at 1/1.1 + 1/1.21, then 1/1.331 + 1/1.4641.

    A closure is paid in 2032 (1/1.331), the end of the mine in 2033 (1/1.4641), the book value at 1/1.1^4. Goods in
    transit: haul 2 of 365 days on 50 USD/t, rail 20 days on 10,000 USD/t, air 2 days, the spur none.
    """
    terms = own(judge().terms)
    p1, p2 = 1 / 1.1 + 1 / 1.21, 1 / 1.331 + 1 / 1.4641
    assert terms["capex", "", "p1"] == pytest.approx(-51 / 1.1)
    assert terms["fixed_opex", "", "p1"] == pytest.approx(-3.5 * p1)
    assert terms["fixed_opex", "", "p2"] == pytest.approx(-3.0 * p2)
    assert terms["closing", "", "p2"] == pytest.approx(-0.4 / 1.331 - 1.0 / 1.4641)
    assert terms["terminal_value", "", "p2"] == pytest.approx(27 / 1.4641)
    carried = 10000 * 50 * 2 + 800 * 10000 * 20 + 220 * 10000 * 2
    assert terms["transit_interest", "calm", "p1"] == pytest.approx(-carried * 0.1 / 365 * p1 * 1e-6)
    longer = 10000 * 50 * 2 + 900 * 10000 * 30 + 320 * 10000 * 2
    assert terms["transit_interest", "squeeze", "p2"] == pytest.approx(-longer * 0.1 / 365 * p2 * 1e-6)


def test_capital_is_spent_while_building() -> None:
    """A spur of two years' building for 2032: half its 3 MUSD in 2030 and half in 2031, nothing after."""
    ready_later = both(undiscounted, put("projects", 0, build_years=2))
    terms = own(judge(ready_later, put("projects", 0, period="p2")).terms)
    assert ("project_capex", "", "p1") not in terms
    assert terms["project_capex", "", "p2"] == pytest.approx(-3 - 1)


def test_a_closed_unit_does_not_end_twice() -> None:
    """Kilns with a life of three years: the one closed in 2032 pays then, the other in 2033; none pays twice."""
    terms = own(judge(both(undiscounted, put("processes", 3, lifetime_years=3))).terms)
    assert terms["closing", "", "p2"] == pytest.approx(-(1.0 + 0.4 + 0.4))
    assert terms["fixed_opex", "", "p2"] == pytest.approx(-(2 * 2.5 + 1 * 0.5))


def lie(change: Callable[[Case, Solution], tuple[Case, Solution]]) -> set[str]:
    """The rules that fail after a change to the good plan as told."""
    return {f.rule for f in verify(*change(*good())).failures}


def with_terms(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Case, Solution], tuple[Case, Solution]]:
    """The plan with other terms."""
    return lambda case, plan: (
        case,
        replace(plan, tables={**plan.tables, "terms": change(plan.tables["terms"].copy())}),
    )


def one_off(frame: pd.DataFrame) -> pd.DataFrame:
    """The first term 0.1% larger."""
    frame.loc[0, "musd"] *= 1.001
    return frame


LIES: dict[str, tuple[Callable[[Case, Solution], tuple[Case, Solution]], set[str]]] = {
    "a term 0.1% off": (with_terms(one_off), {money.TERMS}),
    "a term left out": (with_terms(lambda f: f.iloc[1:]), {money.TERMS}),
    "a term nobody knows": (with_terms(lambda f: f.assign(term=f["term"].replace("booking", "bribe"))), {money.TERMS}),
    "a term in the wrong future": (
        with_terms(lambda f: f.assign(scenario=f["scenario"].replace("squeeze", ""))),
        {money.TERMS},
    ),
    "a better objective": (
        lambda c, p: (c, replace(p, objective=p.objective * 1.001, bound=p.objective * 1.001)),
        {money.OBJECTIVE},
    ),
    "the expected value told where the worst counts": (
        lambda c, p: (replace(c, terms=replace(c.terms, risk_weight=0.5)), p),
        {money.OBJECTIVE},
    ),
    "the wrong sense": (lambda c, p: (c, replace(p, sense="minimize")), {money.SENSE}),
    "a bound below the value": (
        lambda c, p: (c, replace(p, status="feasible", bound=p.objective - 1, gap=1 / p.objective)),
        {money.BOUND},
    ),
    "no bound told as proof": (
        lambda c, p: (c, replace(p, bound=float("inf"), gap=float("inf"))),
        {money.PROOF},
    ),
    "a gap that is not there": (lambda c, p: (c, replace(p, gap=1e-5)), {money.GAP}),
    "an optimum that is none": (
        lambda c, p: (c, replace(p, bound=p.objective * 1.01, gap=0.01)),
        {money.PROOF},
    ),
    "futures that do not add up": (
        lambda c, p: (replace(c, scenarios=tuple(replace(s, probability=0.7) for s in c.scenarios)), p),
        {money.FUTURES, money.OBJECTIVE},
    ),
    "a column left out": (
        lambda c, p: (c, replace(p, tables={**p.tables, "closures": p.tables["closures"].drop(columns="units")})),
        {tables.COMPLETE, money.TERMS, money.OBJECTIVE},
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_about_money_are_caught(name: str) -> None:
    """A plan that tells its money, bound or futures wrongly fails the rules named, and no others."""
    change, rules = LIES[name]
    assert lie(change) == rules


def test_a_plan_stopped_without_a_bound_may_pass() -> None:
    """A plan found before any bound was known is honest about it: no end to the gap, and no claim of proof."""
    case, plan = good()
    assert verify(case, replace(plan, status="interrupted", bound=float("inf"), gap=float("inf"))).passed


def test_every_rule_has_a_test_that_breaks_it() -> None:
    """No rule of the checker stands untried: each is broken alone (or with what follows from it) in these files."""
    broken = {
        rule
        for module in (test_goods_rules, test_plant_rules, test_link_rules, test_policy_rules)
        for b in module.BREAKS
        for rule in b.rules
    }
    broken |= {rule for _, rules in LIES.values() for rule in rules}
    assert set(judge(test_policy_rules.BREAKS[0].into).by_rule) == broken
