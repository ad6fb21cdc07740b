"""What things are called in the results: full names of places, products, steps and territories; years for periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from khovor.case import Case, Commodity, Window
from khovor.report.maps.geography import country_names


class Names:
    """The words of one case; what has no name of its own is called by its key."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def place(self, node: str) -> str:
        """A node's full name."""
        return self._case.nodes[node].label

    def short(self, node: str) -> str:
        """A node's name up to its first bracket, where that still tells it from every other node."""
        label = self._case.nodes[node].label
        return _stem(label) if self._stems[_stem(label)] == 1 else label

    @cached_property
    def _stems(self) -> Counter[str]:
        return Counter(_stem(node.label) for node in self._case.nodes.values())

    def product(self, name: str) -> str:
        """A product's full name."""
        return self._case.products[name].label

    def commodity(self, commodity: Commodity) -> str:
        """A product's full name, with the deposit it comes from."""
        origin = f", {self.short(commodity.origin)}" if commodity.origin else ""
        return self.product(commodity.product) + origin

    def step(self, process: str) -> str:
        """A process's full name."""
        return self._case.processes[process].label

    def project(self, name: str) -> str:
        """A project's full name."""
        return self._case.projects[name].label

    def territory(self, code: str) -> str:
        """The country behind a two-letter code; anything else is its own name."""
        return country_names().get(code.upper(), code) or "(no territory)"

    @property
    def futures(self) -> Sequence[str]:
        """Keys of the futures in order, "" (what is in all of them) first."""
        return list(self._futures)

    def future(self, scenario: str) -> str:
        """A future's full name; what is paid in every future has none."""
        return self._futures[scenario]

    @cached_property
    def _futures(self) -> dict[str, str]:
        return {"": "in every future"} | {s.name: s.label for s in self._case.scenarios}

    def when(self, period: str) -> str:
        """The calendar years of a period."""
        return self._years[period]

    @cached_property
    def _years(self) -> dict[str, str]:
        return {p.name: span(p.span[0], p.span[-1]) for p in self._case.horizon.periods}

    @property
    def years(self) -> Sequence[str]:
        """The calendar years of every period, in order."""
        return [self._years[p.name] for p in self._case.horizon.periods]


def crossing(case: Case, names: Names, gate: str) -> str:
    """The places that the lanes of a gate join, a few of them where there are many."""
    ends = dict.fromkeys(
        f"{names.short(x.start)} - {names.short(x.end)}" for x in case.lanes.values() if x.gate == gate
    )
    return "; ".join(list(ends)[:3]) + ("; ..." if len(ends) > 3 else "")


def span(first: int, last: int) -> str:
    """Years as words.

    >>> span(2030, 2030), span(2030, 2033)
    ('2030', '2030-2033')
    """
    return str(first) if first == last else f"{first}-{last}"


def window(years: Window) -> str:
    """A window of years as words.

    >>> window(Window()), window(Window(2030, None))
    ('always', 'from 2030')
    """
    if years.first is None and years.last is None:
        return "always"
    if years.first is None:
        return f"to {years.last}"
    return f"from {years.first}" if years.last is None else span(years.first, years.last)


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else "nothing"


def _stem(label: str) -> str:
    return label.split(" (")[0].strip() or label
