"""The solve room: hand-over to HiGHS, progress, limits, Ctrl-C, duals."""

from khovor.solve.arrays import Matrix, compile_model
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener, Progress

__all__ = ["Limits", "Listener", "Matrix", "Outcome", "Progress", "compile_model", "optimize"]
