"""What is kept in stock: tonnes at the end of each period within the stockpile's room.

stock[n,p,o,t,w] stock of a commodity (product p of origin o) at the end of t [kt].
"""

from __future__ import annotations

from typing import Any

from khovor.errors import InfeasibleError
from khovor.formulation.frame import Frame, Subject, weighted
from khovor.units import T_PER_KT


def variables(f: Frame) -> None:
    """Declare stocks."""
    f.operate("stock", f.network.stocks, doc="stock[n,p,o,t,w]: stock at the end of t  [kt]")


def constraints(f: Frame) -> None:
    """Declare room and the last stock."""
    piles = {(s.node, s.product): s for s in f.case.stockpiles}
    origins: dict[tuple[str, str], list[str]] = {key: [] for key in piles}
    for n, p, o, t in f.network.stocks:
        if t == 0:
            origins[n, p].append(o)
    held = [key for key, found in origins.items() if found]
    last = f.periods[-1]

    @f.rows([(*key, t) for key in held for t in f.periods], doc="Σ_o stock[n,p,o,t,w] ≤ capacity  [kt]")
    def stock_within_room(m: Any, n: str, p: str, t: int) -> Any:
        return weighted((1.0, m.stock[n, p, o, t]) for o in origins[n, p]) <= piles[n, p].capacity_t / T_PER_KT

    final = [key for key in piles if piles[key].final_min_t > 0]
    for key in final:
        if not origins[key]:
            message = f"The last stock asked for at {piles[key].at} can never be there."
            raise InfeasibleError.asked(piles[key].at, message, "Clear final_min_t, or give the product a way there.")

    @f.rows(final, doc="Σ_o stock[n,p,o,last,w] ≥ final_min  [kt]", tying=True)
    def stock_left_at_the_end(m: Any, n: str, p: str) -> Any:
        return weighted((1.0, m.stock[n, p, o, last]) for o in origins[n, p]) >= piles[n, p].final_min_t / T_PER_KT

    f.subjects["stock_within_room"] = lambda n, p, t, w: Subject(f"room for {p} at {n}", piles[n, p].at, "t")
    f.subjects["stock_left_at_the_end"] = lambda n, p, w: Subject(f"last stock of {p} at {n}", piles[n, p].at, "t")
