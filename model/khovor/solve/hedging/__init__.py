"""Progressive hedging: every future a program of its own, held by the ranks of one `mpiexec`, led to one plan.

For programs too large for one machine's memory. mpi-sppy leads the futures to agree; what they agree on is valued in
all of them by khovor itself, and each round of prices gives a Lagrangian bound. Needs `khovor[mpi]`.
"""

from khovor.solve.hedging.crew import Crew

__all__ = ["Crew"]
