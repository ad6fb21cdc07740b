"""What whole rows and whole tables must satisfy: each rule a function that notes what it finds."""

from __future__ import annotations

import itertools
from collections import defaultdict

from khovor.errors import Issue
from khovor.workbook.fiscal_rules import fiscal_makes_sense
from khovor.workbook.futures import EFFECTS, MOVES, TRADES
from khovor.workbook.instruments import instruments_make_sense
from khovor.workbook.keys import KEY_RULES
from khovor.workbook.names import folded
from khovor.workbook.subjects import policies_make_sense
from khovor.workbook.tables import TABLES
from khovor.workbook.typed import TypedBook, TypedRow


def check_rules(book: TypedBook) -> None:
    """Run every rule."""
    for rule in (*KEY_RULES, *RULES):
        rule(book)


def _periods_follow_one_another(book: TypedBook) -> None:
    rows = book.tables["periods"]
    base = book.settings.get("base_year")
    if rows and not rows[0].bad and isinstance(base, int) and rows[0].values["start_year"] < base:
        start = rows[0].values["start_year"]
        message = f"The first period starts in {start}, before the base year {base}."
        book.refuse(rows[0], "start_year", str(start), f"{base} or later", message)
    for before, row in itertools.pairwise(rows):
        if before.bad or row.bad:
            continue
        due, start = before.values["start_year"] + before.values["years"], row.values["start_year"]
        if start != due:
            what = "leaves a gap after" if start > due else "starts before the end of"
            message = f"The period {row.values['period']} {what} {before.values['period']}: it should start in {due}."
            book.refuse(row, "start_year", str(start), str(due), message)


def _probabilities_add_up(book: TypedBook) -> None:
    rows = book.tables["scenarios"]
    if not rows or any(r.bad for r in rows):
        return
    total = sum(r.values["probability"] for r in rows)
    if abs(total - 1.0) > 1e-6:
        message = f"The probabilities of the scenarios add up to {total:g}, not 1."
        book.refuse(rows[0], "probability", f"{total:g}", "1", message)


def _years_in_order(book: TypedBook) -> None:
    for name, table in TABLES.items():
        if not any(c.name == "last_year" for c in table.columns):
            continue
        for row in book.tables.get(name, ()):
            first, last = row.values.get("first_year"), row.values.get("last_year")
            if first is not None and last is not None and last < first:
                message = f"last_year {last} lies before first_year {first}."
                book.refuse(row, "last_year", str(last), f"{first} or later", message)


def _lanes_have_a_rate(book: TypedBook) -> None:
    """A mode's rate times a blank distance is nothing: a warning, for it may be meant."""
    rates = {row.values.get("mode"): row.values.get("usd_per_tkm") for row in book.tables["modes"]}
    for row in book.tables["lanes"]:
        unknown = all(row.values.get(c) is None and c not in row.bad for c in ("distance_km", "usd_t"))
        if unknown and rates.get(row.values.get("mode")):
            message = f"The lane {row.values['lane']} has neither distance_km nor usd_t: its line haul costs nothing."
            place = (row.where.sheet, row.cell("distance_km"), "blank", "a distance, or a rate in usd_t")
            book.issues.append(Issue(*place, message, severity="warning"))


def _lanes_lead_somewhere(book: TypedBook) -> None:
    for row in book.tables["lanes"]:
        start, end = row.values.get("from"), row.values.get("to")
        if start and end and folded(start) == folded(end):
            message = f"The lane {row.values['lane']} leads from {start} to itself."
            book.refuse(row, "to", str(end), "another node", message)


def _contracts_within_demand(book: TypedBook) -> None:
    for row in book.tables["markets"]:
        most, least = row.values.get("max_t_y"), row.values.get("min_t_y") or 0.0
        if most is not None and least > most and row.values.get("shortfall_usd_t") is None:
            message = f"The contract of {least:g} t/y is larger than the most that can be sold, {most:g} t/y."
            book.refuse(row, "min_t_y", f"{least:g}", f"at most {most:g}", message)


def _existing_plants_are_complete(book: TypedBook) -> None:
    for row in book.tables["sites"]:
        if row.values.get("status") != "existing":
            continue
        for column in ("existing_size", "existing_units"):
            if row.values.get(column) is None and column not in row.bad:
                message = f"{column} is blank, but the plant is existing."
                book.refuse(row, column, "blank", "what stands there today", message)


def _processes_have_sizes(book: TypedBook) -> None:
    sized = {folded(str(r.values.get("process"))) for r in book.tables["sizes"]}
    for row in book.tables["sites"]:
        process = row.values.get("process")
        if process and "process" not in row.bad and folded(str(process)) not in sized:
            message = f"The process {process} has no row in sizes, so nothing can be built at {row.values.get('node')}."
            book.refuse(row, "process", str(process), "a process with sizes", message)


def _recoveries_have_an_assay(book: TypedBook) -> None:
    """What is recovered must be contained in some input of the recipe."""
    assayed: dict[str, set[str]] = defaultdict(set)
    for row in book.tables["assays"]:
        assayed[folded(str(row.values.get("component")))].add(folded(str(row.values.get("product") or "")))
    inputs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in book.tables["recipes"]:
        if (row.values.get("t_per_t") or 0.0) < 0 and not row.values.get("recovers"):
            inputs[_recipe_of(row)].add(folded(str(row.values.get("product"))))
    for row in book.tables["recipes"]:
        component = row.values.get("recovers")
        if not component or row.bad:
            continue
        held = assayed[folded(component)]
        if not held & (inputs[_recipe_of(row)] | {""}):
            message = f"recovers: no input of the recipe has an assay of {component}."
            book.refuse(row, "recovers", component, "a component of an input", message)


def _recipe_of(row: TypedRow) -> tuple[str, str]:
    return folded(str(row.values.get("process"))), folded(str(row.values.get("recipe")))


def _members_are_one_thing(book: TypedBook) -> None:
    lanes, gates = ({row.values.get(k) for row in book.tables[f"{k}s"]} for k in ("lane", "gate"))
    territories = {row.values.get("territory") for row in book.tables["nodes"]}
    names = {"a lane": lanes, "a gate": gates, "a territory": territories}
    for row in book.tables["groups"]:
        member = row.values.get("member")
        kinds = [kind for kind, known in names.items() if member in known]
        if len(kinds) > 1:
            message = (
                f"{member} is the name of both {' and '.join(kinds)}: rename one, so that it is plain which is meant."
            )
            book.refuse(row, "member", str(member), "the name of one thing", message)


def _events_make_sense(book: TypedBook) -> None:
    """An effect must mean something on its target."""
    for row in book.tables["events"]:
        kind = row.values.get("target_type")
        if kind not in EFFECTS:
            continue
        for column in (*MOVES, *TRADES):
            neutral = 0.0 if column.startswith("add_") else 1.0
            value = row.values.get(column)
            if column not in EFFECTS[kind] and value not in (None, neutral):
                allowed = ", ".join(EFFECTS[kind])
                message = f"{column} means nothing on a {kind}: it may have {allowed}."
                book.refuse(row, column, f"{value:g}", "blank", message)


def _hazards_make_sense(book: TypedBook) -> None:
    """A hazard lasts, does something, and moves prices somewhere."""
    for row in book.tables["hazards"]:
        values, factors = row.values, ("capacity_factor", "cost_factor", "price_factor")
        if values.get("mean_years") == 0.0 and "mean_years" not in row.bad:
            message = "A hazard that lasts no time never strikes: remove the row, or say how long it lasts."
            book.refuse(row, "mean_years", "0", "more than 0", message)
        if values.get("price_factor") != 1.0 and not values.get("markets") and "markets" not in row.bad:
            message = "price_factor moves prices at markets, and none is named."
            book.refuse(row, "markets", "blank", "nodes of markets, or node:product", message)
        if all(values.get(column) == 1.0 and column not in row.bad for column in factors):
            message = f"The hazard on {values.get('group')} has no factor but 1: nothing happens when it strikes."
            place = (row.where.sheet, row.cell("capacity_factor"), "no effect", "a factor other than 1")
            book.issues.append(Issue(*place, message, severity="warning"))


def _utility_effects_name_a_node(book: TypedBook) -> None:
    for row in book.tables["project_effects"]:
        if row.values.get("target_type") == "utility" and not row.values.get("node"):
            message = "A project that adds to a utility must say at which node."
            book.refuse(row, "node", "blank", "a node", message)


def _overrides_name_something(book: TypedBook) -> None:
    for row in book.tables["overrides"]:
        if not any(row.values.get(c) for c in ("node", "process", "size", "project")):
            book.refuse(row, "node", "blank", "a node, process, size or project", "The override names nothing.")


RULES = (
    _periods_follow_one_another,
    _probabilities_add_up,
    _years_in_order,
    _lanes_have_a_rate,
    _lanes_lead_somewhere,
    _contracts_within_demand,
    _existing_plants_are_complete,
    _processes_have_sizes,
    _recoveries_have_an_assay,
    _members_are_one_thing,
    _events_make_sense,
    _hazards_make_sense,
    _utility_effects_name_a_node,
    _overrides_name_something,
    policies_make_sense,
    instruments_make_sense,
    fiscal_makes_sense,
)
