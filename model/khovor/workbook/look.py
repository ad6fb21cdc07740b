"""How every sheet khovor writes looks: one typeface, and a page that shows all columns when printed."""

from __future__ import annotations

from typing import Any

from openpyxl.styles import Font


def font(**style: Any) -> Font:
    """The one typeface."""
    return Font(name="Calibri", **{"size": 11, **style})


def fit_for_print(sheet: Any) -> None:
    """Landscape A4, as wide as the sheet, as many pages long as it takes."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
