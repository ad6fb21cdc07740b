"""Faults of the table fiscal: each is said at its cell, once, and what is sound is taken."""

from __future__ import annotations

import pytest

from khovor.errors import InputError, Issue
from support import case_of, one_mine

Row = tuple[str, str | None, float]

TAX: Row = ("income_tax", None, 0.25)
WRITTEN_OFF: Row = ("depreciation_years", None, 10)
COLUMNS = {"key": "A", "applies_to": "B", "value": "C"}


def tables(*rows: Row, **product: object) -> dict[str, list[dict[str, object]]]:
    """A mine under these rows."""
    fiscal = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return one_mine(fiscal=fiscal, products=[{"product": "ore", **product}])  # type: ignore[return-value]


def refused(*rows: Row, **settings: object) -> list[Issue]:
    """The errors of a mine under these rows; its ore has a reference value."""
    with pytest.raises(InputError) as raised:
        case_of(tables(*rows, value_usd_t=4000), **settings)
    return [issue for issue in raised.value.issues if issue.severity == "error"]


FAULTS: list[tuple[str, list[Row], str, str]] = [
    ("half a year", [TAX, ("depreciation_years", None, 2.5)], "value", "a whole number of years from 1 to 100"),
    ("no year to write off", [TAX, ("depreciation_years", None, 0)], "value", "whole number of years from 1 to 100"),
    ("too many years", [TAX, WRITTEN_OFF, ("tax_holiday_years", "D", 101)], "value", "years from 1 to 100"),
    ("no holiday", [TAX, WRITTEN_OFF, ("tax_holiday_years", "D", 0)], "value", "years from 1 to 100"),
    ("losses too long", [TAX, WRITTEN_OFF, ("loss_carry_forward_years", None, 101)], "value", "years from 0 to 100"),
    ("half a year of losses", [TAX, WRITTEN_OFF, ("loss_carry_forward_years", None, 0.5)], "value", "from 0 to 100"),
    ("rate in percent", [WRITTEN_OFF, ("income_tax", None, 25)], "value", "income_tax is 25, which is more than"),
    ("share in percent", [TAX, WRITTEN_OFF, ("loss_use_share", None, 50)], "value", "is more than everything"),
    ("tax of a product", [WRITTEN_OFF, ("income_tax", "ore", 0.25)], "applies_to", "holds for the whole case"),
    ("losses of a node", [TAX, WRITTEN_OFF, ("loss_use_share", "D", 0.5)], "applies_to", "holds for the whole case"),
    ("step of nothing", [("royalty_step", None, 0.1)], "applies_to", "royalty_step must say what it applies to"),
    ("holiday nowhere", [TAX, WRITTEN_OFF, ("tax_holiday_years", None, 5)], "applies_to", "must say what it applies"),
    ("nobody's share", [("state_participation", None, 0.3)], "applies_to", "must say what it applies to: carried or"),
    ("step at no price", [("royalty_step", "ore:dear", 0.1)], "applies_to", "write it as product:USD_t"),
    ("step of two points", [("royalty_step", "ore:1.2.3", 0.1)], "applies_to", "write it as product:USD_t"),
    ("step of no product", [("royalty_step", ":60000", 0.1)], "applies_to", "write it as product:USD_t"),
    ("step of gold", [("royalty_step", "gold:60000", 0.1)], "applies_to", "royalty_step knows no 'gold'"),
    ("royalty of gold", [("royalty", "gold", 0.1)], "applies_to", "royalty knows no 'gold'"),
    ("duty of gold", [("export_duty", "gold", 0.1)], "applies_to", "export_duty knows no 'gold'"),
    ("vat of gold", [("vat", "gold", 0.1)], "applies_to", "vat knows no 'gold'"),
    ("a market free", [TAX, WRITTEN_OFF, ("tax_holiday_years", "M", 5)], "applies_to", "knows no 'M'"),
    ("a third kind of share", [("state_participation", "golden", 0.3)], "applies_to", "knows no 'golden'"),
    ("never written off", [TAX], "key", "An income tax needs a row depreciation_years"),
    ("written off untaxed", [WRITTEN_OFF], "key", "depreciation_years means nothing without a row income_tax"),
    ("losses untaxed", [("loss_carry_forward_years", None, 4)], "key", "means nothing without a row income_tax"),
    ("share untaxed", [("loss_use_share", None, 0.5)], "key", "means nothing without a row income_tax"),
    ("holiday untaxed", [("tax_holiday_years", "D", 4)], "key", "means nothing without a row income_tax"),
    (
        "two shares",
        [("state_participation", "carried", 0.1), ("state_participation", "paid", 0.1)],
        "applies_to",
        "either carried or paid, not both",
    ),
]


@pytest.mark.parametrize(("name", "rows", "column", "said"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_fault_is_said_at_its_cell(name: str, rows: list[Row], column: str, said: str) -> None:
    """One fault, one sentence, in the cell of the last row."""
    (issue,) = refused(*rows, home_territory="MN")
    assert said in issue.message
    assert (issue.sheet, issue.cell) == ("fiscal", f"{COLUMNS[column]}{len(rows) + 1}")


@pytest.mark.parametrize("key", ["export_duty", "vat"])
def test_what_is_levied_on_exports_needs_a_home(key: str) -> None:
    """Without home_territory nothing is sold abroad; with it the row is taken."""
    (issue,) = refused((key, None, 0.1))
    assert f"{key} is levied on sales outside home_territory" in issue.message
    assert (issue.sheet, issue.cell) == ("fiscal", "A2")
    assert case_of(tables((key, None, 0.1)), home_territory="MN").fiscal.rates == {key: {"": 0.1}}


def test_a_holiday_needs_values() -> None:
    """The result of a free site is told at reference values: ore without one makes it all cost."""
    rows = [TAX, WRITTEN_OFF, ("tax_holiday_years", "D", 5)]
    with pytest.raises(InputError) as raised:
        case_of(tables(*rows))
    (issue,) = [issue for issue in raised.value.issues if issue.severity == "error"]
    assert "is told at value_usd_t of what is made there, and nothing has one" in issue.message
    assert (issue.sheet, issue.cell) == ("fiscal", "B4")
    assert case_of(tables(*rows, value_usd_t=1)).fiscal.holidays == {"D": 5}


def test_a_name_of_other_letters_is_told() -> None:
    """A Cyrillic о in ore is said to be one, and the right name is offered."""
    *_, issue = refused(("royalty", "\u043ere", 0.1))  # after that of names that cannot be told apart by eye
    assert "royalty knows no '\u043ere': " in issue.message
    assert issue.nearest == "ore"


def test_spelling_of_the_tables_is_taken() -> None:
    """Names match in any case, and mean what the tables call them."""
    rows = [TAX, WRITTEN_OFF, ("tax_holiday_years", "d", 5), ("royalty_step", "ORE:60000", 0.1)]
    fiscal = case_of(tables(*rows, ("state_participation", "Carried", 0.3), value_usd_t=1)).fiscal
    assert (fiscal.holidays, fiscal.steps) == ({"D": 5}, {"ore": ((60000.0, 0.1),)})
    assert (fiscal.carried, fiscal.paid) == (0.3, 0.0)
