"""The finance room: the cash flow of a plan by year, and what an investor reads off it.

It knows the case and the tables of the plan alone: not the network, the formulation or the solver.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from khovor.case import Case
from khovor.finance.account import Asset, assets
from khovor.finance.flow import CashFlow, cash_flow
from khovor.finance.kinds import AVAILABLE, EQUITY, FINANCING, KINDS, PROJECT, SERVICE, SHARED, TAXED, Kind
from khovor.finance.line import Line
from khovor.finance.measures import NOTHING, Returns, cover, returns
from khovor.solution import Solution

__all__ = [
    "AVAILABLE",
    "EQUITY",
    "FINANCING",
    "KINDS",
    "NOTHING",
    "PROJECT",
    "SERVICE",
    "SHARED",
    "TAXED",
    "Asset",
    "CashFlow",
    "Finance",
    "Kind",
    "Line",
    "Returns",
    "assets",
    "cash_flow",
    "finance",
]


@dataclass(frozen=True, slots=True)
class Finance:
    """The cash flow and its figures, by future; "" is the expected flow.

    `project` counts no financing, `equity` all of it; they are the same flow where nobody but the investor pays.
    `cover` is the debt-service cover ratio by year, empty without debt.
    """

    flow: CashFlow
    project: Mapping[str, Returns]
    equity: Mapping[str, Returns]
    cover: Mapping[str, Mapping[int, float]]


def finance(case: Case, solution: Solution) -> Finance:
    """Cash flow and figures of a plan, expected and in each future. Raises as `cash_flow` does."""
    flow, futures = cash_flow(case, solution), ["", *(s.name for s in case.scenarios)]

    def figures(kinds: Collection[Kind]) -> dict[str, Returns]:
        return {w: returns(flow.years, flow.of(kinds, w), flow.factors, case.horizon.rate) for w in futures}

    project = figures(PROJECT)
    equity = figures(EQUITY) if flow.financed else project
    served = {w: cover(flow.years, flow.of(AVAILABLE, w), flow.of(SERVICE, w)) for w in futures}
    return Finance(flow, project, equity, served)
