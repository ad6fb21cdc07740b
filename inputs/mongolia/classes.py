"""Transport classes of the case: what may move where. The products table names one class for every product."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "local": "ore and NORM residue: never leave their place, no lane carries them",
    "conc": "flotation concentrates (contain thorium, below the Class 7 limit): by land and sea, never by air",
    "class7": "Khalzan pre-concentrate, above 10 Bq/g: only between the mine and Khovd",
    "oxide": "carbonates and oxides too cheap to fly: mrec and its kin, La-Ce, SEG residue, yttrium oxide",
    "magnet": "NdPr oxide and NdPr metal: fly, and share one cap at each buyer of both",
    "alloy": "NdFeB alloy: flies as NdPr does, but has a demand of its own outside that cap",
    "air_ok": "dysprosium and terbium oxide, heavy concentrates: worth flying",
    "dg": "sulphuric acid: dangerous goods, by land and sea",
    "bulk": "sulphur, reagents, iron and boron: inbound freight by land and sea",
}
"""Class -> meaning, for every product of the case."""

FLIES = ("magnet", "alloy", "air_ok")
"""What an aircraft carries, and the lorry that meets it."""

RARE_EARTHS = ("conc", "oxide", *FLIES)
"""What a squeeze on rare earths hits at a border: these pass a crossing on booked slots."""

GENERAL = ("dg", "bulk")
"""Inbound reagents, acid and metals, which a squeeze on rare earths leaves alone."""

BY_LAND_AND_SEA = (*RARE_EARTHS, *GENERAL)
"""What ordinary lanes carry."""


def listed(classes: tuple[str, ...]) -> str:
    """Classes as a cell of `lanes.classes`."""
    return "; ".join(classes)
