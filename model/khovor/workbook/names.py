"""Names as people type them: what matches, what only looks alike, and what was probably meant."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LOOKALIKES: Final = (
    dict(zip("АВЕКМНОРСТУХІЈЅҮҺаеорсухіјѕһԁԛԝ", "ABEKMHOPCTYXIJSYhaeopcyxijshdqw", strict=True))
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
    | {"ɡ": "g"}
)
"""Cyrillic, Greek and a few other letters that look like a Latin one."""

INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))
"""Characters that show nothing: soft hyphen, zero-width space and joiner, direction marks, byte-order mark."""


KEPT: Final = 65_536
"""Texts that are kept cleaned and folded: the same names stand in a great many cells."""


@functools.lru_cache(maxsize=KEPT)
def clean(name: str) -> str:
    """A name as khovor keeps it: NFKC, without invisible characters, trimmed, inner runs of space made one."""
    return " ".join(unicodedata.normalize("NFKC", name).translate(INVISIBLE).split())


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing that can be seen: None, or a text of spaces."""
    return value is None or (isinstance(value, str) and not clean(value))


@functools.lru_cache(maxsize=KEPT)
def folded(name: str) -> str:
    """What two names are compared by.

    >>> folded(" S_UB\\u00a0") == folded("s_ub")
    True
    """
    return clean(name).casefold()


def skeleton(name: str) -> str:
    """The name with look-alike letters made Latin, folded: two names of one skeleton cannot be told apart by eye."""
    return "".join(LOOKALIKES.get(letter, letter) for letter in clean(name)).casefold()


def lookalike(name: str) -> str:
    """A sentence on the first letter that only looks Latin, in a word that also has Latin letters; else empty.

    >>> lookalike("S_U\\u0412")
    "it contains the Cyrillic letter 'В' (U+0412), which only looks like the Latin 'B'"
    """
    mixed = (word for word in clean(name).split() if re.search("[a-z]", word.casefold()))
    return next(filter(None, map(_first, mixed)), "")


def _first(name: str) -> str:
    for letter in clean(name):
        if letter in LOOKALIKES:
            script = unicodedata.name(letter).split()[0].capitalize()
            return (
                f"it contains the {script} letter '{letter}' (U+{ord(letter):04X}), "
                f"which only looks like the Latin '{LOOKALIKES[letter]}'"
            )
    return ""


def imitates(name: str, valid: Iterable[str]) -> str:
    """A sentence when the name equals a valid one but for look-alike letters; else empty."""
    sentence, wanted = _first(name), skeleton(name)
    return sentence if sentence and any(skeleton(other) == wanted for other in valid) else ""


def nearest(name: str, valid: Iterable[str], cutoff: float = 0.6) -> str:
    """The valid name that was probably meant, or empty."""
    return _nearest(skeleton(name), tuple(valid), cutoff)


@functools.lru_cache(maxsize=4096)
def _nearest(wanted: str, valid: tuple[str, ...], cutoff: float) -> str:
    by_skeleton = _by_skeleton(valid)
    close = difflib.get_close_matches(wanted, by_skeleton, n=1, cutoff=cutoff)
    return by_skeleton[close[0]] if close else ""


@functools.lru_cache(maxsize=64)
def _by_skeleton(valid: tuple[str, ...]) -> dict[str, str]:
    return {skeleton(name): name for name in valid}
