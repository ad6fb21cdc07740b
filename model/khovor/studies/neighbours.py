"""Which run of a study a what-if begins from: the nearest of those that change the same cells to other numbers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from khovor.studies.tasks import Record
from khovor.workbook import Change

Cells = tuple[tuple[str, bool], ...]
"""Cells that are changed, and whether by a factor."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What-ifs by label as numbers in cells: (cells, numbers), and the span of the numbers of each cell.

    `began` is where each began that has begun: its numbers, or None (from the base, where it is not known).
    """

    at: Mapping[str, tuple[Cells, tuple[float, ...]]]
    spans: Mapping[Cells, tuple[float, ...]]
    began: dict[str, tuple[float, ...] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, whatifs: Mapping[str, Sequence[Change]]) -> Neighbours:
        """The what-ifs whose changes are all numbers; others have no neighbours."""
        at, numbers = {}, defaultdict[Cells, list[tuple[float, ...]]](list)
        for label, changes in whatifs.items():
            values = tuple(c.value for c in changes if isinstance(c.value, float))
            if len(values) == len(changes):
                cells = tuple((str(c.at), c.is_factor) for c in changes)
                at[label] = cells, values
                numbers[cells].append(values)
        spans = {cells: tuple(max(x) - min(x) for x in zip(*told, strict=True)) for cells, told in numbers.items()}
        return cls(at, spans)

    def spread(self, labels: Iterable[str]) -> list[str]:
        """The what-ifs so that each is the one farthest from those before it, of two as far the first in the sheet.

        So the last ones lie between others, whose proofs may reach them. The base is where all factors are 1; of cells
        that take other values it is not known where it lies.
        """
        names, order = list(labels), list[str]()
        away = np.array([self._from_base(label) for label in names])
        beside = defaultdict[Cells, list[int]](list)
        for place, label in enumerate(names):
            if label in self.at:
                beside[self.at[label][0]].append(place)
        numbers = {cells: np.array([self.at[names[i]][1] for i in places]) for cells, places in beside.items()}
        for _ in names:
            far = int(away.argmax())
            order.append(names[far])
            if names[far] in self.at:
                cells, _ = self.at[names[far]]
                away[beside[cells]] = np.minimum(away[beside[cells]], self._apart(names[far], numbers[cells]))
            away[far] = -math.inf
        return order

    def nearest(self, label: str, base: Record, ended: Iterable[Record]) -> Record:
        """The run with a plan to begin one from, which is kept in `began`.

        The nearest of those whose proof goes as far, for one cell: they began on its other side. Else the nearest of
        all; of two as near the one that is no base, and then the first.
        """
        known = [r for r in ended if r.has_plan and label in self.at and self._beside(label, r.label)]
        reaching = [r for r in known if self._between(label, r.label)]
        near, there = base, reaching or known
        if there:
            away = self._apart(label, [self.at[r.label][1] for r in there])
            near = there[int(away.argmin())]
            if base.has_plan and not reaching and self._from_base(label) < away.min():
                near = base
        if label in self.at:
            self.began[label] = self.at[near.label][1] if near is not base else self._numbers_of_base(label)
        return near

    def _between(self, label: str, other: str) -> bool:
        """Whether another run, of the same one cell, began on the other side of this one."""
        begun, (_, own), (_, there) = self.began.get(other), self.at[label], self.at[other]
        return begun is not None and len(own) == 1 and min(begun[0], there[0]) <= own[0] <= max(begun[0], there[0])

    def _numbers_of_base(self, label: str) -> tuple[float, ...] | None:
        cells, own = self.at[label]
        return (1.0,) * len(own) if all(is_factor for _, is_factor in cells) else None

    def _beside(self, label: str, other: str) -> bool:
        return other in self.at and self.at[other][0] == self.at[label][0]

    def _from_base(self, label: str) -> float:
        numbers = self._numbers_of_base(label) if label in self.at else None
        return math.inf if numbers is None else float(self._apart(label, [numbers])[0])

    def _apart(self, label: str, numbers: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """How far it is from each of some others, given their numbers: each cell as a share of its span."""
        cells, own = self.at[label]
        scale = np.array([span or 1.0 for span in self.spans[cells]])
        away: npt.NDArray[np.float64] = (np.abs(np.asarray(numbers) - np.array(own)) / scale).sum(axis=1)
        return away
