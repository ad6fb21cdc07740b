"""From a cell to a value: every way a number can be mistyped gets its own sentence."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from khovor.workbook.column import Column
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


ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
NUMBER = r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?"


def parse(column: Column, value: object) -> object | Bad:
    """The value of a non-blank cell, typed as its column says, or why it cannot be."""
    if isinstance(value, Uncached):
        return Bad(
            value.formula, "the formula has no calculated value: open the workbook in Excel, save it, and try again"
        )
    if isinstance(value, str) and clean(value) in ERRORS:
        return Bad(clean(value), f"the cell holds Excel's error {clean(value)}")
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return Bad(str(value), "a date is not expected here: write a plain number or text")
    if column.kind == "yesno":
        return _yesno(value)
    if isinstance(value, bool):
        return Bad(str(value).upper(), f"a TRUE/FALSE value is not expected here: write {column.expected}")
    if column.kind in ("number", "integer"):
        return _number(column, value)
    return _text(column, value)


def _yesno(value: object) -> object | Bad:
    if isinstance(value, bool):
        return value
    word = folded(str(value))
    if word in ("yes", "no"):
        return word == "yes"
    return Bad(str(value), "write yes or no")


def _text(column: Column, value: object) -> object | Bad:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = clean(str(value))
    if column.kind == "names":
        return tuple(part for part in (clean(p) for p in re.split(r"[;,]", found)) if part)
    if column.choices:
        matches = [choice for choice in column.choices if folded(choice) == folded(found)]
        return matches[0] if matches else Bad(found, f"'{found}' is not one of {', '.join(column.choices)}")
    return found


def _number(column: Column, value: object) -> object | Bad:
    if isinstance(value, str):
        return Bad(clean(value), _mistyped(clean(value)))
    if not isinstance(value, (int, float)):
        return Bad(str(value), "a number is expected here")
    if not math.isfinite(value):
        return Bad(
            str(value),
            "a number must be finite: NaN and infinity mean nothing here; leave the cell blank for unlimited",
        )
    if column.kind == "integer" and value != int(value):
        return Bad(f"{value:g}", "a whole number is expected here")
    beyond = _beyond(column, float(value))
    return beyond or (int(value) if column.kind == "integer" else float(value))


def _beyond(column: Column, value: float) -> Bad | None:
    if column.ge is not None and value < column.ge:
        return Bad(f"{value:g}", f"{value:g} is below the least allowed, {column.ge:g}")
    if column.le is not None and value > column.le:
        hint = " (a share: write 8% as 0.08)" if column.unit.startswith("share") else ""
        return Bad(f"{value:g}", f"{value:g} is above the most allowed, {column.le:g}{hint}")
    return None


def _mistyped(found: str) -> str:
    """What is wrong with text in a number cell."""
    bare = found.replace(" ", "")
    if re.fullmatch(r"[-+]?(nan|inf|infinity)", bare, re.IGNORECASE):
        return f"'{found}' is not a number: leave the cell blank where there is none"
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        return f"'{found}' is text with a thousands separator: type {bare.replace(',', '')} and format the cell instead"
    if re.fullmatch(r"[-+]?\d+,\d+", bare):
        return f"'{found}' is text with a decimal comma: type {bare.replace(',', '.')} as a number"
    if re.fullmatch(NUMBER + "%", bare):
        return f"'{found}' is text with a percent sign: type {float(bare[:-1]) / 100:g}"
    if re.fullmatch(NUMBER, bare):
        return f"'{found}' is a number stored as text: type it again as a number"
    if match := re.fullmatch(f"({NUMBER})([^\\d].*)", found):
        return f"'{found}' has a unit typed into the cell: type {match[1]} alone, in the unit of the column"
    return f"'{found}' is text where a number is expected: leave the cell blank where there is none"
