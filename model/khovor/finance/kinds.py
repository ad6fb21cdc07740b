"""What kind of money each term is: the one place that says so. A new term needs a line here and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["revenue", "cost", "tax", "capital", "imputed", "debt_drawn", "debt_served", "equity", "account"]

KINDS: Final[Mapping[str, Kind]] = {
    "revenue": "revenue",
    "price_floor": "revenue",
    "guarantee_payout": "revenue",
    "purchases": "cost",
    "variable_opex": "cost",
    "fixed_opex": "cost",
    "sustaining": "cost",  # upkeep is paid out of operation, before debt is served
    "utilities": "cost",
    "freight": "cost",
    "fees": "cost",
    "booking": "cost",
    "disposal": "cost",
    "holding": "cost",
    "project_opex": "cost",
    "closing": "cost",
    "shortfall": "cost",  # paid to the buyer, so it is cash
    "guarantee_premium": "cost",
    "royalty": "tax",
    "export_duty": "tax",
    "vat": "tax",
    "income_tax": "tax",
    "capex": "capital",
    "project_capex": "capital",
    "grant": "capital",
    "transit_interest": "imputed",  # stands for being paid later: nobody is paid it
    "penalty": "imputed",  # the price the analyst puts on missing a policy
    "terminal_value": "imputed",  # book value; nothing is sold
    "loan_drawn": "debt_drawn",
    "interest": "debt_served",
    "repayment": "debt_served",
    "state_participation": "equity",
    "holiday_value": "account",
}
"""Kind by term. `imputed` is what the plan is charged or credited with and nobody pays: not cash, told as such.

`account` is what counts in the taxable result of a year alone: no money term, and in no cash flow.
"""

TAXED: Final = frozenset(t for t, kind in KINDS.items() if kind in ("revenue", "cost", "tax")) - {"income_tax"} | {
    "interest"
}
"""Terms whose cash makes the taxable result: all that operation earns and pays, and interest."""

SHARED: Final = TAXED | {"income_tax", "capex", "project_capex"}
"""Terms of which a state that pays its share of everything has that share: support of capital is not its own."""

AVAILABLE: Final[tuple[Kind, ...]] = ("revenue", "cost", "tax")
"""Cash available for debt service."""

PROJECT: Final[tuple[Kind, ...]] = (*AVAILABLE, "capital", "imputed")
"""What the project is worth whoever finances it; with what is not cash, so that its present value is the plan's."""

FINANCING: Final[tuple[Kind, ...]] = ("debt_drawn", "debt_served", "equity")
"""Between the project and its investor: lenders, and owners who did not pay."""

EQUITY: Final[tuple[Kind, ...]] = (*PROJECT, *FINANCING)
"""What is left to the investor."""

SERVICE: Final[tuple[Kind, ...]] = ("debt_served",)
"""What lenders are paid."""
