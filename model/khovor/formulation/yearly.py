"""Support told by year, and what each instrument costs the public: read off a plan by what its program is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from khovor.formulation.frame import Frame
from khovor.formulation.instruments import flows, paid_years, public_cost, topups

Taken = tuple[tuple[str, tuple[Any, ...]], float]
"""A column of what is taken of instruments, by its label, and its value [MUSD, kt/y, MUSD/y]."""

SUPPORT = ("support", "topped", "paid")
"""Variables that are amounts of support."""


def support_rows(f: Frame, taken: Iterable[Taken]) -> list[tuple[str, str, str, int, float]]:
    """(instrument, term, scenario or "", year, MUSD, undiscounted), added up."""
    found: dict[tuple[str, str, str, int], float] = defaultdict(float)
    for (variable, index), value in taken:
        name = f.case.instruments[index[0]].name
        futures = [""] if variable == "support" else [s.name for s in f.spoken_for(index[-2], index[-1])]
        for term, year, musd in _yearly(f, variable, index):
            for w in futures:
                found[name, term, w, year] += musd * value
    return [(*key, musd) for key, musd in found.items() if musd]


def _yearly(f: Frame, variable: str, index: tuple[Any, ...]) -> Iterator[tuple[str, int, float]]:
    """(term, year, MUSD) of one unit of a column."""
    if variable == "support":
        i, lead, v = index
        yield from flows(f.case.horizon, f.case.instruments[i], (lead, v))
    elif variable == "topped":
        i, q, t, w = index
        with f.future.stated_for(w):
            yield from (("price_floor", year, musd) for year, musd in topups(f, i, q, t))
    else:
        i, v, t, _ = index
        yield from (("guarantee_payout", year, 1.0) for year in paid_years(f, i, v, t))


def instrument_rows(f: Frame, taken: Iterable[Taken]) -> list[tuple[str, str, float, float]]:
    """(instrument, kind, amount, public cost) of all that is taken [MUSD].

    The amount is capital financed or insured, as it is spent, or what a price floor is expected to pay, undiscounted;
    the public cost is expected and discounted, and never below 0.
    """
    horizon, odds = f.case.horizon, {s.name: s.probability for s in f.case.scenarios} | {"": 1.0}
    amount: dict[int, float] = defaultdict(float)
    public: dict[int, float] = defaultdict(float)
    unit = {id(given): cost for cost, given in public_cost(f)}
    places = {x.name: i for i, x in enumerate(f.case.instruments)}
    listed = list(taken)
    for (variable, index), value in listed:
        if variable == "support":
            amount[index[0]] += value
            public[index[0]] += value * unit[id(f.model.support[index])]
    floors = [key for key in listed if key[0][0] == "topped"]
    for name, _, w, year, musd in support_rows(f, floors):
        amount[places[name]] += odds[w] * musd
        public[places[name]] += odds[w] * musd * horizon.worth(year)
    instruments = f.case.instruments
    return [(instruments[i].name, instruments[i].kind, amount[i], public[i]) for i in sorted(amount) if amount[i]]
