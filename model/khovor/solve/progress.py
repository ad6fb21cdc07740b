"""What a solve is given (limits) and what it says while it runs (progress)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: relative gap, seconds; and how to run: threads and seed (None = the solver's own choice)."""

    gap: float
    time_limit_s: float
    threads: int | None = None
    seed: int | None = None

    @property
    def cores(self) -> int:
        """Cores to use: as many as threads were asked for, else all there are."""
        return self.threads or os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is. `incumbent` and `bound` in MUSD, in the sense of the objective; None = not known yet.

    `news` is worth a line of its own: something has ended that will not be told again.
    """

    phase: str
    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    nodes: int = 0
    message: str = ""
    news: bool = False


Listener = Callable[[Progress], None]


class Stop(Protocol):
    """What a running solve asks whether it should end: a threading.Event, or anything that answers the same."""

    def is_set(self) -> bool:
        """Whether to stop."""
