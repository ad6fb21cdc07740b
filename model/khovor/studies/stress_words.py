"""What a target of a stress is, in words: the names that the workbook gives to the places it joins.

Gates and groups have keys only; nodes have names, and territories are those of countries.
"""

from __future__ import annotations

from typing import Final

from khovor.case import Case
from khovor.report import Names, crossing, listed
from khovor.studies.stress_targets import Target, market_caps

TOLD: Final = 3
"""Members of a group that are told; of more, how many there are."""


def what(case: Case, names: Names, target: Target) -> str:
    """What a target closes, in words."""
    if target.kind != "group":
        return _member(case, names, target.name)
    members = list(dict.fromkeys(_member(case, names, member) for member in case.groups[target.name]))
    more = len(members) - TOLD
    return "; ".join([*members[:TOLD], *([f"and {more} more"] if more > 0 else [])])


def _member(case: Case, names: Names, name: str) -> str:
    """A gate by the places its lanes join, a lane by its ends, a territory by its country."""
    if name in case.gates:
        if name in market_caps(case):
            ends = dict.fromkeys(names.short(lane.end) for lane in case.lanes.values() if lane.gate == name)
            return f"what {listed(list(ends))} takes"
        return crossing(case, names, name) or name
    if name in case.lanes:
        lane = case.lanes[name]
        return f"{names.short(lane.start)} - {names.short(lane.end)}"
    return f"into or over {names.territory(name)}"
