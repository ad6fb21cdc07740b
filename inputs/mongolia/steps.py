"""The steps from ore to alloy: processes, recipes, sizes, and what they draw of power and water.

Costs are the dossier's less what is bought in the model: reagents of cracking and separation are goods that must be
hauled, so their delivered cost at the reference prices is taken out of the dossier's variable cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from inputs.mongolia.dossier import Record, assumed
from inputs.mongolia.ore import CARBONATE_REO, HEAVY_REO, Deposit, Rows, deposits, technology

REAGENTS_IMP_USD_T, REAGENTS_DOM_USD_T = 250.0, 100.0
"""Delivered reference prices: in the dossier's variable costs, and what purchases plus freight come back to [USD/t]."""

CRACKING = {
    "CRACK_SA": "Cracking to mixed carbonate",
    "CRACK_CED": "Cracking to cerium-depleted carbonate",
    "CRACK_PG": "Cracking of Khalzan pre-concentrate",
}
SEPARATION = {"SX_L": "Light separation (NdPr oxide)", "SX_H": "Heavy separation (Dy, Tb, Y oxides)"}
OTHERS = {
    "METAL": "NdPr metal",
    "ALLOY": "NdFeB strip casting",
    "NORM_CELL": "Lined residue cell (NORM)",
    "ACID_S": "Acid from sulphur",
}
REO_PER_T = {"SX_L": CARBONATE_REO, "SX_H": HEAVY_REO}
"""Steps the dossier counts per t REO in feed -> t REO per t of what their recipes take."""

HAULED = (*CRACKING, *SEPARATION)
"""Steps whose reagents are goods of the model; the little that others use stays inside their variable cost."""

NON_CHINESE = ("SX_L", "SX_H", "METAL", "ALLOY")
UPLIFT = 1.15
HUB = {"CRACK_SA": 260_000.0, "CRACK_CED": 260_000.0, "SX_L": 18_000.0}
"""Sizes of the shared Gobi hub that deposits.md costs: all light concentrate in one train [dossier's unit per year]."""

HEAVIES_IN_ALLOY, CASTING_LOSS = 8000.0, 0.02 * 118_000
"""USD per t of metal cast: 16.5 kg of bought Dy and Tb metal (0.5% of 3.3 t of alloy), and 2% of the metal lost."""


def benefication(d: Deposit) -> str:
    """The process that concentrates the ore of a deposit."""
    return "BEN_" + d.node.removeprefix("D_")


def mine(d: Deposit) -> str:
    """The process that mines a deposit: one each, as a mine lives as long as its reserve."""
    return "MINE_" + d.node.removeprefix("D_")


def tables() -> dict[str, Rows]:
    """Processes, recipes, sizes, utilities and their use."""
    utilities = [
        {"utility": "power", "unit": "MWh", **assumed("limit at a site: available MW x 8,000 h")},
        {"utility": "water", "unit": "m3", **assumed("fresh water")},
    ]
    return {
        "processes": list(_processes()),
        "recipes": [row for row in _recipes() if row["t_per_t"]],
        "sizes": list(_sizes()),
        "utilities": utilities,
        "utility_use": list(_utility_use()),
    }


def _processes() -> Iterator[dict[str, Any]]:
    infra = assumed("site infrastructure, paid once per site; a lead time of two years, life beyond the horizon")
    yield {"process": "INFRA", "name": "Site infrastructure", "build_years": 2, **infra}
    for d in deposits():
        yield _mining(d)
        row = technology(d.row["ben_tech"])[0]
        note = "no longer than the mine" if d.life_years is not None and d.life_years < int(row["lifetime_y"]) else ""
        yield _process(benefication(d), f"Concentrator of {d.name}", row, mine(d), note, d.life_years)
    for process, name in CRACKING.items():
        note = "residue cells stand with cracking (fault 3)"
        yield _process(process, name, technology(process)[0], "NORM_CELL", note)
    for process, name in {**SEPARATION, **OTHERS}.items():
        yield _process(process, name, technology(process)[0], "INFRA")


def _mining(d: Deposit) -> dict[str, Any]:
    lasts = "beyond the horizon" if d.life_years is None else f"{d.life_years} years"
    known = assumed(f"development of two years; at the most ore a year the reserve lasts {lasts}")
    row = {"process": mine(d), "name": f"Mine of {d.name}", "build_years": 2, "lifetime_years": d.life_years}
    return {**row, "requires": "INFRA", **known}


def _process(
    process: str, name: str, row: Record, required: str, note: str = "", at_most: int | None = None
) -> dict[str, Any]:
    years, life = float(row["construction_years"]), int(row["lifetime_y"])
    rounded = f"{years:g} years of construction taken as {math.ceil(years)}" if years % 1 else ""
    return {
        "process": process,
        "name": name,
        "build_years": math.ceil(years),
        "lifetime_years": life if at_most is None else min(life, at_most),
        **{f"ramp_{i}": float(row[f"ramp_up_y{i}_frac"]) for i in (1, 2, 3)},
        "requires": required,
        **row.known(note="; ".join(part for part in (rounded, note) if part)),
    }


def _recipes() -> Iterator[dict[str, Any]]:
    for d in deposits():
        yield _line(mine(d), "dig", "ore", 1.0, assumed("a tonne of ore per tonne of activity"))
        known = d.row.known(note="recovery of flotation; the mass pull follows from the assays")
        yield _line(benefication(d), "float", "ore", -1.0, known)
        yield _line(benefication(d), "float", d.concentrate, float(d.row["ben_recovery_frac"]), known, "TREO")
    for process in CRACKING:
        yield from _cracking(process)
    for feed, heavy in (("mrec", "hree_conc"), ("mrec_ced", "hree_conc"), ("mrec_kb", "hree_kb")):
        made = [("ndpr_ox", "rec_PrNd", "NdPr"), ("lace_prod", "rec_La", "LaCe"), (heavy, "rec_SEG", "HRE")]
        yield from _separation("SX_L", feed, made)
    for feed in ("hree_conc", "hree_kb"):
        made = [
            ("dy_ox", "rec_Dy", "Dy"),
            ("tb_ox", "rec_Tb", "Tb"),
            ("y_ox", "rec_Y", "Y"),
            ("seg_res", "rec_SEG", "SEG"),
        ]
        yield from _separation("SX_H", feed, made)
    yield from _further()


def _line(process: str, recipe: str, product: str, t: float, known: dict[str, Any], of: str = "") -> dict[str, Any]:
    row = {"process": process, "recipe": recipe, "product": product, "t_per_t": round(t, 9)}
    return {**row, "recovers": of or None, **known}


def _cracking(process: str) -> Iterator[dict[str, Any]]:
    """One recipe per concentrate: they differ in acid."""
    row = technology(process)[0]
    acid = {d.concentrate: d for d in deposits() if process in d.carbonates}
    for feed, d in acid.items():
        product = d.carbonates[process]
        yield _line(process, feed, feed, -1.0, row.known(note="per t of concentrate"))
        mass = "recovery of NdPr; t of carbonate = sum of all elements recovered / 0.55 t REO per t, by its assay"
        yield _line(process, feed, product, float(row["rec_PrNd"]), row.known(note=mass), "NdPr")
        known = d.row.known(note="acid per t of concentrate is the deposit's figure")
        yield _line(process, feed, "h2so4", -float(d.row["acid_t_h2so4_per_t_conc"]), known)
        yield from _reagents(process, feed, row, 1.0)
        residue = row.known(note="goes to the residue cell at the same site")
        yield _line(process, feed, "norm_res", float(row["norm_residue_t_per_unit_feed"]), residue)


def _separation(process: str, feed: str, made: list[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    row, reo = technology(process)[0], REO_PER_T[process]
    yield _line(process, feed, feed, -1.0, row.known(note=f"per t of feed at {reo:g} t REO per t"))
    for product, column, component in made:
        yield _line(process, feed, product, float(row[column]), row.known(note="recovery"), component)
    yield from _reagents(process, feed, row, reo)
    residue = row.known(note="so little that it may go to a disposal site (fault 3)")
    yield _line(process, feed, "sx_res", reo * float(row["norm_residue_t_per_unit_feed"]), residue)


def _reagents(process: str, recipe: str, row: Record, reo: float) -> Iterator[dict[str, Any]]:
    used, imported = reo * float(row["other_reagents_t_per_unit_feed"]), float(row["imported_reagent_share_frac"])
    known = row.known(note=f"{used:.4g} t of reagents per t of feed, {imported:.0%} imported")
    yield _line(process, recipe, "reagents_imp", -used * imported, known)
    yield _line(process, recipe, "reagents_dom", -used * (1 - imported), known)


def _further() -> Iterator[dict[str, Any]]:
    recipes = {
        "METAL": {"ndpr_ox": -1.0, "ndpr_metal": 0.83},
        "ALLOY": {"ndpr_metal": -1.0, "fe_b": -2.3, "ndfeb_alloy": 3.3},
        "NORM_CELL": {"norm_res": -1.0},
        "ACID_S": {"sulphur": -0.335, "h2so4": 1.0},
    }
    names = {"METAL": "electrolysis", "ALLOY": "cast", "NORM_CELL": "store", "ACID_S": "burn"}
    for process, balance in recipes.items():
        known = technology(process)[0].known()
        for product, t in balance.items():
            yield _line(process, names[process], product, t, known)


def _sizes() -> Iterator[dict[str, Any]]:
    infra = assumed("its capital is extra_capex_musd of the site")
    yield {"process": "INFRA", "size": "site", "capacity_t_y": 1.0, "capex_musd": 0.0, **infra}
    for d in deposits():
        yield _mine_size(d)
        for row in technology(d.row["ben_tech"]):
            yield _size(benefication(d), row, row["size"], float(row["capacity_per_y"]), 1.0)
    for process in (*CRACKING, *SEPARATION, *OTHERS):
        rows = technology(process)
        for row in rows:
            yield _size(process, row, row["size"], float(row["capacity_per_y"]), 1.0)
        if process in HUB:
            yield _size(process, rows[-1], "hub", HUB[process], HUB[process] / float(rows[-1]["capacity_per_y"]))


def _mine_size(d: Deposit) -> dict[str, Any]:
    known = d.row.known(note="mine development; sustaining capital 2% a year as for the plants (assumption)")
    return {
        "process": mine(d),
        "size": "full",
        "capacity_t_y": float(d.row["max_ore_t_per_y"]),
        "capex_musd": float(d.row["mine_dev_capex_musd"]),
        "variable_opex_usd_t": float(d.row["mining_cost_usd_per_t_ore"]),
        "sustaining_capex_share_y": 0.02,
        **known,
    }


def _size(process: str, row: Record, size: str, capacity: float, scale: float) -> dict[str, Any]:
    reo = REO_PER_T.get(process, 1.0)
    capex = float(row["capex_musd"]) * scale ** float(row["capex_scale_exponent"])
    capex *= UPLIFT if process in NON_CHINESE else 1.0
    fixed = float(row["fixed_opex_musd_per_y"]) * scale ** float(row["capex_scale_exponent"])
    return {
        "process": process,
        "size": size,
        "capacity_t_y": round(capacity / reo, 3),
        "capex_musd": round(capex, 3),
        "fixed_opex_musd_y": round(fixed, 3),
        "variable_opex_usd_t": round(reo * _variable(process, row), 3),
        "sustaining_capex_share_y": float(row["sustaining_capex_pct_per_y"]) / 100,
        **row.known(low=round(0.6 * capex, 3), high=round(1.4 * capex, 3), note=_about_size(process, scale)),
    }


def _variable(process: str, row: Record) -> float:
    """Variable cost per dossier unit of feed, without what the model buys [USD]."""
    cost = float(row["variable_opex_usd_per_unit_feed"])
    if process in HAULED:
        used, imported = float(row["other_reagents_t_per_unit_feed"]), float(row["imported_reagent_share_frac"])
        cost -= used * (imported * REAGENTS_IMP_USD_T + (1 - imported) * REAGENTS_DOM_USD_T)
    return cost + (HEAVIES_IN_ALLOY + CASTING_LOSS if process == "ALLOY" else 0.0)


def _about_size(process: str, scale: float) -> str:
    notes = ["low and high bound capex_musd, +/-40%"]
    if scale != 1.0:
        notes.append(f"hub size: the large one x {scale:g}, cost by the dossier's exponent")
    if process in HAULED:
        notes.append("variable cost without reagents, which are bought and hauled (250 imported, 100 domestic USD/t)")
    if process in REO_PER_T:
        notes.append(f"per t of feed at {REO_PER_T[process]:g} t REO per t")
    if process in NON_CHINESE:
        notes.append("capital +15% for equipment from outside China")
    if process == "ALLOY":
        heavies = "16.5 kg of bought Dy and Tb metal (8,000 USD) and 2% of the metal lost (2,360 USD)"
        notes.append(f"variable cost per t of metal: 5,500 of casting, {heavies}; iron and boron are bought (fault 9)")
    return "; ".join(notes)


def _utility_use() -> Iterator[dict[str, Any]]:
    plants = [(benefication(d), technology(d.row["ben_tech"])[0]) for d in deposits()]
    plants += [(process, technology(process)[0]) for process in (*CRACKING, *SEPARATION, *OTHERS)]
    for process, row in plants:
        reo = REO_PER_T.get(process, 1.0)
        for utility, column in (("power", "power_mwh_per_unit_feed"), ("water", "water_m3_per_unit_feed")):
            note = "steam power, a credit for other plants at the site" if float(row[column]) < 0 else ""
            use = round(reo * float(row[column]), 6)
            yield {"process": process, "utility": utility, "use_per_t": use, **row.known(note=note)}
