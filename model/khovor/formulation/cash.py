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
    }
)
"""Terms that income is made of before depreciation: all cash of operation. Upkeep counts as cost when it is paid."""

AVAILABLE: Final = TAXABLE | {"income_tax"}
"""Operating cash after tax."""
