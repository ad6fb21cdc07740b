"""Keeping libraries quiet: stdout belongs to the result, and a program stopped at its limit is nothing to warn of."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from khovor.solve.highs import quiet_stdout


@contextmanager
def in_silence() -> Iterator[None]:
    """Nothing within reaches stdout, and Pyomo does not warn."""
    pyomo = logging.getLogger("pyomo")
    before = pyomo.level
    pyomo.setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()), quiet_stdout():
            yield
    finally:
        pyomo.setLevel(before)
