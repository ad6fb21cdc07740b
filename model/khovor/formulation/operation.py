"""A variable of operation: its members in order, as Pyomo has them and as arrays over the columns of the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np

from khovor.formulation.sums import Places


class Members:
    """Some members of a variable: the places of them among all, ascending."""

    __slots__ = ("_of", "places")

    def __init__(self, of: Operation, places: Places) -> None:
        self._of, self.places = of, places

    @property
    def things(self) -> list[int]:
        """What each is about."""
        about: list[int] = self._of.things[self.places].tolist()
        return about

    @property
    def columns(self) -> Places:
        """The column of each."""
        return self._of.first + self.places

    @property
    def variables(self) -> list[Any]:
        """The Pyomo variable of each."""
        return [self._of[k] for k in self.places.tolist()]


class Operation:
    """The members of a variable whose index ends with the period.

    `first` is the column of the first member, the others follow it; `index` are theirs, in order. What is listed or
    grouped of them is so when first asked for, and so are the members of a Pyomo variable that was declared sparse.
    """

    def __init__(self, first: int, index: Sequence[tuple[Any, ...]], variable: Any, periods: range) -> None:
        self.first, self.index = first, index
        self._variable, self._periods = variable, periods

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, place: int) -> Any:
        """The Pyomo variable of one member."""
        return self._variable[self.index[place]]

    def made(self) -> tuple[list[Any], Places]:
        """The Pyomo variables there are so far, and their columns."""
        if len(self._variable) == len(self):
            return list(self._variable.values()), self.first + np.arange(len(self))
        there = [k for k, index in enumerate(self.index) if index in self._variable] if len(self._variable) else []
        return [self._variable[self.index[k]] for k in there], self.first + np.array(there, dtype=np.int64)

    @cached_property
    def things(self) -> Places:
        """What each member is about: the first of its index, where that is a place."""
        return np.fromiter(map(itemgetter(0), self.index), dtype=np.int64, count=len(self))

    @cached_property
    def period(self) -> Places:
        """The period of each member."""
        return np.fromiter(map(itemgetter(-1), self.index), dtype=np.int64, count=len(self))

    @cached_property
    def places(self) -> list[Places]:
        """By period, the places of its members among all."""
        return [np.flatnonzero(self.period == t) for t in self._periods]

    @cached_property
    def members(self) -> list[list[tuple[Any, ...]]]:
        """By period, the indices of its members."""
        return [[self.index[k] for k in places.tolist()] for places in self.places]

    @property
    def listed(self) -> list[tuple[Any, Any]]:
        """(index, variable) of each member."""
        return [(index, self._variable[index]) for index in self.index]

    def at(self, t: int) -> list[Any]:
        """The variables of a period."""
        return [self[k] for k in self.places[t].tolist()]

    def by(self, groups: Sequence[Any]) -> dict[tuple[Any, int], Members]:
        """Members by group and period, as they first come; `groups` has the group of each thing, "" where none."""
        names = [name for name in dict.fromkeys(groups) if name != ""]
        number = {name: k for k, name in enumerate(names)}
        group = np.array([number.get(name, -1) for name in groups], dtype=np.int64)[self.things]
        within = np.flatnonzero(group >= 0)
        key = group[within] * len(self._periods) + self.period[within]
        # few enough groups are sorted by their digits
        order = np.argsort(key.astype(np.uint16) if len(names) * len(self._periods) < 1 << 16 else key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        members, ends = within[order], [*starts.tolist()[1:], len(order)]
        parts = [members[start:end] for start, end in zip(starts.tolist(), ends, strict=False)]
        labels = [(names[k // len(self._periods)], k % len(self._periods)) for k in key[order][starts].tolist()]
        come = np.argsort([part[0] for part in parts]).tolist()
        return {labels[k]: Members(self, parts[k]) for k in come}

    def none(self) -> Members:
        """No members."""
        return Members(self, np.zeros(0, dtype=np.int64))
