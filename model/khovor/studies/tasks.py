"""What a study is made of: one function, what all its calls share, and a list of labelled arguments."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from khovor.decisions import Decisions
from khovor.errors import KhovorError
from khovor.solve import Listener, Prices

Work = Callable[[Any, Any, Listener | None, threading.Event | None], Mapping[str, Any]]
"""work(shared, given, listener, stop) -> plain result with a `status`: pure, and importable wherever it may run.

Listener and stop are None in another process, where nobody listens. What stands under `PRICES` in the result is for
other runs of the study, and is not kept on disk.
"""

PRICES: Final = "prices of the proof"

FINISHED: Final = ("optimal", "feasible", "infeasible", "unbounded", "no_solution", "input_errors")
"""What ends a run for good: the same run again would end the same way. Anything else is run again on resuming."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run: its name, its own arguments (picklable), and all that decides its result, as plain JSON."""

    label: str
    given: Any
    stamp: Mapping[str, Any]

    @property
    def key(self) -> str:
        """A digest of name and stamp: two runs with one key have one result."""
        return hashlib.sha256(json.dumps([self.label, self.stamp], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """How a run ended: status, a message where it has no plan, seconds it took, and its result (empty without one).

    `prices` are those of its proof: there until the study ends.
    """

    label: str
    key: str
    status: str
    message: str
    seconds: float
    result: Mapping[str, Any]
    prices: Prices | None = field(default=None, compare=False, repr=False)

    @property
    def decisions(self) -> Decisions:
        """What it decided, for another run to begin from."""
        return Decisions.of(self.result, self.prices)

    @property
    def has_plan(self) -> bool:
        """Whether it found a plan."""
        return "builds" in self.result

    @property
    def finished(self) -> bool:
        """Whether the same run again would end the same way."""
        return self.status in FINISHED


Begin = Callable[[Task, Sequence[Record]], Task | None]
"""By the records there are when the turn of a task has come, the same task (its key) as it is done; None: needless."""


@dataclass(frozen=True, slots=True)
class Study:
    """Runs of one function. `shared` is what all of them need, sent to a worker once.

    `begin` makes of a task what is done when its turn has come; without it all are as they stand.
    """

    work: Work
    shared: Any
    tasks: Sequence[Task]
    begin: Begin | None = None


def attempt(
    work: Work, shared: Any, task: Task, listener: Listener | None = None, stop: threading.Event | None = None
) -> Record:
    """Run a task; whatever it raises becomes its record."""
    began, prices = time.monotonic(), None
    try:
        result = dict(work(shared, task.given, listener, stop))
        status, message, prices = str(result["status"]), "", result.pop(PRICES, None)
    except KhovorError as refused:
        document = refused.as_dict()
        status, message, result = document.pop("status"), document.pop("message"), document
    except Exception as fault:
        status, message, result = "failed", f"{type(fault).__name__}: {fault}", {}
    return Record(task.label, task.key, status, message, time.monotonic() - began, result, prices)
