"""Faults of the table instruments, and of the settings that go with it: each is said at its cell."""

from __future__ import annotations

import pytest

from khovor.errors import InputError, Issue
from support import case_of, one_mine

LOAN: dict[str, object] = {"instrument": "L", "kind": "loan", "rate": 0.05, "tenor_years": 5}
FLOOR: dict[str, object] = {"instrument": "F", "kind": "price_floor", "floor_usd_t": 9, "covers": "ore"}
GRANT: dict[str, object] = {"instrument": "G", "kind": "grant", "budget_musd": 5}
COVER: dict[str, object] = {"instrument": "P", "kind": "guarantee", "rate": 0.01, "covers": "lane:D-M"}


def refused(*rows: dict[str, object], **settings: object) -> list[Issue]:
    """The errors of a mine with these instruments."""
    with pytest.raises(InputError) as raised:
        case_of(one_mine(instruments=list(rows)), **settings)
    return [issue for issue in raised.value.issues if issue.severity == "error"]


FAULTS = [
    ({**LOAN, "rate": None}, "A loan needs rate"),
    ({**LOAN, "tenor_years": None}, "A loan needs tenor_years"),
    ({**LOAN, "grace_years": 5}, "leaves none of the tenor"),
    ({**LOAN, "floor_usd_t": 1}, "floor_usd_t means nothing for a loan"),
    ({**LOAN, "covers": "process:mne"}, "nothing here is called 'process:mne'"),
    ({**LOAN, "covers": "lane:D-M"}, "nothing here is called 'lane:D-M'"),
    ({**LOAN, "conditions": "no_sale:UK"}, "nothing here is called 'no_sale:UK'"),
    ({**LOAN, "conditions": "no_sales:US"}, "nothing here is called 'no_sales:US'"),
    ({**LOAN, "conditions": "min_processing:60"}, "is not a share: write 60% as 0.6"),
    ({**LOAN, "conditions": "min_processing:0.6"}, "needs the setting home_territory"),
    ({**LOAN, "conditions": "min_delivery:ore:US"}, "does not say how much"),
    ({**LOAN, "conditions": "min_delivery:or:US:5"}, "nothing here is called 'min_delivery:or:US'"),
    ({**GRANT, "budget_musd": None}, "would pay for everything"),
    ({**GRANT, "rate": 0.1}, "rate means nothing for a grant"),
    ({**FLOOR, "floor_usd_t": None}, "A price_floor needs floor_usd_t"),
    ({**FLOOR, "covers": "t_y:50"}, "names no product"),
    ({**FLOOR, "covers": "ore; t_y:many"}, "'many' in 't_y:many' is not a number"),
    ({**FLOOR, "covers": "ore; from:2030.5"}, "is not a number"),
    ({**FLOOR, "covers": "ore:UK"}, "nothing here is called 'ore:UK'"),
    ({**FLOOR, "budget_musd": 5}, "budget_musd means nothing for a price_floor"),
    ({**FLOOR, "conditions": "no_sale:US"}, "needs its tonnage"),
    ({**COVER, "covers": "process:mine"}, "names nothing that may close"),
    ({**COVER, "covers": None}, "A guarantee needs covers"),
    ({**COVER, "grace_years": 1}, "grace_years means nothing for a guarantee"),
]


@pytest.mark.parametrize(("row", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_fault_is_said_at_its_cell(row: dict[str, object], said: str) -> None:
    """One fault, one sentence, in the row of the instrument."""
    issues = refused(row)
    assert [said in issue.message for issue in issues] == [True]
    assert issues[0].sheet == "instruments"
    assert issues[0].cell.endswith("2")


def test_objective_support_needs_something_to_take() -> None:
    """Without instruments there is no support to be least."""
    with pytest.raises(InputError, match="table instruments is empty"):
        case_of(one_mine(), objective="support")


def test_objective_support_weighs_no_worst_futures() -> None:
    """An expected return and a weight of the worst do not go together."""
    assert "no worst futures" in refused(GRANT, objective="support", risk_weight=0.5)[0].message


def test_price_floor_means_nothing_under_cost() -> None:
    """Where revenue is left out there is no price to top up."""
    assert "price floor means nothing" in refused(FLOOR, objective="cost")[0].message


def test_spelling_of_the_tables_is_taken() -> None:
    """Names match in any case and are made to the spelling of the table that defines them."""
    row = {**LOAN, "covers": "Process:MINE; node:d", "conditions": "No_Sale:us; min_delivery:ORE:us:5:2031"}
    instrument = case_of(one_mine(instruments=[row])).instruments[0]
    assert instrument.capital == (("process", "mine"), ("node", "D"))
    assert [str(condition) for condition in instrument.conditions] == ["no_sale:US", "min_delivery:ore:US:5:2031"]
