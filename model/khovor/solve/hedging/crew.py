"""The ranks of one `mpiexec`: the first leads and speaks, the others serve it in silence until it is done.

The only file here that may be imported without `khovor[mpi]`.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from khovor.case import Case
from khovor.errors import UsageError
from khovor.formulation import Formulation
from khovor.solve.hedging.silence import in_silence
from khovor.solve.optimize import Outcome, optimize
from khovor.solve.progress import Limits, Listener
from khovor.solve.start import Start

ABSENT: Final = 'Progressive hedging needs mpi-sppy and MPI; install both with: pip install "khovor[mpi]"'

FAULT: Final = 70
"""Exit code of a rank that fails, as of the command (a fault of khovor itself)."""


class Crew:
    """All ranks together. Without `mpiexec` there is one, which holds every future.

    Raises UsageError where `khovor[mpi]` is not installed.
    """

    def __init__(self) -> None:
        try:
            with in_silence():
                from mpi4py import MPI
                from mpisppy.opt import ph  # noqa: F401  (says on stdout that it is being imported)
        except (ImportError, RuntimeError) as error:  # RuntimeError: mpi4py is there, the MPI library is not
            raise UsageError(f"{ABSENT} ({error})") from error
        self._comm: Any = MPI.COMM_WORLD

    @property
    def leads(self) -> bool:
        """Whether this is the rank that reads, speaks and writes."""
        return bool(self._comm.rank == 0)

    @contextmanager
    def leading(self) -> Iterator[None]:
        """On the first rank: whatever happens within, the others are sent home at its end."""
        try:
            yield
        finally:
            self._comm.bcast(None, root=0)

    def serve(self) -> None:
        """On every other rank: help with each program the first rank has, until it sends all home."""
        from khovor.solve.hedging.hedge import hedge

        while (work := self._comm.bcast(None, root=0)) is not None:
            with self._together():
                hedge(self._comm, *work)

    def hedge(
        self,
        formulation: Formulation,
        limits: Limits,
        progress: Listener | None = None,
        stop: threading.Event | None = None,
        start: Start | None = None,
    ) -> Outcome:
        """What `optimize` does, by progressive hedging, on the first rank with the help of all; `start` is not used.

        Raises what `optimize` raises, and UsageError for a case whose futures are tied by more than decisions.
        """
        _refuse_what_ties_futures(formulation.case)
        from khovor.solve.hedging.hedge import hedge
        from khovor.solve.hedging.ledger import Ledger
        from khovor.solve.hedging.scenarios import decisions

        if not decisions(formulation.model):
            return optimize(formulation, limits, progress, stop, start)
        ledger = Ledger(formulation, limits, progress, stop)
        self._comm.bcast((formulation.case, formulation.network, limits), root=0)
        with self._together():
            hedge(self._comm, formulation.case, formulation.network, limits, ledger)
        return ledger.outcome()

    @contextmanager
    def _together(self) -> Iterator[None]:
        """A fault on one rank ends all of them: the others would wait for it for ever."""
        try:
            yield
        except Exception:
            if self._comm.size == 1:
                raise
            traceback.print_exc()
            self._comm.Abort(FAULT)


def _refuse_what_ties_futures(case: Case) -> None:
    """Each future is a program of its own only where nothing but what is decided once is about several of them.

    A policy that holds on average would be held in each, and the bound, of too few plans, would be none.
    """
    if len(case.scenarios) < 2:
        return
    if case.terms.objective == "support":
        raise UsageError("Under objective support no future has its own value: --set settings[objective].value=npv.")
    if case.terms.risk_weight or case.ambiguity is not None:
        raise UsageError("Progressive hedging is about expected values: --set settings[risk_weight].value=0.")
    tied = next((p for p in case.policies if p.expected and not p.decided), None)
    if tied is not None:
        told = f"Policy '{tied.name}' ({tied.at}) holds on average over the futures"
        raise UsageError(f"{told}; progressive hedging needs policies that hold in each.")
