"""What the state levies on a sale, and where and when it levies no income tax: the regime read against its case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from khovor.case.domain import Case, Market
from khovor.case.years import Horizon


@dataclass(frozen=True)
class Levies:
    """The regime of a case.

    Levied on is what can be dug or made at home, wherever the tonne sold was made: goods are pooled, and a tonne does
    not remember its maker. Without a home territory everything is home, and nothing is sold abroad.
    """

    case: Case

    @cached_property
    def made(self) -> frozenset[str]:
        """Products that a deposit or a plant at home gives."""
        dug = {deposit.product for deposit in self.case.deposits if self._home(deposit.node)}
        recipes = [r for plant in self.case.plants if self._home(plant.key.node) for r in plant.recipes]
        return frozenset(dug | {c.product for r in recipes for c, amount in r.balance.items() if amount > 0})

    def rates(self, market: Market, usd_t: float) -> dict[str, float]:
        """By money term, the share of its gross value that a sale at this price owes [USD/t as the market quotes it].

        Royalty at its rate, and the extra rate of each step that the price reaches; duty and VAT on sales abroad alone.
        """
        fiscal, product = self.case.fiscal, market.key.product
        if product not in self.made:
            return {}
        owed = {key: found.get(product, found.get("", 0.0)) for key, found in fiscal.rates.items()}
        extra = sum(rate for price, rate in fiscal.steps.get(product, ()) if usd_t >= price)
        if extra:
            owed["royalty"] = owed.get("royalty", 0.0) + extra
        if self._home(market.key.node):
            owed = {key: rate for key, rate in owed.items() if key == "royalty"}
        return {key: rate for key, rate in owed.items() if rate}

    @cached_property
    def holidays(self) -> Mapping[str, range]:
        """By node, the years free of income tax: from the first in which a unit may be available there at all."""
        found = {}
        for node, years in self.case.fiscal.holidays.items():
            options = [option for option in self.case.options if option.key.node == node]
            horizon = self.case.horizon
            starts = [
                period.start_year
                for t, period in enumerate(horizon.periods)
                for option in options
                if (option.existing_units and t == 0)
                or (option.candidate and horizon.ready(t, option.build_years, option.window))
            ]
            if starts:
                found[node] = range(min(starts), min(starts) + years)
        return found

    def free(self, year: int) -> frozenset[str]:
        """Nodes whose plants owe no income tax in a year."""
        return frozenset(node for node, years in self.holidays.items() if year in years)

    def _home(self, node: str) -> bool:
        home = self.case.terms.home_territory
        return not home or self.case.nodes[node].territory == home


@dataclass(frozen=True, slots=True)
class OneYear(Horizon):
    """A horizon in which money counts in one year alone, undiscounted: what is asked of it is that year's amount."""

    year: int

    def worth(self, year: int) -> float:
        """1 in the year, else 0."""
        return float(year == self.year)

    def end_worth(self) -> float:
        """0: the day after the horizon is no year of it."""
        return 0.0


def one_year(horizon: Horizon, year: int) -> OneYear:
    """The horizon with one year alone."""
    return OneYear(horizon.periods, horizon.base_year, horizon.rate, horizon.timing, year)
