"""What is in the ground and what becomes of it: products, their composition by deposit, and reserves.

Composition is the split of the ore; that of a carbonate follows from the recovery of each element in cracking, so
the assays of `mrec`, `mrec_ced` and `mrec_kb` are computed here, never typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inputs.mongolia.dossier import Record, assumed, table

Rows = list[dict[str, Any]]
Mix = dict[str, float]

CARBONATE_REO, HEAVY_REO = 0.55, 0.76
"""t REO per t of mixed carbonate (as Songwe's), and of heavy concentrate (middle of 0.60-0.92)."""

HORIZON_YEARS = 30
"""2027 to 2056."""

ELEMENTS = {
    "La": (("share_La2O3",), "rec_La"),
    "Ce": (("share_CeO2",), "rec_Ce"),
    "NdPr": (("share_Pr6O11", "share_Nd2O3"), "rec_PrNd"),
    "SEG": (("share_SmEuGd_oxides",), "rec_SEG"),
    "Tb": (("share_Tb4O7",), "rec_Tb"),
    "Dy": (("share_Dy2O3",), "rec_Dy"),
    "Y": (("share_Y2O3_and_other_HREO",), "rec_Y"),
}
"""Component -> columns of its share in TREO, column of its recovery."""

HEAVY, LIGHT = ("SEG", "Tb", "Dy", "Y"), ("La", "Ce")


class Deposit(NamedTuple):
    """A deposit of the model: its dossier rows, and the names of what it gives."""

    row: Record
    split: Record
    concentrate: str
    carbonates: dict[str, str]
    heavy: str

    @property
    def node(self) -> str:
        """Its node."""
        return self.row["network_node_id"]

    @property
    def name(self) -> str:
        """Its short name."""
        return self.row["name"].split(" (")[0]

    @property
    def reserve_t(self) -> float:
        """Ore at the head grade that holds the registered oxide [t]."""
        return float(
            round(
                float(self.row["official_registered_reo_t"]) / (float(self.row["planning_head_grade_treo_pct"]) / 100)
            )
        )

    @property
    def life_years(self) -> int | None:
        """Whole years that the reserve lasts at the most ore a year; None when that is beyond the horizon."""
        years = int(self.reserve_t / float(self.row["max_ore_t_per_y"]))
        return years if years < HORIZON_YEARS else None

    @property
    def mix(self) -> Mix:
        """t of each component per t of TREO in the ore."""
        return {c: sum(float(self.split[s]) for s in shares) for c, (shares, _) in ELEMENTS.items()}


LIGHT_CARBONATES = {"CRACK_SA": "mrec", "CRACK_CED": "mrec_ced"}
GIVES = {
    "KHOTGOR": ("conc_flot", LIGHT_CARBONATES, "hree_conc"),
    "MUSHGAI": ("conc_flot", LIGHT_CARBONATES, "hree_conc"),
    "LUGIIN": ("conc_fluo", LIGHT_CARBONATES, "hree_conc"),
    "KHALZAN": ("conc_pg", {"CRACK_PG": "mrec_kb"}, "hree_kb"),
}


def deposits() -> list[Deposit]:
    """The deposits of the model, in the dossier's order."""
    splits = {r["deposit_id"]: r for r in table("ree_distribution")}
    rows = [r for r in table("deposits") if r["include_in_model"] == "1"]
    return [Deposit(r, splits[r["deposit_id"]], *GIVES[r["deposit_id"]]) for r in rows]


def technology(name: str) -> list[Record]:
    """The sizes of a technology, small to large."""
    return [r for r in table("technologies") if r["tech_id"] == name]


def recovered(mix: Mix, process: str) -> Mix:
    """t of each component that gets into the carbonate per t of TREO fed to cracking."""
    row = technology(process)[0]
    return {c: share * float(row[ELEMENTS[c][1]]) for c, share in mix.items()}


def shares(amounts: Mix) -> Mix:
    """The same amounts per tonne of their sum."""
    total = sum(amounts.values())
    return {c: amount / total for c, amount in amounts.items()}


def tables() -> dict[str, Rows]:
    """Products, assays, deposits."""
    found = deposits()
    assays = [row for d in found for row in (*_ore_assays(d), *_carbonate_assays(d), *_heavy_assays(d))]
    return {"products": list(_products()), "assays": assays, "deposits": [_reserve(d) for d in found]}


PRODUCTS = (
    # product, name, class, traced, dossier product, value from another row [USD/t], disposal [USD/t]
    ("ore", "Run-of-mine ore", "local", True, "ore", None, None),
    ("conc_flot", "Apatite flotation concentrate (12-15% TREO)", "conc", True, "conc_flot", None, None),
    ("conc_fluo", "Fluorocarbonate concentrate (Lugiin Gol, 40% TREO)", "conc", True, "conc_flot", 1300.0, None),
    ("conc_pg", "Khalzan Buregtei pre-concentrate (4% TREO, Class 7)", "class7", True, "conc_pg", None, None),
    ("mrec", "Mixed carbonate (MREC)", "oxide", True, "mrec", None, None),
    ("mrec_ced", "Cerium-depleted mixed carbonate", "oxide", True, "mrec_ced", None, None),
    ("mrec_kb", "Mixed carbonate of Khalzan Buregtei", "oxide", True, "mrec", 11500.0, None),
    ("ndpr_ox", "NdPr oxide", "magnet", False, "ndpr_ox", None, None),
    ("dy_ox", "Dysprosium oxide", "air_ok", False, "dy_ox", None, None),
    ("tb_ox", "Terbium oxide", "air_ok", False, "tb_ox", None, None),
    ("lace_prod", "Lanthanum-cerium product", "oxide", False, "lace_prod", None, 60.0),
    ("hree_conc", "Heavy concentrate (SEG, Tb, Dy, Y)", "air_ok", True, "hree_conc", 24500 * HEAVY_REO, None),
    ("hree_kb", "Heavy concentrate of Khalzan Buregtei", "air_ok", True, "hree_conc", 36500 * HEAVY_REO, None),
    ("seg_res", "SEG and Ho-Lu oxides", "oxide", False, "seg_res", None, 60.0),
    ("y_ox", "Yttrium oxide", "oxide", False, "y_ox", None, 60.0),
    ("ndpr_metal", "NdPr metal", "magnet", False, "ndpr_metal", None, None),
    ("ndfeb_alloy", "NdFeB strip-cast alloy", "alloy", False, "ndfeb_alloy", None, None),
    ("norm_res", "Radioactive cracking residue (NORM)", "local", False, "norm_res", 0.0, None),
    ("sx_res", "Separation residue", "local", False, "norm_res", 0.0, 170.0),
    ("h2so4", "Sulphuric acid", "dg", False, "h2so4", None, None),
    ("sulphur", "Sulphur", "bulk", False, "sulphur", None, None),
    (
        "reagents_imp",
        "Imported reagents (HCl, caustic, oxalic acid, extractant)",
        "bulk",
        False,
        "reagents",
        250.0,
        None,
    ),
    ("reagents_dom", "Domestic reagents (lime, limestone, salt)", "bulk", False, "reagents", 100.0, None),
)

ABOUT = {
    "conc_fluo": "value is prices.csv PR014, for 30-40% TREO",
    "mrec_kb": "value is prices.csv PR010",
    "hree_conc": "value is 24.5 USD/kg REO x 0.76 t REO per t of product",
    "hree_kb": "value is 36.5 USD/kg REO (prices.csv PR013) x 0.76 t REO per t of product",
    "norm_res": "no value: its cost is that of the residue cell beside cracking, the only place that takes it",
    "sx_res": "0.01 t per t REO, sent to a disposal site at 170 USD/t, the top of what Lynas' facility cost (fault 3)",
    "reagents_imp": "value is the delivered price used in purchases; 0.45 USD/kg would exceed the dossier's own "
    "variable cost of separation (6 t/t REO, 2,500 USD/t)",
    "reagents_dom": "value is the delivered price used in purchases",
}
BY_PRODUCT = "what no buyer takes goes to disposal at 60 USD/t, the low end of the dossier's residue cost (fault 4)"


def _products() -> Iterator[dict[str, Any]]:
    known = {r["product_id"]: r for r in table("products")}
    for name, label, transport, traced, origin, value, disposal in PRODUCTS:
        row = known[origin]
        note = ABOUT.get(name, BY_PRODUCT if disposal else "value is the planning deck")
        span: dict[str, Any] = {}
        if value is None:
            span = {"low": _usd_t(row, "value_low"), "high": _usd_t(row, "value_high")}
        yield {
            "product": name,
            "name": label,
            "transport_class": transport,
            "traced": traced,
            "value_usd_t": _usd_t(row, "value_base") if value is None else value,
            "disposal_usd_t": disposal,
            **row.known(note=note, **span),
        }
    yield {
        "product": "fe_b",
        "name": "Iron, ferroboron and alloying metals",
        "transport_class": "bulk",
        "traced": False,
        "value_usd_t": 1500.0,
        **assumed("per t of mix: iron 0.7, ferroboron 3.5, a little cobalt, copper and aluminium at about 20 USD/kg"),
    }


def _usd_t(row: Record, column: str) -> float:
    return round(1000 * float(row[f"{column}_usd_per_kg"]), 6)


LOW_GRADE = {"MUSHGAI": (0.013, None, "head grade 2.0% is the selective grade of the first 15-18 years; 1.5% is "
                         "the diluted grade of the first, conservative run (see Guide)")}  # fmt: skip


def _ore_assays(d: Deposit) -> Iterator[dict[str, Any]]:
    low, high, note = LOW_GRADE.get(d.row["deposit_id"], (None, None, "planning head grade"))
    head, grade = (float(d.row[c]) / 100 for c in ("planning_head_grade_treo_pct", "conc_grade_treo_pct"))
    yield _assay(d, "ore", "TREO", head, "", d.row.known(low=low, high=high, note=note))
    yield _assay(d, d.concentrate, "TREO", grade, "", d.row.known(note="grade of the concentrate"))
    for component, share in d.mix.items():
        span: dict[str, Any] = (
            {"low": round(share - 0.04, 9), "high": round(share + 0.04, 9)} if component == "NdPr" else {}
        )
        yield _assay(d, None, component, share, "TREO", d.split.known(**span))


def _carbonate_assays(d: Deposit) -> Iterator[dict[str, Any]]:
    for process, product in d.carbonates.items():
        mix = shares(recovered(d.mix, process))
        groups = {"HRE": sum(mix[c] for c in HEAVY), "LaCe": sum(mix[c] for c in LIGHT)}
        known = d.split.known(note=f"computed: split of the ore x recovery of each element in {process}, per t of REO")
        grade = technology(process)[0].known(note="t REO per t of carbonate, as Songwe's")
        yield _assay(d, product, "TREO", CARBONATE_REO, "", grade)
        for component, share in {**mix, **groups}.items():
            yield _assay(d, product, component, share, "TREO", known)


def _heavy_assays(d: Deposit) -> Iterator[dict[str, Any]]:
    mix = shares({c: recovered(d.mix, next(iter(d.carbonates)))[c] for c in HEAVY})
    known = d.split.known(note="computed: the heavy elements of the carbonate, all recovered alike in light separation")
    grade = assumed("t REO per t of heavy concentrate: middle of 0.60-0.92 in products.csv", low=0.60, high=0.92)
    yield _assay(d, d.heavy, "TREO", HEAVY_REO, "", grade)
    for component, share in {"HRE": 1.0, **mix}.items():
        yield _assay(d, d.heavy, component, share, "TREO", known)


def _assay(
    d: Deposit, product: str | None, component: str, fraction: float, of: str, known: dict[str, Any]
) -> dict[str, Any]:
    row = {"origin": d.node, "product": product, "component": component, "fraction": round(fraction, 9)}
    return {**row, "of": of or None, **known}


def _reserve(d: Deposit) -> dict[str, Any]:
    registered, head = (float(d.row[c]) for c in ("official_registered_reo_t", "planning_head_grade_treo_pct"))
    note = (
        f"registered {registered:,.0f} t REO / head grade {head:g}%, so that grade and register agree; "
        f"the resource is {d.row['resource_ore_mt']} Mt at {d.row['resource_treo_grade_pct']}%"
    )
    return {"node": d.node, "product": "ore", "reserve_t": d.reserve_t, **d.row.known(note=note)}
