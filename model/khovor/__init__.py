"""khovor: what to build, where, how large and when, and by which corridors to sell."""

import khovor.startup  # first of all: Ctrl-C while the rest is imported

# isort: split
from khovor.memory import collection_paused

with collection_paused():
    import khovor.imports  # noqa: F401 - before what it is about

    # isort: split
    from khovor.errors import KhovorError
    from khovor.run import read, solve
    from khovor.solution import Solution
    from khovor.versions import KHOVOR as __version__

__all__ = ["KhovorError", "Solution", "__version__", "read", "solve"]
