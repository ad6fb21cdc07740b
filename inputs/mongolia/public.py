"""What the state takes, what supporters offer and ask: tables `fiscal`, `instruments` and `policies`.

The shipped case itself is before royalty and tax: `mongolia_support.xlsx` is the same case with these three tables.
"""

from __future__ import annotations

from typing import Any

from inputs.mongolia.dossier import Record, assumed, table

Rows = list[dict[str, Any]]

SURTAX = {
    "royalty_surtax_concentrate": ("ore", "conc_flot", "conc_fluo", "conc_pg"),
    "royalty_surtax_mrec": ("mrec", "mrec_ced", "mrec_kb"),
}
"""Surtax of the dossier -> products that pay it; what is made further on pays that of oxides and metals."""

FURTHER = "royalty_surtax_oxide_metal"

FREE_ZONES = ("S_ZUD", "S_KHU")
"""Sites of the two zones that the dossier names: Zamyn-Uud, Khushig valley."""


def tables() -> dict[str, Rows]:
    """The tables `fiscal`, `instruments` and `policies`."""
    return {"fiscal": _fiscal(), "instruments": _instruments(), "policies": [DELIVERED]}


DELIVERED: dict[str, Any] = {
    "policy": "NdPr oxide for the US",
    "measure": "delivered_t",
    "subject": "ndpr_ox:US",
    "sense": "min",
    "limit": 500.0,
    "scope": "expected",
    "first_year": 2035,
    **assumed("what support is given for: without a target the least support is none, as nothing need be built"),
}
"""What the supporter asks for."""


def _policy() -> dict[str, Record]:
    return {record["key"]: record for record in table("finance_policy")}


def _row(key: str, about: str | None, value: float, record: Record, note: str = "") -> dict[str, Any]:
    known = record.known(low=record.number("low"), high=record.number("high"), note=note)
    return {"key": key, "applies_to": about, "value": value, **known}


def _fiscal() -> Rows:
    known = _policy()
    base = float(known["royalty_base"]["value"])
    rows = [_royalty(None, base, known[FURTHER])]
    rows += [_royalty(p, base, known[surtax]) for surtax, products in SURTAX.items() for p in products]
    rows += [
        _row("export_duty", None, float(known["export_duty"]["value"]), known["export_duty"]),
        _row("vat", None, float(known["vat_export_final_product"]["value"]), known["vat_export_final_product"]),
        _row(
            "income_tax",
            None,
            float(known["cit_rate_high_band"]["value"]),
            known["cit_rate_high_band"],
            "the lower band of 10% holds for the first MNT 6 bn a year (about 1.7 MUSD) and is left out",
        ),
        _row(
            "depreciation_years",
            None,
            float(known["depreciation_machinery_years"]["value"]),
            known["depreciation_machinery_years"],
        ),
        _row(
            "loss_carry_forward_years",
            None,
            float(known["loss_carry_forward_years"]["value"]),
            known["loss_carry_forward_years"],
        ),
        {
            **_row("loss_use_share", None, 0.5, known["loss_carry_forward_years"]),
            "low": None,
            "high": None,
            "note": "half of a year's income, as the note of the dossier on the years of carry-forward says",
        },
    ]
    holiday = known["free_zone_tax_holiday_years"]
    rows += [_row("tax_holiday_years", node, float(holiday["value"]), holiday) for node in FREE_ZONES]
    return rows


def _royalty(product: str | None, base: float, surtax: Record) -> dict[str, Any]:
    record, extra = _policy()["royalty_base"], float(surtax["value"])
    note = f"base {base:.0%} and surtax {extra:.0%} ({surtax['key']}, assumption: {surtax['note']})"
    known = {"low": None, "high": None, "basis": "assumption", "source": f"{record['source']} | {surtax['source']}"}
    return {**_row("royalty", product, round(base + extra, 6), record, note), **known}


def _instruments() -> Rows:
    known = _policy()
    return [
        {
            "instrument": "EXIM-like loan",
            "kind": "loan",
            "share_max": 0.5,
            "budget_musd": float(known["exim_scri_loan_cap_musd"]["value"]),
            "rate": float(known["exim_interest_rate"]["value"]),
            "tenor_years": int(known["exim_scri_tenor_years"]["value"]),
            "grace_years": 3,
            "conditions": "no_sale:CN; no_technology:CN",
            **_offered(
                known["exim_scri_loan_cap_musd"],
                "low and high are of budget_musd; sourced: the tenor, no technology of the PRC and no significant "
                "customer there; assumed: rate, 3 years of grace, half of the capital, which stands for a rule "
                "proportional to US off-take",
                known["exim_scri_share_rule"],
            ),
        },
        {
            "instrument": "DFC-like loan",
            "kind": "loan",
            "share_max": 0.5,
            "budget_musd": float(known["dfc_loan_cap_musd"]["value"]),
            "rate": float(known["discount_rate_concessional"]["value"]),
            "tenor_years": 15,
            "grace_years": 3,
            **_offered(
                known["dfc_loan_cap_musd"],
                "low and high are of budget_musd; rate as discount_rate_concessional; tenor, grace and half of the "
                "capital are planning choices",
            ),
        },
        {
            "instrument": "DFC political-risk insurance",
            "kind": "guarantee",
            "covers": "group:CN_LAND",
            "share_max": 0.9,
            "budget_musd": float(known["dfc_political_risk_insurance_cap_musd"]["value"]),
            "rate": float(known["dfc_pri_premium"]["value"]),
            **_offered(
                known["dfc_pri_premium"],
                "low and high are of rate; sourced: cover up to 1,000 MUSD against inconvertibility, expropriation and "
                "violence; assumed: 90% of the capital, and that closed crossings to China, for which it pays here, "
                "stand for what is insured, which such a policy may not cover",
                known["dfc_political_risk_insurance_cap_musd"],
            ),
        },
        {
            "instrument": "NdPr price floor",
            "kind": "price_floor",
            "covers": "ndpr_ox:US; from:2032; to:2041",
            "floor_usd_t": 1000.0 * float(known["ndpr_floor_usd_per_kg"]["value"]),
            **_offered(
                known["ndpr_floor_usd_per_kg"],
                "sourced: the price, for 10 years, of MP in the US; that it reaches US sales of Mongolian oxide of "
                "2032 to 2041 is assumed",
                low=1000.0 * (known["ndpr_floor_usd_per_kg"].number("low") or 0.0),
                high=1000.0 * (known["ndpr_floor_usd_per_kg"].number("high") or 0.0),
            ),
        },
        {
            "instrument": "Grant for studies",
            "kind": "grant",
            "share_max": 1.0,
            "budget_musd": float(known["grant_studies_musd"]["value"]),
            **_offered(
                known["grant_studies_musd"],
                "low and high are of budget_musd; the case has no cost of studies: it is paid against capital",
            ),
        },
    ]


def _offered(record: Record, note: str, *others: Record, **changed: Any) -> dict[str, Any]:
    """Provenance of an offer: an assumption, as none of them was made to Mongolia."""
    source = " | ".join(dict.fromkeys(r["source"] for r in (record, *others)))
    limits = {"low": record.number("low"), "high": record.number("high")} | changed
    return record.known(note=note, **limits) | {"basis": "assumption", "source": source}
