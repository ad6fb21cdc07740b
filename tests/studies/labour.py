"""Work for a runner that is tested: it lies in a module of its own, so that another process can import it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from khovor.errors import InfeasibleError
from khovor.studies.tasks import Study, Task


def toil(shared: float, given: dict[str, Any], listener: object, stop: Any) -> dict[str, Any]:
    """shared x number, after doing what else is asked: sleep, fail, or take the process down (once, or always)."""
    time.sleep(given.get("sleep", 0.0))
    if "note" in given:
        with Path(given["note"]).open("a") as notes:
            notes.write(f"{given['number']}\n")
    if given.get("raises"):
        raise {"infeasible": InfeasibleError("No plan."), "fault": ZeroDivisionError("by design")}[given["raises"]]
    if given.get("dies") == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    if given.get("dies") and not Path(given["dies"]).exists():
        Path(given["dies"]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"status": "optimal", "objective": shared * given["number"]}


def study(*given: dict[str, Any], shared: float = 10.0) -> Study:
    """A study of toil; each task is numbered from 0 unless it says otherwise."""
    tasks = [Task(f"run {n}", {"number": n, **g}, {"number": n, "shared": shared}) for n, g in enumerate(given)]
    return Study(toil, shared, tasks)
