"""Tables of policy, tax and support, and of decisions fixed by hand."""

from __future__ import annotations

from typing import Final

from khovor.workbook.column import first_year, integer, last_year, names, number, text
from khovor.workbook.row import Sourced

MEASURES = (
    "transit_share",
    "sales_share",
    "processing_share",
    "capex_musd",
    "co2_t",
    "delivered_t",
    "utility",
    "units",
)


KINDS: Final = ("grant", "loan", "price_floor", "guarantee")


class Policy(Sourced):
    """A share, cap or target."""

    TABLE, TITLE, KEYS = "policies", "Policies", ("policy",)
    PURPOSE = "Shares, caps and targets the plan must keep in each period, or pay for."

    policy: str = text("Name of the policy.", required=True)
    measure: str = text(
        "What is measured: shares of tonnes or value, MUSD spent in a period, t/y of CO2, t/y delivered, use, units. A "
        "transit share counts what is drawn from a stockpile outside the territory as not having been there before.",
        required=True,
        choices=MEASURES,
    )
    subject: str | None = text(
        "Of what: territory (transit_share also territory:land, :sea, :air or :overflight), product:territory or "
        "product:group (delivered_t), utility or node:utility, process or node:process."
    )
    basis_unit: str | None = text(
        "Shares by tonnes or by reference value; blank = t (processing_share: value).", choices=("t", "value")
    )
    sense: str = text("max or min.", required=True, choices=("max", "min"))
    limit: float = number("Limit of every period with a year in the range.", "share, t/y, MUSD, units", required=True)
    scope: str = text("In each future, or on average.", default="each", choices=("each", "expected"))
    first_year: int | None = first_year()
    last_year: int | None = last_year()
    penalty_usd: float | None = number(
        "Price of a unit beyond the limit (of a share: of a tonne, or a dollar, beyond it); blank = hard.", "USD"
    )


FISCAL: dict[str, str] = {
    "royalty": "rate on gross sales of what can be dug or made at home; a product's row replaces the blank one",
    "royalty_step": "applies_to product:USD_t; extra rate on the whole of a sale at this price or more; steps add",
    "export_duty": "rate on the gross value of sales outside home_territory; a product's row replaces the blank one",
    "vat": "VAT on inputs that is not refunded, as a share of the gross value of sales outside home_territory",
    "income_tax": "rate on the yearly income of all plants together, after depreciation and losses",
    "depreciation_years": "straight line from the first year available; the rest is written off in a unit's last year",
    "loss_carry_forward_years": "years in which a loss may be used; absent = for ever, 0 = never",
    "loss_use_share": "most of a year's income that old losses may offset; absent = all",
    "tax_holiday_years": "applies_to a node: years without income tax there, from the first in which a unit may be "
    "available; its result, at the reference values of goods, stays out of the income taxed, be it profit or loss",
    "state_participation": "applies_to carried: share of operating cash after tax in years that have any, for nothing; "
    "paid: share of all cash, capital included",
}
"""The keys of the fiscal table, and what the value of each is."""


class Fiscal(Sourced):
    """A rule of tax."""

    TABLE, TITLE, KEYS = "fiscal", "Fiscal regime", ("key", "applies_to")
    PURPOSE = "Royalty, duty, VAT, income tax, depreciation, losses, tax holidays and the state's share."

    key: str = text(
        "Which rule. " + ". ".join(f"{key}: {what}" for key, what in FISCAL.items()) + ".",
        required=True,
        choices=tuple(FISCAL),
    )
    applies_to: str | None = text(
        "royalty, export_duty, vat: a product, or blank = all; royalty_step: product:USD_t; tax_holiday_years: a node; "
        "state_participation: carried or paid; else blank."
    )
    value: float = number("Its rate (a share) or years.", "share, years", required=True)


class Instrument(Sourced):
    """A support."""

    TABLE, TITLE, KEYS = "instruments", "Instruments", ("instrument",)
    PURPOSE = "Support on offer: grants, loans, price floors, guarantees, and their conditions."

    instrument: str = text("Name of the instrument.", required=True)
    kind: str = text(
        "grant: pays a share of capital as it is spent. loan: is drawn as capital is spent, interest yearly on what is "
        "outstanding, equal principal after grace; what is owed in the last year is repaid then. price_floor: tops up "
        "a market's price to the floor, one way. guarantee: pays 1/tenor of the sum insured for a year of closure.",
        required=True,
        choices=KINDS,
    )
    covers: tuple[str, ...] = names(
        "Parts separated by ;. Capital (blank = all): process:NAME, node:NAME, territory:NAME, project:NAME. A "
        "guarantee also says what closes: gate:NAME, lane:NAME, group:NAME (the mean of its members). A price floor: "
        "PRODUCT or PRODUCT:BUYER (territory, group or market node), t_y:MOST a year, from:YEAR, to:YEAR."
    )
    share_max: float | None = number("Most of the capital covered; blank = all of it.", "share", le=1.0)
    budget_musd: float | None = number("Most of it in all, as it is spent; blank = no limit.", "MUSD")
    rate: float | None = number(
        "Yearly, real: interest of a loan, premium of a guarantee on the sum insured.", "share/y", le=1.0
    )
    tenor_years: int | None = integer(
        "From what is built being available: years of a loan, grace included, or of a guarantee (blank = to the end).",
        "years",
        ge=1,
    )
    grace_years: int | None = integer("Of these, years of a loan in which only interest is paid; blank = 0.", "years")
    floor_usd_t: float | None = number("Floor of the price a market quotes, before payable_share.", "USD/t")
    conditions: tuple[str, ...] = names(
        "What binds in every future once it is taken up, parts separated by ;: no_sale:TERRITORY, "
        "no_technology:TERRITORY (no unit of a process whose technology it is), min_processing:SHARE (of value added, "
        "at home), min_delivery:PRODUCT:BUYER:T_Y or ...:T_Y:FIRST_YEAR. A group of territories may stand for one."
    )


class Override(Sourced):
    """A decision fixed by hand."""

    TABLE, TITLE, KEYS = "overrides", "Overrides", ("node", "process", "size", "project", "period")
    PURPOSE = "Fixes decisions: the units built over all that matches the named fields; blank matches all."

    node: str | None = text("Where.", ref="nodes.node")
    process: str | None = text("Which process.", ref="processes.process")
    size: str | None = text("Which size.", ref="sizes.size", within="process")
    project: str | None = text("Or which project.", ref="projects.project")
    period: str | None = text("Available from this period; blank = over all periods.", ref="periods.period")
    units: int = integer("Units built (or project taken: 0 or 1).", "units", required=True)


class Sweep(Sourced):
    """A what-if."""

    TABLE, TITLE, KEYS = "sweeps", "Sweeps", ("study", "name", "table", "row", "column")
    PURPOSE = (
        "What-ifs: the rows of one study and name are one run of `khovor solve --study`, each a cell that takes "
        "another value, or its own times a factor."
    )

    study: str = text("Study it belongs to.", required=True)
    name: str = text("Name of the what-if; its rows are applied together.", required=True)
    table: str = text("Table of the cell.", required=True)
    row: str = text("Key of the row, parts joined by `:`; `*` matches any text.", required=True)
    column: str = text("Column of the cell.", required=True)
    value: str | None = text("New value, as it would be typed into the cell.")
    factor: float | None = number("Or a factor on the value.", "factor", ge=None)
