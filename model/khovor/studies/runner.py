"""The one way a study is run: what is finished is taken, the rest is done, each run is kept as it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from khovor.solve import Listener, Progress
from khovor.studies.crew import Crew
from khovor.studies.store import keep
from khovor.studies.tasks import Begin, Record, Study, Task


def run_study(
    study: Study,
    crew: Crew,
    *,
    folder: Path | None = None,
    before: Mapping[str, Record] | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> list[Record]:
    """Run a study; records in its order, whoever did the work. Where it is stopped, those that had ended by then.

    `before` are finished runs by key; `folder` is where runs are kept. A run that fails in any
    way is a record like the others. Raises WriteError when a run cannot be kept.
    """
    began = time.monotonic()
    done = {task.key: before[task.key] for task in study.tasks if before and task.key in before}
    if folder is not None:
        for record in done.values():
            keep(folder, record)
    left: Iterable[Task] = [task for task in study.tasks if task.key not in done]
    if study.begin is not None:
        left = _begun(study.begin, left, done)
    inner = None if listener is None else partial(_one_run, listener, began)
    for task, record in crew.work(study, left, inner, stop):
        done[task.key] = record
        if folder is not None:
            keep(folder, record)
        if listener is not None:
            told = f"{len(done)}/{len(study.tasks)} done, last {record.label}: {_ended(record)}"
            listener(Progress("runs", time.monotonic() - began, message=told, news=True))
    return [done[task.key] for task in study.tasks if task.key in done]


def _begun(begin: Begin, left: Iterable[Task], done: Mapping[str, Record]) -> Iterator[Task]:
    """Each task as it is when its turn has come, those that are needless by then left out."""
    for task in left:
        now = begin(task, list(done.values()))
        if now is not None:
            yield now


def _one_run(listener: Listener, began: float, label: str, progress: Progress) -> None:
    """Where one run is, as part of the study."""
    if progress.message != "done":
        told = f"{label}: {progress.phase}"
        listener(replace(progress, phase="runs", seconds=time.monotonic() - began, message=told))


def _ended(record: Record) -> str:
    value = record.result.get("objective", record.result.get("npv"))
    return record.status if value is None else f"{value:,.1f} MUSD"
