"""Five taxed plans small enough to follow: losses, tax holidays, a conditional instrument taken and one left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from support import Rows, one_mine

GOOD_AND_BAD: Final[dict[str, Rows]] = {
    "scenarios": [
        {"scenario": "good", "name": "Good times", "probability": 0.6},
        {"scenario": "bad", "name": "Bad times", "probability": 0.4},
    ],
    "events": [{"scenario": "bad", "target_type": "product", "target": "ore", "price_factor": 0.8}],
}
"""In bad times ore brings a fifth less."""

PERIODS: Final = [
    {"period": "early", "start_year": 2031, "years": 2},
    {"period": "middle", "start_year": 2033, "years": 1},
    {"period": "late", "start_year": 2034, "years": 4},
]


def regime(*rows: tuple[str, str, float]) -> Rows:
    """Rows of the fiscal table: (key, applies_to, value)."""
    return [dict(zip(("key", "applies_to", "value"), row, strict=True)) for row in rows]


TAX: Final = ("income_tax", "", 0.25)
HALF: Final = ("loss_use_share", "", 0.5)


def mine(fiscal: Rows, **changes: Rows) -> dict[str, Rows]:
    """100 t/y of ore at 16,000 - 1,000 USD/t from 2031 on, 0.1 MUSD a year of upkeep, for 4 MUSD in 2030."""
    tables: dict[str, Rows] = {
        "periods": PERIODS,
        "products": [{"product": "ore", "value_usd_t": 4000}],
        "processes": [{"process": "mine", "build_years": 1}],
        "sizes": [
            {"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 4, "fixed_opex_musd_y": 0.1}
            | {"variable_opex_usd_t": 500}
        ],
        "markets": [{"node": "M", "product": "ore", "price_usd_t": 16000}],
        "fiscal": fiscal,
        **GOOD_AND_BAD,
    }
    return one_mine(**{**tables, **changes})


def losses() -> dict[str, Rows]:
    """Losses of two years' depreciation offset half of a gain, for ever; royalty with a step; ore grows dearer."""
    royalty = [("royalty", "", 0.05), ("royalty_step", "ore:17000", 0.03)]
    fiscal = regime(*royalty, TAX, HALF, ("depreciation_years", "", 2))
    return mine(
        fiscal,
        markets=[{"node": "M", "product": "ore", "price_usd_t": 16000, "profile": "up"}],
        profiles=[{"profile": "up", "year": 2034, "factor": 1.1}],
    )


def expiry() -> dict[str, Rows]:
    """A loss may be used for one year, against half of a gain; a contract makes 2033 another year of loss."""
    return mine(
        regime(TAX, HALF, ("depreciation_years", "", 2), ("loss_carry_forward_years", "", 1)),
        markets=[{"node": "M", "product": "ore", "price_usd_t": 16000, "profile": "dip", "min_t_y": 100}],
        profiles=[
            {"profile": "dip", "year": 2033, "factor": 0.05},
            {"profile": "dip", "year": 2034, "factor": 1},
        ],
    )


def holiday() -> dict[str, Rows]:
    """The mine is free for three years, lasts six, is written off over ten; power; the state is carried."""
    return mine(
        regime(
            TAX,
            ("depreciation_years", "", 10),
            ("loss_carry_forward_years", "", 2),
            ("tax_holiday_years", "D", 3),
            ("state_participation", "carried", 0.1),
            ("export_duty", "", 0.02),
        ),
        processes=[{"process": "mine", "build_years": 1, "lifetime_years": 6}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 30000}],
        utilities=[{"utility": "power", "unit": "MWh"}],
        utility_use=[{"process": "mine", "recipe": "dig", "utility": "power", "use_per_t": 2}],
        utility_supply=[{"node": "D", "utility": "power", "price_usd": 300}],
    )


LOAN: Final[dict[str, object]] = {
    "instrument": "loan",
    "kind": "loan",
    "rate": 0.03,
    "tenor_years": 4,
    "grace_years": 1,
    "share_max": 0.6,
    "conditions": "no_sale:CHN; min_delivery:ore:US:60",
}
GRANT: Final[dict[str, object]] = {"instrument": "grant", "kind": "grant", "budget_musd": 0.2}


def two_buyers(fiscal: Rows, instruments: Rows, premium: float) -> dict[str, Rows]:
    """A second buyer, in CHN, pays more."""
    tables = mine(fiscal)
    return {
        **tables,
        "processes": [{"process": "mine", "build_years": 2}],
        "periods": [{**row, "start_year": row["start_year"] + 1} for row in PERIODS],  # type: ignore[operator]
        "nodes": [*tables["nodes"], {"node": "C", "kind": "market", "territory": "CHN"}],
        "lanes": [*tables["lanes"], {"lane": "D-C", "from": "D", "to": "C", "mode": "road", "usd_t": 1000}],
        "markets": [*tables["markets"], {"node": "C", "product": "ore", "price_usd_t": 16000 + premium}],
        "instruments": instruments,
    }


def taken() -> dict[str, Rows]:
    """A cheap loan, worth giving up a little dearer sales, and a grant; the state pays its share of everything."""
    fiscal = regime(TAX, ("depreciation_years", "", 3), ("vat", "", 0.01), ("state_participation", "paid", 0.2))
    return two_buyers(fiscal, [LOAN, GRANT], 100.0)


def untaken() -> dict[str, Rows]:
    """The same loan not worth what its condition costs; an unconditional grant is taken beside it."""
    return two_buyers(regime(TAX, HALF, ("depreciation_years", "", 3)), [LOAN, GRANT], 3000.0)


CASES: Final[Mapping[str, Callable[[], dict[str, Rows]]]] = {
    case.__name__: case for case in (losses, expiry, holiday, taken, untaken)
}
