"""The fiscal regime of a case as data: what the state levies on sales, on income, and what it owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

RATES: Final = ("royalty", "export_duty", "vat")
"""Keys that are rates on the gross value of sales, and the money terms they make."""


@dataclass(frozen=True, slots=True)
class Fiscal:
    """Rates are shares; of `RATES` by product, "" being every product that has no rate of its own.

    `steps` are by product (price in USD/t, extra royalty from that price on). `loss_years` is how long a loss may be
    used (None: for ever, 0: never), `loss_share` how much of a year's income old losses may offset. `holidays` are
    years free of income tax by node. Of the state's two shares at most one is not 0: `carried` of the operating
    cash after tax of good years, without paying for anything; `paid` of all cash, outlays included.
    """

    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    steps: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    income_tax: float = 0.0
    depreciation_years: int = 1
    loss_years: int | None = None
    loss_share: float = 1.0
    holidays: Mapping[str, int] = field(default_factory=dict)
    carried: float = 0.0
    paid: float = 0.0

    @property
    def yearly(self) -> bool:
        """Whether anything is levied on what a whole year leaves, and not on each sale."""
        return self.income_tax > 0 or self.carried > 0

    @property
    def ties(self) -> bool:
        """Whether what is levied in one year depends on others: old losses."""
        return self.income_tax > 0 and self.loss_years != 0 and self.loss_share > 0

    @property
    def expires(self) -> bool:
        """Whether a loss may be too old to be used."""
        return self.ties and self.loss_years is not None


UNTAXED: Final = Fiscal()
"""No regime."""


def fiscal_of(rows: Iterable[Any]) -> Fiscal:
    """The regime of the validated rows of the table `fiscal`."""
    rates: dict[str, dict[str, float]] = {key: {} for key in RATES}
    steps: dict[str, list[tuple[float, float]]] = {}
    single: dict[str, float] = {}
    holidays: dict[str, int] = {}
    state: dict[str, float] = {}
    for row in rows:
        about = row.applies_to or ""
        if row.key in RATES:
            rates[row.key][about] = row.value
        elif row.key == "royalty_step":
            product, _, price = about.rpartition(":")
            steps.setdefault(product, []).append((float(price), row.value))
        elif row.key == "tax_holiday_years":
            holidays[about] = int(row.value)
        elif row.key == "state_participation":
            state[about] = row.value
        else:
            single[row.key] = row.value
    forever = "loss_carry_forward_years" not in single
    return Fiscal(
        rates={key: found for key, found in rates.items() if found},
        steps={product: tuple(sorted(found)) for product, found in steps.items()},
        income_tax=single.get("income_tax", 0.0),
        depreciation_years=int(single.get("depreciation_years", 1)),
        loss_years=None if forever else int(single["loss_carry_forward_years"]),
        loss_share=single.get("loss_use_share", 1.0),
        holidays=holidays,
        **state,
    )
