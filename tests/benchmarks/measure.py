"""Work done step by step in a process of its own, so that the seconds and the memory of each step are its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

Steps = Callable[..., Iterator[tuple[str, Any]]]
"""A generator that yields the name and the figure of each step when it is done; importable from another process."""

STATUS = Path("/proc/self/status")


class Step(NamedTuple):
    """A step that was done: its figure, its seconds, and the most memory the process held until then [GB]."""

    figure: Any
    seconds: float
    gigabytes: float


class Measured(NamedTuple):
    """The steps that were done, and why there are no more ("" where all were)."""

    steps: Mapping[str, Step]
    ended: str

    def seconds(self, *names: str) -> float | None:
        """Seconds of these steps together; None where one was not done."""
        return sum(self.steps[name].seconds for name in names) if all(name in self.steps for name in names) else None

    def gigabytes(self, name: str) -> float | None:
        """The most memory held until the end of a step [GB]; None where it was not done."""
        return self.steps[name].gigabytes if name in self.steps else None

    def figure(self, name: str, otherwise: Any = None) -> Any:
        """The figure of a step, or what stands in for it where it was not done."""
        return self.steps[name].figure if name in self.steps else otherwise


def apart(work: Steps, *given: Any, most_gb: float | None = None) -> Measured:
    """Do work in a process that may hold at most so much memory; what was done before it failed is kept."""
    context = multiprocessing.get_context("spawn")
    hears, tells = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(tells, most_gb, work, given))
    child.start()
    tells.close()
    steps: dict[str, Step] = {}
    ended = ""
    try:
        while True:
            name, told = hears.recv()
            if name:
                steps[name] = told
            else:
                ended = told
    except EOFError:
        child.join()
    return Measured(steps, ended or ("" if child.exitcode == 0 else f"ended with code {child.exitcode}"))


def _work(tells: Connection, most_gb: float | None, work: Steps, given: tuple[Any, ...]) -> None:
    if most_gb is not None:
        most = int(most_gb * 1e9)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    began = time.monotonic()
    try:
        for name, figure in work(*given):
            tells.send((name, Step(figure, time.monotonic() - began, peak())))
            began = time.monotonic()
    except MemoryError:
        tells.send(("", f"more than {most_gb:g} GB" if most_gb is not None else "out of memory"))
    except Exception as fault:
        tells.send(("", f"{type(fault).__name__}: {fault}"))


def peak() -> float:
    """The most memory this process has held [GB]: of `ru_maxrss` a new process on Linux inherits its parent's."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
