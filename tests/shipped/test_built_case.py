"""The workbook shipped in inputs/ is what its builder makes, is sound, and says where its figures come from."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from inputs.mongolia import SUPPORTED, TARGET, dossier, guide, public, tables
from khovor.case import Case, build_case
from khovor.run import examine
from khovor.workbook import TABLES, Workbook, from_tables, parse_change, read

EMPTY = ("stockpiles", "policies", "fiscal", "instruments", "overrides", "sweeps")
"""Tables the case leaves alone."""

UNSUPPORTED = "settings[discount_rate].value=0.10"
CONSERVATIVE = "profiles[*].factor=1"


@cache
def shipped() -> Workbook:
    """The workbook as it is shipped."""
    return read(TARGET)


def case_with(*changes: str) -> Case:
    """The shipped case after `--set` changes."""
    return build_case(read(TARGET, [parse_change(text) for text in changes]))


def rows_of(workbook: Workbook, table: str) -> list[dict[str, Any]]:
    """The rows of a table without their places."""
    return [row.model_dump(exclude={"where"}) for row in workbook.rows[table]]


@pytest.mark.parametrize("table", [name for name in TABLES if name != "settings"])
def test_shipped_table_is_what_the_builder_makes(table: str) -> None:
    """Row by row: rebuild with `python -m inputs.mongolia` after a change of the builder."""
    built = from_tables(tables(), guide.SETTINGS)
    assert rows_of(shipped(), table) == rows_of(built, table)


def test_shipped_settings_are_what_the_builder_says() -> None:
    """Every setting and its provenance."""
    built = from_tables(tables(), guide.SETTINGS)
    assert shipped().settings.model_dump(exclude={"where"}) == built.settings.model_dump(exclude={"where"})
    for key, known in guide.SETTINGS_KNOWN.items():
        assert shipped().provenance[key] == known


def test_shipped_guide_says_what_the_builder_says() -> None:
    """Every paragraph of the case's own sections stands on the guide sheet."""
    sheet = load_workbook(TARGET, read_only=True)["Guide"]
    told = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    assert told >= {paragraph for section in guide.SECTIONS for paragraph in section.paragraphs}


@pytest.mark.parametrize("table", [name for name in TABLES if name not in ("settings", *EMPTY)])
def test_every_figure_has_basis_and_source(table: str) -> None:
    """No row without how its figures are known and where they were read."""
    rows = rows_of(shipped(), table)
    assert rows
    assert [row for row in rows if not row["basis"] or not row["source"]] == []


def test_settings_have_basis_and_source() -> None:
    """The same for what holds for the whole case."""
    unknown = [k for k in guide.SETTINGS if not {"basis", "source"} <= shipped().provenance[k].keys()]
    assert unknown == []


@pytest.mark.parametrize(("path", "told"), [(TARGET, 0), (SUPPORTED, 1)], ids=["plain", "supported"])
def test_check_finds_nothing(path: Path, told: int) -> None:
    """`khovor check` has no error, and warns of nothing but that no process says whose technology it is."""
    found = examine(path)
    assert found.errors == ()
    assert [w.found for w in found.warnings] == ["no_technology:CN"] * told


def test_supported_case_is_the_shipped_one_with_tax_and_support() -> None:
    """Royalty, tax, instruments and the target as their builder makes them; all else the same."""
    supported, added = read(SUPPORTED), public.tables()
    built = from_tables(tables() | added, guide.SETTINGS)
    for table in TABLES:
        if table != "settings":
            assert rows_of(supported, table) == rows_of(built if table in added else shipped(), table)
    for table in added:
        assert [row for row in rows_of(supported, table) if not row["basis"] or not row["source"]] == []


@pytest.mark.parametrize("table", EMPTY)
def test_tables_left_alone_are_empty(table: str) -> None:
    """What the case does not use holds no row."""
    assert rows_of(shipped(), table) == []


def test_case_has_every_deposit_site_and_step() -> None:
    """4 deposits, 17 sites, every step of the dossier but the benchmark, ten futures, ten periods from 2027 to 2056."""
    case = case_with()
    assert {d.node for d in case.deposits} == {"D_KTG", "D_MUS", "D_LUG", "D_KHB"}
    assert {plant.key.node for plant in case.plants} == {
        r["network_node_id"] or "S_KBG" for r in dossier.table("sites")
    }
    assert len({plant.key.node for plant in case.plants}) == 17
    steps = {r["tech_id"] for r in dossier.table("technologies")} - {"HEAP_INT"}
    concentrators = {"BEN_FLOT", "BEN_FLOT_S", "BEN_PG"}
    assert steps - concentrators < case.processes.keys()
    assert {f"BEN_{d.node[2:]}" for d in case.deposits} < case.processes.keys()
    assert len(case.scenarios) == 10
    assert (len(case.horizon.periods), case.horizon.last_year) == (10, 2056)


def test_reserve_and_head_grade_make_the_registered_oxide() -> None:
    """Reserve x head grade is what the state register holds (1,213.7, 365.1, 14.5 and 1,511.6 kt)."""
    grade = {a.origin: a.fraction for a in shipped().rows["assays"] if (a.product, a.component) == ("ore", "TREO")}
    registered = {r["network_node_id"]: r.number("official_registered_reo_t") for r in dossier.table("deposits")}
    for deposit in case_with().deposits:
        assert deposit.reserve_t is not None
        assert deposit.reserve_t * grade[deposit.node] == pytest.approx(registered[deposit.node], rel=1e-4)


def ndpr_in_the_us(case: Case, year: int) -> float:
    """What NdPr oxide fetches in the United States [USD/kg]."""
    market = next(m for m in case.markets if m.key[:2] == ("C_USA", "ndpr_ox") and year in m.window)
    factors = case.profiles[market.profile]
    return market.price_usd_t / 1000 * factors[max(y for y in factors if y <= year)]


def test_planning_deck_is_what_is_shipped() -> None:
    """95 USD/kg in 2027, 2% a year to 2045, flat after; 15% above China in the United States."""
    case = case_with()
    for year, grown in ((2027, 0), (2035, 8), (2045, 18), (2056, 18)):
        assert ndpr_in_the_us(case, year) == pytest.approx(1.15 * 95 * 1.02**grown, rel=1e-6)


def test_conservative_deck_is_one_set_away() -> None:
    """With every profile at 1 NdPr oxide is 85 USD/kg for good, and nothing is dearer than in the planning deck."""
    planning, conservative = case_with(), case_with(CONSERVATIVE)
    for year in (2027, 2035, 2056):
        assert ndpr_in_the_us(conservative, year) == pytest.approx(1.15 * 85, rel=1e-6)
    factors = [f for profile in planning.profiles.values() for f in profile.values()]
    assert min(factors) >= 1.0


def test_support_is_one_set_away() -> None:
    """The only support is the rate: 6.5%, named in its note with the command that takes it away; 10% without."""
    assert case_with().horizon.rate == 0.065
    assert case_with(UNSUPPORTED).horizon.rate == 0.10
    assert f"--set {UNSUPPORTED}" in str(shipped().provenance["discount_rate"]["note"])


def commands() -> list[str]:
    """Every `--set` that the guide tells an analyst to type."""
    paragraphs = [p for section in guide.SECTIONS for p in section.paragraphs if re.search(r":   (khovor|--set)", p)]
    return [word for p in paragraphs for word in shlex.split(p.split(":   ", 1)[1])]


def test_commands_in_the_guide_work() -> None:
    """Each change the guide names finds its cell, and leaves the case without an error."""
    words = commands()
    changes = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    assert {UNSUPPORTED, CONSERVATIVE} < set(changes)
    for change in changes:
        assert examine(TARGET, [change]).errors == ()


def test_smelter_acid_waits_for_the_smelter() -> None:
    """Acid of Erdenet at 95 USD/t is on offer for nothing until a change opens it (fault 10)."""
    offers = {p.price_usd_t: p.max_t_y for p in case_with().purchases if p.key[:2] == ("S_ERD", "h2so4")}
    assert offers == {140.0: None, 95.0: 0.0}
    opened = case_with("purchases[S_ERD:h2so4:95].max_t_y=500000")
    assert 500_000.0 in {p.max_t_y for p in opened.purchases if p.key[:2] == ("S_ERD", "h2so4")}


def test_payability_is_applied_once() -> None:
    """Carbonate in China pays 70% of its basket, 7.8 USD/kg, as the dossier says (fault 1)."""
    rows = [m for m in shipped().rows["markets"] if (m.node, m.product) == ("C_CHN", "mrec")]
    factor = {p.year: p.factor for p in shipped().rows["profiles"] if p.profile == "mrec"}[2027]
    paid = [m.price_usd_t * factor * m.payable_share * 0.55 / 1000 for m in rows]
    assert paid == pytest.approx([7.8] * len(rows), rel=0.02)


def test_workbook_names_no_machine() -> None:
    """No cell of the builder's output names a path of a machine."""
    text = " ".join(str(v) for rows in tables().values() for row in rows for v in row.values())
    assert not re.search(r"/(work|tmp|home)/", text)
    assert Path(TARGET).name == "mongolia.xlsx"
