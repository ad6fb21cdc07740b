"""Money told three ways, to 1e-6: by the solver, the independent checker, and the formulas of the sheet Cash flow.

The sheet is recalculated by LibreOffice, for the expected flow and for a future picked from its list.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from office import NEEDS_OFFICE, recalculate, verdicts
from random_worlds import random_world
from report_cases import content_of
from taxed import CASES, TAX, mine, regime
from test_hand_solved_tax import regime_of, rows

from khovor.report import Content
from khovor.report.sheets.book import Book
from khovor.report.sheets.cash_grid import FIRST, MOST, Grid
from khovor.report.sheets.cash_sheet import LABEL, cash_flow
from khovor.report.sheets.cash_tax import SIGN, TOLD
from khovor.report.sheets.check_sheet import checks
from khovor.report.sheets.money_sheets import scenarios
from support import Rows, total

OFFICE, WITHOUT = NEEDS_OFFICE
CLOSE = 1e-6
BOTH = ("good", "bad")


def _written(content: Content, path: Path, edit: Callable[[Any, Grid], None]) -> Path:
    """The sheets that this is about, with some cells changed."""
    book = Book()
    for sheet in (cash_flow, scenarios, checks):
        sheet(book, content)
    edit(book.excel["Cash flow"], Grid(content))
    book.excel.save(path)
    return path


def _untouched(sheet: Any, grid: Grid) -> None:
    """Nothing is changed."""


def _bad_times(sheet: Any, grid: Grid) -> None:
    """Bad times picked."""
    sheet[LABEL.replace("$", "")] = "Bad times"


def _fact(name: str, value: object) -> Callable[[Any, Grid], None]:
    def edit(sheet: Any, grid: Grid) -> None:
        sheet[grid.rate(name).replace("$", "")] = value

    return edit


def _longer_holiday(sheet: Any, grid: Grid) -> None:
    sheet.cell(grid.holiday, 3).value += 1


def _longer_life(sheet: Any, grid: Grid) -> None:
    sheet.cell(grid.asset, 8).value += 1


def _dearer_plant(sheet: Any, grid: Grid) -> None:
    row = grid.ledger + next(k for k, row in enumerate(grid.rows) if row.line.term == "capex")
    sheet.cell(row, 5).value *= 1.01


def _tax_typed_over(sheet: Any, grid: Grid) -> None:
    sheet.cell(grid.account(1, "losses_used"), grid.last - 2).value = 0.0


BREAKS: dict[str, tuple[str, Callable[[Any, Grid], None], str]] = {
    "rate": ("losses", _fact("rate", 0.26), "income tax"),
    "share": ("losses", _fact("loss share", 0.4), "losses used"),
    "expiry": ("expiry", _fact("loss years", 2), "losses used"),
    "forever": ("expiry", _fact("loss years", "for ever"), "losses left"),
    "depreciation": ("expiry", _fact("depreciation years", 3), "depreciation"),
    "carried": ("holiday", _fact("carried", 0.11), "share of the state"),
    "holiday": ("holiday", _longer_holiday, "income tax"),
    "life": ("holiday", _longer_life, "depreciation"),
    "plant": ("taken", _dearer_plant, "depreciation"),
    "paid": ("taken", _fact("paid", 0.21), ""),
    "typed": ("losses", _tax_typed_over, "losses used"),
}
"""A cell an analyst may change: (case, what is changed, the tie that it breaks besides that of value)."""


SEEDS = range(8)
"""Random worlds under random regimes: two objectives, projects, closures, stocks, holidays."""


@pytest.fixture(scope="module")
def contents() -> dict[str, Content]:
    """The five plans, solved, and accepted by the checker."""
    return {name: content_of(case(), discount_rate=0.08) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def books(contents: dict[str, Content], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each plan as written, with bad times picked, with a cell changed, and random ones, as LibreOffice has them."""
    folder = tmp_path_factory.mktemp("office")
    paths = [_written(content, folder / f"{name}.xlsx", _untouched) for name, content in contents.items()]
    paths += [_written(content, folder / f"{name}_bad.xlsx", _bad_times) for name, content in contents.items()]
    paths += [_written(_random(seed), folder / f"random_{seed}.xlsx", _untouched) for seed in SEEDS]
    paths += [
        _written(contents[case], folder / f"broken_{name}.xlsx", edit) for name, (case, edit, _) in BREAKS.items()
    ]
    return recalculate(paths, folder)


def _random(seed: int) -> Content:
    """A random world under a random regime, solved."""
    tables, settings = random_world(seed)
    return content_of({**tables, "fiscal": rows(regime_of(random.Random(seed)))}, **settings)


def _terms(content: Content, frame: pd.DataFrame, w: str) -> dict[str, float]:
    """Money terms of a future, or ("") expected over them."""
    weights = {"": 1.0, w: 1.0} if w else content.odds
    frame = frame[frame["scenario"].isin(list(weights))]
    worth = frame["musd"].astype(float) * frame["scenario"].map(weights).astype(float)
    return {str(term): float(musd) for term, musd in worth.groupby(frame["term"]).sum().items()}


def _account(sheet: Any, grid: Grid, name: str, place: int) -> dict[int, float]:
    row = grid.account(place, name)
    return {year: sheet.cell(row, FIRST + k).value or 0.0 for k, year in enumerate(grid.years)}


@pytest.mark.parametrize("name", CASES)
def test_solver_and_checker_agree(name: str, contents: dict[str, Content]) -> None:
    """Every money term of every future, and the objective, are the same to 1e-6."""
    content = contents[name]
    for w in ("", *BOTH):
        own = _terms(content, content.verification.terms, w)
        assert _terms(content, content.solution.terms, w) == pytest.approx(own, rel=CLOSE, abs=CLOSE)
    assert content.solution.objective == pytest.approx(content.verification.objective, rel=CLOSE)


@OFFICE
@WITHOUT
@pytest.mark.parametrize(("suffix", "w"), [("", ""), ("_bad", "bad")], ids=["expected", "bad times"])
@pytest.mark.parametrize("name", CASES)
def test_the_sheet_agrees(name: str, suffix: str, w: str, contents: dict[str, Content], books: dict[str, Any]) -> None:
    """The present value of every term the sheet shows is the checker's, and there is no other; all checks are OK."""
    content, book, grid = contents[name], books[name + suffix], Grid(contents[name])
    told = {term: book["Cash flow"].cell(grid.shown(term), 3).value for term in grid.terms}
    own = _terms(content, content.verification.terms, w)
    assert set(own) <= set(told)
    assert told == pytest.approx({term: own.get(term, 0.0) for term in told}, rel=CLOSE, abs=CLOSE)
    assert {k: v for k, v in verdicts(book).items() if v != "OK"} == {}
    assert book["Checks"]["B4"].value == "OK"
    worth = book["Cash flow"].cell(grid.shown("equity" if grid.financed else "project"), 3).value
    assert worth == pytest.approx(sum(own.values()), rel=CLOSE, abs=CLOSE)


@OFFICE
@WITHOUT
@pytest.mark.parametrize("name", CASES)
def test_every_year_agrees(name: str, contents: dict[str, Content], books: dict[str, Any]) -> None:
    """Result, depreciation, losses, tax and the state's share of every year and future are those of the plan."""
    content, grid, sheet = contents[name], Grid(contents[name]), books[name]["Cash flow"]
    frame = content.solution.fiscal
    by_key = frame.set_index(["term", "scenario", "year"])["musd"].to_dict()
    asked = [n for n in TOLD if n in grid.accounts and not (n == "state_participation" and content.case.fiscal.paid)]
    assert len(asked) >= 5
    for place, (w, _) in enumerate(grid.cases):
        for line in asked if w else ():
            own = {year: SIGN.get(line, 1.0) * by_key.get((line, w, year), 0.0) for year in grid.years}
            assert _account(sheet, grid, line, place) == pytest.approx(own, rel=CLOSE, abs=CLOSE), (line, w)


@OFFICE
@WITHOUT
@pytest.mark.parametrize("name", BREAKS)
def test_a_cell_changed_turns_the_master_check_red(name: str, books: dict[str, Any]) -> None:
    """The tie of what was changed breaks, that of the plan's value breaks, and so does the master check."""
    book, words = books[f"broken_{name}"], BREAKS[name][2]
    found = verdicts(book)
    assert book["Checks"]["B4"].value == "BROKEN"
    assert found["Every future's cash flow discounts back to its value"] == "BROKEN"
    if words:
        assert found[f"The {words} of every year and future are khovor's (weighed by their places)"] == "BROKEN"


@OFFICE
@WITHOUT
@pytest.mark.parametrize("seed", SEEDS)
def test_random_regimes_tie(seed: int, books: dict[str, Any]) -> None:
    """Every tie of the sheet of a random world holds, year by year and future by future."""
    book = books[f"random_{seed}"]
    assert {k: v for k, v in verdicts(book).items() if v != "OK"} == {}
    assert book["Checks"]["B4"].value == "OK"


def test_the_cases_are_what_they_say(contents: dict[str, Content]) -> None:
    """Losses are used in part and expire, a site is free, the loan is taken in one case and left alone in the other."""

    def lines(name: str, line: str, w: str) -> dict[int, float]:
        frame = contents[name].solution.fiscal
        frame = frame[(frame["term"] == line) & (frame["scenario"] == w)]
        return dict(zip(frame["year"], frame["musd"], strict=True))

    used, result = lines("losses", "losses_used", "bad"), lines("losses", "result", "bad")
    assert [used[y] / result[y] for y in (2033, 2034, 2035)] == pytest.approx([0.5, 0.5, 0.5])
    assert sum(used.values()) == pytest.approx(-result[2031] - result[2032])
    lost, offset = lines("expiry", "result", "bad"), lines("expiry", "losses_used", "bad")
    assert lost[2033] < 0 < offset[2034]  # the loss of 2033 alone: those before are too old
    assert offset == pytest.approx({2034: -lost[2033]})
    free = contents["holiday"]
    assert free.finance.flow.account
    assert lines("holiday", "depreciation", "good") == pytest.approx({2034: 0.4, 2035: 0.4, 2036: 2.0})
    assert set(contents["taken"].solution.instruments["instrument"]) == {"loan", "grant"}
    assert set(contents["untaken"].solution.instruments["instrument"]) == {"grant"}
    sold = [total(contents[name].solution, "sales", node="C") > 0 for name in ("taken", "untaken")]
    assert sold == [False, True]


def test_of_very_many_futures_the_plan_tells_the_tax() -> None:
    """The sheet shows their mean alone, of which no tax can be worked out: its line is the plan's, and it says so."""
    many: dict[str, Rows] = {
        "scenarios": [{"scenario": f"s{k}", "probability": 1 / (MOST + 1)} for k in range(MOST + 1)],
        "events": [],
    }
    content = content_of(mine(regime(TAX, ("depreciation_years", "", 2)), **many), discount_rate=0.08)
    grid, book = Grid(content), Book()
    cash_flow(book, content)
    assert grid.worked_out == ()
    (line,) = [row for row in grid.rows if row.line.term == "income_tax"]
    own = content.solution.fiscal.query("term == 'income_tax'").groupby("year")["musd"].mean()
    assert {y: x for y, x in zip(grid.years, line.quantity, strict=True) if x} == pytest.approx(own.to_dict())
    assert "as the plan tells it" in book.excel["Cash flow"]["A2"].value
