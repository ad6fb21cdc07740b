"""Unit costs worked out by hand: joint products, residues, loops, ways out; and that every term adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest
from random_worlds import random_world

from khovor.case import Case, stages
from khovor.errors import KhovorError
from khovor.finance.charges import charges
from khovor.finance.kinds import KINDS
from khovor.finance.unit_cost import OTHER_STEPS, REVENUE, RUNNING, STEPS, UnitCosts, unit_costs
from khovor.solution import Solution
from khovor.verify.tables import accepted, read
from khovor.verify.view import View
from report.report_cases import content_of, everything, two_ways
from support import Rows, case_of, one_mine, solve_and_check


def costs_of(tables: Mapping[str, Rows], **settings: object) -> tuple[Case, Solution, UnitCosts]:
    """A case, its plan and what a kilogram costs."""
    case = case_of(tables, **settings)
    solution, verification = solve_and_check(case)
    assert verification.passed, verification.failures[:3]
    return case, solution, unit_costs(View(case, accepted(case, solution)))


def per_kg(found: UnitCosts, product: str) -> dict[str, float]:
    """Cost of a product [USD/kg], and each step of it that is not nothing."""
    (row,) = found.table("product").query("product == @product").to_dict("records")
    return {"cost": row["cost"], **{step: row[step] for step in found.steps if abs(row[step]) > 1e-9}}


def paid(case: Case, solution: Solution) -> dict[str, float]:
    """What a plan pays of each term but revenue, expected [MUSD]."""
    odds = {s.name: s.probability for s in case.scenarios} | {"": 1.0}
    sums: dict[str, float] = defaultdict(float)
    for row in solution.terms.itertuples():
        if row.term != REVENUE:
            sums[row.term] -= odds[row.scenario] * row.musd
    return sums


def adds_up(case: Case, solution: Solution, found: UnitCosts) -> None:
    """Each term of all kilograms is that of the plan, and kilograms x cost is the whole, to 1e-9."""
    told = found.costs.groupby("term")["musd"].sum().to_dict()
    terms = paid(case, solution)
    for term, musd in terms.items():
        assert told.get(term, 0.0) == pytest.approx(musd, rel=1e-9, abs=1e-12), term
    for keys in (("product",), ("product", "market", "corridor"), ("product", "period")):
        table = found.table(*keys)
        if not table.empty:
            whole = float((table["t"] * table["cost"]).sum()) / 1000.0
            assert whole == pytest.approx(sum(terms.values()), rel=1e-9, abs=1e-12)


def test_one_mine() -> None:
    """100 t for 1 MUSD of capital and 1,000 USD/t of freight: 10 + 1 = 11 USD/kg; it brings 20."""
    *_, found = costs_of(one_mine())
    assert per_kg(found, "ore") == pytest.approx({"cost": 11.0, "Freight": 1.0, "Capital charge": 10.0})
    assert found.table("product").loc[0, "price"] == pytest.approx(20.0)


def test_capital_is_levelised() -> None:
    """At 10%, one MUSD in the first of two years over 100 (1/1.1 + 1/1.21) discounted t, the same in both years."""
    periods = [{"period": str(y), "start_year": y, "years": 1} for y in (2030, 2031)]
    *_, found = costs_of(one_mine(periods=periods), discount_rate=0.1)
    charge = (1.0 / 1.1) / (100.0 * (1.0 / 1.1 + 1.0 / 1.21)) * 1000.0
    assert found.table("product", "period")["Capital charge"].tolist() == pytest.approx([charge, charge])


def joint(values: tuple[float, float], **changes: Rows) -> dict[str, Rows]:
    """The mine makes a tonne of each of two products, both sold on the spot, of these reference values."""
    both = ("heavy", "light")
    return one_mine(
        **{
            "products": [{"product": p, "value_usd_t": v} for p, v in zip(both, values, strict=True)],
            "recipes": [{"process": "mine", "recipe": "dig", "product": p, "t_per_t": 1} for p in both],
            "lanes": [],
            "markets": [{"node": "D", "product": p, "price_usd_t": 20000} for p in both],
            **changes,
        }
    )


def test_joint_costs_by_value() -> None:
    """Values of 3:1 share 1 MUSD: 7.5 and 2.5 USD/kg; a product of no value beside one that has some gets none."""
    *_, found = costs_of(joint((3000.0, 1000.0)))
    assert per_kg(found, "heavy")["cost"] == pytest.approx(7.5)
    assert per_kg(found, "light")["cost"] == pytest.approx(2.5)


def test_value_is_that_of_buyers_where_there_is_no_other() -> None:
    """Without reference values the buyers' prices count, 20,000 each: half and half."""
    *_, found = costs_of(joint((0.0, 0.0)))
    assert per_kg(found, "heavy")["cost"] == pytest.approx(5.0)


def test_what_is_disposed_of_carries_nothing() -> None:
    """Half of the light product finds no buyer and is thrown away at 400 USD/t: weights 100 x 3 to 50 x 1.

    1 MUSD + 50 t x 400 = 1.02 MUSD. What is thrown away is charged where it lies: the light carries its 0.02 MUSD.
    """
    changes: dict[str, Rows] = {
        "products": [
            {"product": "heavy", "value_usd_t": 3000},
            {"product": "light", "value_usd_t": 1000, "disposal_usd_t": 400},
        ],
        "markets": [
            {"node": "D", "product": "heavy", "price_usd_t": 20000},
            {"node": "D", "product": "light", "price_usd_t": 20000, "max_t_y": 50},
        ],
    }
    case, solution, found = costs_of(joint((0.0, 0.0), **changes))
    assert per_kg(found, "heavy") == pytest.approx({"cost": 60 / 7, "Capital charge": 60 / 7})
    assert per_kg(found, "light") == pytest.approx({"cost": 20 / 7 + 0.4, "Capital charge": 20 / 7, "Residues": 0.4})
    adds_up(case, solution, found)


def test_a_residue_is_a_cost_of_what_was_made_with_it() -> None:
    """Half a tonne of tails for each of ore, hauled away for 100 and treated for 300 USD/t: 0.2 USD/kg more of ore."""
    tables = one_mine(
        products=[{"product": "ore"}, {"product": "tails"}],
        nodes=[
            {"node": "D", "kind": "deposit", "territory": "MN"},
            {"node": "P", "kind": "site", "territory": "MN"},
            {"node": "M", "kind": "market", "territory": "US"},
        ],
        processes=[{"process": "mine"}, {"process": "pond"}],
        recipes=[
            {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
            {"process": "mine", "recipe": "dig", "product": "tails", "t_per_t": 0.5},
            {"process": "pond", "recipe": "keep", "product": "tails", "t_per_t": -1},
        ],
        sizes=[
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "pond", "size": "s", "capacity_t_y": 100, "variable_opex_usd_t": 300},
        ],
        sites=[{"node": "D", "process": "mine"}, {"node": "P", "process": "pond"}],
        lanes=[
            {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000},
            {"lane": "D-P", "from": "D", "to": "P", "mode": "road", "usd_t": 100},
        ],
    )
    case, solution, found = costs_of(tables)
    expected = {"cost": 11.2, "Freight": 1.05, "Residues": 0.15, "Capital charge": 10.0}
    assert per_kg(found, "ore") == pytest.approx(expected)
    adds_up(case, solution, found)


def test_a_loop_is_solved() -> None:
    """Spent acid is made new, half goes round again, half is sold; concentrate is worth three times spent acid.

    Mill: m = 1 + a/2 [MUSD]; spent, and so acid: a = m/4; m = 8/7: concentrate 6/7 on 100 t, acid sold 1/7 on 50 t.
    """
    products = {"conc": 3000, "spent": 1000, "acid": 500}
    tables = one_mine(
        products=[{"product": p, "value_usd_t": v} for p, v in products.items()],
        processes=[{"process": "mill"}, {"process": "regen"}],
        recipes=[
            {"process": "mill", "recipe": "run", "product": p, "t_per_t": t}
            for p, t in {"conc": 1, "spent": 1, "acid": -0.5}.items()
        ]
        + [
            {"process": "regen", "recipe": "run", "product": p, "t_per_t": t}
            for p, t in {"spent": -1, "acid": 1}.items()
        ],
        sizes=[
            {"process": "mill", "size": "s", "capacity_t_y": 100, "capex_musd": 1},
            {"process": "regen", "size": "s", "capacity_t_y": 100},
        ],
        sites=[{"node": "D", "process": p} for p in ("mill", "regen")],
        lanes=[],
        markets=[{"node": "D", "product": p, "price_usd_t": 20000} for p in ("conc", "acid")],
        purchases=[{"node": "D", "product": "acid", "price_usd_t": 1e6}],
    )
    case, solution, found = costs_of(tables)
    assert per_kg(found, "conc")["cost"] == pytest.approx(60 / 7)
    assert per_kg(found, "acid")["cost"] == pytest.approx(20 / 7)
    adds_up(case, solution, found)


def test_ways_out_have_costs_of_their_own() -> None:
    """Ore 1.0 and acid 0.055 USD/kg either way; by road and sea 0.03 more, in the air 0.5."""
    content = content_of(two_ways())
    found = unit_costs(content.view)
    costs = found.table("product", "market", "corridor").set_index("corridor")["cost"].to_dict()
    assert costs == pytest.approx({"X > P > G": 1.085, "G": 1.555})
    adds_up(content.case, content.solution, found)


def test_every_feature_adds_up() -> None:
    """Stocks, losses, slots, a project, closures, book value, two futures: term by term."""
    content = content_of(everything(), discount_rate=0.1, terminal_value="book")
    adds_up(content.case, content.solution, unit_costs(content.view))


def test_nothing_sold_is_said() -> None:
    """A mine that stands idle costs its upkeep, which no kilogram carries: it stands in a lot of no product."""
    case, solution, found = costs_of(
        one_mine(
            sizes=[{"process": "mine", "size": "s", "capacity_t_y": 100, "fixed_opex_musd_y": 0.5, "capex_musd": 1}],
            sites=[{"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1}],
            markets=[],
        )
    )
    assert found.table("product").empty
    assert found.lots["product"].tolist() == [""]
    adds_up(case, solution, found)


PLACELESS = {"shortfall", "penalty", "project_capex", "project_opex", "booking"}
"""Terms that may have no place of their own in a plan."""


@pytest.mark.parametrize("seed", range(40))
def test_random_worlds_add_up(seed: int) -> None:
    """Whatever the world, each term adds up; and every charge but those of no place is found where it is paid."""
    tables, settings = random_world(seed)
    case = case_of(tables, **settings)
    try:
        solution, _ = solve_and_check(case)
    except KhovorError:
        pytest.skip("this world has no plan")
    adds_up(case, solution, unit_costs(View(case, accepted(case, solution))))
    placed: dict[str, float] = defaultdict(float)
    for charge in charges(View(case, read(case, solution)[0])):
        placed[charge.term] += charge.musd
    for term, musd in paid(case, solution).items():
        if term not in PLACELESS:
            assert placed[term] == pytest.approx(musd, rel=1e-9, abs=1e-12), term


def test_stages_of_a_chain() -> None:
    """Ore, concentrate, then oxides in two circuits that are one stage; the acid plant and the pond are in none."""
    made = {
        "mine": {"ore": 1},
        "mill": {"ore": -1, "conc": 0.5, "acid": -0.1},
        "first": {"conc": -1, "light": 0.4, "rest": 0.3, "mud": 0.3},
        "second": {"rest": -1, "heavy": 0.5},
        "smelter": {"light": -1, "metal": 0.8},
        "burner": {"acid": 1},
        "pond": {"mud": -1},
    }
    worth = {"ore": 10, "conc": 100, "light": 900, "rest": 500, "heavy": 5000, "metal": 1500, "acid": 20, "mud": 0}
    case = case_of(
        one_mine(
            products=[
                {"product": p, "value_usd_t": v, "traced": "yes" if p in ("ore", "conc", "rest") else "no"}
                for p, v in worth.items()
            ],
            deposits=[{"node": "D", "product": "ore"}],
            processes=[{"process": k} for k in made],
            recipes=[
                {"process": k, "recipe": "run", "product": p, "t_per_t": t}
                for k, balance in made.items()
                for p, t in balance.items()
            ],
            sizes=[{"process": k, "size": "s", "capacity_t_y": 100} for k in made],
            sites=[{"node": "D", "process": k} for k in made],
            markets=[{"node": "M", "product": "metal", "price_usd_t": 1}],
        )
    )
    found = [(stage.product, stage.processes) for stage in stages(case)]
    assert found == [
        ("ore", ("mine",)),
        ("conc", ("mill",)),
        ("light", ("first", "second")),
        ("metal", ("smelter",)),
    ]


def test_every_term_has_a_step() -> None:
    """Each term of cost is the running cost of a process, or has a step of its own."""
    costs = {term for term, kind in KINDS.items() if kind != "account"} - {REVENUE}
    assert costs == set(STEPS) | set(RUNNING)
    assert set(STEPS.values()) <= set(OTHER_STEPS)


def test_tax_and_support_are_steps_of_their_own() -> None:
    """11 USD/kg before them; royalty 5% of 20, tax 25% of 100 t x 19 - 0.1 - 1 MUSD; a grant of 0.3 MUSD takes 3."""
    fiscal = [
        {"key": "royalty", "value": 0.05},
        {"key": "income_tax", "value": 0.25},
        {"key": "depreciation_years", "value": 1},
    ]
    grant = {"instrument": "G", "kind": "grant", "budget_musd": 0.3}
    case, solution, found = costs_of(one_mine(fiscal=fiscal, instruments=[grant]))
    steps = {"Freight": 1.0, "Capital charge": 10.0, "Tax": 1.0 + 2.0, "Support and loans": -3.0}
    assert per_kg(found, "ore") == pytest.approx({"cost": 11.0, **steps})
    adds_up(case, solution, found)


def test_a_levy_is_of_the_sale_that_owes_it() -> None:
    """Export duty of 10% on what is sold abroad for 20 USD/kg; what is sold at home carries none."""
    tables = one_mine(fiscal=[{"key": "export_duty", "value": 0.1}])
    markets = [{"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 50}]
    markets += [{"node": "D", "product": "ore", "price_usd_t": 10000}]
    case, solution, found = costs_of({**tables, "markets": markets}, home_territory="MN")
    duty = found.table("product", "market", "corridor").set_index("market")["Tax"].to_dict()
    assert duty == pytest.approx({"M": 2.0, "D": 0.0})
    adds_up(case, solution, found)
