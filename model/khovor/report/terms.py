"""Money terms: their words, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from khovor.case import Case
from khovor.solution import Solution

WORDS: Final[Mapping[str, str]] = {
    "capex": "Capital of plants",
    "sustaining": "Sustaining capital",
    "fixed_opex": "Fixed operating cost",
    "variable_opex": "Variable operating cost",
    "closing": "Closing of plants",
    "project_capex": "Capital of projects",
    "project_opex": "Yearly cost of projects",
    "booking": "Slots booked at gates",
    "revenue": "Sales",
    "purchases": "Goods bought",
    "freight": "Freight and handling",
    "fees": "Border, transit and port fees",
    "transit_interest": "Interest on goods in transit",
    "utilities": "Power, water and other utilities",
    "disposal": "Disposal of residues",
    "holding": "Holding of stocks",
    "shortfall": "Penalties for contracts missed",
    "penalty": "Penalties for policies missed",
    "royalty": "Royalty",
    "export_duty": "Export duty",
    "vat": "VAT not refunded",
    "income_tax": "Income tax",
    "state_participation": "The state's share",
    "terminal_value": "Book value after the horizon",
    "grant": "Grants for capital",
    "loan_drawn": "Loans drawn",
    "interest": "Interest on loans",
    "repayment": "Loans repaid",
    "price_floor": "Paid by price floors",
    "guarantee_premium": "Premiums of guarantees",
    "guarantee_payout": "Paid by guarantees",
}
"""Every money term in words."""

REVENUE: Final = "revenue"
"""The one term the cost objective leaves out."""


def expected_terms(case: Case, solution: Solution) -> dict[str, float]:
    """Every money term, futures weighted by probability [MUSD]."""
    odds = {s.name: s.probability for s in case.scenarios} | {"": 1.0}
    frame = solution.terms.assign(expected=solution.terms["musd"] * solution.terms["scenario"].map(odds))
    return {str(name): float(value) for name, value in frame.groupby("term")["expected"].sum().items()}


def expected_value(case: Case, solution: Solution) -> float:
    """Value expected over the futures [MUSD], minus the cost under `cost`: the objective where no risk is weighed."""
    return sum(float(future["probability"] * future["npv"]) for future in scenario_values(case, solution))


def scenario_values(case: Case, solution: Solution) -> list[dict[str, Any]]:
    """The value of the plan in each future [MUSD]: what is paid in every future, and what happens in this one.

    Under the cost objective it is a value too (a cost is negative), and revenue is left out, as the objective does.
    """
    frame = solution.terms
    if case.terms.objective == "cost":
        frame = frame[frame["term"] != REVENUE]
    always = float(frame[frame["scenario"] == ""]["musd"].sum())
    return [
        {
            "scenario": s.name,
            "name": s.label,
            "probability": s.probability,
            "npv": always + float(frame[frame["scenario"] == s.name]["musd"].sum()),
        }
        for s in case.scenarios
    ]
