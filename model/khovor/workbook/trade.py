"""Tables of trade: markets, purchases, stockpiles, price profiles."""

from __future__ import annotations

from khovor.workbook.column import first_year, integer, last_year, number, text
from khovor.workbook.row import Sourced


class Market(Sourced):
    """A tier of demand."""

    TABLE, TITLE, KEYS = "markets", "Markets", ("node", "product", "tier", "first_year", "last_year")
    PURPOSE = "Who buys what, at which price, how much; contracts as a minimum."

    node: str = text("Where it is sold.", required=True, ref="nodes.node")
    product: str = text("Product.", required=True, ref="products.product")
    tier: int = integer("Tier: several rows make a falling price ladder.", default=1, ge=1)
    price_usd_t: float = number("Price, before profile and payable share.", "USD/t", default=0.0)
    max_t_y: float | None = number("Most that can be sold; blank = unlimited.", "t/y")
    min_t_y: float = number("Contract: least that must be sold.", "t/y", default=0.0)
    shortfall_usd_t: float | None = number("Penalty per tonne short; blank = the contract is hard.", "USD/t")
    payable_share: float = number("Share of the price that is paid.", "share", default=1.0, le=1.0)
    profile: str | None = text("Price profile over the years.", ref="profiles.profile")
    component: str | None = text(
        "Price, max, min and shortfall are per tonne of this component contained; blank = per tonne of product.",
        ref="assays.component",
    )
    first_year: int | None = first_year()
    last_year: int | None = last_year()


class Purchase(Sourced):
    """An offer."""

    TABLE, TITLE, KEYS = "purchases", "Purchases", ("node", "product", "price_usd_t", "first_year", "last_year")
    PURPOSE = "What can be bought where: reagents, acid, goods that ride along."

    node: str = text("Where it is bought.", required=True, ref="nodes.node")
    product: str = text("Product.", required=True, ref="products.product")
    price_usd_t: float = number("Price.", "USD/t", required=True)
    max_t_y: float | None = number("Most on offer; blank = unlimited.", "t/y")
    profile: str | None = text("Price profile over the years.", ref="profiles.profile")
    first_year: int | None = first_year()
    last_year: int | None = last_year()


class Stockpile(Sourced):
    """Room to store."""

    TABLE, TITLE, KEYS = "stockpiles", "Stockpiles", ("node", "product")
    PURPOSE = "Room to keep goods from one period to another."

    node: str = text("Where.", required=True, ref="nodes.node")
    product: str = text("Product.", required=True, ref="products.product")
    capacity_t: float = number("Room.", "t", required=True)
    holding_usd_t_y: float = number("Cost of holding a tonne for a year.", "USD/t-y", default=0.0)
    initial_t: float = number("Stock on the first day.", "t", default=0.0)
    final_min_t: float = number("Least stock on the last day.", "t", default=0.0)


class Profile(Sourced):
    """A step of a profile."""

    TABLE, TITLE, KEYS = "profiles", "Profiles", ("profile", "year")
    PURPOSE = "Factors on prices over the years: a step function, 1 before its first row."

    profile: str = text("Name of the profile.", required=True)
    year: int = integer("From this year on.", "year", required=True, ge=1900, le=2200)
    factor: float = number("Factor on the price.", "factor", required=True)
