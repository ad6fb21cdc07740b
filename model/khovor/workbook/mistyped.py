"""What is wrong with text in a number cell, and what to type instead."""

from __future__ import annotations

import re
from typing import Final

NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
AMOUNT: Final = r"[-+]?\d[\d.,' ]*"
UNIT: Final = r"[^\W\d_].*|[%°$€£¥₮].*"
CURRENCY: Final = r"(?:[$€£¥₮]|[A-Za-z]{3}) ?"


def mistyped(found: str, unit: str) -> str:
    """The sentence for a text (cleaned) where a number in `unit` belongs."""
    bare = re.sub(r"[ '’]", "", found)
    if re.fullmatch(r"[-+]?(nan|inf|infinity)", bare, re.IGNORECASE):
        return f"'{found}' is not a number: leave the cell blank where there is none"
    if bare.endswith("%") and (number := _plain(bare[:-1])):
        return f"'{found}' is text with a percent sign: type {float(number) / 100:.12g}"
    if re.fullmatch(NUMBER, bare):
        return f"'{found}' is a number stored as text: type it again as a number"
    if number := _plain(bare):
        what = "a decimal comma" if re.fullmatch(r"[-+]?\d+,\d+", bare) and "." in number else "a thousands separator"
        return f"'{found}' is text with {what}: type {number} as a number, and format the cell instead"
    if re.fullmatch(f"({AMOUNT})({UNIT})|({CURRENCY})({AMOUNT})", found):
        measured = f", in {unit}" if unit else ""
        return f"'{found}' has a unit typed into the cell: type the number alone{measured}"
    return f"'{found}' is text where a number is expected: leave the cell blank where there is none"


def _plain(bare: str) -> str:
    """The number that was meant, English or continental, without separators; empty when it is none."""
    if re.fullmatch(NUMBER, bare):
        return bare
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", bare):
        return bare.replace(",", "")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?|[-+]?\d+,\d+", bare):
        return bare.replace(".", "").replace(",", ".")
    return ""
