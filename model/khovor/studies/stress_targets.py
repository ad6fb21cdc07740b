"""What a stress closes: gates, groups and the lanes without a gate that leave home, each named once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from khovor.case import Case, Event, LegKey, Period, Scenario, Window, conditions, leaves_home

PAIRED: Final = ("gate", "group")
"""Kinds of target that are closed two at a time."""


class Target(NamedTuple):
    """What is closed: kind is gate, group or lane; `also` names the others that close the very same lanes."""

    kind: str
    name: str
    also: tuple[str, ...] = ()


def targets_of(case: Case) -> dict[Target, frozenset[str]]:
    """Every gate, every group, and every lane without a gate that leaves home, in workbook order, with their lanes.

    Of those that close the very same lanes the first stands for all.
    """
    gateless = [x for x in case.lanes.values() if not x.gate and any(leaves_home(case, leg) for leg in x.legs)]
    named = [
        *(Target("gate", name) for name in case.gates),
        *(Target("group", name) for name in case.groups),
        *(Target("lane", lane.name) for lane in gateless),
    ]
    alike: dict[object, list[Target]] = {}
    lanes = {target: lanes_of(case, target) for target in named}
    for target in named:
        alike.setdefault(lanes[target] or target, []).append(target)
    return {first._replace(also=tuple(x.name for x in more)): lanes[first] for first, *more in alike.values()}


def market_caps(case: Case) -> frozenset[str]:
    """Gates that cap what a buyer abroad takes and carry nothing: each lane ends at a market, none leaves home."""
    lanes = {gate: [x for x in case.lanes.values() if x.gate == gate] for gate in case.gates}
    return frozenset(
        gate
        for gate, mine in lanes.items()
        if mine and all(_hands_over(case, leg) for lane in mine for leg in lane.legs)
    )


def _hands_over(case: Case, leg: LegKey) -> bool:
    return case.nodes[leg.end].kind == "market" and not leaves_home(case, leg)


def closing(target: Target, period: Period | None) -> Event:
    """The event that leaves nothing of a target in a period; None = for good."""
    years = Window() if period is None else Window(period.span[0], period.span[-1])
    return Event(target.kind, target.name, years, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, "")


def closed(case: Case, shut: Sequence[tuple[Target, Period | None]]) -> Case:
    """The case in all its futures with these closings added to each."""
    events = tuple(closing(target, period) for target, period in shut)
    return replace(case, scenarios=tuple(replace(s, events=s.events + events) for s in case.scenarios))


def lanes_of(case: Case, target: Target) -> frozenset[str]:
    """The lanes that carry nothing when a target is closed."""
    effects = conditions(case, Scenario("", "", 1.0, (closing(target, None),), "")).effects
    shut = {(hit.kind, hit.key) for hit, values in effects.items() if hit.aspect == "capacity" and values[0] == 0.0}
    return frozenset(x.name for x in case.lanes.values() if ("lane", x.name) in shut or ("gate", x.gate) in shut)
