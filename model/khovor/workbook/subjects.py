"""What a policy may be about: the subjects of each measure, spelt from the names of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from khovor.workbook.names import folded, imitates, nearest
from khovor.workbook.typed import TypedBook

WAYS: Final = ("land", "sea", "air", "overflight")
"""How goods enter a territory."""

OPTIONAL: Final = ("processing_share", "capex_musd", "co2_t")
"""Measures that need no subject: home, all capital, all transport."""


def policies_make_sense(book: TypedBook) -> None:
    """Every subject is a name its measure knows, and is made to the spelling of the table that defines it."""
    for row in book.tables["policies"]:
        measure, subject = row.values.get("measure"), row.values.get("subject")
        if measure not in SUBJECTS or row.bad & {"measure", "subject"}:
            continue
        if not subject:
            if measure not in OPTIONAL:
                book.refuse(row, "subject", "blank", EXPECTED[measure], f"A policy on {measure} needs a subject.")
            continue
        valid = {folded(name): name for name in SUBJECTS[measure](book)}
        if folded(subject) in valid:
            row.values["subject"] = valid[folded(subject)]
            continue
        near, wrong = nearest(subject, valid.values()), imitates(subject, valid.values())
        message = f"subject: {measure} knows no '{subject}'" + (f": {wrong}" if wrong else "") + "."
        book.say(row, "subject", subject, EXPECTED[measure], message, near)
    _limits_make_sense(book)


def _limits_make_sense(book: TypedBook) -> None:
    for row in book.tables["policies"]:
        measure, limit = str(row.values.get("measure")), row.values.get("limit")
        if measure.endswith("_share") and limit is not None and limit > 1.0:
            message = f"A {measure} of {limit:g} is more than everything: write 30% as 0.3."
            book.refuse(row, "limit", f"{limit:g}", "a share between 0 and 1", message)
        if row.values.get("basis_unit") and not measure.endswith("_share"):
            message = f"basis_unit means nothing for {measure}: clear it."
            book.refuse(row, "basis_unit", str(row.values["basis_unit"]), "blank", message)


def listed(book: TypedBook, table: str, column: str) -> list[str]:
    """The names in a column, each once."""
    values = [row.values.get(column) for row in book.tables[table]]
    flat = [v for value in values for v in (value if isinstance(value, tuple) else (value,))]
    return list(dict.fromkeys(str(v) for v in flat if v))


def territories(book: TypedBook) -> list[str]:
    """Territories of nodes, and those that lanes cross."""
    return list(dict.fromkeys([*listed(book, "nodes", "territory"), *listed(book, "lanes", "over")]))


def alliances(book: TypedBook) -> list[str]:
    """Territories, and groups of territories."""
    known = set(territories(book))
    named = [(row.values.get("group"), row.values.get("member")) for row in book.tables["groups"]]
    return [*known, *dict.fromkeys(str(group) for group, member in named if group and member in known)]


def _transit(book: TypedBook) -> Iterator[str]:
    for territory in territories(book):
        yield territory
        yield from (f"{territory}:{way}" for way in WAYS)


def _delivered(book: TypedBook) -> Iterator[str]:
    buyers = alliances(book)
    return (f"{product}:{buyer}" for product in listed(book, "products", "product") for buyer in buyers)


def _pairs(book: TypedBook, table: str, column: str) -> Iterator[str]:
    """A name, or node:name where it stands."""
    yield from listed(book, table, column)
    for row in book.tables[table]:
        if row.values.get("node") and row.values.get(column):
            yield f"{row.values['node']}:{row.values[column]}"


def _spenders(book: TypedBook) -> Iterator[str]:
    for table, column in (("sites", "node"), ("nodes", "territory"), ("sites", "process"), ("projects", "project")):
        yield from listed(book, table, column)


SUBJECTS: Final[dict[str, Callable[[TypedBook], Iterator[str] | list[str]]]] = {
    "transit_share": _transit,
    "sales_share": alliances,
    "processing_share": territories,
    "capex_musd": _spenders,
    "co2_t": lambda book: listed(book, "modes", "mode"),
    "delivered_t": _delivered,
    "utility": lambda book: _pairs(book, "utility_supply", "utility"),
    "units": lambda book: _pairs(book, "sites", "process"),
}

EXPECTED: Final[dict[str, str]] = {
    "transit_share": "a territory, or territory:land, :sea, :air or :overflight",
    "sales_share": "a territory or a group of territories",
    "processing_share": "a territory, or blank for home",
    "capex_musd": "a node, territory, process or project, or blank for all",
    "co2_t": "a mode, or blank for all",
    "delivered_t": "product:territory or product:group",
    "utility": "a utility, or node:utility",
    "units": "a process, or node:process",
}
