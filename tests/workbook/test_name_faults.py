"""Names: dangling ones in every reference column there is, variants that match, letters that only look alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from faults import Fault, Place, add, issues, put, setting
from sound import TABLES as SOUND
from sound import Broken

from khovor.workbook import TABLES, inspect
from khovor.workbook.column import Column


def example(table: str, column: Column, choice: str) -> dict[str, object]:
    """A sound row that names something in a reference column (of the type `choice`, where a type decides)."""
    return next(row for row in SOUND[table] if row.get(column.name) and (not choice or row[column.by] == choice))


def dangling(table: str, column: Column, choice: str = "") -> Fault:
    """A row like a sound one, but for a name with a letter too many; it may repeat the key of the sound one."""
    row = example(table, column, choice)
    meant = str(row[column.name]).split("; ")[0]
    wrong = meant + ("z" if choice else "x")
    values = {"from_" if name == "from" else name: value for name, value in row.items()}
    values["from_" if column.name == "from" else column.name] = wrong
    return Fault(
        f"{table}.{column.name}" + (f" of a {choice}" if choice else ""),
        add(table, column.name, **values),
        f"{column.name}: '{wrong}' is not in ",
        nearest=meant,
        follows=not column.key,
    )


def every_reference() -> Iterator[Fault]:
    """One dangling name for every reference column, and every type of target, that is declared."""
    for table in TABLES.values():
        for column in table.columns:
            if column.ref and not column.beyond:
                yield dangling(table.name, column)
            for choice, _ in column.ref_by:
                yield dangling(table.name, column, choice)


def twins(book: Broken) -> Place:
    """Two groups whose names look the same, one in Latin letters and one in Cyrillic."""
    book.append("groups", group="cop", member="out")
    row = book.append("groups", group="сор", member="rail")
    return Place("groups", book.cell("groups", row, "group").coordinate)


def lane_and_gate(book: Broken) -> Place:
    """A gate named like a lane, and a group that names one of the two."""
    book.append("gates", gate="rail", capacity_t_y=10)
    row = book.append("groups", group="both", member="rail")
    return Place("groups", book.cell("groups", row, "member").coordinate)


DANGLING = [*every_reference()]

FAULTS = [
    Fault("territory of nobody", setting("home_territory", "US1"), "home_territory: 'US1' is not a territory", "US"),
    Fault(
        "nothing like it",
        put("markets", 0, "profile", "quarterly"),
        "profile: 'quarterly' is not in profiles.",
    ),
    Fault(
        "size of another process",
        add("overrides", "size", process="mill", size="largest", units=1),
        "size: 'largest' is not in sizes for process mill.",
        "large",
    ),
    Fault(
        "Cyrillic in a reference",
        add("purchases", "node", node="S_U\u0412", product="acid", price_usd_t=1),
        "'S_U\u0412' is not in nodes: it contains the Cyrillic letter '\u0412' (U+0412), which only looks like",
        "S_UB",
    ),
    Fault(
        "Cyrillic in a target",
        add("events", "target", scenario="storm", target_type="market", target="\u041c1:conc"),
        "target: '\u041c1:conc' is not in markets: it contains the Cyrillic letter '\u041c' (U+041C)",
        "M1:conc",
    ),
    Fault(
        "Cyrillic on the way",
        add("lanes", "over", lane="l9", from_="D1", to="M1", mode="road", distance_km=1, over="KZ; \u041cN"),
        "over: '\u041cN' is not in nodes: it contains the Cyrillic letter",
        "MN",
    ),
    Fault(
        "Cyrillic in a new name",
        add("nodes", "node", node="\u041ahovd", kind="site"),
        "The name '\u041ahovd' cannot be told from another by eye: it contains the Cyrillic letter '\u041a' (U+041A)",
    ),
    Fault(
        "Greek in a new name",
        add("gates", "gate", gate="G\u0391P"),
        "it contains the Greek letter '\u0391' (U+0391), which only looks like the Latin 'A'",
    ),
    Fault(
        "Cyrillic in a territory",
        add("nodes", "territory", node="N9", kind="site", territory="\u0410U"),
        "The name '\u0410U' cannot be told from another by eye",
    ),
    Fault("twin in another alphabet", twins, "The name 'сор' looks the same as 'cop'"),
    Fault(
        "comma in a name",
        add("sizes", "size", process="mine", size="2,000 t", capacity_t_y=2000),
        "The name '2,000 t' holds a comma or semicolon, which separates names in sites.sizes",
    ),
    Fault("lane and gate of one name", lane_and_gate, "rail is the name of both a lane and a gate"),
    Fault(
        "territory that may be misspelt",
        add("lanes", "over", lane="l8", from_="D1", to="M1", mode="road", distance_km=1, over="USA"),
        "over: 'USA' is not in nodes, and is taken for another name",
        "US",
        severity="warning",
    ),
]


def test_every_reference_column_is_tried() -> None:
    """The faults made from the declarations are many: a declaration that lost its references would show here."""
    assert len(DANGLING) > 50
    assert {fault.name for fault in DANGLING} >= {"lanes.from", "recipes.recovers", "events.target of a purchase"}


@pytest.mark.parametrize("fault", DANGLING, ids=lambda f: f.name)
def test_dangling_name(book: Broken, fault: Fault) -> None:
    """A name that is not there is reported at its cell, with the nearest there is."""
    fault.check_alone(book)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_one_fault(book: Broken, fault: Fault) -> None:
    """The fault is reported at its cell, in its words, and nothing else but what follows from it."""
    fault.check_alone(book)


def test_variants_of_a_name_match(book: Broken) -> None:
    """Case, spaces, non-breaking and zero-width spaces and full-width letters make no difference to any reference."""
    book.cell("lanes", 1, "from").value = " s_ub\u00a0"
    book.cell("purchases", 0, "node").value = "\uff33_ub\u200b"
    book.cell("lanes", 0, "classes").value = "BULK;\ndg"
    book.cell("recipes", 0, "process").value = "Mine "
    book.cell("assays", 2, "of").value = "treo"
    book.cell("events", 8, "target").value = "m1 : CONC"
    book.setting("home_territory").value = "mn"
    book.excel["nodes"].title = " Nodes"
    book.excel["lanes"].cell(3, 1).value = "LANE\u00a0"
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    rows = workbook.rows
    assert (rows["lanes"][1].from_, rows["purchases"][0].node) == ("S_UB", "S_UB")
    assert (rows["lanes"][0].classes, rows["recipes"][0].process) == (("bulk", "dg"), "mine")
    assert (rows["assays"][2].of, rows["events"][8].target) == ("TREO", "M1:conc")
    assert workbook.settings.home_territory == "MN"


def test_one_name_has_one_spelling(book: Broken) -> None:
    """A name that stands in several rows of its own table is one name, spelt as in the first of them."""
    book.append("groups", group="South ", member="rail")
    book.append("profiles", profile="UP", year=2033, factor=1.2)
    book.cell("recipes", 2, "recipe").value = "FLOAT"
    book.cell("nodes", 1, "territory").value = "mn"
    book.cell("lanes", 0, "over").value = "kz; mn"
    book.cell("lanes", 1, "over").value = "KZ"
    assert issues(book.save()) == ()
    workbook = inspect(book.path).workbook
    assert workbook is not None
    rows = workbook.rows
    assert {row.group for row in rows["groups"]} == {"south"}
    assert {row.profile for row in rows["profiles"]} == {"up"}
    assert {row.recipe for row in rows["recipes"]} == {"dig", "float"}
    assert {row.territory for row in rows["nodes"]} == {"MN", "US"}
    assert [row.over for row in rows["lanes"]] == [("kz", "MN"), ("kz",), ()]
    assert rows["events"][4].target == "kz"


def test_names_in_the_analysts_alphabet(book: Broken) -> None:
    """Mongolian names are names like any other, beside words in Latin letters too."""
    book.append("nodes", node="Эрдэнэт Cu", kind="site", territory="Монгол")
    book.append("lanes", lane="Хөтөл", from_="D1", to="M1", mode="road", distance_km=5)
    book.append("lanes", lane="Улаанбаатар", from_="D1", to="эрдэнэт CU", mode="road", distance_km=5)
    assert issues(book.save()) == ()


def test_an_override_without_process(book: Broken) -> None:
    """A size is looked up among all processes when the row names none."""
    book.append("overrides", size="large", units=1)
    assert issues(book.save()) == ()
    book.append("overrides", size="huge", units=1)
    (issue,) = issues(book.save())
    assert issue.message == "size: 'huge' is not in sizes."
