"""From a cell to a value: every way a cell can be mistyped gets its own sentence."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Final

from khovor.workbook.column import Column
from khovor.workbook.mistyped import mistyped
from khovor.workbook.names import clean, folded


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be read: found, and the sentence."""

    found: str
    message: str


@dataclass(frozen=True, slots=True)
class Uncached:
    """A formula that Excel has not calculated: it has no value to read."""

    formula: str

    def __str__(self) -> str:
        return self.formula


ERROR: Final = re.compile(
    r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA)"
)


def parse(column: Column, value: object) -> object | Bad:
    """The value of a non-blank cell, typed as its column says, or why it cannot be."""
    if isinstance(value, Uncached):
        return Bad(
            value.formula, "the formula has no calculated value: open the workbook in Excel, save it, and try again"
        )
    if isinstance(value, str) and ERROR.fullmatch(clean(value)):
        return Bad(clean(value), f"the cell holds Excel's error {clean(value)}")
    if column.kind == "prose":
        return _prose(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        message = "a date is not expected here (or the cell is formatted as one): write a plain number or text"
        return Bad(str(value), message)
    if column.kind == "yesno":
        return _yesno(value)
    if isinstance(value, bool):
        return Bad(str(value).upper(), f"a TRUE/FALSE value is not expected here: write {column.expected}")
    if column.kind in ("number", "integer"):
        return _number(column, value)
    return _names(value) if column.kind == "names" else _text(column, value)


def _prose(value: object) -> str:
    """Free text is kept as it stands: a superscript in a note means what it says."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return _shown(value).strip()


def _shown(value: object) -> str:
    """A value as text: Excel keeps the name 2030 as the number 2030.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _yesno(value: object) -> object | Bad:
    if isinstance(value, bool):
        return value
    word = folded(str(value))
    return word == "yes" if word in ("yes", "no") else Bad(str(value), "write yes or no")


def _names(value: object) -> tuple[str, ...] | Bad:
    listed = tuple(name for part in re.split(r"[;,\n]", _shown(value)) if (name := clean(part)))
    twice = [name for i, name in enumerate(listed) if folded(name) in map(folded, listed[:i])]
    if twice:
        return Bad(clean(str(value)), f"'{twice[0]}' stands twice")
    return listed or Bad(clean(str(value)), "there is no name between the separators")


def _text(column: Column, value: object) -> object | Bad:
    found = clean(_shown(value))
    if column.choices:
        matches = [choice for choice in column.choices if folded(choice) == folded(found)]
        return matches[0] if matches else Bad(found, f"'{found}' is not one of {', '.join(column.choices)}")
    return found


def _number(column: Column, value: object) -> object | Bad:
    if isinstance(value, str):
        return Bad(clean(value), mistyped(clean(value), column.unit))
    if not isinstance(value, Real):
        return Bad(str(value), "a number is expected here")
    try:
        amount = float(value)
    except OverflowError:
        amount = math.inf
    if not math.isfinite(amount):
        return Bad(
            f"{value}"[:40],
            "a number must be finite: NaN and infinity mean nothing here; leave the cell blank for unlimited",
        )
    if column.kind == "integer" and not amount.is_integer():
        return Bad(f"{amount:g}", "a whole number is expected here")
    return _beyond(column, amount) or (int(amount) if column.kind == "integer" else amount)


def _beyond(column: Column, value: float) -> Bad | None:
    if column.ge is not None and value < column.ge:
        return Bad(f"{value:g}", f"{value:g} is below the least allowed, {column.ge:g}")
    if column.le is not None and value > column.le:
        hint = " (a share: write 8% as 0.08)" if column.unit.startswith("share") else ""
        return Bad(f"{value:g}", f"{value:g} is above the most allowed, {column.le:g}{hint}")
    return None
