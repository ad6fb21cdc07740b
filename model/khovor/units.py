"""The only unit scalings and tolerances of khovor.

Inputs and results speak tonnes, USD and million USD (MUSD). The model's columns are in kt and MUSD so that matrix
coefficients stay within 1e-4..1e4 (rule 9 of the model contract); the conversion happens here and nowhere else.
"""

from __future__ import annotations

from typing import Final

T_PER_KT: Final = 1000.0
"""Tonnes in a kilotonne."""

USD_PER_MUSD: Final = 1.0e6
"""USD in a million USD."""

MUSD_PER_KT: Final = T_PER_KT / USD_PER_MUSD
"""A price in USD/t times this is MUSD/kt."""

DAYS_PER_YEAR: Final = 365.0

FEASIBILITY: Final = 1.0e-6
"""Relative violation above which the checker fails a plan (model contract, After the solve)."""

SMALL: Final = 1.0e-9
"""Amounts below this (in kt or MUSD) are rounding, not decisions, and are cleared from result tables."""

INTEGRALITY: Final = 1.0e-5
"""How far from a whole number a solver's integer may be before rounding is refused."""
