"""Ten futures with their odds, and what happens in each, when: the scenario multipliers of the dossier as events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inputs.mongolia import buyers, groups, squeeze
from inputs.mongolia.dossier import Record, table

Window = tuple[int, int]

OPERATING: Window = (2033, 2056)
"""Years in which plants can run: the earliest start to the end of the horizon."""

WINDOWS: dict[str, tuple[Window, ...]] = {
    "S1": (),
    "S2": ((2033, 2034), (2041, 2044)),
    "S3": ((2035, 2037), (2045, 2048)),
    "S4": ((2038, 2040), (2049, 2052)),
    "S5": ((2035, 2037), (2041, 2044)),
    "S6": ((2038, 2040),),
    "S7": ((2033, 2034), (2045, 2048)),
    "S8": ((2038, 2040), (2049, 2052)),
    "S9": ((2035, 2037), (2045, 2048)),
    "S10": ((2041, 2048),),
}
"""When each future is in trouble (S10: in luck): whole periods, staggered so that most have a future in trouble."""


def tables() -> dict[str, list[dict[str, Any]]]:
    """The tables `scenarios` and `events`."""
    scenarios = table("scenarios")
    return {
        "scenarios": [_scenario(row) for row in scenarios],
        "events": [
            {"scenario": row["scenario_id"], **event, "first_year": first, "last_year": last, **known}
            for row in scenarios
            for first, last in WINDOWS[row["scenario_id"]]
            for event, known in (*_prices(row), *_squeezes(row["scenario_id"]))
        ],
    }


def understated(scenario: str) -> float:
    """By how much a future's episodes understate the years in trouble that its annual odds imply."""
    years = sum(last - first + 1 for first, last in WINDOWS[scenario])
    return (OPERATING[1] - OPERATING[0] + 1) / years


def _scenario(row: Record) -> dict[str, Any]:
    scenario = row["scenario_id"]
    note = "no events: the dossier's mild delays are in the ordinary days"
    if windows := WINDOWS[scenario]:
        spans = " and ".join(f"{first}-{last}" for first, last in windows)
        note = (
            f"fault 12: the odds are per year; here the share of futures that see it in {spans} (years are an "
            f"assumption), which understates how often it comes {understated(scenario):.1f} times"
        )
    return {
        "scenario": scenario,
        "name": row["scenario"],
        "probability": row.number("probability"),
        **_sourced(row.known(note=note), "scenarios.csv"),
    }


def _sourced(known: dict[str, Any], fallback: str) -> dict[str, Any]:
    return {**known, "source": known["source"] or f"{fallback}, judged"}


def _prices(row: Record) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Prices at the buyers, inside and outside China; purchases keep theirs."""
    known = _sourced(row.known(), "scenarios.csv")
    for market in buyers.gateways():
        column = "price_mult_china_market" if market == "CHN" else "price_mult_markets_outside_china"
        factor = row.number(column)
        if factor != 1.0:
            event = {"target_type": "market", "target": buyers.node(market), "price_factor": factor}
            yield event, {**known, "note": f"{column}; {known['note']}"}


def _squeezes(scenario: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What happens on lanes and gates, each effect on the largest group all of whose members share it."""
    rows: dict[str, dict[str, Any]] = {}
    for column, values in squeeze.effects(scenario).items():
        for target, value in _covered(values):
            rows.setdefault(target, {})[column] = value
    for target, effects in rows.items():
        kind = "group" if target in groups.members() else "gate" if target in groups.gate_risks() else "lane"
        yield {"target_type": kind, "target": target, **effects}, squeeze.known(scenario, target, effects)


def _covered(values: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Targets that give every member its value, none twice: groups from the largest down, then single members."""
    left = dict(values)
    for group, members in sorted(groups.members().items(), key=lambda item: (-len(item[1]), item[0])):
        found = {left.get(member) for member in members}
        if len(found) == 1 and (value := found.pop()) is not None:
            yield group, value
            left = {member: v for member, v in left.items() if member not in members}
    yield from left.items()


STORY: tuple[str, ...] = (
    "Ten futures carry the dossier's odds, which are judgements. They are odds per year, so a future is not held for "
    "the whole horizon (fault 12): each has one or two episodes of whole periods, staggered so that in every period "
    "from 2033 to 2052 some futures are in trouble. That keeps the odds and how long trouble lasts, but understates "
    f"how often it comes: {', '.join(f'{s} {understated(s):.1f} times' for s in WINDOWS if WINDOWS[s])}. The years "
    "are assumptions.",
    "At a crossing ree_flow_mult cuts what passes on booked slots and other_cargo_flow_mult cuts general cargo; "
    "elsewhere lanes are cut by other_cargo_flow_mult, for rare earths are already cut at the border. Where a lane "
    "has two risks the worse counts. In luck (S10) railways and ports widen; crossings and air rights do not carry "
    "more than was booked.",
    "Extra days count once on a corridor: those of Chinese and Russian railways at the crossing before them, those "
    "of the Trans-Caspian, European rail and onward flights on their first leg; days lost at home only are left out.",
    *squeeze.STORY,
    "A squeeze raises prices outside China at the buyers alone, never the price of reagents.",
)
"""What the guide says of futures."""
