"""Ctrl-C while a command starts: importing the solver and its kin takes seconds, in which there is nothing to save.

Imported before all else, and takes over Ctrl-C only where this process is the command, not one that uses the package
or a worker of a study.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Final

INTERRUPTED: Final = 130
MESSAGE: Final = b"\nStopped before anything was begun.\n"


def is_command() -> bool:
    """Whether this process is `khovor` or `python -m khovor`."""
    if multiprocessing.parent_process() is not None:
        return False
    module = sys.argv[:1] == ["-m"] and "khovor" in sys.orig_argv
    return module or Path(sys.argv[0] if sys.argv else "").stem == "khovor"


def leave(signum: int, frame: object) -> None:
    """Say so and leave at once: an exception would be lost, or told at length, in the middle of an import."""
    os.write(2, MESSAGE)
    os._exit(INTERRUPTED)


if is_command():
    signal.signal(signal.SIGINT, leave)
