"""Processes of this machine: copies of one that has imported what runs need, and none that outlives who asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from khovor.studies import forking
from khovor.studies.crew import crew
from support import PATIENCE_S


def _of_a_worker() -> tuple[int, str, bool]:
    """Its parent, how many threads its algebra may have, and whether all was imported before it began."""
    parent = os.getppid()
    return parent, os.environ["OPENBLAS_NUM_THREADS"], "khovor.studies.sweep" in sys.modules


def test_workers_are_copies_of_one_process_that_has_imported() -> None:
    """Of two crews, one after the other, all workers have one parent, which on Linux is another; each has a thread."""
    told = []
    for _ in range(2):
        with crew(2) as workers:
            told += workers.client.run(_of_a_worker).values()  # type: ignore[attr-defined]
    assert len(told) == 4
    assert len(set(told)) == 1
    parent, threads, imported = told[0]
    assert (parent != os.getpid(), imported) == ((True, True) if forking.METHOD == "forkserver" else (False, imported))
    assert threads == "1"


def test_beginning_leaves_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said to the process that is begun is not said to this one."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    before = dict(os.environ)
    forking.begin()
    assert dict(os.environ) == before


PARENT = """
import os, time
from khovor.studies.crew import crew
if __name__ == "__main__":
    with crew(2) as workers:
        pids = workers.client.run(os.getpid).values()
        print(*pids, *set(workers.client.run(os.getppid).values()), flush=True)
        time.sleep(600)
"""


def test_no_process_outlives_who_asked_for_it(tmp_path: Path) -> None:
    """Where that is killed (SIGKILL), its workers end, and the process they are copies of."""
    (tmp_path / "parent.py").write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert running.stdout is not None
    pids = [int(pid) for pid in running.stdout.readline().split()]
    running.kill()
    running.wait()
    running.stdout.close()
    assert len(pids) == 3
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], PATIENCE_S)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
