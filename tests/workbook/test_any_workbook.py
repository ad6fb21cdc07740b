"""Whatever valid rows are written, the same rows are read: names in any alphabet, numbers in range, any text."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound import SETTINGS
from test_round_trip import told

from khovor.workbook import TABLES, from_tables, read, write
from khovor.workbook.column import Column
from khovor.workbook.names import clean, skeleton

ALPHABETS = ("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-.=+'&<> ", "бвгдёжзийклмнөптфцчшщъыьэюяБГДЖ ", "ᠠᠡᠢᠣᠤᠨᠪ")
"""Latin, Cyrillic without the letters that look Latin, Mongolian."""

NAMES = st.one_of(*(st.text(alphabet, min_size=1, max_size=12) for alphabet in ALPHABETS)).map(clean).filter(bool)
PROSE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.just("\n"), max_size=40).map(str.strip)

DEFINED = {"products": "product", "nodes": "node", "modes": "mode", "gates": "gate", "profiles": "profile"}
DEFINED |= {"processes": "process", "utilities": "utility", "lanes": "lane"}
USERS = ("deposits", "sizes", "sites", "utility_supply", "groups", "markets", "purchases", "stockpiles")


PLAIN: dict[str, dict[str, object]] = {
    "sites": {"status": "candidate", "sizes": None, "existing_size": None},
    "markets": {"min_t_y": None, "component": None},
}
"""Cells that other rows decide about, kept plain."""


def numbers(column: Column) -> st.SearchStrategy[Any]:
    """Numbers in the column's range, of the fifteen digits that every spreadsheet keeps."""
    low = -1e9 if column.ge is None else column.ge
    high = 1e9 if column.le is None else column.le
    if column.kind == "integer":
        return st.integers(int(low), min(int(high), 10**9))
    return st.floats(low, high).map(lambda value: float(f"{value:.15g}"))


def cells(column: Column, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """What may stand in a cell: by its declaration, blank where it may be."""
    found: st.SearchStrategy[Any] = PROSE
    if column.choices:
        found = st.sampled_from(column.choices)
    elif column.kind == "yesno":
        found = st.booleans()
    elif column.kind in ("number", "integer"):
        found = numbers(column)
    elif column.ref and not column.beyond:
        names = [name for target in column.ref for name in known.get(target, ())]
        one = st.sampled_from(names) if names else st.none()
        found = one if column.kind == "text" or not names else st.lists(one, unique=True, max_size=3)
    elif column.kind in ("text", "names"):
        found = NAMES
    return found.filter(lambda value: value != "") if column.required else st.none() | found


@st.composite
def rows(draw: st.DrawFn, table: str, known: dict[str, list[str]], key: str = "") -> list[dict[str, Any]]:
    """Up to three rows of a table; those of a table that defines names have different ones."""
    distinct = (key,) if key else TABLES[table].keys
    return draw(
        st.lists(
            st.fixed_dictionaries({c.name: cells(c, known) for c in TABLES[table].columns}),
            min_size=1 if TABLES[table].required else 0,
            max_size=3,
            unique_by=lambda row: tuple(skeleton(str(row[name])) for name in distinct),
        )
    )


def fitting(table: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with what ties cells to one another kept: years in order, plants to be built, no contract, each key once."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in found:
        years = sorted(row[name] for name in ("first_year", "last_year") if row.get(name) is not None)
        if len(years) == 2:
            row |= {"first_year": years[0], "last_year": years[1]}
        row |= PLAIN.get(table, {})
        parts = [TABLES[table].column(key).default if row[key] is None else row[key] for key in TABLES[table].keys]
        kept.setdefault(tuple(skeleton(str(part)) for part in parts), row)
    return list(kept.values())


@st.composite
def workbooks(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Tables that fit together."""
    known: dict[str, list[str]] = {}
    tables: dict[str, list[dict[str, Any]]] = {"periods": [{"period": "p", "start_year": 2030, "years": 5}]}
    for table in (*DEFINED, *USERS):
        needs = [column.ref for column in TABLES[table].columns if column.required and column.ref]
        possible = all(any(known.get(target) for target in targets) for targets in needs)
        found = draw(rows(table, known, DEFINED.get(table, ""))) if possible else []
        tables[table] = fitting(table, found)
        if table == "lanes":
            gates = {skeleton(gate) for gate in known["gates.gate"]}
            tables[table] = [r for r in tables[table] if r["from"] != r["to"] and skeleton(r["lane"]) not in gates]
        for column in TABLES[table].columns:
            names = [row[column.name] for row in tables[table] if row[column.name] is not None]
            known[f"{table}.{column.name}"] = names
    sized = {row["process"] for row in tables["sizes"]}
    tables["sites"] = [row for row in tables["sites"] if row["process"] in sized]
    return tables


@given(workbooks())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_workbook_reads_back_equal(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Written and read, the rows are those that the tables mean by themselves."""
    meant = from_tables(tables, SETTINGS | {"home_territory": None})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.xlsx"
        write(path, tables, SETTINGS | {"home_territory": None}, only=())
        assert told(read(path)) == told(meant)
