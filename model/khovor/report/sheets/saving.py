"""A workbook on its way to a file: openpyxl writes all of it but the rows, which as text take a fifth of the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.compat import safe_string
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element

ROOM: Final = re.compile(rb"<sheetData\s*/>")
"""Where openpyxl leaves room for the rows."""


def save(excel: Any, path: Path) -> None:
    """Write a workbook whose cells hold numbers, texts and formulas, without comments or links to elsewhere.

    Raises OSError as the disk does.
    """
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        _Writer(excel, archive).save()


class _Writer(ExcelWriter):  # type: ignore[misc]
    """openpyxl's writer of a workbook, told to write sheets by `_Sheet`."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        sheet = _Sheet(ws, BytesIO())
        sheet.write()
        ws._rels = sheet._rels
        self._archive.writestr(ws.path[1:], sheet.whole())
        self.manifest.append(ws)


class _Sheet(WorksheetWriter):  # type: ignore[misc]
    """openpyxl's writer of a sheet, with rows made here."""

    def write_rows(self) -> None:
        """Leave room for the rows."""
        self.xf.send(Element("sheetData"))

    def whole(self) -> bytes:
        """The sheet with its rows."""
        looks: dict[bytes, str] = {}
        rows = "".join(self._row(number, cells, looks) for number, cells in self.rows())
        above, below = ROOM.split(self.read(), maxsplit=1)
        return b"".join((above, b"<sheetData>", rows.encode(), b"</sheetData>", below))

    def _row(self, number: int, cells: list[Any], looks: dict[bytes, str]) -> str:
        about = {"r": f"{number}", **dict(self.ws.row_dimensions.get(number, ()))}
        return f"<row {_attributes(about)}>{''.join(_cells(cells, looks))}</row>"


def _cells(cells: list[Any], looks: dict[bytes, str]) -> Iterator[str]:
    for cell in cells:
        value, look = cell.value, _look(cell, looks)
        if value is None and not look:
            continue
        kind, begun = cell.data_type, f'<c r="{get_column_letter(cell.column)}{cell.row}"{look}'
        if kind == "f":
            yield f"{begun}><f>{escape(value[1:])}</f><v /></c>"
        elif value is None or value == "":
            yield f'{begun} t="{"inlineStr" if kind == "s" else kind}" />'
        elif kind == "s":
            kept = ' xml:space="preserve"' if value.strip() not in ("", value) else ""
            yield f'{begun} t="inlineStr"><is><t{kept}>{escape(value)}</t></is></c>'
        else:
            text = escape(safe_string(value))
            yield f'{begun} t="{kind}">{f"<v>{text}</v>" if text else "<v />"}</c>'


def _look(cell: Any, looks: dict[bytes, str]) -> str:
    """The number of a cell's style, as an attribute; openpyxl finds that by comparing: what is known is looked up."""
    if cell._style is None:
        return ""
    style = cell._style.tobytes()
    if style not in looks:
        looks[style] = f' s="{cell.style_id}"' if cell.has_style else ""
    return looks[style]


def _attributes(about: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in about.items())
