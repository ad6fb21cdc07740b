"""Tables of processes and plants: processes, recipes, sizes, sites, utilities and their use and supply."""

from __future__ import annotations

from khovor.workbook.column import first_year, integer, last_year, names, number, prose, text
from khovor.workbook.row import Sourced


class Process(Sourced):
    """A step."""

    TABLE, TITLE, KEYS = "processes", "Processes", ("process",)
    PURPOSE = "Steps that plants perform: lead time, life, ramp-up, and what must stand beside them."

    process: str = text("Name of the process.", required=True)
    name: str | None = prose("Full name for reports.")
    build_years: int = integer(
        "Years of building before it is available; capital is spent then.", "years", default=0, le=50
    )
    lifetime_years: int | None = integer("Life of a unit; blank = beyond the horizon.", "years", ge=1)
    ramp_1: float = number("Share of capacity in the first year.", "share", default=1.0, le=1.0)
    ramp_2: float = number("Share of capacity in the second year.", "share", default=1.0, le=1.0)
    ramp_3: float = number("Share of capacity in the third year.", "share", default=1.0, le=1.0)
    requires: str | None = text("Process that must be online at the same node.", ref="processes.process")
    closing_cost_share: float = number("Cost of closing, as a share of capital.", "share", default=0.0, le=10.0)
    technology: str | None = text(
        "Territory whose technology it is, for exposure; blank = nobody's in particular.",
        ref="nodes.territory",
        beyond=True,
    )


class Recipe(Sourced):
    """A line of a recipe."""

    TABLE, TITLE, KEYS = "recipes", "Recipes", ("process", "recipe", "product")
    PURPOSE = "What a tonne of activity takes in (negative) and gives (positive)."

    process: str = text("Process.", required=True, ref="processes.process")
    recipe: str = text("Name of the recipe; a process may have several.", required=True)
    product: str = text("Product taken in or given.", required=True, ref="products.product")
    t_per_t: float = number(
        "Tonnes per tonne of activity: negative = input, positive = output; a recovery where `recovers` is named.",
        "t/t",
        required=True,
        ge=None,
    )
    recovers: str | None = text("Component recovered: t_per_t is then a recovery.", ref="assays.component")


class Size(Sourced):
    """A size of a process."""

    TABLE, TITLE, KEYS = "sizes", "Sizes", ("process", "size")
    PURPOSE = "Unit sizes on offer for each process, with capital and operating cost."

    process: str = text("Process.", required=True, ref="processes.process")
    size: str = text("Name of the size.", required=True)
    capacity_t_y: float = number("Capacity of one unit, on the basis of its recipes.", "t/y", required=True)
    capex_musd: float = number("Capital of one unit, all in.", "MUSD", default=0.0)
    fixed_opex_musd_y: float = number("Fixed operating cost of one unit.", "MUSD/y", default=0.0)
    variable_opex_usd_t: float = number("Variable operating cost per tonne of activity.", "USD/t", default=0.0)
    sustaining_capex_share_y: float = number(
        "Sustaining capital each year online, share of capital.", "share/y", default=0.0, le=1.0
    )
    min_load: float = number("Least activity, as a share of online capacity.", "share", default=0.0, le=1.0)


class Site(Sourced):
    """A process at a node."""

    TABLE, TITLE = "sites", "Sites"
    KEYS = ("node", "process", "status", "sizes", "existing_size", "first_year", "last_year")
    PURPOSE = "Which process may stand where: candidates, existing plants, and local cost factors."

    node: str = text("Where.", required=True, ref="nodes.node")
    process: str = text("Which process.", required=True, ref="processes.process")
    status: str = text(
        "candidate, existing or closed.", default="candidate", choices=("candidate", "existing", "closed")
    )
    sizes: tuple[str, ...] = names(
        "Sizes allowed here; blank = all of the process.", ref="sizes.size", within="process"
    )
    max_units: int = integer("Units online at once, all sizes of this row together.", "units", default=1, le=1000)
    existing_size: str | None = text("Size of the units that stand today.", ref="sizes.size", within="process")
    existing_units: int | None = integer("How many units stand today.", "units")
    capex_factor: float = number("Multiplies capital here.", "factor", default=1.0, le=100.0)
    opex_factor: float = number("Multiplies fixed and variable operating cost here.", "factor", default=1.0, le=100.0)
    extra_capex_musd: float = number("Added once per unit.", "MUSD", default=0.0)
    extra_variable_usd_t: float = number("Added per tonne of activity.", "USD/t", default=0.0)
    first_year: int | None = first_year()
    last_year: int | None = last_year()


class Utility(Sourced):
    """Power, water and the like."""

    TABLE, TITLE, KEYS = "utilities", "Utilities", ("utility",)
    PURPOSE = "Power, water and the like, with the unit they are counted in."

    utility: str = text("Name of the utility.", required=True)
    unit: str = prose("Unit it is counted in, e.g. MWh or m3.", required=True)


class UtilityUse(Sourced):
    """Use of a utility."""

    TABLE, TITLE, KEYS = "utility_use", "Utility use", ("process", "recipe", "utility")
    PURPOSE = "What a tonne of activity draws; negative = a credit other plants at the node may take."

    process: str = text("Process.", required=True, ref="processes.process")
    recipe: str | None = text("Recipe; blank = all of the process.", ref="recipes.recipe", within="process")
    utility: str = text("Utility.", required=True, ref="utilities.utility")
    use_per_t: float = number("Units per tonne of activity.", "unit/t", required=True, ge=None)


class UtilitySupply(Sourced):
    """A price step."""

    TABLE, TITLE, KEYS = "utility_supply", "Utility supply", ("node", "utility", "price_usd", "first_year", "last_year")
    PURPOSE = "What is on offer where: several rows make a rising price ladder."

    node: str = text("Where.", required=True, ref="nodes.node")
    utility: str = text("Utility.", required=True, ref="utilities.utility")
    price_usd: float = number("Price per unit.", "USD/unit", required=True)
    limit_y: float | None = number("Most that can be drawn; blank = unlimited.", "unit/y")
    first_year: int | None = first_year()
    last_year: int | None = last_year()
