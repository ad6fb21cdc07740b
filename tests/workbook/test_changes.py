"""`--set`: one cell, many cells, factors, clearing, and what cannot be understood or found."""

from __future__ import annotations

from typing import Any

import pytest
from sound import SETTINGS, TABLES

from khovor.errors import InputError, UsageError
from khovor.workbook import Change, Workbook, from_tables, inspect, parse_change
from khovor.workbook.change import NOT_IN_SHEET


def changed(*texts: str) -> Workbook:
    """The sound workbook after changes."""
    return from_tables(TABLES, SETTINGS, [parse_change(text) for text in texts])


def column(workbook: Workbook, table: str, name: str) -> list[Any]:
    """The values of a column."""
    return [getattr(row, name) for row in workbook.rows[table]]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("settings[discount_rate].value=0.1", Change("settings", ("discount_rate",), "value", 0.1)),
        (" Settings[ Discount_Rate ].Value = 1e-2 ", Change("settings", ("discount_rate",), "value", 0.01)),
        ("settings[objective].value=cost", Change("settings", ("objective",), "value", "cost")),
        ("sizes[mine:large].capex_musd*=1.2", Change("sizes", ("mine", "large"), "capex_musd", 1.2, True)),
        ("sizes[mine:*].capex_musd *= .5", Change("sizes", ("mine", "*"), "capex_musd", 0.5, True)),
        ("assays[:ore:TREO].fraction=0.1", Change("assays", ("", "ore", "TREO"), "fraction", 0.1)),
        ("gates[G1].capacity_t_y=", Change("gates", ("G1",), "capacity_t_y", None)),
        ("gates[G1].note=a = b, c[1]", Change("gates", ("G1",), "note", "a = b, c[1]")),
        ("gates[G1].capacity_t_y=1,000", Change("gates", ("G1",), "capacity_t_y", "1,000")),
        ("sites[D1].sizes=1e3", Change("sites", ("D1",), "sizes", "1e3")),
        ("overrides[*].period=007", Change("overrides", ("*",), "period", "007")),
        ("gates[G\u00a01].capacity_t_y=nan", Change("gates", ("G 1",), "capacity_t_y", "nan")),
    ],
)
def test_reading_a_change(text: str, change: Change) -> None:
    """Table, key, column and value in any case and spacing; a number where the column is one, names as typed."""
    assert parse_change(text) == change
    assert parse_change(str(change)) == change


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("discount_rate=0.1", r"--set takes table\[key\].column=value, not 'discount_rate=0.1'"),
        ("settings.discount_rate=0.1", r"--set takes table\[key\].column=value"),
        ("settings[discount_rate].value", r"--set takes table\[key\].column=value"),
        ("", r"--set takes table\[key\].column=value"),
        ("site[D1].max_units=2", "there is no table 'site'; did you mean sites?"),
        ("sites[D1].max_unit=2", "there is no column of sites 'max_unit'; did you mean max_units?"),
        ("sites[D1].xyz=2", "there is no column of sites 'xyz'$"),
        ("settings[discount].value=2", "there is no setting 'discount'; did you mean discount_rate?"),
        ("sizes[*].capex_musd*=much", "a factor must be a number"),
        ("sizes[*].capex_musd*=", "a factor must be a number"),
        ("sizes[*].capex_musd*=1,5", "a factor must be a number"),
    ],
)
def test_a_change_that_cannot_be_understood(text: str, says: str) -> None:
    """It is a usage error with the form it should have, or the nearest name."""
    with pytest.raises(UsageError, match=says):
        parse_change(text)


def test_quotes_that_a_shell_leaves_are_taken_off() -> None:
    """A change in the single quotes that some shells pass on is the change without them."""
    assert parse_change("'settings[discount_rate].value=0.1'") == parse_change("settings[discount_rate].value=0.1")


def test_one_cell() -> None:
    """A cell takes another value, whatever the case of its key; nothing else does."""
    workbook = changed("sizes[MINE: large].capex_musd=5")
    assert column(workbook, "sizes", "capex_musd") == [5.0, 3.0]
    assert workbook.changes[0].value == 5.0


def test_many_cells() -> None:
    """`*` matches any text, within a part too; parts left off at the end match anything; both may be a factor."""
    assert column(changed("sizes[*:large].capex_musd=5"), "sizes", "capex_musd") == [5.0, 5.0]
    assert column(changed("sizes[m*l].capex_musd*=2"), "sizes", "capex_musd") == [2.0, 6.0]
    assert column(changed("markets[M1].price_usd_t*=0.9"), "markets", "price_usd_t") == [4500.0]
    assert column(changed("markets[*:conc:*].price_usd_t*=0.9"), "markets", "price_usd_t") == [4500.0]
    assert column(changed("assays[D1::NdPr].fraction=0.2"), "assays", "fraction") == [0.02, 0.4, 0.2]


def test_only_a_star_is_a_wildcard() -> None:
    """A question mark is a letter like any other, and a bracket cannot be part of a key."""
    for text in ("sizes[min?:large].capex_musd=5", "sizes[[mn]ine].capex_musd=5"):
        with pytest.raises(UsageError):
            changed(text)


def test_a_target_with_two_parts() -> None:
    """A row whose key holds node:product is found by it, and the parts after it still count."""
    for key in ("storm:market:M1:conc", "storm:market:*", "storm:market:M1:conc:2031", "*:market:m1:*:2031:2032"):
        workbook = changed(f"events[{key}].price_factor=0.5")
        assert [event.target for event in workbook.rows["events"] if event.price_factor == 0.5] == ["M1:conc"]


def test_changes_add_up_in_order() -> None:
    """Later changes see earlier ones."""
    workbook = changed("sizes[mine].capex_musd=10", "sizes[*].capex_musd*=2", "sizes[mill].capex_musd*=0.5")
    assert column(workbook, "sizes", "capex_musd") == [20.0, 3.0]


def test_clearing_a_cell() -> None:
    """An empty value leaves the cell blank: the default where there is one, unlimited where it says so."""
    workbook = changed("gates[G1].capacity_t_y=", "sizes[mine].capex_musd=", "settings[home_territory].value=")
    assert column(workbook, "gates", "capacity_t_y") == [None]
    assert column(workbook, "sizes", "capex_musd") == [0.0, 3.0]
    assert workbook.settings.home_territory is None
    assert any(d.sheet == "sizes" and "capex_musd = 0" in d.message for d in workbook.defaults)


def test_a_factor_on_a_default() -> None:
    """A blank cell whose column declares a default is multiplied as if the default stood there."""
    assert column(changed("sites[*].capex_factor*=1.2"), "sites", "capex_factor") == [1.2, 1.2]
    assert changed("settings[time_limit_s].value*=0.5").settings.time_limit_s == 1800.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gates[G2].capacity_t_y=1", r"no row of gates has this key; nearest is \[G1\]. Keys are gate\."),
        ("sizes[mine:huge].capex_musd=1", r"nearest is \[mine:large\]. Keys are process:size\."),
        ("sizes[mine:large:x].capex_musd=1", "no row of sizes has this key"),
        ("fiscal[*].value=1", "no row of fiscal has this key. Keys are key:applies_to."),
        ("lanes[in].distance_km*=2", "the cell lanes!E3 is blank, which cannot be multiplied"),
        ("lanes[in].mode*=2", "the cell lanes!D3 holds 'road', which cannot be multiplied"),
        ("products[ore].traced*=2", "holds 'yes', which cannot be multiplied"),
        ("settings[seed].value*=2", "is blank, which cannot be multiplied"),
    ],
)
def test_a_change_that_cannot_be_made(text: str, says: str) -> None:
    """A key without a row, or a factor on what is no number, is a usage error that names what is near."""
    with pytest.raises(UsageError, match=says):
        changed(text)


def test_a_setting_that_is_not_in_the_workbook() -> None:
    """It is added for the run."""
    workbook = changed("settings[Threads].value=2")
    assert workbook.settings.threads == 2
    assert workbook.settings.where["threads"].cells["value"] == NOT_IN_SHEET


@pytest.mark.parametrize(
    ("text", "cell", "says"),
    [
        ("sizes[mine].capex_musd=-5", "D2", "capex_musd: -5 is below the least allowed, 0"),
        ("sizes[mine].capex_musd=8%", "D2", "a percent sign: type 0.08"),
        ("sizes[mine].min_load=1,5", NOT_IN_SHEET, "a decimal comma: type 1.5"),
        ("nodes[D1].kind=site2", "B2", "'site2' is not one of deposit, site"),
        ("lanes[in].from=", "B3", "from is blank: Where it starts."),
        ("lanes[in].gate=G9", "F3", "gate: 'G9' is not in gates"),
        ("settings[discount_rate].value=8", "B3", "discount_rate: 8 is above the most allowed, 1"),
    ],
)
def test_a_change_is_checked_like_the_cell(text: str, cell: str, says: str) -> None:
    """What a change puts into a cell meets the same faults, at that cell."""
    with pytest.raises(InputError) as refused:
        changed(text)
    assert any(issue.cell == cell and says in issue.message for issue in refused.value.issues)


def test_a_change_may_rename(book: Any) -> None:
    """A key may be changed like any cell of a real workbook, and the file stays as it is."""
    before = book.path.read_bytes()
    found = inspect(book.path, [parse_change("gates[G1].gate=G9")])
    assert {issue.found for issue in found.errors} == {"G1"}
    assert inspect(book.path, [parse_change("gates[G1].note==1+1")]).errors == ()
    assert book.path.read_bytes() == before
