"""Tables of time, goods and places: periods, products, nodes, assays, deposits."""

from __future__ import annotations

from khovor.workbook.column import integer, number, prose, text, yesno
from khovor.workbook.row import Sourced

KINDS = ("deposit", "site", "hub", "border", "port", "airport", "market")


class Period(Sourced):
    """A block of years."""

    TABLE, TITLE, KEYS, REQUIRED_TABLE = "periods", "Periods", ("period",), True
    PURPOSE = "Blocks of years in which every flow is the same per year: contiguous and increasing."

    period: str = text("Name of the period.", required=True)
    start_year: int = integer("First year of the period.", "year", required=True, ge=1900, le=2200)
    years: int = integer("How many years it lasts.", "years", required=True, ge=1, le=100)


class Product(Sourced):
    """A good."""

    TABLE, TITLE, KEYS, REQUIRED_TABLE = "products", "Products", ("product",), True
    PURPOSE = "What is mined, made, moved, bought and sold."

    product: str = text("Name of the product.", required=True)
    name: str | None = prose("Full name for reports.")
    transport_class: str | None = text("Class that lanes name in `classes`: decides where it may move.")
    traced: bool = yesno("yes = carries the composition of its deposit: one commodity per origin.")
    value_usd_t: float | None = number("Reference value, for value shares, fees and in-transit interest.", "USD/t")
    shelf_years: float | None = number(
        "How long it keeps in stock; blank = for ever. A product with a shelf life can have no stockpile.", "years"
    )
    disposal_usd_t: float | None = number(
        "Cost of disposing of a tonne where it is made; blank = it may not be disposed of.", "USD/t"
    )


class Node(Sourced):
    """A place."""

    TABLE, TITLE, KEYS, REQUIRED_TABLE = "nodes", "Nodes", ("node",), True
    PURPOSE = "Every place: deposits, sites, hubs, borders, ports, airports, markets."

    node: str = text("Name of the place.", required=True)
    name: str | None = prose("Full name for reports.")
    kind: str = text("What kind of place it is.", required=True, choices=KINDS)
    territory: str | None = text("Country or territory, for exposure and policies.")
    lat: float | None = number("Latitude.", "degrees", ge=-90.0, le=90.0)
    lon: float | None = number("Longitude.", "degrees", ge=-180.0, le=180.0)


class Assay(Sourced):
    """A content."""

    TABLE, TITLE, KEYS = "assays", "Assays", ("origin", "product", "component")
    PURPOSE = "What is in a product, per deposit: fractions of its mass, or of another component."

    origin: str | None = text("Deposit the product comes from; blank = every origin.", ref="nodes.node")
    product: str | None = text("Product; blank = every product of that origin.", ref="products.product")
    component: str = text("What is contained, e.g. TREO or NdPr.", required=True)
    fraction: float = number("Share of the product's mass, or of `of`.", "t/t", required=True, le=1.0)
    of: str | None = text("Component it is a share of; blank = the product's own mass.", ref="assays.component")


class Deposit(Sourced):
    """What the ground holds."""

    TABLE, TITLE, KEYS = "deposits", "Deposits", ("node", "product")
    PURPOSE = "What each deposit holds: the ore taken over the horizon stays within the reserve."

    node: str = text("Deposit.", required=True, ref="nodes.node")
    product: str = text("Ore.", required=True, ref="products.product")
    reserve_t: float | None = number("Reserve; blank = unlimited.", "t")
