"""Names as people type them: what matches, what only looks alike, and what was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

LOOKALIKES = dict(zip("АВЕКМНОРСТХаеорсухіјѕԁԛԝɡ", "ABEKMHOPCTXaeopcyxijsdqwg", strict=True)) | {
    "У": "Y",
    "у": "y",
    "Ү": "Y",
}
"""Cyrillic (and a few other) letters that look like a Latin one."""


def clean(name: str) -> str:
    """A name as khovor keeps it: NFKC, trimmed, inner runs of space made one."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def folded(name: str) -> str:
    """What two names are compared by.

    >>> folded(" S_UB\\u00a0") == folded("s_ub")
    True
    """
    return clean(name).casefold()


def skeleton(name: str) -> str:
    """The name with look-alike letters made Latin, folded."""
    return "".join(LOOKALIKES.get(letter, letter) for letter in clean(name)).casefold()


def lookalike(name: str) -> str:
    """A sentence naming the first letter that only looks Latin, in a name that also has Latin letters; else empty.

    >>> lookalike("S_U\\u0412")
    "it contains the Cyrillic letter 'В' (U+0412), which only looks like the Latin 'B'"
    """
    if not any("a" <= letter <= "z" for letter in clean(name).casefold()):
        return ""
    return _first(name)


def _first(name: str) -> str:
    for letter in clean(name):
        if letter in LOOKALIKES:
            return (
                f"it contains the Cyrillic letter '{letter}' (U+{ord(letter):04X}), "
                f"which only looks like the Latin '{LOOKALIKES[letter]}'"
            )
    return ""


def imitates(name: str, valid: Iterable[str]) -> str:
    """A sentence when the name equals a valid one but for look-alike letters; else empty."""
    if not _first(name):
        return ""
    wanted = skeleton(name)
    return _first(name) if any(skeleton(other) == wanted for other in valid) else ""


def nearest(name: str, valid: Iterable[str], cutoff: float = 0.6) -> str:
    """The valid name that was probably meant, or empty."""
    by_fold = {skeleton(v): v for v in valid}
    close = difflib.get_close_matches(skeleton(name), list(by_fold), n=1, cutoff=cutoff)
    return by_fold[close[0]] if close else ""
