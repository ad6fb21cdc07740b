"""What policies measure, defined once: how goods enter a territory, value added, when capital is spent, who buys."""

from __future__ import annotations

from typing import Final

from khovor.case.domain import Case, Commodity, Lane, LegKey, Recipe
from khovor.case.years import Horizon

Move = tuple[LegKey, Commodity]
"""A commodity on a leg."""

SEA, AIR, LAND, OVERFLIGHT = "sea", "air", "land", "overflight"

PASSED: Final = ("border", "port", "airport")
"""Kinds of node that name a corridor."""

WATER_WORDS: Final = ("sea", "ship", "ocean", "ferry", "barge", "river", "vessel")
AIR_WORDS: Final = ("air", "flight", "plane", "belly", "freighter")


def travel(lane: Lane) -> str:
    """How a lane moves goods, by the name of its mode: sea, air, or else land."""
    mode = lane.mode.casefold()
    if any(word in mode for word in AIR_WORDS):
        return AIR
    return SEA if any(word in mode for word in WATER_WORDS) else LAND


def way_in(case: Case, leg: LegKey, territory: str) -> str:
    """How a leg enters a territory: land, sea, air or overflight; empty when it does not (or starts inside)."""
    lane = case.lanes[leg.lane]
    if case.nodes[leg.start].territory == territory:
        return ""
    if case.nodes[leg.end].territory == territory:
        return travel(lane)
    if territory in lane.over:
        return OVERFLIGHT if travel(lane) == AIR else travel(lane)
    return ""


def leaves_home(case: Case, leg: LegKey) -> bool:
    """Whether a leg leads from home abroad."""
    home = case.terms.home_territory
    return case.nodes[leg.start].territory == home != case.nodes[leg.end].territory


def net_exports(case: Case) -> dict[Move, int]:
    """Of all moves, those by which goods of home may leave it (1), and those by which they may come back (-1).

    Goods of home are made, bought or in stock there from the start. Exports are net, so that no share of them is
    bettered by sending goods across a border and back; for the same reason what is on offer abroad is no export.
    """
    home = case.terms.home_territory
    onward = _onward(case)
    found = {}
    for start, commodity in _reached(case, onward):
        for leg in onward.get((start, commodity), ()):
            out, back = (case.nodes[node].territory == home for node in leg[1:])
            if out != back:
                found[leg, commodity] = 1 if out else -1
    return found


Place = tuple[str, Commodity]
"""A commodity at a node."""


def _onward(case: Case) -> dict[Place, list[LegKey]]:
    """The legs on which the goods of home may leave each place, by their transport classes."""
    goods = {commodity for _, commodity in home_goods(case)}
    found: dict[Place, list[LegKey]] = {}
    for lane in case.lanes.values():
        carried = [c for c in goods if lane.carries(case.products[c.product].transport_class)]
        for leg in lane.legs:
            for commodity in carried:
                found.setdefault((leg.start, commodity), []).append(leg)
    return found


def home_goods(case: Case) -> set[Place]:
    """Where at home its goods are made, bought or in stock; what is on offer abroad is not among them."""
    made = {(p.key.node, c) for p in case.plants for r in p.recipes for c, t in r.balance.items() if t > 0}
    bought = {(p.key.node, Commodity(p.key.product, p.origin)) for p in case.purchases}
    held = {(s.node, Commodity(s.product, "")) for s in case.stockpiles if s.initial_t > 0}
    home = case.terms.home_territory
    foreign = {commodity for node, commodity in bought if case.nodes[node].territory != home}
    return {(n, c) for n, c in made | bought | held if case.nodes[n].territory == home and c not in foreign}


def _reached(case: Case, onward: dict[Place, list[LegKey]]) -> set[Place]:
    """The places that goods of home can be at."""
    reached = home_goods(case)
    ahead = list(reached)
    while ahead:
        place = ahead.pop()
        for leg in onward.get(place, ()):
            after = (leg.end, place[1])
            if after not in reached:
                reached.add(after)
                ahead.append(after)
    return reached


def alliance(case: Case, name: str) -> frozenset[str]:
    """The territories meant by the name of one, or of a group of them."""
    return frozenset(case.groups.get(name, (name,)))


def reference_value(case: Case, product: str, by_value: bool) -> float:
    """What a tonne counts in a share: 1, or its reference value [USD/t]."""
    return case.products[product].value_usd_t if by_value else 1.0


def value_added(case: Case, recipe: Recipe) -> float:
    """Reference value a tonne of activity adds, inputs taken off [USD/t]; what only loses value adds none."""
    return max(0.0, sum(t * case.products[c.product].value_usd_t for c, t in recipe.balance.items()))


def spending(horizon: Horizon, t: int, build_years: int) -> dict[int, float]:
    """By period, the share of the capital of something available from period t that is spent in it, not discounted.

    What is spent before the first period counts in the first.
    """
    start = horizon.periods[t].start_year
    years = range(start - build_years, start) if build_years else range(start, start + 1)
    shares: dict[int, float] = {}
    for year in years:
        when = next((p for p in horizon.indices if year in horizon.periods[p].span), 0)
        shares[when] = shares.get(when, 0.0) + 1.0 / len(years)
    return shares
