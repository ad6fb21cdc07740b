"""What the rows of the fiscal table must satisfy: each is about something, within its range, and none lacks another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from khovor.workbook.names import folded, imitates, nearest
from khovor.workbook.typed import TypedBook, TypedRow

YEARS: Final = ("depreciation_years", "loss_carry_forward_years", "tax_holiday_years")
"""Keys whose value is a number of years; all others are shares."""

MOST_YEARS: Final = 100
STATE: Final = ("carried", "paid")

ABOUT: Final[dict[str, str]] = {
    **dict.fromkeys(("royalty", "export_duty", "vat"), "a product, or blank for all"),
    "royalty_step": "product:USD_t, such as oxide:60000",
    "tax_holiday_years": "a node",
    "state_participation": "carried or paid",
}
"""What may stand in `applies_to`, by key; blank where a key is not here."""

TAXED: Final = ("depreciation_years", "loss_carry_forward_years", "loss_use_share", "tax_holiday_years")
"""Keys that mean nothing without an income tax."""


def fiscal_makes_sense(book: TypedBook) -> None:
    """Every row is about a name of the case, in the spelling of the table that defines it, and has a sound value."""
    rows = [row for row in book.tables["fiscal"] if not row.bad & {"key", "applies_to", "value"}]
    for row in rows:
        _value_in_range(book, row)
        _about_something(book, row)
    _complete(book, {str(row.values["key"]): row for row in rows})
    _one_share(book, [row for row in rows if row.values["key"] == "state_participation"])
    _holidays_have_values(book, rows)


def _value_in_range(book: TypedBook, row: TypedRow) -> None:
    key, value = row.values["key"], row.values["value"]
    if key in YEARS:
        least = 0 if key == "loss_carry_forward_years" else 1
        if value != int(value) or not least <= value <= MOST_YEARS:
            expected = f"a whole number of years from {least} to {MOST_YEARS}"
            book.refuse(row, "value", f"{value:g}", expected, f"{key} is {value:g}: it should be {expected}.")
    elif value > 1.0:
        message = f"{key} is {value:g}, which is more than everything: write 25% as 0.25."
        book.refuse(row, "value", f"{value:g}", "a share from 0 to 1", message)


def _about_something(book: TypedBook, row: TypedRow) -> None:
    key, about = str(row.values["key"]), row.values.get("applies_to")
    if key not in ABOUT:
        if about:
            book.refuse(row, "applies_to", about, "blank", f"{key} holds for the whole case: clear applies_to.")
        return
    if not about:
        if not ABOUT[key].endswith("all"):
            book.refuse(row, "applies_to", "blank", ABOUT[key], f"{key} must say what it applies to: {ABOUT[key]}.")
        return
    name, _, price = about.rpartition(":") if key == "royalty_step" else (about, "", "")
    if key == "royalty_step" and not (name and _is_price(price)):
        message = f"applies_to: '{about}' is no product and price: write it as product:USD_t."
        book.refuse(row, "applies_to", about, ABOUT[key], message)
        return
    known = {folded(valid): valid for valid in _NAMES[key](book)}
    if folded(name) in known:
        row.values["applies_to"] = known[folded(name)] + (f":{price}" if price else "")
        return
    wrong = imitates(name, known.values())
    message = f"applies_to: {key} knows no '{name}'" + (f": {wrong}" if wrong else "") + "."
    book.say(row, "applies_to", about, ABOUT[key], message, nearest(name, known.values()))


def _is_price(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _complete(book: TypedBook, first: dict[str, TypedRow]) -> None:
    """An income tax needs depreciation; what refines it needs it; what is levied on exports needs a home."""
    if "income_tax" in first and "depreciation_years" not in first:
        message = "An income tax needs a row depreciation_years: how long capital is written off."
        book.refuse(first["income_tax"], "key", "income_tax", "depreciation_years beside it", message)
    for key in TAXED:
        if key in first and "income_tax" not in first:
            message = f"{key} means nothing without a row income_tax."
            book.refuse(first[key], "key", key, "income_tax beside it", message)
    for key in ("export_duty", "vat"):
        if key in first and not book.settings.get("home_territory"):
            message = f"{key} is levied on sales outside home_territory, and the settings name none."
            book.refuse(first[key], "key", key, "home_territory in settings", message)


def _one_share(book: TypedBook, rows: list[TypedRow]) -> None:
    for row in rows[1:]:
        message = "The state's share is either carried or paid, not both."
        book.refuse(row, "applies_to", str(row.values["applies_to"]), "one row of state_participation", message)


def _holidays_have_values(book: TypedBook, rows: list[TypedRow]) -> None:
    """The result of a site is told at reference values: where nothing made there has one, it would be all cost."""
    valued = {row.values.get("product") for row in book.tables["products"] if row.values.get("value_usd_t")}
    for row in rows:
        node = row.values.get("applies_to")
        if row.values["key"] != "tax_holiday_years" or not node:
            continue
        processes = {r.values.get("process") for r in book.tables["sites"] if r.values.get("node") == node}
        made = {
            r.values.get("product")
            for r in book.tables["recipes"]
            if r.values.get("process") in processes and (r.values.get("t_per_t") or 0.0) > 0
        }
        if made and not made & valued:
            message = f"The tax holiday of {node} is told at value_usd_t of what is made there, and nothing has one."
            book.refuse(row, "applies_to", str(node), "a node whose products have value_usd_t", message)


def _products(book: TypedBook) -> Iterator[str]:
    return (str(row.values["product"]) for row in book.tables["products"] if row.values.get("product"))


def _sites(book: TypedBook) -> Iterator[str]:
    return (str(row.values["node"]) for row in book.tables["sites"] if row.values.get("node"))


_NAMES: Final[dict[str, Callable[[TypedBook], Iterator[str]]]] = {
    **dict.fromkeys(("royalty", "royalty_step", "export_duty", "vat"), _products),
    "tax_holiday_years": _sites,
    "state_participation": lambda book: iter(STATE),
}
