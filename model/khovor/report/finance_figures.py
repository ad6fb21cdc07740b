"""What summary.json tells of the cash flow: worth, rates of return, payback, debt-service cover, by future."""

from __future__ import annotations

from typing import Any

from khovor.finance import KINDS, Finance, Returns


def finance_figures(found: Finance) -> dict[str, Any]:
    """The expected flow's figures, then each future's; what is not cash, and what is left out."""
    flow = found.flow
    return {
        **_figures(found, ""),
        "not_cash": [term for term in flow.terms if KINDS[term] == "imputed"],
        "left_out": list(flow.left_out),
        "scenarios": {w: _figures(found, w) for w in found.project if w},
    }


def _figures(found: Finance, scenario: str) -> dict[str, Any]:
    cover = found.cover[scenario]
    return {
        **_returns(found.project[scenario]),
        "dscr_min": min(cover.values(), default=None),
        "dscr": {str(year): ratio for year, ratio in cover.items()},
        "equity": _returns(found.equity[scenario]),
    }


def _returns(returns: Returns) -> dict[str, Any]:
    return {name: value for name, value in returns._asdict().items() if name != "ahead"}
