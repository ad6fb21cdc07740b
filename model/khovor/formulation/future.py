"""The future in which rules are being stated: its conditions, and which rows asked for what may differ elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from khovor.case import Aspect, Hit, Outlook, neutral

Floats = npt.NDArray[np.float64]
RowKey = tuple[str, tuple[Any, ...]]
"""A rule, and the index of one of its rows (without a future)."""


class Future:
    """Conditions of one future at a time, `name`; `pattern` is the one the model is stated for.

    While rows of the pattern are stated (`asking` is set) it is kept which of them asked for a condition that differs
    between futures: those, and no others, must be stated again for the futures that differ.
    """

    def __init__(self, outlook: Outlook) -> None:
        self._conditions = outlook
        self.pattern = self.name = next(iter(outlook))
        self.asking: RowKey | None = None
        self._differing = outlook.differing
        self._asked: dict[tuple[Hit, int], dict[RowKey, None]] = defaultdict(dict)
        self._touched: dict[tuple[Aspect, str, int], tuple[Any, list[Hit], npt.NDArray[np.int64]]] = {}
        self._readers: dict[tuple[Aspect, str, int, int], Callable[[str], Floats]] = {}

    def factor(self, aspect: Aspect, kind: str, key: Hashable, t: int) -> float:
        """The factor on an aspect of a thing in period t; 1 where no event touches it."""
        hit = Hit(aspect, kind, key)
        if self.asking is not None and t in self._differing.get(hit, ()):
            self._asked[hit, t][self.asking] = None
        return self._conditions.factor(self.name, hit, t)

    def factors(self, aspect: Aspect, kind: str, keys: Mapping[Any, Sequence[int]], size: int, t: int) -> Floats:
        """The factors (or what is added, for fee and days) of many things at once, one per place in an array.

        `keys` gives the places of each thing.
        """
        for hit, differing in self._differing.items() if self.asking is not None else ():
            if (hit.aspect, hit.kind) == (aspect, kind) and hit.key in keys and t in differing:
                self._asked[hit, t][self.asking] = None  # type: ignore[index]
        read, places = self._read(aspect, kind, keys, t)
        values = np.full(size, neutral(aspect))
        values[places[1]] = read(self.name)[places[0]]
        return values

    def ever_shuts(self, aspect: Literal["capacity", "demand"], kind: str, key: Hashable, t: int) -> bool:
        """Whether any future leaves nothing of a thing in period t: a limit that must then exist in the pattern."""
        return (Hit(aspect, kind, key), t) in self._conditions.shut

    @contextmanager
    def stated_for(self, name: str) -> Iterator[None]:
        """Rules evaluated inside see the conditions of another future."""
        self.name, self.asking = name, None
        try:
            yield
        finally:
            self.name = self.pattern

    def changes(self, name: str) -> list[RowKey]:
        """The rows of the pattern that read otherwise in another future."""
        factors, asked = self._conditions.reader([*self._asked]), [*self._asked.values()]
        differs = np.flatnonzero(factors(self.pattern) != factors(name)).tolist()
        return list(dict.fromkeys(row for place in differs for row in asked[place]))

    def asked(self) -> dict[RowKey, list[tuple[Hit, int]]]:
        """The rows that may read otherwise in some future, with what they ask for that differs between futures.

        A row asks for the same in every future, and what it is told moves its limits and the size of its entries; its
        sense, their signs and the side of 0 that an upper limit is on stay.
        """
        found: dict[RowKey, list[tuple[Hit, int]]] = defaultdict(list)
        for asked, rows in self._asked.items():
            for row in rows:
                found[row].append(asked)
        return dict(found)

    def _read(
        self, aspect: Aspect, kind: str, keys: Mapping[Any, Sequence[int]], t: int
    ) -> tuple[Callable[[str], Floats], npt.NDArray[np.int64]]:
        """What reads the factors on the things of `keys` that differ or are touched, and where each of them goes."""
        asked = aspect, kind, id(keys)
        if asked not in self._touched:
            hits = [
                hit for hit in self._conditions.hits if (hit.aspect, hit.kind) == (aspect, kind) and hit.key in keys
            ]
            counts = [len(keys[hit.key]) for hit in hits]
            places = chain.from_iterable(keys[hit.key] for hit in hits)
            told = np.array([np.repeat(np.arange(len(hits)), counts), np.fromiter(places, np.int64, sum(counts))])
            self._touched[asked] = keys, hits, told
        _, hits, told = self._touched[asked]
        if (*asked, t) not in self._readers:
            self._readers[*asked, t] = self._conditions.reader([(hit, t) for hit in hits])
        return self._readers[*asked, t], told
