"""Contents and recoveries by hand: chains of assays, tonnes of output per tonne of input, one recipe per origin."""

from __future__ import annotations

import pytest

from khovor.case import Case, Commodity, Recipe
from khovor.case.composition import Assay, Composition
from khovor.errors import InputError
from support import case_of, one_mine

CHAIN = Composition.of(
    [
        Assay("D", "ore", "TREO", 0.02, ""),
        Assay("D", "", "NdPr", 0.19, "TREO"),
        Assay("D", "", "Nd", 0.75, "NdPr"),
        Assay("", "mixed", "TREO", 0.9, ""),
        Assay("", "", "NdPr", 0.25, "TREO"),
        Assay("E", "ore", "A", 0.5, "B"),
        Assay("E", "ore", "B", 0.5, "A"),
    ]
)


@pytest.mark.parametrize(
    ("product", "origin", "component", "content"),
    [
        ("ore", "D", "TREO", 0.02),
        ("ore", "D", "NdPr", 0.02 * 0.19),
        ("ore", "D", "Nd", 0.02 * 0.19 * 0.75),
        ("mixed", "D", "NdPr", 0.9 * 0.19),
        ("mixed", "", "NdPr", 0.9 * 0.25),
        ("mixed", "E", "NdPr", 0.9 * 0.25),
        ("ore", "E", "NdPr", None),
        ("tails", "D", "NdPr", None),
        ("ore", "E", "A", None),
        ("ore", "D", "Dy", None),
        ("tails", "", "", 1.0),
    ],
)
def test_content_along_the_chain(product: str, origin: str, component: str, content: float | None) -> None:
    """A content is the product of the fractions; a chain that is broken or goes round counts as no assay."""
    found = CHAIN.content(product, origin, component)
    assert found == (None if content is None else pytest.approx(content))


def test_the_row_that_names_more_goes_first() -> None:
    """Product and origin, then product, then origin, then neither; the order of the rows does not matter."""
    rows = [
        Assay("", "", "X", 0.1, ""),
        Assay("D", "", "X", 0.2, ""),
        Assay("", "ore", "X", 0.3, ""),
        Assay("D", "ore", "X", 0.4, ""),
    ]
    for order in (rows, rows[::-1]):
        found = Composition.of(order)
        contents = [found.content(*key, "X") for key in (("ore", "D"), ("ore", "E"), ("tails", "D"), ("tails", "E"))]
        assert contents == [0.4, 0.3, 0.2, 0.1]


def two_deposits() -> Case:
    """Ore of 2% at D and 5% at E, milled at B: 60% recovered into a concentrate of 30% that keeps its origin."""
    return case_of(
        one_mine(
            products=[
                {"product": "ore", "traced": "yes"},
                {"product": "conc", "traced": "yes"},
                {"product": "oxide"},
                {"product": "acid"},
                {"product": "tails", "disposal_usd_t": 0},
            ],
            nodes=[
                {"node": "D", "kind": "deposit"},
                {"node": "E", "kind": "deposit"},
                {"node": "F", "kind": "deposit"},
                {"node": "B", "kind": "site"},
                {"node": "M", "kind": "market"},
            ],
            assays=[
                {"origin": "D", "product": "ore", "component": "REO", "fraction": 0.02},
                {"origin": "E", "product": "ore", "component": "REO", "fraction": 0.05},
                {"product": "conc", "component": "REO", "fraction": 0.3},
            ],
            deposits=[{"node": n, "product": "ore"} for n in ("D", "E", "F")],
            processes=[{"process": "mine"}, {"process": "mill"}, {"process": "crack"}],
            recipes=[
                {"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1},
                {"process": "mill", "recipe": "float", "product": "ore", "t_per_t": -1},
                {"process": "mill", "recipe": "float", "product": "conc", "t_per_t": 0.6, "recovers": "REO"},
                {"process": "mill", "recipe": "float", "product": "tails", "t_per_t": 0.9},
                {"process": "crack", "recipe": "acid", "product": "conc", "t_per_t": -2},
                {"process": "crack", "recipe": "acid", "product": "acid", "t_per_t": -1.5, "recovers": "REO"},
                {"process": "crack", "recipe": "acid", "product": "oxide", "t_per_t": 0.8, "recovers": "REO"},
            ],
            sizes=[{"process": p, "size": "s", "capacity_t_y": 100} for p in ("mine", "mill", "crack")],
            sites=[
                *({"node": n, "process": "mine"} for n in ("D", "E", "B")),
                {"node": "B", "process": "mill"},
                {"node": "B", "process": "crack"},
            ],
            lanes=[
                *({"lane": f"{n}-B", "from": n, "to": "B", "mode": "road"} for n in ("D", "E")),
                {"lane": "B-M", "from": "B", "to": "M", "mode": "road"},
            ],
            markets=[
                {"node": "M", "product": "oxide", "price_usd_t": 1},
                {"node": "M", "product": "ore", "price_usd_t": 1, "component": "REO"},
            ],
        )
    )


def recipes(case: Case, node: str, process: str) -> dict[str, Recipe]:
    """Recipes of a plant by origin."""
    return {r.origin: r for p in case.plants if p.key[:2] == (node, process) for r in p.recipes}


def test_recovery_per_origin() -> None:
    """60% of 2% (5%) into concentrate of 30%: 0.04 (0.10) t per t of ore; F has no assay and cannot be milled."""
    found = recipes(two_deposits(), "B", "mill")
    assert set(found) == {"D", "E"}
    for origin, yielded in (("D", 0.6 * 0.02 / 0.3), ("E", 0.6 * 0.05 / 0.3)):
        assert found[origin].balance == {
            Commodity("ore", origin): -1.0,
            Commodity("conc", origin): pytest.approx(yielded),
            Commodity("tails", ""): 0.9,
        }


def test_recovery_of_all_inputs_and_need_by_content() -> None:
    """Two tonnes of 30% carry 0.6 t REO: 80% of that is oxide (no assay: content 1), and each takes 1.5 t of acid."""
    balance = recipes(two_deposits(), "B", "crack")["D"].balance
    assert balance[Commodity("oxide", "")] == pytest.approx(0.48)
    assert balance[Commodity("acid", "")] == pytest.approx(-0.9)
    assert balance[Commodity("conc", "D")] == -2.0


def test_recovery_into_what_holds_none_is_refused() -> None:
    """A concentrate of 0% cannot hold what is recovered: an error at the recipe, not a content of 1."""
    assays = [
        {"product": "ore", "component": "REO", "fraction": 0.02},
        {"product": "conc", "component": "REO", "fraction": 0},
    ]
    recipe = {"process": "mine", "recipe": "float"}
    recipes = [
        {**recipe, "product": "ore", "t_per_t": -1},
        {**recipe, "product": "conc", "t_per_t": 0.6, "recovers": "REO"},
    ]
    with pytest.raises(InputError, match="recovers REO into conc, which by its assay holds none") as refused:
        case_of(one_mine(products=[{"product": "ore"}, {"product": "conc"}], assays=assays, recipes=recipes))
    assert refused.value.issues[0].sheet == "recipes"


def test_ore_comes_only_out_of_its_own_ground() -> None:
    """A mine digs the ore of the deposit it stands on; one that stands on none has no recipe."""
    case = two_deposits()
    assert set(recipes(case, "D", "mine")) == {"D"}
    assert set(recipes(case, "E", "mine")) == {"E"}
    assert recipes(case, "B", "mine") == {}


def test_markets_price_the_content_of_each_origin() -> None:
    """A tier that pays for REO knows 2% and 5%, and takes nothing of unknown content; one that does not pays for 1."""
    oxide, ore = two_deposits().markets
    assert oxide.content == {"": 1.0}
    assert ore.content == {"D": 0.02, "E": 0.05}


def test_utilities_of_a_recipe_add_up() -> None:
    """A row without a recipe counts for each of the process's recipes, on top of a row that names one."""
    tables = one_mine(
        recipes=[{"process": "mine", "recipe": r, "product": "ore", "t_per_t": 1} for r in ("dig", "blast")],
        utilities=[{"utility": "power", "unit": "kWh"}],
        utility_use=[
            {"process": "mine", "utility": "power", "use_per_t": 3},
            {"process": "mine", "recipe": "blast", "utility": "power", "use_per_t": 2},
        ],
        utility_supply=[{"node": "D", "utility": "power", "price_usd": 1}],
    )
    assert {r.name: r.utilities for r in case_of(tables).plants[0].recipes} == {
        "dig": {"power": 3.0},
        "blast": {"power": 5.0},
    }
