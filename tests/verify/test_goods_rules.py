"""Goods that come from nowhere, vanish, or move and trade where they may not: each caught, by that rule alone."""

from __future__ import annotations

import pytest
from changes import Break, add, both, copy, put, scale
from good_plan import judge

from khovor.verify import existence, tables
from khovor.verify.balance import BALANCE

CRUMB = 0.0005
"""Less than any tolerance on an amount [t/y]: what may not be at all is refused however small."""

BREAKS = (
    Break("a flow 0.1% off", (BALANCE,), out=scale("flows", 0, "t_y", 1.001)),
    Break("concentrate vanishes", (BALANCE,), out=scale("flows", 4, "t_y", 0.999)),
    Break("a loss is forgotten", (BALANCE,), into=put("lanes", 0, loss_share=0.04)),
    Break("a recipe gives less", (BALANCE,), into=put("recipes", 3, t_per_t=0.79)),
    Break("the ore is poorer", (BALANCE,), into=put("assays", 0, fraction=0.09)),
    Break("stock grows by itself", (BALANCE,), out=scale("stocks", 0, "t", 1.1)),
    Break("the first stock is not there", (BALANCE,), into=put("stockpiles", 0, initial_t=300)),
    Break("acid is not bought", (BALANCE,), out=scale("purchases", 0, "t_y", 0.5)),
    Break("waste disappears", (BALANCE,), out=scale("disposals", 1, "t_y", 0.5)),
    Break("a recipe of another plant", (existence.RECIPES,), out=copy("activity", 8, recipe="dig")),
    Break("an origin without that ore", (existence.RECIPES,), out=copy("activity", 4, origin="M", t_y=1.0)),
    Break("an unknown plant", (existence.RECIPES,), out=copy("activity", 4, node="M")),
    Break("an unknown lane", (existence.LANES,), out=copy("flows", 0, lane="canal")),
    Break("a one-way lane run backwards", (existence.LANES,), out=copy("flows", 8, **{"from": "M", "to": "B"})),
    Break("a lane closed that year", (existence.LANES,), into=put("lanes", 2, last_year=2031)),
    Break("a lane not open yet", (existence.LANES,), into=put("lanes", 2, first_year=2032)),
    Break("a commodity nobody makes", (existence.GOODS,), out=copy("flows", 4, origin="M", t_y=CRUMB)),
    Break("a class that is not allowed", (existence.CLASSES,), into=put("lanes", 1, classes="acid")),
    Break("an unknown market row", (existence.SALES,), out=put("sales", 0, row=99)),
    Break("an origin the market cannot price", (existence.SALES,), out=copy("sales", 0, origin="M", t_y=CRUMB)),
    Break("a shortfall without a price", (existence.CONTRACTS,), out=copy("shortfalls", 0, tier=1, row=2, t_y=CRUMB)),
    Break("an offer nobody made", (existence.OFFERS,), out=copy("purchases", 0, row=99, t_y=CRUMB)),
    Break("an offer of another origin", (existence.OFFERS,), out=copy("purchases", 0, origin="M", t_y=CRUMB)),
    Break("a utility from no step", (existence.STEPS,), out=copy("utilities", 0, row=99)),
    Break("a step closed that year", (existence.STEPS,), into=put("utility_supply", 1, last_year=2031)),
    Break("a product without outlet", (existence.OUTLETS,), into=put("products", 3, disposal_usd_t=None)),
    Break("disposal where it is not made", (existence.OUTLETS,), out=copy("disposals", 0, node="D", t_y=CRUMB)),
    Break("stock outside a stockpile", (existence.PILES,), out=copy("stocks", 0, node="M", t=CRUMB)),
    Break("a row twice", (tables.ONCE,), out=both(scale("flows", 0, "t_y", 0.5), copy("flows", 0))),
    Break("a negative amount", (tables.NUMBERS,), out=copy("sales", 0, tier=3, row=4, t_y=-CRUMB)),
    Break("an amount without end", (tables.NUMBERS,), out=copy("sales", 0, tier=3, row=4, t_y=float("inf"))),
    Break("no number at all", (tables.NUMBERS,), out=copy("sales", 0, tier=3, row=4, t_y=float("nan"))),
    Break("an unknown period", (tables.KNOWN_TIMES,), out=copy("sales", 0, period="p9")),
    Break("an unknown future", (tables.KNOWN_TIMES,), out=copy("sales", 0, scenario="boom")),
    Break("an unknown project's year", (tables.KNOWN_TIMES,), out=add("projects", project="grid", period="p9")),
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.what)
def test_broken_goods_are_caught(broken: Break) -> None:
    """The good plan, broken in this way, fails this rule and no other."""
    verdict = judge(broken.into, broken.out)
    assert not verdict.passed
    assert {f.rule for f in verdict.failures} == set(broken.rules), verdict.failures


def test_a_market_closed_that_year() -> None:
    """A tier that closes takes nothing: the sale has no market then, and the tier has no room."""
    verdict = judge(put("markets", 0, last_year=2031))
    assert {f.rule for f in verdict.failures} == {existence.SALES, "sales stay within the tier"}
    assert {(f.period, f.at.split("!")[0]) for f in verdict.failures} == {("p2", "markets")}
