"""The conditions of all futures side by side: what differs between them, the most of each, and who is alike when."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from khovor.case.conditions import Conditions, Floats, Hit, Resolver, neutral
from khovor.case.domain import Case, LegKey

Numbers = npt.NDArray[np.int32]


class Outlook(Mapping[str, Conditions]):
    """The conditions of every future by its name, in order.

    Most paths of factors over the periods are those of many hits and futures: each is kept once. What is struck
    together takes one path in each future: a table says which, by future and such a group of hits.
    """

    def __init__(self, names: Sequence[str], hits: Mapping[Hit, int], path: Numbers, factors: Floats) -> None:
        self._rows = {name: row for row, name in enumerate(names)}
        self._hits, self._path, self._factors = hits, path, factors
        self._made: dict[str, Conditions] = {}

    def __getitem__(self, name: str) -> Conditions:
        if name not in self._made:
            paths = [self._paths[path] for path in self._path[self._rows[name]].tolist()]
            self._made[name] = Conditions({hit: paths[group] for hit, group in self._hits.items()})
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def factor(self, name: str, hit: Hit, t: int) -> float:
        """The factor on an aspect of a thing in period t in a future; 1 where no event touches it."""
        group = self._hits.get(hit)
        return 1.0 if group is None else self._paths[self._path[self._rows[name], group]][t]

    @property
    def hits(self) -> Iterable[Hit]:
        """The aspects of things that some future touches."""
        return self._hits.keys()

    @cached_property
    def _paths(self) -> list[tuple[float, ...]]:
        return list(map(tuple, self._factors.tolist()))

    @cached_property
    def _taken(self) -> list[Floats]:
        """By group of hits, the paths that it takes in some future."""
        return [self._factors[np.unique(paths)] for paths in self._path.T]

    def most(self, aspect: Literal["capacity", "demand"], kind: str, key: Hashable, t: int) -> float:
        """The largest factor on an aspect of a thing in period t over all futures.

        An event may raise a capacity or a demand, not only lower it.
        """
        group = self._hits.get(Hit(aspect, kind, key))
        return 1.0 if group is None else float(self._taken[group][:, t].max())

    @cached_property
    def least_fees(self) -> dict[LegKey, float]:
        """By leg, the least that events add to its fee in any period of any future, where any touches it [USD/t]."""
        fees = {hit: group for hit, group in self._hits.items() if (hit.aspect, hit.kind) == ("fee", "leg")}
        return {hit.key: float(self._taken[group].min()) for hit, group in fees.items()}  # type: ignore[misc]

    @cached_property
    def differing(self) -> dict[Hit, frozenset[int]]:
        """By aspect of a thing, the periods in which not all futures agree on it."""
        told = [frozenset(np.flatnonzero((taken != taken[0]).any(axis=0)).tolist()) for taken in self._taken]
        return {hit: told[group] for hit, group in self._hits.items()}

    @cached_property
    def shut(self) -> frozenset[tuple[Hit, int]]:
        """What some future leaves nothing of, and in which period."""
        told = [np.flatnonzero((taken == 0.0).any(axis=0)).tolist() for taken in self._taken]
        return frozenset((hit, t) for hit, group in self._hits.items() for t in told[group])

    def reader(self, asked: Sequence[tuple[Hit, int]]) -> Callable[[str], Floats]:
        """What reads the factors on some hits, each in a period, of a future; 1 or 0 where no future touches one."""
        groups = np.array([self._hits.get(hit, -1) for hit, _ in asked], dtype=np.int64)
        periods = np.array([t for _, t in asked], dtype=np.int64)
        usual = np.array([neutral(hit.aspect) for hit, _ in asked])

        def read(name: str) -> Floats:
            if not self._hits:
                return usual
            factors: Floats = self._factors[self._path[self._rows[name], groups], periods]
            return np.where(groups < 0, usual, factors)

        return read

    def ranks(self, t: int) -> npt.NDArray[np.int64]:
        """The place of each future in an order by its factors in period t, hit by hit: one is much like the next.

        Equal ranks, equal conditions.
        """
        _, level = np.unique(self._factors[:, t], return_inverse=True)
        levels = level.astype(np.int32)[self._path].T
        keys = [*{one.tobytes(): one for one in levels if (one != one[0]).any()}.values()]
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

    ordinary = numbered(plain)
    path = np.empty((len(values), len(hits)), dtype=np.int32)
    for row, told in zip(path, values, strict=True):
        row[: len(told)], row[len(told) :] = numbered(told), ordinary[len(told) :]
    factors = np.frombuffer(b"".join(known), dtype=np.float64).reshape(-1, len(case.horizon.periods))
    groups: dict[bytes, int] = {}
    group = [groups.setdefault(one.tobytes(), len(groups)) for one in path.T]
    together = np.frombuffer(b"".join(groups), dtype=np.int32).reshape(-1, len(values)).T
    return Outlook([s.name for s in case.scenarios], dict(zip(hits, group, strict=True)), together, factors)
