"""What every part of a plan costs, and where it is paid: at a plant, for an activity, on a flow, for goods at a place.

Amounts are expected and discounted [MUSD]; a cost is positive. Each term adds up to minus the plan's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from khovor.case import Levies, Option, PlantKey
from khovor.units import DAYS_PER_YEAR, USD_PER_MUSD
from khovor.verify.fiscal import levied
from khovor.verify.plan import Flow, Run, Sold
from khovor.verify.view import View


class Pool(NamedTuple):
    """A commodity at a place, in a period and a future."""

    node: str
    product: str
    origin: str
    t: int
    w: str


R = TypeVar("R", Run, Flow)
P = TypeVar("P")

Place = Pool | Run | PlantKey | Flow | Sold
"""Where a cost is paid: rows of the plan, plants, pools."""


class Charge(NamedTuple):
    """A cost of a money term at its place [MUSD]."""

    term: str
    place: Place
    musd: float


def charges(view: View) -> Iterator[Charge]:
    """Every cost that has a place of its own; fines for policies, income tax and support have none."""
    odds = {s.name: s.probability for s in view.case.scenarios}
    for part in (_purchases, _transport, _activity, _utilities, _disposal, _holding, _shortfall, _levies):
        for term, place, w, usd in part(view):
            if usd:
                yield Charge(term, place, odds[w] * usd / USD_PER_MUSD)
    for part_once in (_plants, _bookings, _projects):
        yield from (charge for charge in part_once(view) if charge.musd)


Paid = tuple[str, Place, str, float]
"""(term, place, future, USD discounted)."""


def _purchases(view: View) -> Iterator[Paid]:
    for row in view.tables.purchases:
        offer = view.offers[row.offer]
        price = offer.price_usd_t * view.conditions[row.w].factor("price", "purchase", offer.key, row.t)
        worth = view.case.horizon.annuity(row.t, offer.window, partial(view.case.profile, offer.profile))
        yield "purchases", Pool(row.node, *row.commodity, row.t, row.w), row.w, row.t_y * price * worth


def _transport(view: View) -> Iterator[Paid]:
    horizon = view.case.horizon
    for row in view.tables.flows:
        lane, value = view.case.lanes[row.lane], view.case.products[row.product].value_usd_t
        future, yearly = view.conditions[row.w], row.t_y * horizon.annuity(row.t)
        cost = future.factor("cost", "lane", lane.name, row.t) * future.factor("cost", "product", row.product, row.t)
        fee = lane.fee_usd_t + future.extra("fee", row.leg, row.t) + lane.fee_share_of_value * value
        days = max(0.0, lane.days + future.extra("days", row.leg, row.t))
        yield "freight", row, row.w, yearly * lane.freight_usd_t * cost
        yield "fees", row, row.w, yearly * fee
        yield "transit_interest", row, row.w, yearly * value * horizon.rate * days / DAYS_PER_YEAR


def _activity(view: View) -> Iterator[Paid]:
    for run, _ in view.runs:
        price = view.plants[run.plant].variable_opex_usd_t
        price *= view.conditions[run.w].factor("cost", "plant", (run.node, run.process), run.t)
        yield "variable_opex", run, run.w, run.t_y * price * view.case.horizon.annuity(run.t)


def _utilities(view: View) -> Iterator[Paid]:
    """What is paid at a place is shared by use; who makes a utility is credited at the same mean price."""
    drawn: dict[tuple[str, str, int, str], dict[Run, float]] = defaultdict(dict)
    for run, recipe in view.runs:
        for utility, per_t in recipe.utilities.items():
            drawn[run.node, utility, run.t, run.w][run] = per_t * run.t_y
    for row in view.tables.utilities:
        step = view.steps[row.step]
        price = step.price_usd * view.conditions[row.w].factor("price", "utility", step.key, row.t)
        usd = row.use_y * price * view.case.horizon.annuity(row.t, step.window)
        users = drawn[row.node, row.utility, row.t, row.w]
        for run, share in _shares(users).items():
            yield "utilities", run, row.w, usd * share


def _disposal(view: View) -> Iterator[Paid]:
    for row in view.tables.disposals:
        usd = row.t_y * (view.case.products[row.product].disposal_usd_t or 0.0) * view.case.horizon.annuity(row.t)
        yield "disposal", Pool(row.node, *row.commodity, row.t, row.w), row.w, usd


def _holding(view: View) -> Iterator[Paid]:
    """A period holds the mean of its opening and its closing stock."""
    last = view.periods[-1]
    halves = [
        (Pool(s.node, *s.commodity, t, s.w), s.tonnes / 2.0)
        for s in view.tables.stocks
        for t in (s.t, s.t + 1)
        if t <= last
    ]
    halves += [
        (Pool(pile.node, pile.product, "", 0, w), pile.initial_t / 2.0)
        for pile in view.case.stockpiles
        for w in view.futures
    ]
    for pool, mean in halves:
        pile = view.piles[pool.node, pool.product]
        yield "holding", pool, pool.w, mean * pile.holding_usd_t_y * view.case.horizon.annuity(pool.t)


def _shortfall(view: View) -> Iterator[Paid]:
    """A contract missed is paid by what is sold there of its product in the same future; by nobody if nothing is."""
    for row in view.tables.shortfalls:
        market = view.markets[row.market]
        usd = row.t_y * (market.shortfall_usd_t or 0.0) * view.case.horizon.annuity(row.t, market.window)
        sold = {s: s.t_y for s in view.tables.sales if (s.node, s.product, s.w) == (row.node, row.product, row.w)}
        for sale, share in _shares(sold).items():
            yield "shortfall", sale, row.w, usd * share


def _levies(view: View) -> Iterator[Paid]:
    """Royalty, export duty and VAT are of the sale that owes them."""
    for term, row, musd in levied(view, Levies(view.case)):
        yield term, row, row.w, -musd * USD_PER_MUSD


def _plants(view: View) -> Iterator[Charge]:
    horizon = view.case.horizon
    plant_of = {option.key: plant.key for plant in view.case.plants for option in plant.options}
    for row in view.tables.builds:
        option = view.options[row.option]
        outlay = horizon.outlay(row.t, option.build_years)
        yield Charge("capex", plant_of[row.option], row.units * option.capex_musd * outlay)
    for row in view.tables.closures:
        worth = horizon.worth(horizon.periods[row.t].start_year)
        yield Charge("closing", plant_of[row.option], row.units * view.options[row.option].closing_cost_musd * worth)
    for option in view.case.options:
        for term, musd in (*_upkeep(view, option), *_book_value(view, option)):
            yield Charge(term, plant_of[option.key], musd)


def _upkeep(view: View, option: Option) -> Iterator[tuple[str, float]]:
    """In every year a unit is alive, and closing in the year after."""
    horizon, life = view.case.horizon, option.lifetime_years
    for t in view.periods:
        for v, units in view.vintages(option, t):
            years = units * sum(horizon.worth(y) for y in horizon.years_alive(v, life, t))
            yield "sustaining", years * option.sustaining_musd_y
            yield "fixed_opex", years * option.fixed_opex_musd_y
            after = horizon.end_of_life(v, life)
            if after is not None and after in horizon.periods[t].span:
                yield "closing", units * option.closing_cost_musd * horizon.worth(after)


def _book_value(view: View, option: Option) -> Iterator[tuple[str, float]]:
    """What is left of the capital on the day after the horizon; it takes from the cost."""
    horizon, life = view.case.horizon, option.lifetime_years
    if view.case.terms.terminal_value == "book" and life:
        for v, units in view.vintages(option, view.periods[-1]):
            age = horizon.last_year + 1 - horizon.periods[v or 0].start_year
            yield "terminal_value", -units * option.capex_musd * max(0.0, 1.0 - age / life) * horizon.end_worth()


def _bookings(view: View) -> Iterator[Charge]:
    """Slots are paid by what passes the gate in the period; in a period without, by what passes it in any."""
    for row in view.tables.bookings:
        musd = (view.case.gates[row.gate].booking_usd_t_y or 0.0) * row.t_y * view.case.horizon.annuity(row.t)
        through = _moved(view, "gate", row.gate)
        now = {flow: t for flow, t in through.items() if flow.t == row.t}
        for flow, share in _shares(now or through).items():
            yield Charge("booking", flow, share * musd / USD_PER_MUSD)


def _projects(view: View) -> Iterator[Charge]:
    """A project is paid, in equal parts, by those who use each of the things that it adds to."""
    horizon = view.case.horizon
    for row in view.tables.projects:
        project = view.case.projects[row.project]
        users = [
            found for effect in project.effects if (found := _users(view, effect.kind, effect.target, effect.node))
        ]
        costs = {
            "project_capex": project.capex_musd * horizon.outlay(row.t, project.build_years),
            "project_opex": project.fixed_opex_musd_y * sum(horizon.annuity(t) for t in view.periods[row.t :]),
        }
        for found in users:
            for place, share in _shares(found).items():
                for term, musd in costs.items():
                    yield Charge(term, place, musd * share / len(users))


def _users(view: View, kind: str, target: str, node: str) -> Mapping[Flow | Run, float]:
    """What moves on a lane or through a gate, or draws on a utility at a node: expected, discounted."""
    if kind != "utility":
        return {flow: amount for flow, amount in _moved(view, kind, target).items()}
    weights = weighed(view, (run for run, _ in view.runs if run.node == node))
    per_t = {run: recipe.utilities.get(target, 0.0) for run, recipe in view.runs}
    return {run: amount * per_t[run] for run, amount in weights.items() if per_t[run] > 0}


def _moved(view: View, kind: str, target: str) -> dict[Flow, float]:
    """Tonnes on a lane, or through a gate: expected, discounted."""
    lanes = {x.name for x in view.case.lanes.values() if target == (x.name if kind == "lane" else x.gate)}
    return weighed(view, (flow for flow in view.tables.flows if flow.lane in lanes))


def weighed(view: View, rows: Iterable[R]) -> dict[R, float]:
    """The tonnes of each row, expected and discounted over the years of its period."""
    odds = {s.name: s.probability for s in view.case.scenarios}
    worth = [view.case.horizon.annuity(t) for t in view.periods]
    return {row: odds[row.w] * worth[row.t] * row.t_y for row in rows}


def _shares(amounts: Mapping[P, float]) -> dict[P, float]:
    """Amounts as shares of their sum; nothing where there is none."""
    total = sum(amounts.values())
    return {place: amount / total for place, amount in amounts.items()} if total > 0 else {}


def by_place(found: Iterable[Charge]) -> dict[Place, dict[str, float]]:
    """Charges added up by place and term [MUSD]."""
    sums: dict[Place, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for term, place, musd in found:
        sums[place][term] += musd
    return sums
