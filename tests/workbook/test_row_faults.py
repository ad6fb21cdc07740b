"""Rows that do not fit together: keys that stand twice, periods, probabilities, effects that mean nothing."""

from __future__ import annotations

import pytest
from faults import Edit, Fault, Place, add, issues, put, seen, setting
from sound import HEADER, TABLES, Broken

from khovor.workbook import inspect

HAZARD: dict[str, object] = {"annual_probability": 0.1, "mean_years": 2}


def twice(table: str, row: int, **changes: object) -> Edit:
    """Repeat a row of the sound workbook below the others, with some cells changed."""
    values = {"from_" if name == "from" else name: value for name, value in (TABLES[table][row] | changes).items()}
    return add(table, next(iter(TABLES[table][row])), **values)


def hazard(at: str, **cells: object) -> Edit:
    """A hazard whose fault is in the column `at`."""
    return add("hazards", at, **{"group": "south", "hazard": f"h {cells}", **HAZARD, **cells})


def same_setting(book: Broken) -> Place:
    """A setting that stands a second time."""
    row = book.append("settings", key=" Discount_Rate", value=0.1)
    return Place("settings", book.cell("settings", row, "key").coordinate)


def unknown_setting(book: Broken) -> Place:
    """A setting that does not exist."""
    row = book.append("settings", key="disount_rate", value=0.1)
    return Place("settings", book.cell("settings", row, "key").coordinate)


def kiln_without_size(book: Broken) -> Place:
    """A process that a site offers, but in no size."""
    book.append("processes", process="kiln")
    row = book.append("sites", node="S_UB", process="kiln")
    return Place("sites", book.cell("sites", row, "process").coordinate)


KEYS = [
    Fault("equal twice", twice("gates", 0), "The row G1 stands twice in gates, with equal values (first in row 4)"),
    Fault(
        "different twice",
        twice("sizes", 0, capex_musd=9),
        "The row mine:large stands twice in sizes, with different values (first in row 4)",
    ),
    Fault(
        "twice but for case",
        twice("stockpiles", 0, node="d1 "),
        "The row D1:conc stands twice in stockpiles",
    ),
    Fault(
        "equal twice with blank parts",
        twice("markets", 0, tier=1),
        "The row M1:conc:1 stands twice in markets",
    ),
    Fault("lists twice", twice("sites", 0, max_units=3), "The row D1:mine:candidate:large stands twice"),
    Fault("setting twice", same_setting, "The setting discount_rate stands twice (first in row 7)"),
    Fault("unknown setting", unknown_setting, "There is no setting 'disount_rate'.", nearest="discount_rate"),
]

TIME = [
    Fault(
        "gap",
        put("periods", 1, "start_year", 2033),
        "late leaves a gap after early: it should start in 2032",
    ),
    Fault(
        "overlap",
        put("periods", 1, "start_year", 2031),
        "The period late starts before the end of early: it should start in 2032",
        alone=True,
    ),
    Fault(
        "out of order",
        add("periods", "start_year", period="first", start_year=2028, years=2),
        "The period first starts before the end of late: it should start in ",
    ),
    Fault(
        "before the base year",
        seen(setting("base_year", 2031), "periods", "B4"),
        "The first period starts in 2030, before the base year 2031",
        alone=True,
    ),
    Fault("years the wrong way", put("events", 0, "last_year", 2030), "last_year 2030 lies before first_year 2031"),
]

SENSE = [
    Fault(
        "odds below 1",
        put("scenarios", 0, "probability", 0.6),
        "The probabilities of the scenarios add up to 0.9, not 1",
    ),
    Fault(
        "odds above 1",
        seen(add("scenarios", "probability", scenario="flood", probability=0.05), "scenarios", "C4"),
        "The probabilities of the scenarios add up to 1.05, not 1",
        alone=True,
    ),
    Fault("lane to itself", put("lanes", 1, "to", " s_ub"), "The lane in leads from S_UB to itself"),
    Fault(
        "contract above demand",
        put("markets", 0, "min_t_y", 401),
        "The contract of 401 t/y is larger than the most that can be sold, 400 t/y",
    ),
    Fault(
        "existing plant without size",
        put("sites", 1, "existing_size", None),
        "existing_size is blank, but the plant is existing",
    ),
    Fault(
        "process without size",
        kiln_without_size,
        "The process kiln has no row in sizes, so nothing can be built at S_UB",
    ),
    Fault(
        "recovery of nothing",
        add("recipes", "recovers", process="mill", recipe="leach", product="conc", t_per_t=0.5, recovers="TREO"),
        "recovers: no input of the recipe has an assay of TREO",
    ),
    Fault(
        "price of a lane",
        put("events", 0, "price_factor", 0.5),
        "price_factor means nothing on a lane: it may have capacity_factor, cost_factor, add_fee_usd_t, add_days",
    ),
    Fault("fee on a market", put("events", 8, "add_fee_usd_t", 5), "add_fee_usd_t means nothing on a market"),
    Fault(
        "power for nowhere",
        put("project_effects", 1, "node", None),
        "A project that adds to a utility must say at which node",
    ),
    Fault("override of nothing", add("overrides", "node", period="late", units=1), "The override names nothing"),
    Fault(
        "hazard that lasts no time",
        hazard("mean_years", mean_years=0, cost_factor=2),
        "A hazard that lasts no time never strikes",
    ),
    Fault(
        "hazard on prices nowhere",
        hazard("markets", price_factor=1.5),
        "price_factor moves prices at markets, and none is named",
    ),
    Fault(
        "hazard twice",
        hazard("group", hazard="Severe", cost_factor=2),
        "The row south:severe stands twice in hazards, with different values (first in row 5)",
    ),
    Fault(
        "hazard without effect",
        hazard("capacity_factor"),
        "The hazard on south has no factor but 1: nothing happens when it strikes",
        severity="warning",
    ),
    Fault(
        "no distance",
        seen(put("lanes", 1, "usd_t", None), "lanes", "E5"),
        "The lane in has neither distance_km nor usd_t: its line haul costs nothing",
        alone=True,
        severity="warning",
    ),
]

CAP: dict[str, object] = {"measure": "co2_t", "sense": "max", "limit": 0.5}

POLICIES = [
    Fault(
        name, add("policies", column, **{"policy": "x", "measure": "co2_t", "sense": "max", "limit": 0.5, **row}), says
    )
    for name, column, row, says in [
        ("policy without a subject", "subject", {"measure": "sales_share"}, "A policy on sales_share needs a subject."),
        ("share above one", "limit", {"measure": "processing_share", "limit": 30}, "A processing_share of 30 is more"),
        ("basis of no share", "basis_unit", {"basis_unit": "value"}, "basis_unit means nothing for co2_t"),
        ("way in unknown", "subject", {"measure": "transit_share", "subject": "MN:tunnel"}, "transit_share knows no"),
        ("buyer unknown", "subject", {"measure": "delivered_t", "subject": "ore:Atlantis"}, "delivered_t knows no"),
        ("process unknown", "subject", {"measure": "units", "subject": "smelting"}, "units knows no 'smelting'"),
        ("utility unknown", "subject", {"measure": "utility", "subject": "steam"}, "utility knows no 'steam'"),
        ("spender unknown", "subject", {"measure": "capex_musd", "subject": "Atlantis"}, "capex_musd knows no"),
        ("mode unknown", "subject", {"subject": "balloon"}, "co2_t knows no 'balloon'"),
    ]
]

REGIME = [
    Fault(name, add("fiscal", column, **row), says, alone=name.endswith("without tax"))
    for name, column, row, says in [
        (
            "levy on no product",
            "applies_to",
            {"key": "royalty", "applies_to": "gold", "value": 0.1},
            "royalty knows no",
        ),
        ("more than everything", "value", {"key": "royalty", "value": 5}, "royalty is 5, which is more than"),
        (
            "step without a price",
            "applies_to",
            {"key": "royalty_step", "applies_to": "ore", "value": 0.1},
            "no product",
        ),
        ("step of nothing", "applies_to", {"key": "royalty_step", "value": 0.1}, "royalty_step must say what it"),
        ("holiday nowhere", "applies_to", {"key": "state_participation", "value": 0.1}, "state_participation must say"),
        ("half a state", "applies_to", {"key": "state_participation", "applies_to": "x", "value": 0.1}, "knows no 'x'"),
        ("tax on one product", "key", {"key": "income_tax", "value": 0.1}, "An income tax needs a row depreciation_"),
        ("losses without tax", "key", {"key": "loss_carry_forward_years", "value": 4}, "means nothing without a row"),
        ("share without tax", "key", {"key": "loss_use_share", "value": 0.5}, "loss_use_share means nothing without"),
    ]
]

FAULTS = [*KEYS, *TIME, *SENSE, *POLICIES, *REGIME]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(book: Broken, fault: Fault) -> None:
    """The fault is reported at its cell, in its words, and nothing else but what follows from it."""
    fault.check_alone(book)


def test_a_misread_period_is_not_a_gap(book: Broken) -> None:
    """A period that cannot be read is one fault: its neighbours are not said to leave a gap."""
    book.append("periods", period="last", start_year=2035, years=1)
    book.cell("periods", 1, "years").value = "three"
    (issue,) = issues(book.save())
    assert (issue.sheet, issue.cell) == ("periods", book.cell("periods", 1, "years").coordinate)


def test_the_harmless_value_of_a_setting(book: Broken) -> None:
    """A setting at its default is no error."""
    book.setting("risk_weight").value = 0
    assert issues(book.save()) == ()


def test_sheet_order_then_rows_then_columns(book: Broken) -> None:
    """Errors come as the sheets lie in the workbook, then by row, then by column: Z before AA."""
    lanes = book.excel["lanes"]
    book.excel.move_sheet(lanes, -book.excel.index(lanes))
    book.cell("sizes", 1, "capex_musd").value = "x"
    book.cell("sizes", 0, "min_load").value = "x"
    for column, letter in (("usd_t", "Z"), ("days", "AA")):
        book.cell("lanes", 1, column).value = "x"
        place = book.cell("lanes", 1, column).column
        for row in range(HEADER, HEADER + 4):
            lanes[f"{letter}{row}"].value, lanes.cell(row, place).value = lanes.cell(row, place).value, None
    places = [(issue.sheet, issue.cell) for issue in inspect(book.save()).errors]
    assert places == [("lanes", "Z5"), ("lanes", "AA5"), ("sizes", "H4"), ("sizes", "D5")]
