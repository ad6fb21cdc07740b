"""Tables of transport: modes, lanes, gates, groups, projects and what they add."""

from __future__ import annotations

from pydantic import Field

from khovor.workbook.column import Column, first_year, integer, last_year, names, number, prose, text, yesno
from khovor.workbook.row import Sourced


class Mode(Sourced):
    """A way of moving."""

    TABLE, TITLE, KEYS = "modes", "Modes", ("mode",)
    PURPOSE = "Ways of moving, with their rates per tonne and kilometre."

    mode: str = text("Name of the mode.", required=True)
    usd_per_tkm: float = number("Line-haul rate, where the lane gives no usd_t.", "USD/t-km", default=0.0)
    handling_usd_t: float = number("Loading and unloading, added to every lane of the mode.", "USD/t", default=0.0)
    km_per_day: float | None = number("Speed, where the lane gives no days.", "km/day")
    co2_kg_per_tkm: float = number("Emissions.", "kg/t-km", default=0.0)


class Lane(Sourced):
    """A link."""

    TABLE, TITLE, KEYS = "lanes", "Lanes", ("lane",)
    PURPOSE = "Links between places: rate, fees, capacity, days, what may move, and the territories crossed."

    lane: str = text("Name of the lane.", required=True)
    from_: str = Field(
        alias="from",
        json_schema_extra={"column": Column("", "text", "Where it starts.", required=True, ref=("nodes.node",))},  # type: ignore[dict-item]
    )
    to: str = text("Where it ends.", required=True, ref="nodes.node")
    mode: str = text("Mode of transport.", required=True, ref="modes.mode")
    distance_km: float | None = number("Length.", "km")
    usd_t: float | None = number("Line haul per tonne; replaces distance x the mode's rate.", "USD/t")
    fee_usd_t: float = number("Fees per tonne (border, transit, port).", "USD/t", default=0.0)
    fee_share_of_value: float = number(
        "Fees as a share of the product's reference value.", "share", default=0.0, le=1.0
    )
    loss_share: float = number("Lost on the way; paid for at departure.", "share", default=0.0, le=1.0)
    capacity_t_y: float | None = number("Capacity, both directions together; blank = unlimited, 0 = shut.", "t/y")
    gate: str | None = text("Gate whose cap it shares.", ref="gates.gate")
    days: float | None = number("Transit time; blank = distance / the mode's km_per_day.", "days")
    classes: tuple[str, ...] = names("Transport classes allowed; blank = all.", ref="products.transport_class")
    over: tuple[str, ...] = names("Territories crossed besides the two ends.", ref="nodes.territory", beyond=True)
    both_ways: bool = yesno("yes = both directions, sharing the capacity.")
    status: str = text(
        "open, or project: no capacity until a project adds it.", default="open", choices=("open", "project")
    )
    first_year: int | None = first_year()
    last_year: int | None = last_year()


class Gate(Sourced):
    """A shared cap."""

    TABLE, TITLE, KEYS = "gates", "Gates", ("gate",)
    PURPOSE = "Caps shared by all lanes that name them: border crossings, ports, air rights; with or without booking."

    gate: str = text("Name of the gate.", required=True)
    capacity_t_y: float | None = number("Capacity; blank = unlimited, 0 = shut.", "t/y")
    booking_usd_t_y: float | None = number(
        "Price of a slot; blank = no booking needed; else only booked slots carry.", "USD/t-y"
    )
    booking_share_max: float | None = number("Most of the capacity that may be booked.", "share", le=1.0)


class Group(Sourced):
    """A member of a group."""

    TABLE, TITLE, KEYS = "groups", "Groups", ("group", "member")
    PURPOSE = "Named sets of lanes, gates or territories, for events, policies and reports: a corridor, allies."

    group: str = text("Name of the group.", required=True)
    member: str = text(
        "Lane, gate or territory.", required=True, ref=("lanes.lane", "gates.gate", "nodes.territory", "lanes.over")
    )


class Project(Sourced):
    """A link that may be built."""

    TABLE, TITLE, KEYS = "projects", "Projects", ("project",)
    PURPOSE = "Links and supplies that may be built; capex 0 where others pay for them."

    project: str = text("Name of the project.", required=True)
    name: str | None = prose("Full name for reports.")
    capex_musd: float = number("Capital this plan would pay.", "MUSD", required=True)
    fixed_opex_musd_y: float = number("Yearly cost once available.", "MUSD/y", default=0.0)
    build_years: int = integer("Years of building before it is available.", "years", default=0, le=50)
    first_year: int | None = first_year()
    last_year: int | None = last_year()
    requires: tuple[str, ...] = names("Projects that must be available no later.", ref="projects.project")
    excludes: tuple[str, ...] = names("Projects that cannot be taken as well.", ref="projects.project")


class ProjectEffect(Sourced):
    """What a project adds."""

    TABLE, TITLE, KEYS = "project_effects", "Project effects", ("project", "target_type", "target", "node")
    PURPOSE = "What a project adds to a lane, a gate, or a utility at a node."

    project: str = text("Project.", required=True, ref="projects.project")
    target_type: str = text("What it adds to.", required=True, choices=("lane", "gate", "utility"))
    target: str = text(
        "Which lane, gate or utility.",
        required=True,
        by="target_type",
        ref_by={"lane": "lanes.lane", "gate": "gates.gate", "utility": "utilities.utility"},
    )
    node: str | None = text("Where, for a utility.", ref="nodes.node")
    adds: float = number("Capacity added.", "t/y or unit/y", required=True)
