"""The conditions of all futures side by side: what differs between them, the most of each, and who is alike when."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from khovor.case.conditions import Conditions, Hit, Resolver, neutral
from khovor.case.domain import Case

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Outlook:
    """Futures in the order of their conditions; hits are aspects of things that some future touches.

    Most paths of factors over the periods are those of many hits and futures: each is kept once, and a table says
    which path every hit takes in every future.
    """

    def __init__(self, futures: Sequence[Conditions]) -> None:
        self.futures = tuple(futures)
        self.hits: Mapping[Hit, int] = {
            hit: place for place, hit in enumerate(dict.fromkeys(hit for w in self.futures for hit in w.effects))
        }
        known: dict[tuple[float, ...], int] = {}
        periods = len(next((path for w in self.futures for path in w.effects.values()), ()))
        plain = [known.setdefault((neutral(hit.aspect),) * periods, len(known)) for hit in self.hits]
        self._path = np.tile(np.array(plain, dtype=np.int32), (len(self.futures), 1))
        for row, w in zip(self._path, self.futures, strict=True):
            touched = np.fromiter(map(self.hits.__getitem__, w.effects), dtype=np.int64, count=len(w.effects))
            row[touched] = [known.setdefault(path, len(known)) for path in w.effects.values()]
        self._factors = np.array(list(known), dtype=np.float64).reshape(len(known), periods)
        used = (np.unique(column) for column in self._path.T)
        self._taken = [self._factors[paths] for paths in used]

    def factor(self, aspect: Literal["capacity", "demand"], kind: str, key: Hashable, t: int) -> float:
        """The largest factor on an aspect of a thing in period t over all futures.

        An event may raise a capacity or a demand, not only lower it.
        """
        place = self.hits.get(Hit(aspect, kind, key))
        return 1.0 if place is None else float(self._taken[place][:, t].max())

    @cached_property
    def differing(self) -> dict[Hit, frozenset[int]]:
        """By aspect of a thing, the periods in which not all futures agree on it."""
        return {
            hit: frozenset(np.flatnonzero((taken != taken[0]).any(axis=0)).tolist())
            for hit, taken in zip(self.hits, self._taken, strict=True)
        }

    @cached_property
    def shut(self) -> frozenset[tuple[Hit, int]]:
        """What some future leaves nothing of, and in which period."""
        return frozenset(
            (hit, t)
            for hit, taken in zip(self.hits, self._taken, strict=True)
            for t in np.flatnonzero((taken == 0.0).any(axis=0)).tolist()
        )

    def ranks(self, t: int) -> Places:
        """The place of each future in an order by its factors in period t, hit by hit: one is much like the next.

        Equal ranks, equal conditions.
        """
        if not self.hits:
            return np.zeros(len(self.futures), dtype=np.int64)
        _, level = np.unique(self._factors[:, t], return_inverse=True)
        levels = level.astype(np.int32)[self._path].T
        keys = [*{one.tobytes(): one for one in levels if (one != one[0]).any()}.values()]  # a group's are all equal
        order = np.lexsort(keys[::-1]) if keys else np.arange(len(self.futures))
        steps = np.any([np.diff(key[order]) for key in keys], axis=0) if keys else np.zeros(len(order) - 1)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.concatenate([[0], np.cumsum(steps != 0)])
        return rank


def outlook_of(case: Case) -> Outlook:
    """The conditions of all futures of a case."""
    resolver = Resolver(case)
    return Outlook([resolver.conditions(scenario) for scenario in case.scenarios])
