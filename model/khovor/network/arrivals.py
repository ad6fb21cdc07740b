"""The most that can ever arrive at a market: what can be made and bought, and what lanes and gates let through."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable

from khovor.case import Commodity, Lane, Market
from khovor.network.derive import Network
from khovor.network.parts import added_capacity


def most_arriving(network: Network, market: Market, t: int) -> float:
    """An upper bound on what can be there to sell at a tier in period t, as its contract counts it [t/y].

    Every project is taken and of each thing the kindest future holds; where the tier counts a component, the richest
    goods come first.
    """
    content = {
        network.offers[i].commodity: market.content[network.offers[i].commodity.origin]
        for i, at in network.sells
        if at == t and network.offers[i].market.key == market.key
    }
    room = math.inf if _is_local(network, market.key.node, content) else _inbound(network, market, content, t)
    total = 0.0
    for commodity in sorted(content, key=lambda c: -content[c]):
        amount = min(network.supply[t].get(commodity, 0.0), room)
        total += content[commodity] * amount
        room -= amount
    return total


def _is_local(network: Network, node: str, goods: Collection[Commodity]) -> bool:
    """Whether any of the goods can be at a node without a lane: made, bought or kept there."""
    made = (c for a in network.activities if a.node == node for c in a.outputs)
    bought = (Commodity(p.key.product, p.origin) for p in network.case.purchases if p.key.node == node)
    kept = (Commodity(product, origin) for place, product, origin, _ in network.stocks if place == node)
    return not set(goods).isdisjoint((*made, *bought, *kept))


def _inbound(network: Network, market: Market, goods: Collection[Commodity], t: int) -> float:
    """What the lanes that end at a market let through, each gate counted once [t/y]."""
    lanes: dict[str, dict[str, Lane]] = defaultdict(dict)
    for i, at in network.ships:
        pair = network.pairs[i]
        if at == t and pair.leg.end == market.key.node and pair.commodity in goods:
            lanes[pair.lane.gate][pair.lane.name] = pair.lane
    return sum(_let_through(network, gate, found.values(), t) for gate, found in lanes.items())


def _let_through(network: Network, gate: str, lanes: Iterable[Lane], t: int) -> float:
    """What lanes that share a gate (or none) let through, what is lost on the way taken off [t/y]."""
    case, outlook = network.case, network.outlook
    carried = most_left = 0.0
    for lane in lanes:
        left = 1.0 - lane.loss_share
        most_left = max(most_left, left)
        own = math.inf if lane.capacity_t_y is None else lane.capacity_t_y
        kept = left * case.horizon.share(t, lane.window) * outlook.most("capacity", "lane", lane.name, t)
        carried += (own + added_capacity(case, "lane", lane.name, t)) * kept if kept else 0.0
    cap = case.gates[gate].capacity_t_y if gate else None
    if cap is None:
        return carried
    kept = most_left * outlook.most("capacity", "gate", gate, t)
    return min(carried, (cap + added_capacity(case, "gate", gate, t)) * kept)
