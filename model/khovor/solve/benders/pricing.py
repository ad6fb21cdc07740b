"""What decisions are worth in all futures, and what the prices found there say of all other decisions."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from khovor.solve.arrays import INFINITY, Floats
from khovor.solve.benders.block import Block, Cut
from khovor.solve.benders.operation import Operation
from khovor.solve.blocks import wait_for
from khovor.solve.highs import Session
from khovor.solve.progress import Limits, Listener, Stop

SHARES: Final = 4
"""Groups of like futures in each part of the horizon, each with a cut of its own: more are slow to branch on."""

BLOCK_S: Final = 600.0
"""Time allowed for one program of operation."""


class Priced(NamedTuple):
    """What operation is worth under some decisions [MUSD], and cuts by group; `limits` where rules cannot be kept."""

    worth: float
    cuts: list[tuple[int, Cut]]
    limits: list[Cut]


class Part(NamedTuple):
    """A group of like futures in a part of the horizon."""

    part: int
    futures: Sequence[tuple[str, float]]


@dataclass
class Pricing:
    """Prices decisions, group after group, on so many cores. `most` is more than any column can be [kt/y]."""

    operation: Operation
    most: float
    cores: int
    engines: dict[int, Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = [group for part in self.operation.parts for group in _shared(part, self.operation.futures(part))]

    def price(self, decided: Floats, stop: Stop, listener: Listener | None = None) -> Priced | None:
        """What these decisions are worth, and cuts of every group; None where it was stopped."""
        began = time.monotonic()
        with ThreadPoolExecutor(self.cores) as pool:
            begun = [pool.submit(self._group, g, decided, stop) for g in range(len(self.groups))]
            wait_for(begun, "futures", listener, began)
            found = [one.result() for one in begun]
        told = [one for one in found if one is not None]
        if len(told) < len(found):
            return None
        cuts = [cut for one in told for cut in one.cuts]
        return Priced(sum(one.worth for one in told), cuts, [limit for one in told for limit in one.limits])

    def _group(self, g: int, decided: Floats, stop: Stop) -> Priced | None:
        part, futures = self.groups[g]
        engine = self.engines.setdefault(g, Session(Limits(0.0, BLOCK_S, threads=1)))
        worth, constant, slopes, limits = 0.0, 0.0, np.zeros(len(decided)), list[Cut]()
        for w, weight in futures:
            if stop.is_set():
                return None
            block = self.operation.block(part, w)
            answer = engine.run(block.under(decided))
            if answer.status == "optimal":
                # of an empty program, as a period before the first possible unit is, HiGHS tells no prices
                cut = block.cut(np.zeros(block.program.shape[0]) if answer.duals is None else answer.duals, self.most)
                worth += weight * answer.objective
                constant += weight * cut.constant
                slopes += weight * cut.slopes
            else:
                limits += self._lacking(block, decided)
                worth = -INFINITY
        return Priced(worth, [] if limits else [(g, Cut(constant, slopes))], limits)

    def _lacking(self, block: Block, decided: Floats) -> list[Cut]:
        """What decisions must keep for the rules of a future to hold."""
        answer = Session(Limits(0.0, BLOCK_S, threads=1)).run(block.lacking(decided))
        assert answer.duals is not None, answer.status
        return [block.limit(answer.duals, self.most)]


def _shared(part: int, futures: Sequence[tuple[str, float]]) -> list[Part]:
    """The futures of a part of the horizon, like ones together, in groups of about equal weight."""
    total, reached = sum(weight for _, weight in futures), 0.0
    groups: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for w, weight in futures:
        groups[min(int(SHARES * (reached + weight / 2.0) / total), SHARES - 1)].append((w, weight))
        reached += weight
    return [Part(part, found) for found in groups.values()]
