"""Tables of futures: scenarios, events, hazards."""

from __future__ import annotations

from khovor.workbook.column import first_year, last_year, names, number, prose, text
from khovor.workbook.row import Sourced

TARGETS = {
    "lane": "lanes.lane",
    "gate": "gates.gate",
    "group": "groups.group",
    "mode": "modes.mode",
    "territory": ("nodes.territory", "lanes.over"),
    "node": "nodes.node",
    "process": "processes.process",
    "product": "products.product",
    "market": ("markets.node", "markets.node:product"),
    "purchase": ("purchases.node", "purchases.node:product"),
    "utility": ("utilities.utility", "utility_supply.node", "utility_supply.node:utility"),
}

MOVES = ("capacity_factor", "cost_factor", "add_fee_usd_t", "add_days")
TRADES = ("price_factor", "demand_factor")

EFFECTS: dict[str, tuple[str, ...]] = {
    "lane": MOVES,
    "gate": MOVES,
    "group": MOVES,
    "mode": MOVES,
    "territory": MOVES + TRADES,
    "node": MOVES + TRADES,
    "process": ("capacity_factor", "cost_factor"),
    "product": ("cost_factor", *TRADES),
    "market": TRADES,
    "purchase": TRADES,
    "utility": ("capacity_factor", "price_factor"),
}
"""Which effects mean something on which target."""


class Scenario(Sourced):
    """A future."""

    TABLE, TITLE, KEYS = "scenarios", "Scenarios", ("scenario",)
    PURPOSE = "Futures and their odds; none = one certain future."

    scenario: str = text("Name of the future.", required=True)
    name: str | None = prose("Full name for reports.")
    probability: float = number("Probability; all add up to 1.", "share", required=True, le=1.0)


class Event(Sourced):
    """An effect of a future."""

    TABLE, TITLE = "events", "Events"
    KEYS = ("scenario", "target_type", "target", "first_year", "last_year")
    PURPOSE = (
        "What happens in a future, to what, in which years: rows on one target multiply (factors) and add (fees, days)."
    )

    scenario: str = text("Future.", required=True, ref="scenarios.scenario")
    target_type: str = text("What is hit.", required=True, choices=tuple(TARGETS))
    target: str = text(
        "Its name; a market, purchase or utility by its node, or node:product.",
        required=True,
        by="target_type",
        ref_by=TARGETS,
    )
    first_year: int | None = first_year()
    last_year: int | None = last_year()
    capacity_factor: float = number("Factor on capacity.", "factor", default=1.0)
    cost_factor: float = number("Factor on freight, or on variable operating cost.", "factor", default=1.0)
    price_factor: float = number("Factor on prices.", "factor", default=1.0)
    demand_factor: float = number("Factor on what can be sold or bought, and on contracts.", "factor", default=1.0)
    add_fee_usd_t: float = number("Added to fees.", "USD/t", default=0.0, ge=None)
    add_days: float = number("Added to transit days.", "days", default=0.0, ge=None)


class Hazard(Sourced):
    """A recurring risk."""

    TABLE, TITLE, KEYS = "hazards", "Hazards", ("group", "hazard")
    PURPOSE = (
        "Recurring risks from which `khovor sample` draws scenarios and events, each striking all members of its group "
        "at once; a solve takes the scenarios as they stand."
    )

    group: str = text("Group of lanes or gates it hits.", required=True, ref="groups.group")
    hazard: str | None = text("Its name, where a group has several (mild, severe).")
    annual_probability: float = number(
        "Odds that it starts in a year in which it is not under way.", "share", required=True, le=1.0
    )
    mean_years: float = number(
        "How long it lasts on average; below 1: that share of its effect, for one year.", "years", required=True
    )
    capacity_factor: float = number("Factor on capacity while it lasts.", "factor", default=1.0)
    cost_factor: float = number("Factor on freight while it lasts.", "factor", default=1.0)
    price_factor: float = number("Factor on prices at `markets` while it lasts.", "factor", default=1.0)
    markets: tuple[str, ...] = names(
        "Markets whose prices move, by node or node:product.", ref=("markets.node", "markets.node:product")
    )
