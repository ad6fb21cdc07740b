"""The conditions of all futures side by side: what differs between them, the most of each, and who is alike when."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from khovor.case.conditions import Conditions, Floats, Hit, Resolver, neutral
from khovor.case.domain import Case

Numbers = npt.NDArray[np.int32]


class Outlook(Mapping[str, Conditions]):
    """The conditions of every future by its name, in order.

    Most paths of factors over the periods are those of many
    hits and futures: each is kept once, and a table says which path each hit takes in each future.
    """

    def __init__(
        self, names: Sequence[str], hits: Sequence[Hit], plain: Numbers, path: Numbers, factors: Floats
    ) -> None:
        self._rows = {name: row for row, name in enumerate(names)}
        self._hits = {hit: place for place, hit in enumerate(hits)}
        self._plain, self._path, self._factors = plain, path, factors
        self._made: dict[str, Conditions] = {}

    def __getitem__(self, name: str) -> Conditions:
        if name not in self._made:
            row, hits = self._path[self._rows[name]], self._listed
            touched = np.flatnonzero(row != self._plain).tolist()
            self._made[name] = Conditions({hits[place]: self._paths[row[place]] for place in touched})
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def hits(self) -> Iterable[Hit]:
        """The aspects of things that some future touches."""
        return self._hits.keys()

    @cached_property
    def _listed(self) -> list[Hit]:
        return list(self._hits)

    @cached_property
    def _paths(self) -> list[tuple[float, ...]]:
        return list(map(tuple, self._factors.tolist()))

    @cached_property
    def _taken(self) -> list[Floats]:
        """By hit, the paths that it takes in some future."""
        return [self._factors[np.unique(paths)] for paths in self._path.T]

    def most(self, aspect: Literal["capacity", "demand"], kind: str, key: Hashable, t: int) -> float:
        """The largest factor on an aspect of a thing in period t over all futures.

        An event may raise a capacity or a demand, not only lower it.
        """
        place = self._hits.get(Hit(aspect, kind, key))
        return 1.0 if place is None else float(self._taken[place][:, t].max())

    @cached_property
    def differing(self) -> dict[Hit, frozenset[int]]:
        """By aspect of a thing, the periods in which not all futures agree on it."""
        return {
            hit: frozenset(np.flatnonzero((taken != taken[0]).any(axis=0)).tolist())
            for hit, taken in zip(self._hits, self._taken, strict=True)
        }

    @cached_property
    def shut(self) -> frozenset[tuple[Hit, int]]:
        """What some future leaves nothing of, and in which period."""
        return frozenset(
            (hit, t)
            for hit, taken in zip(self._hits, self._taken, strict=True)
            for t in np.flatnonzero((taken == 0.0).any(axis=0)).tolist()
        )

    def reader(self, asked: Sequence[tuple[Hit, int]]) -> Callable[[str], Floats]:
        """What reads the factors on some hits, each in a period, of a future; 1 or 0 where no future touches one."""
        places = np.array([self._hits.get(hit, -1) for hit, _ in asked], dtype=np.int64)
        periods = np.array([t for _, t in asked], dtype=np.int64)
        usual = np.array([neutral(hit.aspect) for hit, _ in asked])

        def read(name: str) -> Floats:
            if not self._hits:
                return usual
            factors: Floats = self._factors[self._path[self._rows[name], places], periods]
            return np.where(places < 0, usual, factors)

        return read

    def ranks(self, t: int) -> npt.NDArray[np.int64]:
        """The place of each future in an order by its factors in period t, hit by hit: one is much like the next.

        Equal ranks, equal conditions.
        """
        _, level = np.unique(self._factors[:, t], return_inverse=True)
        levels = level.astype(np.int32)[self._path].T
        keys = [*{one.tobytes(): one for one in levels if (one != one[0]).any()}.values()]  # a group's are all equal
        if not keys:
            return np.zeros(len(self), dtype=np.int64)
        order = np.lexsort(keys[::-1])
        steps = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.concatenate([[0], np.cumsum(steps)])
        return rank


def outlook_of(case: Case) -> Outlook:
    """The conditions of all futures of a case."""
    resolver = Resolver(case)
    values = [resolver.values(scenario) for scenario in case.scenarios]
    hits = resolver.hits
    plain = np.array([neutral(hit.aspect) for hit in hits]).reshape(-1, 1).repeat(len(case.horizon.periods), axis=1)
    known: dict[bytes, int] = {}

    def numbered(effects: Floats) -> list[int]:
        rows = np.ascontiguousarray(effects).view(f"V{effects.shape[1] * effects.itemsize}").ravel().tolist()
        return [known.setdefault(row, len(known)) for row in rows]

    ordinary = np.array(numbered(plain), dtype=np.int32)
    path = np.empty((len(values), len(hits)), dtype=np.int32)
    for row, told in zip(path, values, strict=True):
        row[: len(told)], row[len(told) :] = numbered(told), ordinary[len(told) :]
    factors = np.frombuffer(b"".join(known), dtype=np.float64).reshape(-1, len(case.horizon.periods))
    return Outlook([s.name for s in case.scenarios], hits, ordinary, path, factors)
