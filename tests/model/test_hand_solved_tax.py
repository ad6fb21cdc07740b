"""Tax schedules worked out by hand: one mine over six years, its levies, losses, holidays and the state's share."""

from __future__ import annotations

import random

import pytest
from random_worlds import random_world

from khovor.case import Case
from khovor.finance import cash_flow
from khovor.finance.unit_cost import unit_costs
from khovor.formulation import build
from khovor.network import derive
from khovor.solution import Solution
from khovor.solve import Recourse
from khovor.verify.tables import accepted
from khovor.verify.view import View
from support import Rows, case_of, one_mine, solve_and_check, solved, term

Regime = list[tuple[str, str, float]]

TAX: Regime = [("income_tax", "", 0.25), ("depreciation_years", "", 2)]


def rows(regime: Regime) -> Rows:
    """A regime as rows of the table."""
    return [dict(zip(("key", "applies_to", "value"), row, strict=True)) for row in regime]


def mine(regime: Regime, lengths: tuple[int, ...] = (1,) * 6, **changes: Rows) -> dict[str, Rows]:
    """100 t/y at 11,000 - 1,000 USD/t = 1 MUSD a year from 2030 to 2035, for 3 MUSD in 2030."""
    starts = [2030 + sum(lengths[:i]) for i in range(len(lengths))]
    tables: dict[str, Rows] = {
        "periods": [
            {"period": str(start), "start_year": start, "years": n} for start, n in zip(starts, lengths, strict=True)
        ],
        "sizes": [{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 3}],
        "markets": [{"node": "M", "product": "ore", "price_usd_t": 11000}],
        "fiscal": rows(regime),
    }
    return one_mine(**{**tables, **changes})


def of_mine(regime: Regime, lengths: tuple[int, ...] = (1,) * 6, **changes: Rows) -> Solution:
    """The checked plan of that mine."""
    return solved(mine(regime, lengths, **changes), home_territory="MN")


def years(plan: Solution, line: str) -> list[float]:
    """A line of the result table `fiscal`, from 2030 to 2035 [MUSD]."""
    frame = plan.fiscal[plan.fiscal["term"] == line]
    told = dict(zip(frame["year"], frame["musd"], strict=True))
    return [told.get(year, 0.0) for year in range(2030, 2036)]


SCHEDULES: list[tuple[str, Regime, list[float]]] = [
    # 1.5 a year is written off in 2030 and 2031: 0.5 lost in each, used in 2032
    ("for ever", [], [0, 0, 0, 1, 1, 1]),
    # the loss of 2030 is too old in 2032
    ("one year", [("loss_carry_forward_years", "", 1)], [0, 0, 0.5, 1, 1, 1]),
    ("two years", [("loss_carry_forward_years", "", 2)], [0, 0, 0, 1, 1, 1]),
    ("never", [("loss_carry_forward_years", "", 0)], [0, 0, 1, 1, 1, 1]),
    # half of a year's income at most: 0.5 in 2032 and in 2033
    ("half", [("loss_use_share", "", 0.5)], [0, 0, 0.5, 0.5, 1, 1]),
    # the oldest first: 0.5 of 2030 in 2032, 0.5 of 2031 in 2033
    ("half, two years", [("loss_use_share", "", 0.5), ("loss_carry_forward_years", "", 2)], [0, 0, 0.5, 0.5, 1, 1]),
    # 0.5 of either is lost in 2032: that of 2030 is used, that of 2031 too old in 2033
    ("half, one year", [("loss_use_share", "", 0.5), ("loss_carry_forward_years", "", 1)], [0, 0, 0.5, 1, 1, 1]),
]


@pytest.mark.parametrize(("name", "more", "base"), SCHEDULES, ids=[name for name, *_ in SCHEDULES])
@pytest.mark.parametrize("lengths", [(1,) * 6, (2, 4), (6,)])
def test_losses(name: str, more: Regime, base: list[float], lengths: tuple[int, ...]) -> None:
    """The income taxed in each year, by hand, however the years are cut into periods."""
    plan = of_mine([*TAX, *more], lengths)
    assert years(plan, "income_tax") == pytest.approx([-0.25 * x for x in base])
    assert years(plan, "depreciation") == pytest.approx([1.5, 1.5, 0, 0, 0, 0])
    assert plan.objective == pytest.approx(3.0 - 0.25 * sum(base))


def test_an_old_loss_is_not_made_young() -> None:
    """At 10% with losses of one year the tax is that of the law, though a larger gain and loss would save some."""
    plan = solved(mine([*TAX, ("loss_carry_forward_years", "", 1)]), home_territory="MN", discount_rate=0.1)
    assert years(plan, "income_tax") == pytest.approx([0, 0, -0.125, -0.25, -0.25, -0.25])


def test_depreciation_ends_with_the_unit() -> None:
    """Of 3 MUSD over 10 years a life of 3 leaves 2.4 for its last year: -1.4 then, and tax on 0.7 twice."""
    regime: Regime = [("income_tax", "", 0.25), ("depreciation_years", "", 10)]
    lives: Rows = [{"process": "mine", "lifetime_years": 3}]
    price: Rows = [{"node": "M", "product": "ore", "price_usd_t": 21000}]
    plan = of_mine(regime, processes=lives, markets=price, overrides=[{"node": "D", "units": 1}])
    assert years(plan, "depreciation") == pytest.approx([0.3, 0.3, 2.4, 0, 0, 0])
    assert years(plan, "result") == pytest.approx([1.7, 1.7, -0.4, 0, 0, 0])
    assert term(plan, "income_tax") == pytest.approx(-0.25 * 3.4)


def test_a_holiday_leaves_the_site_out() -> None:
    """Two years free at D, ore worth 4,000 USD/t: 0.4 a year is D's, with its depreciation; 0.6 is taxed in each."""
    plan = of_mine([*TAX, ("tax_holiday_years", "D", 2)], products=[{"product": "ore", "value_usd_t": 4000}])
    assert years(plan, "result") == pytest.approx([0.6, 0.6, 1, 1, 1, 1])
    assert term(plan, "income_tax") == pytest.approx(-0.25 * 5.2)


def test_royalty_follows_the_price() -> None:
    """5%, and 3% more from 12,000 USD/t on: 1.1 MUSD at 5% until 2031, then at 13,200 USD/t 1.32 MUSD at 8%."""
    plan = of_mine(
        [("royalty", "", 0.05), ("royalty_step", "ore:12000", 0.03)],
        (3, 3),
        markets=[{"node": "M", "product": "ore", "price_usd_t": 11000, "profile": "up"}],
        profiles=[{"profile": "up", "year": 2032, "factor": 1.2}],
    )
    assert term(plan, "royalty") == pytest.approx(-(2 * 1.1 * 0.05 + 4 * 1.32 * 0.08))


def test_each_product_has_its_own_rate() -> None:
    """A product's row takes the place of the blank one: royalty 2% and not 5%; duty 10%, VAT 4%, abroad alone."""
    regime: Regime = [("royalty", "", 0.05), ("royalty", "ore", 0.02), ("export_duty", "", 0.1), ("vat", "ore", 0.04)]
    plan = of_mine(regime)
    assert [term(plan, name) for name in ("royalty", "export_duty", "vat")] == pytest.approx([-0.132, -0.66, -0.264])
    home = solved(mine(regime), home_territory="US")
    assert [term(home, name) for name in ("royalty", "export_duty", "vat")] == [0.0, 0.0, 0.0]


def test_the_state_is_carried_or_pays() -> None:
    """34% of 1 MUSD a year for nothing; or 34% of everything, the 3 MUSD of capital too."""
    assert term(of_mine([("state_participation", "carried", 0.34)]), "state_participation") == pytest.approx(-0.34 * 6)
    assert term(of_mine([("state_participation", "paid", 0.34)]), "state_participation") == pytest.approx(-0.34 * 3)


def test_a_bad_year_pays_no_dividend() -> None:
    """At 500 USD/t in 2032 a contract makes the mine lose 0.05 MUSD: the state takes 34% of the five good years."""
    plan = of_mine(
        [("state_participation", "carried", 0.34)],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 11000, "profile": "dip", "min_t_y": 100}],
        profiles=[
            {"profile": "dip", "year": 2032, "factor": 500 / 11000},
            {"profile": "dip", "year": 2033, "factor": 1},
        ],
    )
    assert term(plan, "state_participation") == pytest.approx(-0.34 * 5)


def test_no_rows_no_change() -> None:
    """Without rows the model has no more columns and rows than before, and no year is told."""
    plan = of_mine([])
    assert plan.fiscal.empty
    case = case_of(mine([]))
    f = build(case, derive(case))
    assert f.network.separable
    yearly = ("gain", "loss", "used", "pool", "sign", "dividend", "deficit")
    assert not [name for name in yearly if len(f.operation[name])]


def test_a_future_without_weight_pays_the_tax_of_the_law() -> None:
    """Only the worst future counts, at a risk weight of 1: the other's tax is told right all the same."""
    futures: dict[str, Rows] = {
        "scenarios": [{"scenario": "good", "probability": 0.5}, {"scenario": "bad", "probability": 0.5}],
        "events": [{"scenario": "bad", "target_type": "market", "target": "M:ore", "price_factor": 0.9}],
    }
    futures["markets"] = [{"node": "M", "product": "ore", "price_usd_t": 11000, "min_t_y": 100}]
    plan = solved(mine(TAX, **futures), home_territory="MN", risk_weight=1, risk_tail=0.5)
    assert term(plan, "income_tax", "good") == pytest.approx(-0.75)
    assert term(plan, "income_tax", "bad") == pytest.approx(-0.25 * (6 * 0.89 - 3))


def test_operation_alone_is_valued() -> None:
    """A plan held is worth in its future what it was found to be."""
    case = case_of(mine(TAX), home_territory="MN")
    recourse = Recourse(build(case, derive(case)), {("build", (0, 0)): 1.0})
    worth = recourse.worths(0, 0, 1)["certain"]
    assert worth is not None
    assert recourse.once + worth == pytest.approx(2.25)


def regime_of(dice: random.Random) -> Regime:
    """A regime of many parts."""
    parts: list[tuple[float, Regime]] = [
        (0.6, [("royalty", "", 0.05)]),
        (0.4, [("royalty", "conc", 0.1)]),
        (0.5, [("royalty_step", "conc:26000", 0.03)]),
        (0.4, [("export_duty", "ore", 0.1)]),
        (0.4, [("vat", "", 0.04)]),
        (0.5, [("state_participation", dice.choice(["carried", "paid"]), 0.3)]),
    ]
    found = [row for odds, part in parts if dice.random() < odds for row in part]
    if dice.random() < 0.8:
        found += [("income_tax", "", 0.3), ("depreciation_years", "", dice.choice([1, 2, 3, 10]))]
        more: list[tuple[float, tuple[str, str, float]]] = [
            (0.6, ("loss_carry_forward_years", "", dice.choice([0, 1, 2, 3]))),
            (0.4, ("loss_use_share", "", 0.5)),
            (0.4, ("tax_holiday_years", "B", dice.choice([1, 2, 9]))),
        ]
        found += [row for odds, row in more if dice.random() < odds]
    return found


def world(seed: int, regime: Regime) -> Case:
    """A random world under a regime."""
    tables, settings = random_world(seed)
    return case_of({**tables, "fiscal": rows(regime)}, home_territory="MN", **settings)


@pytest.mark.parametrize("seed", range(40))
def test_random_regimes(seed: int) -> None:
    """In random worlds the checker finds the same tax, and cash flow and unit costs add up to the plan's terms."""
    case = world(seed, regime_of(random.Random(seed)))
    solution, verification = solve_and_check(case)
    assert solution.status == "optimal"
    assert verification.passed, verification.failures[:3]
    flow = cash_flow(case, solution)
    told = solution.terms.groupby(["term", "scenario"])["musd"].sum().to_dict()
    odds = {s.name: s.probability for s in case.scenarios} | {"": 1.0}
    for name in {name for name, _ in told} - set(flow.left_out):
        expected = sum(odds[w] * musd for (term_, w), musd in told.items() if term_ == name)
        assert float(flow.term(name) @ flow.factors) == pytest.approx(expected, rel=1e-6, abs=1e-6), name
    cost = -sum(odds[w] * musd for (name, w), musd in told.items() if name != "revenue")
    costs = unit_costs(View(case, accepted(case, solution))).costs
    assert costs["musd"].sum() == pytest.approx(cost, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_higher_rate_never_raises_value(seed: int) -> None:
    """Every rate doubled, a plan is worth no more."""
    tables, settings = random_world(seed)
    tax: Regime = [("royalty", "", 0.03), ("income_tax", "", 0.2), ("depreciation_years", "", 2)]

    def value(factor: float) -> float:
        regime = [(k, a, v if k == "depreciation_years" else v * factor) for k, a, v in tax]
        case = case_of({**tables, "fiscal": rows(regime)}, home_territory="MN", **{**settings, "objective": "npv"})
        return solve_and_check(case)[0].objective

    assert value(2.0) <= value(1.0) + 1e-7
