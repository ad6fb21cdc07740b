"""Nothing is lost (rule 1): what arrives, is made, bought or drawn from stock leaves, is used, sold or disposed of."""

from __future__ import annotations

from typing import Any

from khovor.case import Commodity
from khovor.formulation.frame import Frame, Subject, grouped, weighted
from khovor.units import T_PER_KT

Key = tuple[str, str, str, int]


def constraints(f: Frame) -> None:
    """Declare the balance of every (node, commodity, period, scenario) that anything touches."""
    m, terms = f.model, _touching(f)

    @m.Constraint(
        f.each(terms),
        doc="Σ (1-loss)·ship + Σ_x coef·act + buy + (stock[t-1] - stock[t])/years = Σ out ship + sell + dump [kt/y]",
    )
    def goods_balance(m: Any, n: str, p: str, o: str, t: int, w: str) -> Any:
        drawn, opening = _from_stock(f, n, p, o, t, w)
        flows = [(c, getattr(m, name)[(*index, w)]) for c, name, index in terms[n, p, o, t]]
        return weighted(flows + drawn) == -opening

    f.subjects["goods_balance"] = lambda n, p, o, t, w: Subject(f"{Commodity(p, o)} at {n}", f.case.nodes[n].at, "t/y")


def _touching(f: Frame) -> dict[Key, list[tuple[float, str, tuple[Any, ...]]]]:
    """(coefficient, variable, index without scenario) of every term of each balance, listed once for all futures."""
    net = f.network
    terms = [
        *(((*_place(net.pairs[i].leg.start, net.pairs[i].commodity), t), (-1.0, "ship", (i, t))) for i, t in net.ships),
        *(
            (
                (*_place(net.pairs[i].leg.end, net.pairs[i].commodity), t),
                (1.0 - net.pairs[i].lane.loss_share, "ship", (i, t)),
            )
            for i, t in net.ships
        ),
        *(
            ((*_place(net.activities[x].node, c), t), (amount, "act", (x, t)))
            for x, t in net.acts
            for c, amount in net.activities[x].recipe.balance.items()
        ),
        *(((net.offers[q].market.key.node, *net.offers[q].commodity, t), (-1.0, "sell", (q, t))) for q, t in net.sells),
        *(
            (
                (f.case.purchases[b].key.node, f.case.purchases[b].key.product, f.case.purchases[b].origin, t),
                (1.0, "buy", (b, t)),
            )
            for b, t in net.buys
        ),
        *(((n, p, o, t), (-1.0, "dump", (n, p, o, t))) for n, p, o, t in net.dumps),
    ]
    found: dict[Key, list[tuple[float, str, tuple[Any, ...]]]] = grouped(terms)
    for key in net.stocks:
        found.setdefault(key, [])
    return found


def _place(node: str, commodity: Commodity) -> tuple[str, str, str]:
    return node, commodity.product, commodity.origin


def _from_stock(f: Frame, n: str, p: str, o: str, t: int, w: str) -> tuple[list[tuple[float, Any]], float]:
    """Drawing on stock as terms, and the initial stock as a constant [kt/y]."""
    m = f.model
    if (n, p, o, t, w) not in m.STOCK:
        return [], 0.0
    rate = 1.0 / f.case.horizon.periods[t].years
    terms = [(-rate, m.stock[n, p, o, t, w])]
    if t > 0:
        return [*terms, (rate, m.stock[n, p, o, t - 1, w])], 0.0
    pile = next(s for s in f.case.stockpiles if (s.node, s.product) == (n, p))
    return terms, rate * (pile.initial_t if o == "" else 0.0) / T_PER_KT
