"""The clock of a run: times its steps, says where it is, and lets Ctrl-C end it between two steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from khovor.errors import InterruptedRun
from khovor.solve import Listener, Progress


class Clock:
    """Seconds per step, in `seconds`; each step is told to the listener when it begins and when it ends."""

    def __init__(self, listener: Listener | None = None, stop: threading.Event | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._listener, self._stop = listener, stop

    @contextmanager
    def step(self, name: str, *, keeps_plan: bool = False) -> Iterator[None]:
        """Time one step. Raises InterruptedRun when stopped before it, unless there is a plan to keep by then."""
        if not keeps_plan and self._stop is not None and self._stop.is_set():
            raise InterruptedRun("Stopped before any plan was found.")
        self._say(Progress(name, 0.0))
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        self._say(Progress(name, self.seconds[name], message="done"))

    def _say(self, progress: Progress) -> None:
        if self._listener is not None:
            self._listener(progress)
