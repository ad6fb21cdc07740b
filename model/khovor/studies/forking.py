"""How processes of this machine are begun: on Linux all are copies of one that has imported what runs need.

So importing, which is most of the start of a worker, is done once, and a worker that is lost is there again at once.
Elsewhere what the system itself has loaded does not bear copying, and each process imports by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import Final

METHOD: Final = "forkserver" if sys.platform == "linux" else "spawn"

IMPORTED: Final = ("distributed.nanny", "khovor.cli")
"""Where it begins, a worker imports its own program as well, which is the command or another one that uses khovor."""

ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Workers have a core each; and a process with threads does not bear copying either."""


def begin() -> None:
    """Begin to import, where that is done once, and return: whoever asks for a copy waits for it. Again it is nothing.

    What its environment is it keeps.
    """
    if METHOD != "forkserver":
        return
    from multiprocessing import forkserver  # there is none on Windows

    own = dict(os.environ)
    try:
        os.environ |= dict.fromkeys(ONE_THREAD, "1") | own
        multiprocessing.get_context(METHOD).set_forkserver_preload([*IMPORTED])
        forkserver.ensure_running()
    finally:
        for name in ONE_THREAD:
            if name not in own:
                del os.environ[name]
