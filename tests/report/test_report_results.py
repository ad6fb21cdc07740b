"""results.xlsx: its sheets, formats and charts; every table adds up; text stays text; every kind of case is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from report_cases import content_of, everything, table, two_ways, written

from khovor.report import Content, summarise
from khovor.report.sheets.book import Book
from khovor.report.sheets.money_sheets import money
from khovor.report.sheets.price_sheet import shadow_prices
from support import one_mine

LIST = [
    "Summary",
    "Map",
    "Build plan",
    "Sites",
    "Flows by corridor",
    "Flows by lane",
    "Production",
    "Sales",
    "Money",
    "Cash flow",
    "Scenarios",
    "Shadow prices",
    "Checks",
    "Assumptions",
    "Provenance",
]


@pytest.fixture(scope="module")
def whole() -> Content:
    """The case with every feature."""
    return content_of(everything(), discount_rate=0.1)


@pytest.fixture(scope="module")
def book(whole: Content, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Its results, read back."""
    return written(whole, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The results of the case with two ways out, read back."""
    return written(content_of(two_ways()), tmp_path_factory.mktemp("ways"))


def column(rows: list[dict[str, Any]], name: str) -> float:
    """A column of a table, added up; blanks are nothing."""
    return sum(row[name] or 0.0 for row in rows)


def test_sheets_in_order_and_no_more_than_fifteen(book: Any) -> None:
    """The summary comes first, and there are at most 15 sheets."""
    assert book.sheetnames == LIST
    assert len(LIST) <= 15


def test_panes_are_frozen_on_every_sheet(book: Any) -> None:
    """Each sheet keeps its title or its header in sight."""
    assert all(sheet.freeze_panes for sheet in book)


def test_numbers_have_formats_and_headers_units(book: Any) -> None:
    """No number stands in a table unformatted, and columns of amounts say their unit."""
    for name in LIST[2:12]:
        for row in book[name].iter_rows(min_row=4):
            bare = [c.coordinate for c in row if isinstance(c.value, float) and c.number_format == "General"]
            assert bare == [], name
    heads = [c.value for c in book["Flows by lane"][4]]
    assert "Mean [t/y]" in heads
    assert "2030-2031 [t/y]" in heads


def test_charts_are_native_and_not_empty(book: Any) -> None:
    """The sheets that compare have charts, and every series refers to cells that hold numbers."""
    for name in ("Summary", "Build plan", "Flows by corridor", "Sales", "Money", "Cash flow", "Scenarios"):
        if name == "Sales":  # one product only: nothing to compare
            assert book[name]._charts == []
            continue
        charts = book[name]._charts
        assert len(charts) == (2 if name == "Money" else 1)  # on Money what a kilogram costs has its own
        for series in (series for chart in charts for series in chart.series):
            cells = series.val.numRef.f.replace("'", "").split("!")[1].replace("$", "")
            first, _, last = cells.partition(":")
            values = [cell.value for row in book[name][f"{first}:{last or first}"] for cell in row]
            assert any(isinstance(v, (int, float)) or str(v).startswith("=SUM") for v in values)


def test_map_is_a_picture(tmp_path: Path) -> None:
    """The map stands on its sheet as a picture: a PNG in the file, drawn as wide as the sheet says."""
    written(content_of(two_ways()), tmp_path)
    with ZipFile(tmp_path / "results.xlsx") as parts:
        assert parts.read("xl/media/image1.png").startswith(b"\x89PNG")
        drawings = [parts.read(name).decode() for name in parts.namelist() if "drawings/_rels" in name]
        assert sum("image1.png" in text for text in drawings) == 1


def test_summary_begins_with_the_sentences(book: Any, whole: Content) -> None:
    """Below the title stand the sentences of the answer, status first, then the key figures."""
    told = [book["Summary"].cell(row, 1).value for row in range(4, 4 + len(whole.summary["headline"]))]
    assert told == whole.summary["headline"]
    facts = {row[0].value: row[1].value for row in book["Summary"].iter_rows(max_col=2)}
    assert facts["Expected net present value [MUSD]"] == pytest.approx(whole.solution.objective)
    assert facts["Master check (sheet Checks)"] == "=Checks!$B$4"


def test_money_adds_up_to_the_objective(book: Any, whole: Content) -> None:
    """By term, by period, by future and by all three, money adds up to the objective."""
    objective, sheet = whole.solution.objective, book["Money"]
    by_term = table(sheet, "Term")
    assert column(by_term, "Total [MUSD]") == pytest.approx(objective)
    assert sum(column(by_term, f"{y} [MUSD]") for y in ("2030-2031", "2032-2033")) == pytest.approx(objective)
    odds = {f["Future"]: f["Probability"] for f in table(book["Scenarios"], "Future")}
    futures = table(sheet, "Future")
    of_each = {
        f["Future"]: sum(v for k, v in f.items() if k.endswith("[MUSD]") and k != "Value [MUSD]") for f in futures
    }
    assert sum(odds[name] * value for name, value in of_each.items()) == pytest.approx(objective)
    every = table(book["Scenarios"], "Future", 1)
    told = {name: sum(r["Total [MUSD]"] for r in every if r["Future"] in (name, "in every future")) for name in odds}
    assert told == pytest.approx(of_each)
    assert {f["Future"]: f["Value [MUSD]"] for f in table(book["Scenarios"], "Future")} == pytest.approx(of_each)


def test_what_is_made_goes_somewhere(book: Any) -> None:
    """For every product, what is made, bought and drawn equals what is used, sold, tipped, lost and stored."""
    rows = table(book["Production"], "Product", 1)
    assert {"ore", "conc", "acid", "waste"} == {r["Product"] for r in rows}
    for r in rows:
        amounts = [v for k, v in r.items() if k.endswith("[t]") and not k.startswith("Left")]
        assert sum(amounts[:3]) == pytest.approx(sum(amounts[3:]))
        assert r["Left over [t]"].startswith("=SUM(")
    assert next(r for r in rows if r["Product"] == "ore")["Lost on the way [t]"] > 0


def test_sites_make_what_production_tells(book: Any) -> None:
    """The leach's activity times its recipe is the concentrate that is made."""
    activity = next(r for r in table(book["Sites"], "Where") if r["What"] == "leach")
    made = next(r for r in table(book["Production"], "Product") if r["Product"] == "conc")
    ratio = made["2030-2031 [t/y]"] / activity["2030-2031 [t/y]"]
    assert ratio == pytest.approx(0.8 * 0.1 / 0.5)
    assert made["2032-2033 [t/y]"] / activity["2032-2033 [t/y]"] == pytest.approx(ratio)


def test_capacity_is_told_beside_activity(book: Any) -> None:
    """The leach of 20,000 t/y runs in at half and three quarters of it: 12,500 t/y in its first two years."""
    leach = next(r for r in table(book["Sites"], "Where", 1) if r["What"] == "leach")
    assert leach["2030-2031 [t/y]"] == pytest.approx(20000 * (0.5 + 0.75) / 2)
    assert 0 < leach["Largest share used"] <= 1 + 1e-9


def test_stocks_and_utilities_are_told(book: Any) -> None:
    """The stock left at the end is at least what was asked for; power drawn is told with its share of the limit."""
    held = next(r for r in table(book["Production"], "Product", 4) if r["Product"] == "conc")
    assert held["2032-2033 [t]"] >= 150 - 1e-6
    drawn = [r for r in table(book["Sites"], "Where", 2) if r["Utility"] == "power"]
    assert 0 < drawn[0]["Largest share drawn"] <= 1 + 1e-9


def test_projects_widen_the_limit_of_a_utility(tmp_path: Path) -> None:
    """A grid that adds 60 units to 40 is drawn to all of 100, not to 250% of 40."""
    tables = one_mine(
        utilities=[{"utility": "power", "unit": "MWh"}],
        utility_use=[{"process": "mine", "utility": "power", "use_per_t": 1}],
        utility_supply=[{"node": "D", "utility": "power", "price_usd": 1, "limit_y": 40}],
        projects=[{"project": "grid", "capex_musd": 0.01}],
        project_effects=[
            {"project": "grid", "target_type": "utility", "target": "power", "node": "D", "adds": 60},
        ],
    )
    sheets = written(content_of(tables), tmp_path)
    (drawn,) = table(sheets["Sites"], "Where", 2)
    assert (drawn["2030 [unit/y]"], drawn["Largest share drawn"]) == pytest.approx((100, 1.0))
    (project,) = table(sheets["Build plan"], "From year", 1)
    assert (project["Project"], project["Adds"]) == ("grid", "60 a year of power")


@pytest.mark.parametrize("timing", ["start", "mid", "end"])
def test_cash_discounts_back_to_the_objective(timing: str) -> None:
    """Year by year, whenever money counts, the cash of each term has the present value of the term."""
    c = content_of(everything(), discount_rate=0.1, discount_timing=timing)
    flow = c.finance.flow
    worth = {term: float(flow.term(term) @ flow.factors) for term in flow.terms}
    assert worth == pytest.approx(c.summary["terms"])


def test_capital_is_spent_before_it_serves() -> None:
    """A mine of 1 MUSD that takes two years to build costs half a million in each of the two years before."""
    tables = one_mine(
        periods=[{"period": "p", "start_year": 2032, "years": 2}], processes=[{"process": "mine", "build_years": 2}]
    )
    flow = content_of(tables).finance.flow
    assert dict(zip(flow.years, flow.term("capex"), strict=True)) == {2030: -0.5, 2031: -0.5, 2032: 0.0, 2033: 0.0}
    assert flow.term("revenue").tolist() == pytest.approx([0, 0, 2, 2])


def test_sales_are_sold_and_earned(book: Any, whole: Content) -> None:
    """Tonnes by tier are those of the balance; what is earned at zero discount would be the revenue of the terms."""
    rows = table(book["Sales"], "Product")
    years = 4
    balance = {r["Product"]: r["Sold [t]"] for r in table(book["Production"], "Product", 1)}
    assert column(rows, "Mean [t/y]") * years == pytest.approx(balance["conc"])
    assert column(rows, "Earned, mean [MUSD/y]") == pytest.approx(
        column(table(book["Sales"], "Product", 1), "Earned [MUSD/y]")
    )


def test_earnings_are_the_revenue_when_nothing_is_discounted(tmp_path: Path) -> None:
    """With a discount rate of nothing, earnings are the revenue term: price, profile, events and payable share."""
    c = content_of(everything(), discount_rate=0.0)
    sheets = written(c, tmp_path)
    earned = column(table(sheets["Sales"], "Product"), "Earned, mean [MUSD/y]") * 4
    assert earned == pytest.approx(c.summary["terms"]["revenue"])


def test_corridors_are_the_exports(ways: Any) -> None:
    """Tonnes by corridor are tonnes by buyer and tonnes sold abroad, with their freight."""
    rows = table(ways["Flows by corridor"], "Corridor")
    assert [(r["Corridor"], r["Mean [t/y]"], r["Freight and fees [USD/t]"]) for r in rows] == [
        ("Crossing > Harbour > Gateway", pytest.approx(60), pytest.approx(30)),
        ("Gateway", pytest.approx(40), pytest.approx(500)),
    ]
    sold = column(table(ways["Sales"], "Product"), "Mean [t/y]")
    assert column(rows, "Mean [t/y]") == pytest.approx(sold)
    assert column(table(ways["Flows by corridor"], "Corridor", 1), "Mean [t/y]") == pytest.approx(sold)
    over_time = table(ways["Flows by corridor"], "Years")
    assert [sum(v for k, v in r.items() if k != "Years") for r in over_time] == pytest.approx([100, 100])


def test_lanes_tell_both_directions_and_modes(ways: Any) -> None:
    """Acid in and ore out on the same crossing are two rows, each with its way of travelling."""
    rows = {(r["From"], r["To"], r["Product"]): r for r in table(ways["Flows by lane"], "From")}
    assert rows["Red Hill (ore)", "Crossing", "Ore"]["Mean [t/y]"] == pytest.approx(60)
    assert rows["Crossing", "Red Hill (ore)", "Acid"]["Mean [t/y]"] == pytest.approx(50)
    assert rows["Red Hill (ore)", "Gateway", "Ore"]["By"] == "air"


def test_shares_stay_shares(ways: Any) -> None:
    """On the summary the corridors' shares add up to 1 and the ways into a territory to its transit."""
    assert column(table(ways["Summary"], "Corridor"), "Share") == pytest.approx(1.0)
    for r in table(ways["Summary"], "Territory"):
        assert sum(v for k, v in r.items() if k.startswith("of it")) == pytest.approx(r["Transit"])


def test_sold_is_a_mean_over_years_not_periods(ways: Any) -> None:
    """Periods of four and six years count by their length."""
    (future,) = table(ways["Scenarios"], "Future")
    assert future["Sold, mean [t/y]"] == pytest.approx(100)


def test_plan_tells_capital_projects_and_slots(book: Any, whole: Content) -> None:
    """Units, projects and booked slots stand in the build plan with what they cost and the cell they come from."""
    units = table(book["Build plan"], "From year")
    assert column(units, "Capital [MUSD]") == pytest.approx(
        column(table(book["Build plan"], "From year", 4), "Capital [MUSD]")
    )
    assert {r["What"] for r in units} >= {"mine", "leach"}
    assert all(r["Input cell"].startswith("sites!") for r in units)
    slots = table(book["Build plan"], "From year", 3)
    assert column(slots, "Slots [t/y]") == pytest.approx(whole.solution.bookings["t_y"].sum())


def test_prices_are_of_limits_in_use(tmp_path: Path) -> None:
    """A full lane is told with its worth and cell; the limit of a lane that nothing uses is not."""
    lanes = [
        {"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 80},
        {"lane": "shut", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "capacity_t_y": 0},
    ]
    sheets = written(content_of(one_mine(lanes=lanes)), tmp_path)
    (row,) = table(sheets["Shadow prices"], "In words")
    assert row["In words"] == "One t/y more room on the lane from D to M by road adds 19,000 USD."
    assert row["Worth in all [USD]"] == pytest.approx(19000)
    assert row["Input cell"].startswith("lanes!")


def test_price_of_the_whole_horizon_stands_once(tmp_path: Path) -> None:
    """A reserve binds over all periods at once: it has one worth, and no value by period."""
    deposit = {"node": "D", "product": "ore", "reserve_t": 80}
    sheets = written(content_of(one_mine(deposits=[deposit])), tmp_path)
    row = next(r for r in table(sheets["Shadow prices"], "In words") if "ore in the ground at D" in r["In words"])
    assert row["Worth in all [USD]"] == pytest.approx(19000)
    assert row["2030 [USD]"] in (None, "")


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    """Names, notes and titles from the input are written as text, whatever they begin with."""
    evil = '=HYPERLINK("http://x","click")'
    tables = one_mine(
        nodes=[
            {"node": "D", "name": evil, "kind": "deposit", "territory": "MN", "note": "=1+1", "basis": "assumption"},
            {"node": "M", "name": "+1", "kind": "market", "territory": "=US"},
        ],
        processes=[{"process": "mine", "name": "@SUM(A1)", "basis": "assumption", "note": "=2+2", "source": "-3"}],
    )
    sheets = written(content_of(tables, title="=NOW()"), tmp_path)
    seen = set()
    for sheet in sheets:
        for cell in (c for row in sheet.iter_rows() for c in row if isinstance(c.value, str)):
            if cell.data_type == "f":
                assert not any(word in cell.value for word in ("HYPERLINK", "NOW", "@", "1+1", "2+2")), cell.coordinate
            else:
                seen.add(cell.value)
    assert {"=NOW()", evil, "=2+2", "-3", "=US"} <= seen


def test_checks_name_every_rule_and_tie(book: Any, whole: Content) -> None:
    """The checker's rules stand with their counts; the ties and verdicts are live formulas; one master sums them up."""
    sheet = book["Checks"]
    rules = {r["Rule"]: r["Comparisons"] for r in table(sheet, "Rule")}
    assert rules == {rule: count for rule, (count, _) in whole.verification.by_rule.items()}
    ties = table(sheet, "Tie")
    assert len(ties) >= 10
    assert all(
        str(r[name]).startswith("=") for r in ties for name in ("One", "Other", "Relative difference", "Verdict")
    )
    assert sheet["B4"].value.startswith("=IF((ROWS(F")
    assert "B4" in str([rule.sqref for rule in sheet.conditional_formatting])


def test_a_failed_plan_is_written_and_says_so(whole: Content, tmp_path: Path) -> None:
    """A plan that breaks a rule keeps its tables; summary and checks tell the failure."""
    failed = replace(whole.verification, passed=False, failures=(_failure(),))
    summary = summarise(whole.case, whole.workbook, whole.solution, failed, {})
    sheets = written(Content(whole.case, whole.workbook, whole.solution, failed, summary), tmp_path)
    facts = {row[0].value: row[1].value for row in sheets["Summary"].iter_rows(max_col=2)}
    assert facts["Independent checker"] == "FAILED: too much"
    assert table(sheets["Checks"], "Rule", 1)[0]["Message"] == "too much"


def _failure() -> Any:
    from khovor.verify.check import Check

    return Check("a rule", "a thing", "p1", "calm", 1.0, 2.0, 1.0, "too much", "sites!A1")


CASES: dict[str, Callable[[], Content]] = {
    "nothing built": lambda: content_of(one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 1}])),
    "no exports": lambda: content_of(
        one_mine(nodes=[{"node": n, "kind": k, "territory": "MN"} for n, k in (("D", "deposit"), ("M", "market"))])
    ),
    "cost": lambda: content_of(
        one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 5, "min_t_y": 50}]), objective="cost"
    ),
    "no home": lambda: content_of(one_mine(), home_territory=None),
    "no title": lambda: content_of(one_mine(), title=None),
}


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_case_is_written(name: str, tmp_path: Path) -> None:
    """A case with nothing built, nothing exported, a cost objective, no home or no title has all its sheets."""
    sheets = written(CASES[name](), tmp_path)
    assert sheets.sheetnames == LIST
    if name == "nothing built":
        assert table(sheets["Build plan"], "From year") == []


def test_cost_ties_to_what_is_paid(tmp_path: Path) -> None:
    """Under the cost objective revenue is left out of the money table, and what is left is minus the objective."""
    c = CASES["cost"]()
    rows = table(written(c, tmp_path)["Money"], "Term")
    assert "Sales" not in {r["Term"] for r in rows}
    assert column(rows, "Total [MUSD]") == pytest.approx(-c.solution.objective)


def test_a_case_without_coordinates_says_why_it_has_no_map(tmp_path: Path) -> None:
    """Without lat and lon there is no picture, but a sentence that says what to fill in."""
    sheet = written(content_of(one_mine()), tmp_path)["Map"]
    with ZipFile(tmp_path / "results.xlsx") as parts:
        assert not [name for name in parts.namelist() if name.endswith(".png")]
    assert any("coordinates" in str(row[0].value) and "lat and lon" in str(row[0].value) for row in sheet.iter_rows())


def test_a_picture_that_fails_never_loses_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the drawing library raises, the workbook is written and the sheet says what happened."""

    def broken(*_: Any, **__: Any) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("khovor.report.maps.drawing.vl_convert.vegalite_to_png", broken)
    sheets = written(content_of(two_ways()), tmp_path)
    assert any("RuntimeError: no fonts" in str(row[0].value) for row in sheets["Map"].iter_rows())
    assert sheets.sheetnames == LIST


def test_sheets_declare_what_must_agree(whole: Content) -> None:
    """The money sheet declares that its terms are the objective: the tie names the cells it speaks of."""
    book = Book()
    money(book, whole)
    tie = next(t for t in book.ties if t.name == "The sum of all money terms is the expected value")
    assert tie.left.startswith("SUM('Money'!$B$5:") or tie.left.startswith("SUM(Money!$B$5:")
    assert float(tie.right) == whole.solution.objective
    shadow_prices(book, whole)
    assert book.excel.sheetnames == ["Money", "Shadow prices"]
