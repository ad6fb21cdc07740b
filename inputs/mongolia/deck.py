"""Prices: the conservative deck and the planning deck, per product, from the dossier.

The workbook's market prices are the conservative deck; profiles lift them to the planning deck and let them grow, so
that `--set 'profiles[*].factor=1'` is the conservative deck.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from inputs.mongolia.dossier import Record, table
from inputs.mongolia.ore import Deposit, Mix, deposits, recovered, shares

PLANNING_NDPR, CONSERVATIVE_NDPR = 95.0, 85.0
"""NdPr oxide [USD/kg]: the dossier's deck, and that of its first, conservative run (deposits.md, Disclosure)."""

GROWTH_FROM, GROWTH_TO, LAST_YEAR = 2027, 2045, 2056

OXIDE_IN_ALLOY = 1 / (3.3 * 0.83)
"""t NdPr oxide that 1 t of alloy is made from."""

GRADE_OF_QUOTE = 0.35
"""TREO of the concentrate that PR014 quotes (30-40%)."""


class Quote(NamedTuple):
    """Price of a product in both decks, before premium and payable share [USD/t, or per t of `component`]."""

    planning: float
    conservative: float
    low: float
    high: float
    growth: float
    component: str
    payable: float | None
    row: Record
    note: str

    def factor(self, year: int) -> float:
        """Planning over conservative price in a year: growth is counted from 2027 and ends with the deck in 2045."""
        grown = (1 + self.growth) ** (min(year, GROWTH_TO) - GROWTH_FROM)
        return self.planning / self.conservative * grown


HEAVIES, CONCENTRATES = ("dy_ox", "tb_ox", "hree_conc", "hree_kb"), ("conc_flot", "conc_fluo")
FAMILIES = {**dict.fromkeys(HEAVIES, "heavies"), **dict.fromkeys(CONCENTRATES, "concentrates")}
"""Products that share a profile, as their decks differ by the same factors; any other has one of its own name."""


def profile_of(product: str) -> str | None:
    """The profile of a product; None where the planning deck is the conservative one in every year."""
    quote = quotes()[product]
    return FAMILIES.get(product, product) if quote.growth or quote.planning != quote.conservative else None


@cache
def quotes() -> dict[str, Quote]:
    """Every product that has a price."""
    found = {name: _quote(price, name) for name, price in PLAIN.items()}
    mixed = {"mrec": ("PR007", "PR008", "PR009"), "mrec_kb": ("PR010",)}
    for name, prices in mixed.items():
        found[name] = _carbonate(name, prices)
    found["mrec_ced"] = _cerium_depleted(found["mrec"])
    for name, prices in {"hree_conc": ("PR011", "PR012"), "hree_kb": ("PR013",)}.items():
        found[name] = _heavy(name, prices)
    for name in ("conc_flot", "conc_fluo"):
        found[name] = _concentrate(found["mrec"])
    return found


def profiles() -> Iterator[dict[str, Any]]:
    """A factor per profile and year, so that the step function is exact."""
    named = {profile_of(product): quote for product, quote in quotes().items()}
    for name, quote in named.items():
        if name is None:
            continue
        ratio = f"planning / conservative price {quote.planning:,.0f} / {quote.conservative:,.0f} USD/t"
        note = f"{ratio}, x {1 + quote.growth:g} a year from {GROWTH_FROM} to {GROWTH_TO}, then flat"
        for year in range(GROWTH_FROM, LAST_YEAR + 1):
            row = {"profile": name, "year": year, "factor": round(quote.factor(year), 9)}
            yield {**row, **quote.row.known(note=note)}


PLAIN = {
    "ndpr_ox": "PR001",
    "ndpr_metal": "PR015",
    "ndfeb_alloy": "PR016",
    "dy_ox": "PR002",
    "tb_ox": "PR003",
    "lace_prod": "PR004",
    "seg_res": "PR005",
    "y_ox": "PR006",
}
PASS_ON = {"ndpr_ox": 1.0, "ndpr_metal": 1.2, "ndfeb_alloy": OXIDE_IN_ALLOY}
"""USD by which a product falls when NdPr oxide falls by one: the dossier's 1.20 for metal, the oxide in the alloy."""


def _price(name: str) -> Record:
    return next(r for r in table("prices") if r["price_id"] == name)


def _usd_t(row: Record, column: str) -> float:
    return 1000 * float(row[f"{column}_usd_per_kg"])


def _growth(row: Record) -> float:
    return float(row["growth_base_pct_per_y_real"]) / 100


def _quote(price: str, name: str) -> Quote:
    row = _price(price)
    low, base, high = (_usd_t(row, c) for c in ("low", "base", "high"))
    fall = 1000 * (PLANNING_NDPR - CONSERVATIVE_NDPR) * PASS_ON.get(name, 0.0)
    return Quote(base, base - fall, low, high, _growth(row), "", None, row, f"prices.csv {price}")


def _weights() -> dict[str, float]:
    """t REO a year in the concentrate of each light deposit at full rate."""
    return {
        d.row["deposit_id"]: float(d.row["max_ore_t_per_y"])
        * float(d.row["planning_head_grade_treo_pct"])
        / 100
        * float(d.row["ben_recovery_frac"])
        for d in deposits()
        if "CRACK_SA" in d.carbonates
    }


def _mean(prices: tuple[str, ...], column: str) -> float:
    """Mean of price rows `computed_<deposit>`, by t REO at full rate [USD/t]."""
    rows = {_price(p)["channel"].removeprefix("computed_"): _price(p) for p in prices}
    weights = {d: _weights().get(d, 1.0) for d in rows}
    return sum(w * _usd_t(rows[d], column) for d, w in weights.items()) / sum(weights.values())


def _ndpr_share(process: str) -> float:
    """t NdPr per t REO in a carbonate, mean of the deposits by t REO."""
    mixes = {d.row["deposit_id"]: shares(recovered(d.mix, process))["NdPr"] for d in _that_give(process)}
    weights = {d: _weights().get(d, 1.0) for d in mixes}
    return sum(weights[d] * share for d, share in mixes.items()) / sum(weights.values())


def _that_give(process: str) -> list[Deposit]:
    return [d for d in deposits() if process in d.carbonates]


CARBONATE = {"mrec": ("CRACK_SA", 0.70), "mrec_kb": ("CRACK_PG", 0.65)}
"""Carbonate -> process that makes it, payable share that its price row already contains."""


def _carbonate(name: str, prices: tuple[str, ...]) -> Quote:
    process, payable = CARBONATE[name]
    low, base, high = (_mean(prices, c) / 0.55 / payable for c in ("low", "base", "high"))
    fall = 1000 * (PLANNING_NDPR - CONSERVATIVE_NDPR) * _ndpr_share(process)
    row = _price(prices[0])
    note = (
        f"prices.csv {', '.join(prices)} / 0.55 t REO per t / {payable:g}: the payable share is applied once (fault 1)"
    )
    return Quote(base, base - fall, low, high, _growth(row), "TREO", payable, row, note)


def _cerium_depleted(mrec: Quote) -> Quote:
    """The value of its elements at the planning deck."""
    weights = _weights()
    values = {d.row["deposit_id"]: basket(shares(recovered(d.mix, "CRACK_CED"))) for d in _that_give("CRACK_CED")}
    base = sum(weights[d] * value for d, value in values.items()) / sum(weights.values())
    fall = 1000 * (PLANNING_NDPR - CONSERVATIVE_NDPR) * _ndpr_share("CRACK_CED")
    low, high = base * mrec.low / mrec.planning, base * mrec.high / mrec.planning
    note = f"value of its elements, {base / 1000:.1f} USD/kg REO; payable share as for MREC, applied once (faults 1, 4)"
    return mrec._replace(planning=base, conservative=base - fall, low=low, high=high, note=note)


def basket(mix: Mix) -> float:
    """USD per t REO of these components at the planning deck; La and Ce at the price of their product."""
    kilo = {"NdPr": "PR001", "Tb": "PR003", "Dy": "PR002", "La": "PR004", "Ce": "PR004", "SEG": "PR005", "Y": "PR006"}
    return sum(share * _usd_t(_price(kilo[c]), "base") for c, share in mix.items())


def _heavy(name: str, prices: tuple[str, ...]) -> Quote:
    low, base, high = (_mean(prices, c) / 0.75 for c in ("low", "base", "high"))
    row = _price(prices[0])
    note = f"prices.csv {', '.join(prices)} / 0.75: the payable share is applied once (fault 1)"
    return Quote(base, base, low, high, _growth(row), "TREO", 0.75, row, note)


def _concentrate(mrec: Quote) -> Quote:
    row = _price("PR014")
    low, base, high = (_usd_t(row, c) / GRADE_OF_QUOTE for c in ("low", "base", "high"))
    conservative = base * mrec.conservative / mrec.planning
    note = "prices.csv PR014 / 0.35: by contained REO, so 12-15% concentrate fetches a third per t (fault 2)"
    return Quote(base, conservative, low, high, _growth(row), "TREO", None, row, note)
