"""Unit costs as summary.json tells them, and the rule in words."""

from __future__ import annotations

from typing import Any, Final

from khovor.finance.unit_cost import UnitCosts

RULE: Final = (
    "Levelised: discounted cost over discounted tonnes, over the horizon and the futures. Products made together share "
    "the cost by relative sales value: tonnes less those disposed of, by the product's reference value (else the mean "
    "price of its buyers, else of its sellers). Residues carry none: what they cost falls on what was made with them. "
    "A plant is carried by all that it runs for; what leads to nothing that is sold, by all that is, by revenue. "
    "The cost is after tax, the state's share and support, which are steps of their own (support takes from it): "
    "royalty, duty and VAT are of the sale that owes them, the others of all that is sold, by revenue."
)


def told_unit_costs(found: UnitCosts | None) -> dict[str, Any] | None:
    """The key `unit_costs`."""
    if found is None:
        return None
    return {
        "unit": "USD/kg",
        "rule": RULE,
        "steps": list(found.steps),
        "products": _rows(found, "product"),
        "sales": _rows(found, "product", "market", "corridor"),
        "periods": _rows(found, "product", "period"),
    }


def _rows(found: UnitCosts, *keys: str) -> list[dict[str, Any]]:
    told = (*keys, "t", "price", "cost")
    return [
        {**{key: row[key] for key in told}, "steps": {step: row[step] for step in found.steps}}
        for row in found.table(*keys).to_dict("records")
    ]
