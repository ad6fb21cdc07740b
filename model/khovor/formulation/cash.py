"""Which money terms count where yearly amounts are told: the one place in the model that says so."""

from __future__ import annotations

from typing import Final

TAXABLE: Final = frozenset(
    {
        "revenue",
        "purchases",
        "variable_opex",
        "fixed_opex",
        "sustaining",
        "utilities",
        "freight",
        "fees",
        "booking",
        "disposal",
        "holding",
        "project_opex",
        "closing",
        "shortfall",
        "royalty",
        "export_duty",
        "vat",
        "price_floor",
        "guarantee_premium",
        "guarantee_payout",
        "interest",
    }
)
"""Terms that income is made of before depreciation: all cash of operation, what supports it, and interest.

Upkeep counts as cost when it is paid. Grants and loans are no income, and leave depreciation as it is.
"""

AVAILABLE: Final = TAXABLE | {"income_tax"}
"""Operating cash after tax."""
