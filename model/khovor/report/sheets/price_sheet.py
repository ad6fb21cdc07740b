"""What a little more of each bottleneck is worth, in words and with its cell: the prices of the limits in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pandas as pd

from khovor.report.content import Content
from khovor.report.names import crossing
from khovor.report.sheets.book import Book
from khovor.report.sheets.page import TONNES, Head
from khovor.solution import POLICY_RULES
from khovor.units import USD_PER_MUSD

WORDS: Final = {
    "activity_within_capacity": "more capacity of {}",
    "activity_above_minimum_load": "of a higher minimum load of {}",
    "ore_within_reserve": "more ore in the ground at {}",
    "shipments_within_lane": "more room on the {}",
    "shipments_within_gate": "more room at the {}",
    "shipments_within_booking": "more slots that carry at the {}",
    "booking_within_gate": "more slots on offer at the {}",
    "stock_within_room": "more room for {}",
    "stock_left_at_the_end": "more to be left at the end of {}",
    "sales_within_tier": "more demand for {}",
    "contract_delivered": "of a larger contract for {}",
    "use_within_step": "more {}",
    **dict.fromkeys(POLICY_RULES, "over the limit of {}"),
}
"""Every priced rule in words."""

NEEDS_NO_USE: Final = ("contract_delivered", "stock_left_at_the_end", *POLICY_RULES)
"""Rules of the whole plan, or that ask for something: they bind although nothing need run."""

LEAST_USD: Final = 0.5
"""Prices below this are not told."""

Spot = tuple[str, str, str]
"""Input cell, period, future ("" = decided once)."""


def shadow_prices(book: Book, c: Content) -> None:
    """What one unit more of each binding limit adds to expected value, over all and period by period."""
    note = (
        "Given what is built: what one unit more, in each year of the period, adds to the expected discounted value. "
        "It holds for small changes, one at a time. Limits of what stands idle are left out: their price tells nothing."
    )
    page = book.page("Shadow prices", "What a little more would be worth", note)
    subjects = dict(_subjects(c))
    rows: list[list[object]] = []
    for (rule, subject, unit, at), worth, by_period in _priced(c):
        what = WORDS.get(rule, rule + " {}").format(subjects.get(at, subject))
        effect = f"{'adds' if worth > 0 else 'costs'} {abs(worth):,.0f} USD"
        rows.append([f"One {unit} {what} {effect}.", worth, f"USD per {unit}", at, *by_period])
    heads = [Head("In words", width=105), Head("Worth in all [USD]", TONNES), Head("Unit"), Head("Input cell")]
    page.table([*heads, *(Head(f"{y} [USD]", TONNES) for y in c.names.years)], rows, main=True)


def _priced(c: Content) -> list[tuple[tuple[str, str, str, str], float, Sequence[object]]]:
    """(limit, USD in all, USD by period), the largest first; a limit of the whole horizon is blank in each period."""
    duals, used = c.solution.duals, set(_used(c))
    spots = zip(duals["rule"], duals["at"], duals["period"], duals["scenario"], strict=True)
    told = [not period or rule in NEEDS_NO_USE or (at, period, w) in used for rule, at, period, w in spots]
    kept = duals[pd.Series(told, index=duals.index, dtype=bool)]
    keys = ["rule", "subject", "unit", "at"]
    kept = kept.assign(usd=kept["value"].astype(float) * USD_PER_MUSD)
    yearly = c.by_period(kept[kept["period"] != ""], keys, "usd")
    once = kept[kept["period"] == ""].groupby(keys)["usd"].sum()
    found: list[tuple[Any, float, Sequence[object]]] = [(key, sum(values), values) for key, values in yearly]
    found += [(key, float(usd), [""] * len(c.periods)) for key, usd in once.items()]
    return sorted((f for f in found if abs(f[1]) >= LEAST_USD), key=lambda f: -abs(f[1]))


def _used(c: Content) -> Iterator[Spot]:
    """Every limit's cell in every period and future in which something makes use of it."""
    s, case = c.solution, c.case
    lanes, gates = case.lanes, case.gates
    plants = {tuple(p.key): p.at for p in case.plants}
    tiers = {tuple(m.key): m.at for m in case.markets}
    steps = {tuple(u.key): u.at for u in case.utilities}
    piles = {(x.node, x.product): x.at for x in case.stockpiles}
    for r in s.flows.itertuples(index=False):
        yield lanes[r.lane].at, r.period, r.scenario
        if lanes[r.lane].gate:
            yield gates[lanes[r.lane].gate].at, r.period, r.scenario
    yield from ((gates[r.gate].at, r.period, "") for r in s.bookings.itertuples())
    yield from ((plants[r.node, r.process, r.sizes], r.period, r.scenario) for r in s.activity.itertuples())
    yield from ((tiers[r.node, r.product, r.tier, r.row], r.period, r.scenario) for r in s.sales.itertuples())
    yield from ((steps[r.node, r.utility, r.row], r.period, r.scenario) for r in s.utilities.itertuples())
    yield from ((piles[r.node, r.product], r.period, r.scenario) for r in s.stocks.itertuples())


def _subjects(c: Content) -> Iterator[tuple[str, str]]:
    """(input cell, what stands there in words)."""
    names, case = c.names, c.case
    for plant in case.plants:
        yield plant.at, f"{names.step(plant.key.process)} at {names.short(plant.key.node)}"
    for deposit in case.deposits:
        yield deposit.at, names.short(deposit.node)
    for lane in case.lanes.values():
        yield lane.at, f"lane from {names.short(lane.start)} to {names.short(lane.end)} by {lane.mode}"
    for gate in case.gates.values():
        yield gate.at, f"gate {gate.name} ({crossing(case, names, gate.name)})"
    for market in case.markets:
        yield (
            market.at,
            f"{names.product(market.key.product)} at {names.short(market.key.node)}, tier {market.key.tier}",
        )
    for step in case.utilities:
        yield step.at, f"{step.key.utility} at {names.short(step.key.node)}"
    for pile in case.stockpiles:
        yield pile.at, f"{names.product(pile.product)} in stock at {names.short(pile.node)}"
