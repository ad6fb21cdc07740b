"""What policies measure, defined once: how goods enter a territory, value added, when capital is spent, who buys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from khovor.case.domain import Case, Commodity, Lane, LegKey, Recipe
from khovor.case.years import Horizon

Move = tuple[LegKey, Commodity]
"""A commodity on a leg."""

SEA, AIR, LAND, OVERFLIGHT = "sea", "air", "land", "overflight"

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


def net_exports(case: Case, moves: Iterable[Move]) -> dict[Move, int]:
    """Of these moves, those that lead from home abroad (1), and those on which such goods may come back (-1).

    Exports are net, so that no share of them is bettered by sending goods across a border and back.
    """
    listed, home = list(moves), case.terms.home_territory
    abroad = _spread_from(listed, lambda node: case.nodes[node].territory == home, lambda leg: True)
    found = {}
    for leg, commodity in listed:
        out, back = (case.nodes[node].territory == home for node in leg[1:])
        if out != back and (out or (leg.start, commodity) in abroad):
            found[leg, commodity] = 1 if out else -1
    return found


def _spread_from(
    moves: Iterable[Move], begins: Callable[[str], bool], passes: Callable[[LegKey], bool]
) -> set[tuple[str, Commodity]]:
    """The places a commodity can be at that is moved from where it `begins` over legs it `passes`."""
    onward: dict[tuple[str, Commodity], list[LegKey]] = {}
    for leg, commodity in moves:
        onward.setdefault((leg.start, commodity), []).append(leg)
    ahead = [place for place in onward if begins(place[0])]
    reached = set(ahead)
    while ahead:
        place = ahead.pop()
        for leg in filter(passes, onward.get(place, ())):
            after = (leg.end, place[1])
            if after not in reached:
                reached.add(after)
                ahead.append(after)
    return reached


def first_entries(case: Case, moves: Iterable[Move], subject: str) -> set[Move]:
    """Of these moves, those by which goods that left home enter a territory for the first time, in the way meant.

    `subject` is `territory` or `territory:way`. A leg on which goods can only be that were in the territory before, or
    never at home, is no entry; where both can be it is one: what enters is never counted too low.
    """
    territory, _, way = subject.partition(":")
    listed, home = list(moves), case.terms.home_territory
    fresh = _spread_from(
        listed, lambda node: case.nodes[node].territory == home, lambda leg: not way_in(case, leg, territory)
    )
    return {
        (leg, commodity)
        for leg, commodity in listed
        if (leg.start, commodity) in fresh and (how := way_in(case, leg, territory)) and way in ("", how)
    }


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
