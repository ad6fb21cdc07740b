"""The solve room: hand-over to HiGHS, progress, limits, Ctrl-C, duals."""

import threading
from collections.abc import Callable

from khovor.formulation import Formulation
from khovor.solve.arrays import Matrix, compile_model
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener, Progress

__all__ = ["Limits", "Listener", "Matrix", "Optimizer", "Outcome", "Progress", "compile_model", "optimize"]

Optimizer = Callable[[Formulation, Limits, Listener | None, threading.Event | None], Outcome]
"""`optimize`, or another way to the same: a formulation within limits, told to a listener, until it is to stop."""
