"""What an instrument may cover and ask for: parts of `covers` and `conditions`, spelt from the names of the book."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from khovor.errors import Issue
from khovor.workbook.names import folded, imitates, nearest
from khovor.workbook.subjects import alliances, listed, territories
from khovor.workbook.support import KINDS
from khovor.workbook.typed import TypedBook, TypedRow


def instruments_make_sense(book: TypedBook) -> None:
    """Every part names something, every kind has the columns it needs and no others; names are spelt as defined."""
    for row in book.tables["instruments"]:
        kind = row.values.get("kind")
        if kind not in KINDS:
            continue
        _columns(book, row, str(kind))
        if "covers" not in row.bad:
            _covers(book, row, str(kind))
        if "conditions" not in row.bad:
            _conditions(book, row, str(kind))
    _settings(book)


NEEDS: Final = {
    "loan": ("rate", "tenor_years"),
    "price_floor": ("floor_usd_t", "covers"),
    "guarantee": ("rate", "covers"),
    "grant": (),
}
"""Columns that a kind cannot do without."""

FOREIGN: Final = {
    "grant": ("rate", "tenor_years", "grace_years", "floor_usd_t"),
    "loan": ("floor_usd_t",),
    "price_floor": ("share_max", "budget_musd", "rate", "tenor_years", "grace_years"),
    "guarantee": ("grace_years", "floor_usd_t"),
}
"""Columns that mean nothing for a kind."""


def _columns(book: TypedBook, row: TypedRow, kind: str) -> None:
    for column in NEEDS[kind]:
        if row.values.get(column) in (None, ()) and column not in row.bad:
            book.refuse(row, column, "blank", f"what a {kind} needs", f"A {kind} needs {column}.")
    for column in FOREIGN[kind]:
        value = row.values.get(column)
        if value is not None:
            book.refuse(row, column, f"{value:g}", "blank", f"{column} means nothing for a {kind}: clear it.")
    if kind == "grant" and row.values.get("share_max") is None and row.values.get("budget_musd") is None:
        message = "A grant without share_max and budget_musd would pay for everything: give one of them."
        book.refuse(row, "share_max", "blank", "a share, or a budget_musd", message)
    tenor, grace = row.values.get("tenor_years"), row.values.get("grace_years") or 0
    if kind == "loan" and tenor is not None and grace >= tenor:
        message = f"Grace of {grace} years leaves none of the tenor of {tenor} to repay in."
        book.refuse(row, "grace_years", str(grace), f"less than {tenor}", message)


def _covers(book: TypedBook, row: TypedRow, kind: str) -> None:
    known = _floored(book) if kind == "price_floor" else _capital(book)
    if kind == "guarantee":
        known += _risks(book)
    numbers = ("t_y", "from", "to") if kind == "price_floor" else ()
    parts = [_part(book, row, "covers", part, known, numbers) for part in row.values.get("covers") or ()]
    row.values["covers"] = tuple(parts)
    heads = [part.partition(":")[0] for part in parts]
    if kind == "price_floor" and parts and all(head in numbers for head in heads):
        book.refuse(row, "covers", "; ".join(parts), "a product", "The price floor names no product.")
    if kind == "price_floor" and row.values.get("conditions") and "t_y" not in heads:
        message = "A price floor with conditions needs its tonnage: add t_y:NUMBER."
        book.refuse(row, "covers", "; ".join(parts) or "blank", "t_y:NUMBER among its parts", message)
    if kind == "guarantee" and parts and not {"gate", "lane", "group"} & set(heads):
        message = "The guarantee names nothing that may close: gate:NAME, lane:NAME or group:NAME."
        book.refuse(row, "covers", "; ".join(parts), "a gate, lane or group", message)


def _part(
    book: TypedBook, row: TypedRow, column: str, part: str, known: Sequence[str], numbers: Sequence[str] = ()
) -> str:
    """The part as the book spells it; what is no name, or no number, is said with the nearest name."""
    name, _, of = part.partition(":")
    if folded(name) in numbers:
        if not _is_number(of, whole=folded(name) != "t_y"):
            book.refuse(row, column, part, f"{folded(name)}:NUMBER", f"{column}: '{of}' in '{part}' is not a number.")
            row.bad.add(column)
        return f"{folded(name)}:{of.strip()}"
    spelt = {_match(valid): valid for valid in known}
    if _match(part) in spelt:
        return spelt[_match(part)]
    near, wrong = nearest(part, known), imitates(part, known)
    message = f"{column}: nothing here is called '{part}'" + (f": {wrong}" if wrong else "") + "."
    book.say(row, column, part, "a part as the help of the column says", message, near)
    row.bad.add(column)
    return part


def _match(part: str) -> str:
    return ":".join(folded(name) for name in part.split(":"))


def _is_number(told: str, whole: bool = False) -> bool:
    try:
        return 0 <= (int(told) if whole else float(told)) < math.inf
    except ValueError:
        return False


def _conditions(book: TypedBook, row: TypedRow, kind: str) -> None:
    parts = [_condition(book, row, part) for part in row.values.get("conditions") or ()]
    row.values["conditions"] = tuple(parts)


def _condition(book: TypedBook, row: TypedRow, part: str) -> str:
    kind, _, rest = part.partition(":")
    kind = folded(kind)
    if kind == "min_processing":
        if not (_is_number(rest) and float(rest) <= 1.0):
            message = f"conditions: '{rest}' in '{part}' is not a share: write 60% as 0.6."
            book.refuse(row, "conditions", part, "min_processing:SHARE, from 0 to 1", message)
        elif not book.settings.get("home_territory"):
            message = "min_processing needs the setting home_territory."
            book.refuse(row, "conditions", part, "a home_territory", message)
        return f"{kind}:{rest.strip()}"
    if kind == "min_delivery":
        names_, amounts = _delivery(rest)
        sound = 1 <= len(amounts) <= 2 and _is_number(amounts[0]) and all(_is_number(y, True) for y in amounts[1:])
        if not sound:
            message = f"conditions: '{part}' does not say how much."
            book.refuse(row, "conditions", part, "min_delivery:PRODUCT:BUYER:T_Y or ...:T_Y:FIRST_YEAR", message)
        products, buyers = listed(book, "products", "product"), alliances(book)
        known = [f"{kind}:{product}:{buyer}" for product in products for buyer in buyers]
        return ":".join([_part(book, row, "conditions", f"{kind}:{names_}", known), *amounts])
    owners = listed(book, "processes", "technology")
    known = [f"no_sale:{who}" for who in alliances(book)]
    known += [f"no_technology:{who}" for who in dict.fromkeys([*alliances(book), *owners])]
    return _part(book, row, "conditions", part, [*known, "min_processing:0.6", "min_delivery:PRODUCT:BUYER:T_Y"])


def _delivery(rest: str) -> tuple[str, list[str]]:
    """PRODUCT:BUYER, and the numbers after them."""
    parts = [part.strip() for part in rest.split(":")]
    return ":".join(parts[:2]), parts[2:]


def _capital(book: TypedBook) -> list[str]:
    named: dict[str, Sequence[str]] = {
        "process": listed(book, "sites", "process"),
        "node": listed(book, "sites", "node"),
        "territory": territories(book),
        "project": listed(book, "projects", "project"),
    }
    return [f"{kind}:{name}" for kind, found in named.items() for name in found]


def _risks(book: TypedBook) -> list[str]:
    """Gates, lanes, and groups of these alone: a territory is no thing that closes."""
    members = set(listed(book, "gates", "gate")) | set(listed(book, "lanes", "lane"))
    foreign = {r.values.get("group") for r in book.tables["groups"] if r.values.get("member") not in members}
    groups = [group for group in listed(book, "groups", "group") if group not in foreign]
    named = {"gate": listed(book, "gates", "gate"), "lane": listed(book, "lanes", "lane"), "group": groups}
    return [f"{kind}:{name}" for kind, found in named.items() for name in found]


def _floored(book: TypedBook) -> list[str]:
    """Products, and products by buyer: a territory, a group of them, or the node of a market."""

    def each() -> Iterator[str]:
        buyers = [*alliances(book), *listed(book, "markets", "node")]
        for product in listed(book, "products", "product"):
            yield product
            yield from (f"{product}:{buyer}" for buyer in dict.fromkeys(buyers))

    return list(each())


def _settings(book: TypedBook) -> None:
    """What the objective asks of the other settings and of the table, and the other way round."""
    objective, rows = book.settings.get("objective"), book.tables["instruments"]
    if objective == "support" and not rows:
        message = "The objective support looks for the least support, but the table instruments is empty."
        _at_setting(book, "objective", "npv or cost, or a row in instruments", message)
    if objective == "support" and book.settings.get("risk_weight"):
        message = "The objective support asks for an expected return: no worst futures can be weighed."
        _at_setting(book, "risk_weight", "0", message)
    if objective != "support" and book.settings.get("target_irr") is not None:
        message = "target_irr is what the objective support asks for; it changes nothing under this objective."
        _at_setting(book, "target_irr", "blank, or objective = support", message, severity="warning")
    for row in rows if objective == "cost" else ():
        if row.values.get("kind") == "price_floor":
            message = "The objective cost leaves revenue out, so a price floor means nothing: remove it, or use npv."
            book.refuse(row, "kind", "price_floor", "another kind", message)


def _at_setting(
    book: TypedBook, key: str, expected: str, message: str, severity: Literal["error", "warning"] = "error"
) -> None:
    cell = book.places[key].cells.get("value", "") if key in book.places else ""
    book.issues.append(Issue("settings", cell, str(book.settings[key]), expected, message, severity=severity))
