"""Nothing is lost (model rule 1), at every place where a commodity appears, in every period and future."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Commodity
from khovor.verify.check import Check, equal
from khovor.verify.view import View, summed

BALANCE = "what arrives, is made, bought or drawn from stock leaves, is used, sold or disposed of"

Place = tuple[str, Commodity, int, str]
Move = tuple[Place, float]
"""A place and what comes there per year (negative = goes) [t/y]."""


def goods_balance(view: View) -> Iterator[Check]:
    """Supply equals use; the scale of a place is what passes through it."""
    moves = [*_shipped(view), *_processed(view), *_traded(view), *_drawn(view)]
    supply = summed((place, rate) for place, rate in moves if rate > 0)
    use = summed((place, -rate) for place, rate in moves if rate <= 0)
    for place in sorted({*supply, *use}):
        node, commodity, t, w = place
        known = view.case.nodes.get(node)
        subject = view.subject(f"{commodity} at {node}", t, w, known.at if known else "")
        yield equal(BALANCE, subject, supply.get(place, 0.0), use.get(place, 0.0), unit="t/y")


def _shipped(view: View) -> Iterator[Move]:
    for flow in view.tables.flows:
        lane = view.case.lanes.get(flow.lane)
        if lane is not None and flow.leg in view.legs:
            yield (flow.start, flow.commodity, flow.t, flow.w), -flow.t_y
            yield (flow.end, flow.commodity, flow.t, flow.w), flow.t_y * (1.0 - lane.loss_share)


def _processed(view: View) -> Iterator[Move]:
    for run, recipe in view.runs:
        for commodity, amount in recipe.balance.items():
            yield (run.node, commodity, run.t, run.w), amount * run.t_y


def _traded(view: View) -> Iterator[Move]:
    for bought in view.tables.purchases:
        yield (bought.node, bought.commodity, bought.t, bought.w), bought.t_y
    for sold in view.tables.sales:
        yield (sold.node, sold.commodity, sold.t, sold.w), -sold.t_y
    for dumped in view.tables.disposals:
        yield (dumped.node, dumped.commodity, dumped.t, dumped.w), -dumped.t_y


def _drawn(view: View) -> Iterator[Move]:
    """What is drawn from stock per year (negative = put in): opening less closing stock, over the period's years."""
    held = {(s.node, s.commodity, s.t, s.w): s.tonnes for s in view.tables.stocks}
    first = {(s.node, Commodity(s.product, ""), -1): s.initial_t for s in view.case.stockpiles if s.initial_t > 0}
    places = {(node, c) for node, c, _, _ in held} | {(node, c) for node, c, _ in first}
    for node, commodity in sorted(places):
        for w in view.futures:
            before = first.get((node, commodity, -1), 0.0)
            for t in view.periods:
                after = held.get((node, commodity, t, w), 0.0)
                yield (node, commodity, t, w), (before - after) / view.case.horizon.periods[t].years
                before = after
