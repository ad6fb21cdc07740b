"""What a future changes, in words: events alike in effect and years stand as one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from khovor.case import Event, Scenario
from khovor.report.names import window


class Change(NamedTuple):
    """What events do, when, to what; and the input cell of the first of them."""

    effect: str
    years: str
    what: str
    at: str

    def __str__(self) -> str:
        return f"{self.what}: {self.effect}, {self.years}"


def changes(future: Scenario) -> Iterator[Change]:
    """The changes of a future, sorted by years, kind of target and effect."""
    for (years, kind, effect), events in groupby(sorted(future.events, key=_alike), key=_alike):
        found = list(events)
        which = ", ".join(dict.fromkeys(e.target for e in found))
        yield Change(effect, years, f"{kind}: {which}", found[0].at)


def _alike(event: Event) -> tuple[str, str, str]:
    return window(event.window), event.target_type, _effect(event)


def _effect(event: Event) -> str:
    factors = {
        "capacity": event.capacity_factor,
        "cost": event.cost_factor,
        "price": event.price_factor,
        "demand": event.demand_factor,
    }
    parts = [f"{name} x {value:g}" for name, value in factors.items() if value != 1]
    parts += [f"{event.add_fee_usd_t:+g} USD/t"] if event.add_fee_usd_t else []
    parts += [f"{event.add_days:+g} days"] if event.add_days else []
    return ", ".join(parts) or "nothing"
