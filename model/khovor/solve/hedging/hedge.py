"""Progressive hedging by mpi-sppy: the ranks share the futures and go round after round together.

HiGHS takes no quadratic terms beside integers, so what pulls the futures together is linearised: exactly for choices of
0 or 1, by cuts elsewhere. It shapes plans only; bounds are taken without it (`rounds.py`).
"""

from __future__ import annotations

from typing import Any

from mpisppy.opt.ph import PH

from khovor.case import Case
from khovor.network import Network
from khovor.solve.hedging.ledger import Ledger
from khovor.solve.hedging.rounds import Agreed, Rounds
from khovor.solve.hedging.scenarios import scenario_creator
from khovor.solve.hedging.silence import in_silence
from khovor.solve.highs import forget_threads
from khovor.solve.progress import Limits

ROUNDS = 1000
"""Most rounds of hedging; a closed gap, the time limit or rounds that bring nothing end it before."""

ROOT = {"mip_lp_solver": "ipm"}
"""On the shipped case one future's first relaxation by simplex leaves no time for plans; by interior point it does."""

NEVER = -1.0
"""mpi-sppy's own threshold for stopping when all futures agree: the bound may still be improved then."""

SHARPER = 0.25
"""Gap of one future's program as a share of the gap asked for: what it leaves open, no bound can close."""


def hedge(comm: Any, case: Case, network: Network, limits: Limits, ledger: Ledger | None = None) -> None:
    """Hedge a case on all ranks of `comm`, each with the same arguments but for the first, which keeps the ledger.

    Ranks beyond the number of futures stay idle. Futures that are sure not to come take part in valuing plans only.
    """
    names = [s.name for s in case.scenarios if s.probability > 0]
    group = comm.Split(0 if comm.rank < len(names) else 1, comm.rank)
    if comm.rank < len(names):
        forget_threads()
        with in_silence():
            _hedged(group, names, case, network, limits, ledger)
    group.Free()


def _hedged(comm: Any, names: list[str], case: Case, network: Network, limits: Limits, ledger: Ledger | None) -> None:
    hedging = PH(
        _options(limits),
        names,
        scenario_creator,
        scenario_creator_kwargs={"case": case, "network": network},
        mpicomm=comm,
        extensions=Rounds,
        extension_kwargs={"limits": limits, "ledger": ledger},
        ph_converger=Agreed,
    )
    try:
        hedging.ph_main(finalize=False)
    except RuntimeError as error:  # on all ranks at once, where a future has no plan of its own
        if hedging.incumbent_prob() == hedging.E1:
            raise
        if ledger is not None:
            ledger.infeasible = str(error)


def _options(limits: Limits) -> dict[str, Any]:
    solver: dict[str, Any] = {"mip_rel_gap": SHARPER * limits.gap, "threads": limits.threads or 1, **ROOT}
    if limits.seed is not None:
        solver["random_seed"] = limits.seed
    return {
        "solver_name": "appsi_highs",
        "solver_options_layers": [{"when": "default", "options": solver}],
        "PHIterLimit": ROUNDS,
        "defaultPHrho": 1.0,
        "convthresh": NEVER,
        "linearize_proximal_terms": True,
        "linearize_binary_proximal_terms": True,
        "verbose": False,
        "display_progress": False,
        "toc": False,
    }
