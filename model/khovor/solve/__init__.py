"""The solve room: hand-over to HiGHS, progress, limits, Ctrl-C, duals."""

from khovor.solve.arrays import Matrix
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener, Progress
from khovor.solve.recourse import Recourse
from khovor.solve.stamp import compile_model

__all__ = ["Limits", "Listener", "Matrix", "Outcome", "Progress", "Recourse", "compile_model", "optimize"]
