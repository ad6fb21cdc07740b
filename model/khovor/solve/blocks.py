"""A linear program solved block by block: once columns are held, what is left often falls apart into many.

With the units decided, nothing ties one period to another in most cases; where nothing is booked, each future is a
program of its own. Whatever the rows say, columns and rows that no free column connects are solved apart, small ones
in batches, on as many engines as there are cores, and put together again: values, objective and prices are those of
the whole, because every row and every free column is in exactly one batch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from khovor.solve.arrays import Matrix, Places
from khovor.solve.highs import POLL_S, Answer, Session, run
from khovor.solve.progress import Limits, Listener, Progress, Stop

BATCH = 20_000
"""Columns of a batch: fewer cost more in starting than they save in solving."""

KEPT = 500_000
"""Columns of a program whose engines are kept: those of a larger one would hold too much memory."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Places of the rows and of the free columns that are solved together."""

    rows: Places
    columns: Places


class Engines:
    """An engine for each batch, kept from one program to the next.

    Programs that differ in what is held, and by how much, differ in right-hand sides alone: each goes on from the basis
    of the last, which takes a tenth of the time of the first. Not for two threads at once.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Session] = {}

    def run(self, place: int, matrix: Matrix, limits: Limits, stop: Stop) -> Answer:
        """Solve the batch of a place."""
        if place not in self._kept:
            self._kept[place] = Session(limits)
        return self._kept[place].run(matrix, seconds=limits.time_limit_s, stop=stop)


class _Ended:
    """Stops what runs when the caller says so, or when one batch has failed: the others decide nothing then."""

    def __init__(self, stop: Stop | None) -> None:
        self._stop, self._failed = stop, threading.Event()

    def fail(self) -> None:
        """One batch has no answer."""
        self._failed.set()

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._failed.is_set() or (self._stop is not None and self._stop.is_set())


def run_in_blocks(
    matrix: Matrix,
    limits: Limits,
    *,
    phase: str = "solve",
    listener: Listener | None = None,
    stop: Stop | None = None,
    engines: Engines | None = None,
) -> Answer:
    """Solve a linear program, some of whose columns are held (lower bound = upper bound), as `run` solves it whole.

    A program that is small, or does not fall apart, is given to HiGHS whole. `limits.threads` batches are solved at a
    time, on one thread each, by `engines` that have solved one like it where there are any. Where a batch is not
    optimal the answer has its status, and no values unless all have.
    """
    parts = batches(matrix)
    if len(parts) == 1:
        return run(matrix, limits, phase=phase, listener=listener, stop=stop)
    began, ended = time.monotonic(), _Ended(stop)
    left = _Left(matrix)
    kept = engines if matrix.shape[1] <= KEPT else None

    def solved(place: int) -> Answer:
        seconds = limits.time_limit_s - (time.monotonic() - began)
        own, program = replace(limits, time_limit_s=max(seconds, 0.1), threads=1), left.of(parts[place])
        answer = run(program, own, stop=ended) if kept is None else kept.run(place, program, own, ended)
        if answer.status != "optimal":
            ended.fail()
        return answer

    with ThreadPoolExecutor(limits.cores) as pool:
        # The largest first: the last to be begun should be over soon.
        order = sorted(range(len(parts)), key=lambda k: -len(parts[k].columns))
        begun = {k: pool.submit(solved, k) for k in order}
        wait_for(list(begun.values()), phase, listener, began)
    answers = [begun[k].result() for k in range(len(parts))]
    return _together(matrix, parts, answers, time.monotonic() - began)


def batches(matrix: Matrix) -> list[Batch]:
    """Blocks in order, as many together as make a batch; a block larger than that is one by itself."""
    if matrix.shape[1] <= BATCH:
        return [Batch(np.arange(matrix.shape[0]), np.arange(matrix.shape[1]))]
    n_rows, columns = matrix.shape[0], np.flatnonzero(matrix.col_lower < matrix.col_upper)
    free = matrix.sparse[:, columns].tocoo()
    size = n_rows + len(columns)
    graph = sp.coo_matrix((np.ones(free.nnz, dtype=np.bool_), (free.row, n_rows + free.col)), shape=(size, size))
    blocks, block = connected_components(graph, directed=False)
    batch = _grouped(np.bincount(block[n_rows:], minlength=blocks))[block]
    count = int(batch.max()) + 1
    rows, free_columns = _members(batch[:n_rows], count), _members(batch[n_rows:], count)
    return [Batch(r, columns[c]) for r, c in zip(rows, free_columns, strict=True)]


def _grouped(sizes: Places) -> Places:
    """The batch of each block, by its columns: as many as follow each other until it is full, but never none."""
    batch, number, filled = np.zeros(len(sizes), dtype=np.int64), 0, 0
    for block, size in enumerate(sizes.tolist()):
        if size and filled and filled + size > BATCH:
            number, filled = number + 1, 0
        batch[block] = number
        filled += size
    return batch


def _members(batch: Places, count: int) -> list[Places]:
    """The places of each of `count` batches, ascending."""
    order = np.argsort(batch, kind="stable")
    return np.split(order, np.searchsorted(batch[order], np.arange(1, count)))


class _Left:
    """What held columns leave of a program, batch by batch."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix, self._a = matrix, matrix.sparse
        held = np.where(matrix.col_lower < matrix.col_upper, 0.0, matrix.col_lower)
        self._taken = self._a @ held

    def of(self, batch: Batch) -> Matrix:
        """The program of a batch, without labels."""
        m, rows, columns = self._matrix, batch.rows, batch.columns
        place = np.zeros(m.shape[0], dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        a = self._a[:, columns]
        return Matrix(
            cost=m.cost[columns],
            offset=0.0,
            maximise=m.maximise,
            start=a.indptr.astype(np.int32),
            index=place[a.indices],
            value=a.data,
            row_lower=m.row_lower[rows] - self._taken[rows],
            row_upper=m.row_upper[rows] - self._taken[rows],
            col_lower=m.col_lower[columns],
            col_upper=m.col_upper[columns],
            integer=np.zeros(len(columns), dtype=np.bool_),
            columns=[None] * len(columns),
            rows=[None] * len(rows),
        )


def left_of(matrix: Matrix, columns: Places) -> tuple[Matrix, Places]:
    """The program of a few columns, all others being held, and the rows it has: those that these columns are in."""
    rows = np.flatnonzero(np.diff(matrix.sparse[:, columns].tocsr().indptr))
    return replace(_Left(matrix).of(Batch(rows, columns)), maximise=matrix.maximise), rows


def wait_for(begun: Sequence[Future[Any]], phase: str, listener: Listener | None, began: float) -> None:
    """Wait for all; the listener hears meanwhile that something goes on."""
    under_way = True
    while under_way:
        under_way = bool(wait(begun, timeout=POLL_S).not_done)
        if listener is not None:
            listener(Progress(phase, time.monotonic() - began))


def _together(matrix: Matrix, parts: list[Batch], answers: list[Answer], seconds: float) -> Answer:
    """One answer for the whole, from one for each batch."""
    values, duals = matrix.col_lower.copy(), np.zeros(matrix.shape[0])
    for part, answer in zip(parts, answers, strict=True):
        if answer.values is not None:
            values[part.columns] = answer.values
        if answer.duals is not None:
            duals[part.rows] = answer.duals
    worst = _worst(answers)
    objective, widest = matrix.offset + float(matrix.cost @ values), max(len(part.columns) for part in parts)
    return Answer(
        status=worst.status,
        objective=objective,
        bound=objective,
        values=None if any(a.values is None for a in answers) else values,
        duals=None if any(a.duals is None for a in answers) else duals,
        nodes=0,
        seconds=seconds,
        log=(
            f"solved in {len(parts)} batches of at most {widest} columns",
            *worst.log,
        ),
    )


def _worst(answers: list[Answer]) -> Answer:
    """The answer that says why there is none for the whole; the first where all are optimal."""
    failed = [answer for answer in answers if answer.status != "optimal"]
    # What was stopped because another had failed says nothing.
    said = [answer for answer in failed if answer.status != "interrupted"]
    return (said or failed or answers)[0]
