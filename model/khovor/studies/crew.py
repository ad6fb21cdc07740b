"""Who does the work: this process, processes beside it, or a Dask cluster; the records are the same."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol

from khovor.errors import UsageError
from khovor.solve import Progress
from khovor.studies.forking import METHOD
from khovor.studies.tasks import Record, Study, Task, attempt

POLL_S: Final = 0.2

LOST: Final = 3
"""How often a run may take its worker down before it counts as crashed."""


Tell = Callable[[str, Progress], None]
"""Hears where the run of a label is."""


class Crew(Protocol):
    """Does tasks and yields each with its record as it ends, in any order; stops early when told to.

    Of tasks that are no sequence the next is taken when a worker is free for it.
    """

    def work(
        self, study: Study, tasks: Iterable[Task], tell: Tell | None, stop: threading.Event | None
    ) -> Iterator[tuple[Task, Record]]:
        """Each task with its record."""


@contextmanager
def crew(jobs: int, cluster: str | None = None) -> Iterator[Crew]:
    """A crew of `jobs` workers: on a cluster where an address is given, else on this machine; one is this process.

    Raises UsageError for a cluster that cannot be reached or whose libraries are not installed.
    """
    if cluster is None and jobs == 1:
        yield _Alone()
        return
    with ExitStack() as opened:
        yield _Dask(opened.enter_context(_client(jobs, cluster)))


@contextmanager
def crew_meanwhile(jobs: int, cluster: str | None = None) -> Iterator[Callable[[], Crew]]:
    """A crew that gets ready while other work goes on, as `crew`: what is yielded waits for it, and raises as it does.

    Workers take seconds to start, most of which is importing.
    """
    with ExitStack() as opened, ThreadPoolExecutor(1) as aside:
        yield aside.submit(opened.enter_context, crew(jobs, cluster)).result


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Alone:
    """This process, one task after the other."""

    def work(
        self, study: Study, tasks: Iterable[Task], tell: Tell | None, stop: threading.Event | None
    ) -> Iterator[tuple[Task, Record]]:
        """Each task with its record, in order."""
        for task in tasks:
            if stop is not None and stop.is_set():
                return
            listener = None if tell is None else partial(tell, task.label)
            yield task, attempt(study.work, study.shared, task, listener, stop)


@dataclass(frozen=True, slots=True)
class _Dask:
    """Workers of a Dask scheduler: a task whose worker is lost is given to another."""

    client: Any

    def work(
        self, study: Study, tasks: Iterable[Task], tell: Tell | None, stop: threading.Event | None
    ) -> Iterator[tuple[Task, Record]]:
        """Each task with its record, as they end."""
        # What is shared is a task of its own: data that is merely put on a worker is lost with it.
        shared = self.client.submit(_same, study.shared, pure=False)
        ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        under_way: dict[str, tuple[Task, Any]] = {}
        left = iter(tasks)

        def begin() -> None:
            room = sys.maxsize if isinstance(tasks, Sequence) else max(1, sum(self.client.nthreads().values()))
            for task in islice(left, room - len(under_way)):
                future = self.client.submit(attempt, study.work, shared, task, pure=False)
                under_way[task.key] = task, future
                future.add_done_callback(lambda _, key=task.key: ended.put(key))

        begin()
        while under_way:
            if stop is not None and stop.is_set():
                self.client.cancel([shared, *(future for _, future in under_way.values())], force=True)
                return
            try:
                task, future = under_way.pop(ended.get(timeout=POLL_S))
            except queue.Empty:
                continue
            yield task, _record(task, future)
            begin()


def _same(shared: Any) -> Any:
    return shared


def _record(task: Task, future: Any) -> Record:
    try:
        record: Record = future.result()
    except (Exception, CancelledError) as lost:
        message = f"The worker was lost, {LOST} times: {type(lost).__name__}."
        return Record(task.label, task.key, "crashed", message, 0.0, {})
    return record


@contextmanager
def _client(jobs: int, address: str | None) -> Iterator[Any]:
    """A client of the cluster at an address, or of one on this machine; what was started for it ends with it."""
    import dask
    from distributed import Client

    from khovor.studies.clusters import start

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    settings = {
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.scheduler.allowed-failures": LOST - 1,
        "distributed.worker.multiprocessing-method": METHOD,
        "distributed.admin.large-graph-warning-threshold": "1GB",  # a run brings the proof that it begins from
    }
    with dask.config.set(settings), ExitStack() as opened:
        place = address if address is not None and "://" in address else opened.enter_context(start(address, jobs))
        try:
            client = opened.enter_context(Client(place, set_as_default=False, timeout="15s"))
        except (OSError, ValueError) as error:
            raise UsageError(f"There is no Dask scheduler at {address}: {error}") from error
        if address is None:
            client.run(_leave_interrupts_to_the_parent)
        yield client


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; who ends what is decided by the one that was started there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
