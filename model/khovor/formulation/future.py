"""The future in which rules are being stated: its conditions, and which rows asked for what may differ elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
        self._now = self._conditions[self.name]
        self._differing = outlook.differing
        self._asked: dict[tuple[Hit, int], dict[RowKey, None]] = defaultdict(dict)
        self._grouped: dict[str, dict[tuple[Aspect, str], list[tuple[Hashable, tuple[float, ...]]]]] = {}

    def factor(self, aspect: Aspect, kind: str, key: Hashable, t: int) -> float:
        """The factor on an aspect of a thing in period t; 1 where no event touches it."""
        hit = Hit(aspect, kind, key)
        if self.asking is not None and t in self._differing.get(hit, ()):
            self._asked[hit, t][self.asking] = None
        return self._now.factor(aspect, kind, key, t)

    def factors(self, aspect: Aspect, kind: str, keys: Mapping[Any, Sequence[int]], size: int, t: int) -> Floats:
        """The factors (or what is added, for fee and days) of many things at once, one per place in an array.

        `keys` gives the places of each thing.
        """
        values = np.full(size, neutral(aspect))
        for hit, differing in self._differing.items() if self.asking is not None else ():
            if (hit.aspect, hit.kind) == (aspect, kind) and hit.key in keys and t in differing:
                self._asked[hit, t][self.asking] = None  # type: ignore[index]
        for key, effect in self._effects(aspect, kind):
            if key in keys and effect[t] != neutral(aspect):
                values[keys[key]] = effect[t]
        return values

    def ever_shuts(self, aspect: Literal["capacity", "demand"], kind: str, key: Hashable, t: int) -> bool:
        """Whether any future leaves nothing of a thing in period t: a limit that must then exist in the pattern."""
        return (Hit(aspect, kind, key), t) in self._conditions.shut

    @contextmanager
    def stated_for(self, name: str) -> Iterator[None]:
        """Rules evaluated inside see the conditions of another future."""
        self.name, self._now, self.asking = name, self._conditions[name], None
        try:
            yield
        finally:
            self.name, self._now = self.pattern, self._conditions[self.pattern]

    def changes(self, name: str) -> list[RowKey]:
        """The rows of the pattern that read otherwise in another future."""
        ours, theirs = (self._conditions.factors(w, [*self._asked]) for w in (self.pattern, name))
        asked = [*self._asked.values()]
        return list(dict.fromkeys(row for place in np.flatnonzero(ours != theirs).tolist() for row in asked[place]))

    def _effects(self, aspect: Aspect, kind: str) -> list[tuple[Hashable, tuple[float, ...]]]:
        if self.name not in self._grouped:
            grouped: dict[tuple[Aspect, str], list[tuple[Hashable, tuple[float, ...]]]] = defaultdict(list)
            for hit, effect in self._now.effects.items():
                grouped[hit.aspect, hit.kind].append((hit.key, effect))
            self._grouped[self.name] = dict(grouped)
        return self._grouped[self.name].get((aspect, kind), [])
