"""Every way a cell can be mistyped, each alone: sheet, cell, sentence; and what is no fault at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from faults import Fault, add, issues, put, setting, with_xml
from sound import HEADER, Broken, sound

from khovor.workbook import inspect

NUMBERS = [
    Fault("text", put("sizes", 0, "capacity_t_y", "lots"), "capacity_t_y: 'lots' is text where a number is expected"),
    Fault("n/a", put("sizes", 0, "capex_musd", "n/a"), "capex_musd: 'n/a' is text where a number is expected"),
    Fault("thousands", put("sizes", 1, "capacity_t_y", "1,000"), "a thousands separator: type 1000"),
    Fault("decimal comma", put("sizes", 1, "capex_musd", "1,5"), "a decimal comma: type 1.5"),
    Fault("less than one", put("sizes", 0, "min_load", "0,125"), "a decimal comma: type 0.125"),
    Fault("continental", put("deposits", 0, "reserve_t", "1.250.000,5"), "a thousands separator: type 1250000.5"),
    Fault("apostrophes", put("projects", 0, "capex_musd", "1'000"), "a number stored as text"),
    Fault("percent", put("lanes", 0, "loss_share", "8%"), "a percent sign: type 0.08"),
    Fault("percent with comma", put("lanes", 1, "loss_share", "12,5 %"), "a percent sign: type 0.125"),
    Fault("unit", put("processes", 0, "build_years", "70 weeks"), "a unit typed into the cell: type the number alone"),
    Fault("unit per unit", put("stockpiles", 0, "initial_t", "5 t/y"), "a unit typed into the cell"),
    Fault("thousands and unit", put("lanes", 0, "capacity_t_y", "1,000 t"), "a unit typed into the cell"),
    Fault("currency", put("sizes", 0, "variable_opex_usd_t", "$ 5"), "a unit typed into the cell"),
    Fault("currency code", put("sizes", 1, "variable_opex_usd_t", "USD 5.5"), "a unit typed into the cell"),
    Fault("range", put("lanes", 0, "days", "5-7"), "'5-7' is text where a number is expected"),
    Fault("about", put("lanes", 1, "days", "~5"), "'~5' is text where a number is expected"),
    Fault("stored as text", put("lanes", 1, "usd_t", "30"), "'30' is a number stored as text"),
    Fault("stored with spaces", put("lanes", 2, "usd_t", "1\u00a0000"), "'1 000' is a number stored as text"),
    Fault("NaN", put("lanes", 0, "distance_km", "NaN"), "'NaN' is not a number"),
    Fault("inf", put("utility_supply", 0, "limit_y", "inf"), "'inf' is not a number"),
    Fault("date", put("purchases", 0, "max_t_y", dt.datetime(2030, 1, 5)), "max_t_y: a date is not expected here"),
    Fault("time", put("stockpiles", 0, "final_min_t", dt.time(8, 30)), "final_min_t: a date is not expected here"),
    Fault("boolean", put("markets", 0, "price_usd_t", True), "price_usd_t: a TRUE/FALSE value is not expected here"),
    Fault("half a unit", put("overrides", 0, "units", 0.5), "units: a whole number is expected here"),
    Fault("half a year", put("lanes", 0, "last_year", 2031.5), "last_year: a whole number is expected here"),
    Fault("Excel's error", put("profiles", 0, "factor", "#N/A"), "factor: the cell holds Excel's error #N/A"),
    Fault("formula", put("sizes", 0, "fixed_opex_musd_y", "=1+1"), "the formula has no calculated value"),
    Fault("low", put("sizes", 0, "low", "2-3"), "low: '2-3' is text where a number is expected"),
]

RANGES = [
    Fault("negative capacity", put("stockpiles", 0, "capacity_t", -5), "capacity_t: -5 is below the least allowed, 0"),
    Fault("negative price", put("purchases", 0, "price_usd_t", -1), "price_usd_t: -1 is below the least allowed, 0"),
    Fault(
        "negative probability",
        put("scenarios", 0, "probability", -0.1),
        "probability: -0.1 is below the least allowed, 0",
        alone=True,
    ),
    Fault(
        "negative annual probability",
        add("hazards", "annual_probability", group="south", annual_probability=-0.1, mean_years=1),
        "annual_probability: -0.1 is below the least allowed, 0",
        follows=True,
    ),
    Fault(
        "probability above 1",
        put("scenarios", 1, "probability", 1.3),
        "probability: 1.3 is above the most allowed, 1",
        alone=True,
    ),
    Fault("rate of 800%", put("sizes", 1, "sustaining_capex_share_y", 8), "8 is above the most allowed, 1 (a share"),
    Fault("year of two digits", put("lanes", 0, "first_year", 31), "first_year: 31 is below the least allowed, 1900"),
    Fault("north of the pole", put("nodes", 0, "lat", 91), "lat: 91 is above the most allowed, 90"),
]

WORDS = [
    Fault("blank", put("nodes", 1, "kind", None), "kind is blank: What kind of place it is."),
    Fault("spaces only", put("projects", 1, "capex_musd", "  "), "capex_musd is blank"),
    Fault("not a choice", put("nodes", 2, "kind", "markt"), "'markt' is not one of deposit, site", nearest="market"),
    Fault("not a basis", put("nodes", 0, "basis", "guess"), "basis: 'guess' is not one of sourced, literature"),
    Fault("yes or no", put("products", 2, "traced", "maybe"), "traced: write yes or no"),
    Fault("1 for yes", put("lanes", 0, "both_ways", 1), "both_ways: write yes or no"),
    Fault("date for a name", put("lanes", 2, "gate", dt.datetime(2030, 1, 2)), "gate: a date is not expected here"),
    Fault("boolean for a name", put("lanes", 1, "gate", True), "gate: a TRUE/FALSE value is not expected"),
    Fault(
        "Excel's error for a name",
        put("lanes", 0, "gate", "#REF!"),
        "gate: the cell holds Excel's error #REF!",
    ),
    Fault("formula for a note", put("gates", 0, "note", "=A1"), "note: the formula has no calculated value"),
    Fault("name twice in a list", put("lanes", 1, "classes", "bulk; dg, Bulk"), "classes: 'Bulk' stands twice"),
    Fault("nothing in a list", put("lanes", 2, "classes", " ; "), "classes: there is no name between the separators"),
]

SETTINGS = [
    Fault("setting in percent", setting("discount_rate", "8%"), "discount_rate: '8%' is text with a percent sign"),
    Fault("setting of 800%", setting("risk_tail", 8), "risk_tail: 8 is above the most allowed, 1"),
    Fault("setting not a choice", setting("objective", "nvp"), "objective: 'nvp' is not one of", nearest="npv"),
    Fault("setting below 0", setting("time_limit_s", -1), "time_limit_s: -1 is below the least allowed, 0"),
    Fault("setting required", setting("base_year", None), "The setting base_year is blank"),
    Fault("setting too large", setting("seed", 2**31), "seed: 2.14748e+09 is above the most allowed"),
    Fault("setting's basis", put("settings", 0, "basis", "gut"), "basis: 'gut' is not one of sourced"),
    Fault("setting's range", put("settings", 2, "high", "12%"), "high: '12%' is text with a percent sign"),
]

FAULTS = [*NUMBERS, *RANGES, *WORDS, *SETTINGS]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(book: Broken, fault: Fault) -> None:
    """The fault is reported at its cell, in its words, and nothing else but what follows from it."""
    fault.check_alone(book)


def test_the_sound_workbook_is_sound(tmp_path: Path) -> None:
    """Before it is broken the workbook has no error and no warning."""
    assert issues(sound(tmp_path)) == ()


def test_what_is_no_fault(book: Broken) -> None:
    """A percent format, digits for a name, yes and no in any case, dates in a note: all read as they are meant."""
    book.cell("sizes", 0, "min_load").value = 0.08
    book.cell("sizes", 0, "min_load").number_format = "0%"
    book.cell("lanes", 1, "days").value = 4
    book.cell("lanes", 1, "days").number_format = '0 "days"'
    book.cell("lanes", 0, "both_ways").value = " YES "
    book.cell("lanes", 1, "both_ways").value = True
    book.cell("lanes", 2, "both_ways").value = "No"
    book.cell("nodes", 2, "kind").value = "MARKET "
    book.cell("gates", 0, "note").value = dt.datetime(2026, 5, 1)
    book.cell("gates", 0, "source").value = 2024
    for table, row, column in (("periods", 0, "period"), ("overrides", 0, "period")):
        book.cell(table, row, column).value = 2030
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    rows = workbook.rows
    assert (rows["sizes"][0].min_load, rows["lanes"][1].days) == (0.08, 4.0)
    assert [lane.both_ways for lane in rows["lanes"]] == [True, True, False]
    assert (rows["nodes"][2].kind, rows["gates"][0].note, rows["gates"][0].source) == ("market", "2026-05-01", "2024")
    assert (rows["periods"][0].period, rows["overrides"][0].period) == ("2030", "2030")


def test_prose_is_kept_as_it_stands(book: Broken) -> None:
    """A note keeps its superscripts and lines: 10⁶ t is not 106 t; a name is folded all the same."""
    book.cell("gates", 0, "note").value = "10⁶ t\nin CO₂ "
    book.cell("gates", 0, "gate").value = "G¹"
    workbook = inspect(book.save()).workbook
    assert workbook is not None
    assert (workbook.rows["gates"][0].note, workbook.rows["gates"][0].gate) == ("10⁶ t\nin CO₂", "G1")


def test_a_text_that_looks_like_a_formula_is_text(book: Broken) -> None:
    """Text that begins with = is read as text, not taken for a formula without value."""
    cell = book.cell("gates", 0, "note")
    cell.value, cell.data_type = "=A1 is the source", "s"
    workbook = inspect(book.save()).workbook
    assert workbook is not None
    assert workbook.rows["gates"][0].note == "=A1 is the source"


def capacity(book: Broken, new: str) -> Path:
    """The workbook with the XML of the only gate's capacity cell replaced by `new`; {} stands for its address."""
    cell = book.cell("gates", 0, "capacity_t_y").coordinate
    return with_xml(book, "gates", f'<c r="{cell}".*?</c>', new.replace("{}", cell))


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ('<c r="{}"><v>NaN</v></c>', "'NaN' is not a number"),
        ('<c r="{}"><v>1E999</v></c>', "a number must be finite"),
        (f'<c r="{{}}"><v>1{"0" * 400}</v></c>', "a number must be finite"),
        ('<c r="{}"><f>1/0</f></c>', "the formula has no calculated value"),
        ('<c r="{}"><f t="array" ref="{}">SUM(A1:A2)</f><v/></c>', "the formula has no calculated value"),
        ('<c r="{}"><f t="shared" si="0"/></c>', "the formula has no calculated value"),
        ('<c r="{}" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "the cell holds Excel's error #DIV/0!"),
        ('<c r="{}" t="b"><v>1</v></c>', "a TRUE/FALSE value is not expected here"),
        ('<c r="{}" t="d"><v>2030-01-05</v></c>', "a date is not expected here"),
    ],
)
def test_cells_only_a_program_writes(book: Broken, xml: str, says: str) -> None:
    """Numbers that are none and formulas of every kind are refused at their cell, not as a damaged file."""
    cell = book.cell("gates", 0, "capacity_t_y").coordinate
    (issue,) = issues(capacity(book, xml))
    assert (issue.sheet, issue.cell) == ("gates", cell)
    assert says in issue.message


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<c r="{}"><f>100*5</f><v>500</v></c>', 500.0),
        ('<c r="{}"><f t="array" ref="{}">SUM(A1:A2)</f><v>7.5</v></c>', 7.5),
        ('<c r="{}" t="str"><f>IF(1,"","")</f><v></v></c>', None),
        ('<c r="{}" t="s"/>', None),
        ('<c r="{}" t="inlineStr"><is><t> </t></is></c>', None),
    ],
)
def test_formulas_with_a_value_are_read(book: Broken, xml: str, value: float | None) -> None:
    """A calculated formula is its value; one that gives an empty text is a blank cell."""
    workbook = inspect(capacity(book, xml)).workbook
    assert workbook is not None
    assert workbook.rows["gates"][0].capacity_t_y == value


def test_a_stray_space_below_the_table_is_nothing(book: Broken) -> None:
    """A space in the last row of the sheet is neither a row nor a warning."""
    sheet = book.excel["lanes"]
    sheet.cell(HEADER + 7, 2).value = " "
    sheet.cell(1048576, 3).value = "\u00a0"
    assert issues(book.save()) == ()
