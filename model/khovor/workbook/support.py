"""Tables of policy, tax and support, and of decisions fixed by hand: most are honoured by later work."""

from __future__ import annotations

from khovor.workbook.column import first_year, integer, last_year, number, text
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


class Policy(Sourced):
    """A share, cap or target."""

    TABLE, TITLE, KEYS = "policies", "Policies", ("policy",)
    PURPOSE = "Shares, caps and targets the plan must keep in each period, or pay for."

    policy: str = text("Name of the policy.", required=True)
    measure: str = text(
        "What is measured: shares of tonnes or value, MUSD spent in a period, t/y of CO2, t/y delivered, use, units.",
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


class Fiscal(Sourced):
    """A rule of tax."""

    TABLE, TITLE, KEYS, HONOURED = "fiscal", "Fiscal regime", ("key", "applies_to"), False
    PURPOSE = "Royalty, duty, tax, depreciation and losses."

    key: str = text("Which rule.", required=True)
    applies_to: str | None = text("To what; blank = everything.")
    value: float = number("Its rate or years.", required=True, ge=None)


class Instrument(Sourced):
    """A support."""

    TABLE, TITLE, KEYS, HONOURED = "instruments", "Instruments", ("instrument",), False
    PURPOSE = "Support on offer: grants, loans, price floors, guarantees, and their conditions."

    instrument: str = text("Name of the instrument.", required=True)
    kind: str = text("Its kind.", required=True, choices=("grant", "loan", "price_floor", "guarantee"))
    covers: str | None = text("What it covers.")
    share_max: float | None = number("Most of it that is covered.", "share", le=1.0)
    budget_musd: float | None = number("Budget.", "MUSD")
    rate: float | None = number("Interest or premium.", "share/y", le=1.0)
    tenor_years: int | None = integer("Tenor.", "years")
    grace_years: int | None = integer("Grace.", "years")
    floor_usd_t: float | None = number("Floor price.", "USD/t")
    conditions: str | None = text("Conditions that bind when it is taken up.")


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
