"""The solve room: hand-over to HiGHS, progress, limits, Ctrl-C, duals."""

import threading
from collections.abc import Callable

from khovor.formulation import Formulation
from khovor.solve.additions import Grown, grow
from khovor.solve.arrays import Floats, Matrix, Places
from khovor.solve.highs import Answer
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener, Progress
from khovor.solve.recourse import Recourse, refuse_averages
from khovor.solve.stamp import compile_model
from khovor.solve.start import Prices, Start

__all__ = [
    "Answer",
    "Floats",
    "Grown",
    "Limits",
    "Listener",
    "Matrix",
    "Optimizer",
    "Outcome",
    "Places",
    "Prices",
    "Progress",
    "Recourse",
    "Start",
    "compile_model",
    "grow",
    "optimize",
    "refuse_averages",
]

Optimizer = Callable[[Formulation, Limits, Listener | None, threading.Event | None, Start | None], Outcome]
"""`optimize`, or another way to the same: a formulation within limits, told to a listener, until it is to stop, from
what there is to begin with."""
