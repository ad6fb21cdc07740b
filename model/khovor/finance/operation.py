"""Lines of operation, year by year and future by future: trade, transport, activity, utilities, stocks.

Within a period every year is alike but for its price; what holds in some of its years only happens in those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from khovor.case import Case, Conditions, Stockpile, Window, outlook_of
from khovor.finance.line import EARNED_USD, PAID_USD, Entry, Line
from khovor.solution import Solution
from khovor.units import DAYS_PER_YEAR

ALWAYS = Window()


@dataclass(frozen=True)
class _Plan:
    """Case and plan side by side."""

    case: Case
    solution: Solution

    @cached_property
    def places(self) -> dict[str, int]:
        return {p.name: t for t, p in enumerate(self.case.horizon.periods)}

    @cached_property
    def conditions(self) -> Mapping[str, Conditions]:
        return outlook_of(self.case)

    def rows(self, table: str) -> Iterable[Any]:
        frame = self.solution.tables[table]
        return zip(*(frame[column].tolist() for column in frame.columns), strict=True)

    def yearly(self, t: int, amount: float, window: Window = ALWAYS) -> tuple[range, float]:
        """A mean over the years of a period, in those of its years that lie in the window."""
        span = self.case.horizon.periods[t].span
        if window == ALWAYS:
            return span, amount
        years = [year for year in span if year in window]
        return (range(years[0], years[-1] + 1), amount * len(span) / len(years)) if years else (range(0), 0.0)


def operating_lines(case: Case, solution: Solution) -> Iterator[Entry]:
    """Every line of operation; what costs nothing is none."""
    plan = _Plan(case, solution)
    for lines in (_sales, _purchases, _transport, _activity, _utilities, _disposal, _holding, _shortfall):
        yield from lines(plan)


def _sales(plan: _Plan) -> Iterator[Entry]:
    markets, case = {tuple(m.key): m for m in plan.case.markets}, plan.case
    for node, product, tier, row, origin, period, w, t_y in plan.rows("sales"):
        market, t = markets[node, product, tier, row], plan.places[period]
        price = market.price_usd_t * market.payable_share * market.content[origin]
        factor = plan.conditions[w].factor("price", "market", market.key, t)
        what = f"{case.products[product].label}, {case.nodes[node].label}"
        line = Line("revenue", what, "t", market.at, price, EARNED_USD, factor, market.profile)
        yield line, w, *plan.yearly(t, t_y, market.window)


def _purchases(plan: _Plan) -> Iterator[Entry]:
    offers, case = {(p.key.node, p.key.product, p.key.row): p for p in plan.case.purchases}, plan.case
    for node, product, row, _, period, w, t_y in plan.rows("purchases"):
        offer, t = offers[node, product, row], plan.places[period]
        factor = plan.conditions[w].factor("price", "purchase", offer.key, t)
        what = f"{case.products[product].label}, {case.nodes[node].label}"
        line = Line("purchases", what, "t", offer.at, offer.price_usd_t, PAID_USD, factor, offer.profile)
        yield line, w, *plan.yearly(t, t_y, offer.window)


def _transport(plan: _Plan) -> Iterator[Entry]:
    """Freight, fees, and the interest on what is on its way: on average t/y x days / 365 tonnes."""
    case, rate = plan.case, plan.case.horizon.rate
    legs = {tuple(leg): leg for lane in case.lanes.values() for leg in lane.legs}
    for name, start, end, product_name, _, period, w, t_y in plan.rows("flows"):
        lane, leg, product, t = (
            case.lanes[name],
            legs[name, start, end],
            case.products[product_name],
            plan.places[period],
        )
        now, moved = plan.conditions[w], plan.yearly(t, t_y)
        cost = now.factor("cost", "lane", name, t) * now.factor("cost", "product", product_name, t)
        what = f"{name}, {start} to {end}"
        if lane.freight_usd_t:
            yield Line("freight", what, "t", lane.at, lane.freight_usd_t, PAID_USD, cost), w, *moved
        fee = lane.fee_usd_t + now.extra("fee", leg, t) + lane.fee_share_of_value * product.value_usd_t
        if fee:
            yield Line("fees", what, "t", lane.at, fee, PAID_USD), w, *moved
        days = max(0.0, lane.days + now.extra("days", leg, t))
        if days and rate and product.value_usd_t:
            line = Line(
                "transit_interest", product.label, "t under way", product.at, product.value_usd_t, PAID_USD, rate
            )
            yield line, w, *plan.yearly(t, t_y * days / DAYS_PER_YEAR)


def _activity(plan: _Plan) -> Iterator[Entry]:
    plants, case = {tuple(p.key): p for p in plan.case.plants}, plan.case
    for node, process, sizes, _, _, period, w, t_y in plan.rows("activity"):
        plant, t = plants[node, process, sizes], plan.places[period]
        if plant.variable_opex_usd_t:
            factor = plan.conditions[w].factor("cost", "plant", (node, process), t)
            what = f"{case.processes[process].label}, {sizes}, {case.nodes[node].label}"
            line = Line("variable_opex", what, "t", plant.at, plant.variable_opex_usd_t, PAID_USD, factor, site=node)
            yield line, w, *plan.yearly(t, t_y)


def _utilities(plan: _Plan) -> Iterator[Entry]:
    steps = {tuple(s.key): s for s in plan.case.utilities}
    for node, utility, row, period, w, use_y in plan.rows("utilities"):
        step, t = steps[node, utility, row], plan.places[period]
        factor = plan.conditions[w].factor("price", "utility", step.key, t)
        what = f"{utility}, {plan.case.nodes[node].label}"
        yield (
            Line("utilities", what, "units", step.at, step.price_usd, PAID_USD, factor, site=node),
            w,
            *plan.yearly(t, use_y, step.window),
        )


def _disposal(plan: _Plan) -> Iterator[Entry]:
    for _, name, _, period, w, t_y in plan.rows("disposals"):
        product = plan.case.products[name]
        if product.disposal_usd_t:
            line = Line("disposal", product.label, "t", product.at, product.disposal_usd_t, PAID_USD)
            yield line, w, *plan.yearly(plan.places[period], t_y)


def _holding(plan: _Plan) -> Iterator[Entry]:
    """A period pays for the mean of its opening and its closing stock."""
    held: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for node, product, _, period, w, tonnes in plan.rows("stocks"):
        held[node, product, plan.places[period], w] += tonnes
    for pile in plan.case.stockpiles:
        if pile.holding_usd_t_y:
            for scenario in plan.case.scenarios:
                yield from _held(plan, pile, scenario.name, held)


def _held(plan: _Plan, pile: Stockpile, w: str, held: dict[tuple[str, str, int, str], float]) -> Iterator[Entry]:
    what = f"{plan.case.products[pile.product].label}, {plan.case.nodes[pile.node].label}"
    line, opening = Line("holding", what, "t held", pile.at, pile.holding_usd_t_y, PAID_USD), pile.initial_t
    for t in plan.case.horizon.indices:
        closing = held[pile.node, pile.product, t, w]
        yield line, w, *plan.yearly(t, (opening + closing) / 2.0)
        opening = closing


def _shortfall(plan: _Plan) -> Iterator[Entry]:
    """Priced flat, in the years of its contract: a profile moves prices, not penalties."""
    markets, case = {tuple(m.key): m for m in plan.case.markets}, plan.case
    for node, product, tier, row, period, w, t_y in plan.rows("shortfalls"):
        market = markets[node, product, tier, row]
        what = f"{case.products[product].label}, {case.nodes[node].label}"
        line = Line("shortfall", what, "t", market.at, market.shortfall_usd_t or 0.0, PAID_USD)
        yield line, w, *plan.yearly(plan.places[period], t_y, market.window)
