"""The map as a picture: what is built, and how exports travel."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils.units import pixels_to_EMU

from khovor.report.content import Content
from khovor.report.maps.scene import drawable
from khovor.report.sheets.book import Book
from khovor.report.sheets.page import Page

SHOWN_PX = 1000
"""Width at which the picture stands in the sheet."""

TOP = 4
"""Row below which the picture stands."""


class Picture(Image):  # type: ignore[misc]
    """A PNG in a sheet, shown at this width; openpyxl's own class needs an imaging library to read its size."""

    def __init__(self, png: bytes, shown_px: int) -> None:
        self.ref, self.format = BytesIO(png), "png"
        width, height = struct.unpack(">II", png[16:24])
        self.width, self.height = shown_px, shown_px * height // width
        start = AnchorMarker(col=0, row=TOP)
        extent = XDRPositiveSize2D(pixels_to_EMU(self.width), pixels_to_EMU(self.height))
        self.anchor: Any = OneCellAnchor(_from=start, ext=extent)

    def _data(self) -> bytes:
        self.ref.seek(0)
        return self.ref.read()


def map_sheet(book: Book, c: Content) -> None:
    """The picture, or why there is none: a run is never lost for a picture."""
    note = (
        "Expected yearly means over the horizon. Places without coordinates are left out: buyers among them are at the "
        "last place on the way that has some."
    )
    page = book.page("Map", "What is built, and how it leaves")
    page.widths({"A": 140.0})
    page.sheet.page_setup.fitToHeight = 1
    page.row = 2
    page.sentence(note, 1)
    try:
        _drawn(page, c)
    except Exception as fault:  # whatever a drawing library may raise, the tables matter more
        page.line(f"The map could not be drawn on this machine ({type(fault).__name__}: {fault}).")


def _drawn(page: Page, c: Content) -> None:
    """The picture. Its library takes as long to import as all the rest of khovor, so only a run that draws pays."""
    if not drawable(c):
        page.line("There is no map: give nodes their coordinates (columns lat and lon of the table nodes).")
        return
    from khovor.report.maps.drawing import picture

    page.sheet.add_image(Picture(picture(c), SHOWN_PX))
