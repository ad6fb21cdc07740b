"""What an analyst may have meant but cannot happen: found from the network, said with the cell."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Commodity, Market
from khovor.errors import Issue
from khovor.network.arrivals import most_arriving
from khovor.network.derive import Network
from khovor.network.loose_rules import loose_rules
from khovor.network.parts import can_run


def findings(network: Network) -> tuple[Issue, ...]:
    """Errors for contracts that nothing can meet; warnings for what is written down but can never matter."""
    found = [
        *_unreached_markets(network),
        *_impossible_contracts(network),
        *_idle_plants(network),
        *_products_without_outlet(network),
        *_idle_lanes(network),
        *loose_rules(network),
    ]
    return tuple(found)


def _issue(at: str, found: str, expected: str, message: str, severity: str = "warning") -> Issue:
    sheet, _, cell = at.partition("!")
    return Issue(sheet, cell, found, expected, message, severity="error" if severity == "error" else "warning")


def _unreached_markets(network: Network) -> Iterator[Issue]:
    """A product at a market none of whose tiers is ever reached, said once, at its first row."""
    reached = {(network.offers[i].market.key.node, network.offers[i].market.key.product) for i, _ in network.sells}
    said = set(reached)
    for market in network.case.markets:
        place = (market.key.node, market.key.product)
        if place not in said and market.max_t_y != 0 and not market.min_t_y:
            said.add(place)
            name = f"{market.key.product} at {market.key.node}"
            yield _issue(
                market.at,
                name,
                "a lane, from a place where it can be made or bought, that carries its transport class",
                f"Nothing can ever be sold here: no open lane brings {name} to this market.",
            )


def _impossible_contracts(network: Network) -> Iterator[Issue]:
    for market in network.case.markets:
        if market.min_t_y and market.shortfall_usd_t is None:
            yield from _short_contract(network, market)


def _short_contract(network: Network, market: Market) -> Iterator[Issue]:
    """The first period in which a hard contract asks for more than all that can arrive."""
    horizon = network.case.horizon
    for t in horizon.indices:
        share = horizon.share(t, market.window) * network.outlook.most("demand", "market", market.key, t)
        arriving = most_arriving(network, market, t)
        if market.min_t_y * share > arriving * (1 + 1e-9):
            period = horizon.periods[t]
            yield _issue(
                market.at,
                f"{market.min_t_y:g} t/y",
                f"at most {arriving:g} t/y from {period.start_year}, or a shortfall_usd_t",
                f"The contract asks for {market.min_t_y * share:g} t/y of {market.key.product} in {period.name}, "
                f"more than all that can ever arrive ({arriving:g} t/y).",
                "error",
            )
            return


def _idle_plants(network: Network) -> Iterator[Issue]:
    live = {network.activities[x].plant.key for x, _ in network.acts}
    for plant in network.case.plants:
        if plant.key in live or not plant.recipes:
            continue
        if any(can_run(network.case, option, t) for option in plant.options for t in network.case.horizon.indices):
            name = f"{plant.key.process} at {plant.key.node}"
            yield _issue(
                plant.at,
                name,
                "an input that can arrive, its utilities supplied there, and an outlet for every output",
                f"{name} can never run: {_why_idle(network, plant.key.node, plant)}.",
            )
        else:
            yield _issue(
                plant.at,
                f"{plant.key.process} at {plant.key.node}",
                "a window and lead time that leave a first day inside the horizon",
                f"{plant.key.process} at {plant.key.node} can never be available within the horizon.",
            )


def _why_idle(network: Network, node: str, plant: object) -> str:
    """The first thing missing, in words."""
    present = {place for places in network.reached.present for place in places}
    activities = [a for a in network.activities if a.plant is plant]
    supplied = {(s.key.node, s.key.utility) for s in network.case.utilities}
    for activity in activities:
        for commodity in activity.inputs:
            if (node, commodity) not in present and not _some_origin(present, node, commodity):
                return f"{commodity.product} never reaches it"
        for utility, need in activity.recipe.utilities.items():
            if need > 0 and (node, utility) not in supplied:
                return f"no utility_supply of {utility} there"
    return "some output has neither a market, a plant, nor a disposal_usd_t"


def _some_origin(present: set[tuple[str, Commodity]], node: str, commodity: Commodity) -> bool:
    return any(place[0] == node and place[1].product == commodity.product for place in present)


def _products_without_outlet(network: Network) -> Iterator[Issue]:
    """A product some recipe makes that nobody buys, uses or may dispose of: it stops every recipe that makes it."""
    case = network.case
    made = {c.product for a in network.activities for c in a.outputs}
    wanted = {c.product for a in network.activities for c in a.inputs} | {m.key.product for m in case.markets}
    for name in sorted(made - wanted):
        if case.products[name].disposal_usd_t is None:
            yield _issue(
                case.products[name].at,
                name,
                "a market, a recipe that takes it, or disposal_usd_t",
                f"{name} has no outlet, so no recipe that makes it can run.",
            )


def _idle_lanes(network: Network) -> Iterator[Issue]:
    used = {network.pairs[i].lane.name for i, _ in network.ships}
    idle = [lane for lane in network.case.lanes.values() if lane.name not in used]
    if idle:
        names = ", ".join(lane.name for lane in idle[:5]) + (" and others" if len(idle) > 5 else "")
        yield _issue(
            idle[0].at,
            f"{len(idle)} lane(s): {names}",
            "a lane that some product can use",
            f"{len(idle)} of {len(network.case.lanes)} lanes can never carry anything and are left out of the model.",
        )
