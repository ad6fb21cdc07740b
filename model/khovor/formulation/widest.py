"""The most a sum of columns can be, from bounds that hold in every plan and future: never a large constant."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from khovor.errors import InputError, Issue
from khovor.formulation.frame import Frame
from khovor.units import T_PER_KT


class Widest:
    """Upper bounds of sales and activities [kt/y] and of units, and of those together that share a supply or a site."""

    def __init__(self, f: Frame) -> None:
        network, case = f.network, f.case
        self._most: dict[int, float] = {}
        self._shared: dict[int, list[tuple[tuple[Any, ...], float]]] = {}
        for (x, t), act in f.operation["act"].listed:
            self._most[id(act)] = network.act_bounds.get((x, t), math.inf) / T_PER_KT
        for (q, t), sold in f.operation["sell"].listed:
            offer = network.offers[q]
            key, content = offer.market.key, offer.market.content[offer.commodity.origin]
            tier = math.inf
            if offer.market.max_t_y is not None and content:
                peak = network.outlook.most("demand", "market", key, t) * case.horizon.share(t, offer.market.window)
                tier = peak * offer.market.max_t_y / content / T_PER_KT
            made = network.supply[t].get(offer.commodity, math.inf) / T_PER_KT
            self._most[id(sold)] = min(tier, made)
            self._shared[id(sold)] = [((offer.commodity, t), made)]
        for (o, _), unit in f.model.build.items():
            self._most[id(unit)] = float(f.options[o].max_units)
            self._shared[id(unit)] = [(("row", f.options[o].key.row), float(f.options[o].max_units))]
        for unit in f.model.close.values():
            self._most[id(unit)] = 0.0 if unit.ub is None else float(unit.ub)

    def of(self, terms: Iterable[tuple[float, Any]], at: str) -> float:
        """The most of Σ coefficient · column. Raises InputError at a cell where nothing bounds it."""
        groups: dict[Any, list[tuple[float, float]]] = defaultdict(list)
        limits: dict[Any, float] = {}
        for amount, column in terms:
            if amount > 0:
                key, limit = self._shared.get(id(column), [(id(column), math.inf)])[0]
                groups[key].append((amount, self._most[id(column)]))
                limits[key] = limit
        total = sum(self._together(found, limits[key]) for key, found in groups.items())
        if math.isfinite(total):
            return total
        sheet, cell = at.split("!", 1)
        message = "Nothing bounds what this condition is about: give the markets it names a max_t_y."
        raise InputError([Issue(sheet, cell, "no bound", "markets with max_t_y", message)])

    @staticmethod
    def _together(found: list[tuple[float, float]], limit: float) -> float:
        """The most of columns that share a limit: the dearest first."""
        total, left = 0.0, limit
        for amount, most in sorted(found, key=lambda x: -x[0]):
            taken = min(most, left)
            total += amount * taken
            left -= taken
        return total
