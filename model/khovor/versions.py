"""Which khovor, which libraries: what a run is stamped with, and a warning when a solver library is not a tried one."""

from __future__ import annotations

import platform
import re
from functools import cache
from importlib import metadata
from typing import Final

from khovor.errors import Issue

KHOVOR: Final = "0.1.0"

PINS: Final = {"pyomo": ("6.10.1", "6.11"), "highspy": ("1.16.0", "1.17")}
"""From (tried) and below (untried): other HiGHS releases are known to give wrong optima."""


def versions() -> dict[str, str]:
    """Versions of khovor, Python and the libraries that decide a result."""
    found = {name: _installed(name) for name in ("pyomo", "highspy", "numpy", "scipy", "pandas", "openpyxl")}
    return {"khovor": KHOVOR, "python": platform.python_version(), **found}


def untried() -> tuple[Issue, ...]:
    """A warning for each solver library outside its pins."""
    found = versions()
    return tuple(
        Issue(
            sheet="(machine)",
            cell="",
            found=f"{name} {found[name]}",
            expected=f"{name} >={low},<{high}",
            message=f"khovor is tried with {name} >={low},<{high}; {found[name]} may give other results.",
            severity="warning",
        )
        for name, (low, high) in PINS.items()
        if not _numbers(low) <= _numbers(found[name]) < _numbers(high)
    )


@cache
def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version; release candidates count as their release.

    >>> _numbers("1.16.0rc1"), _numbers("missing")
    ((1, 16, 0), ())
    """
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(n) for n in match[0].split(".")) if match else ()
