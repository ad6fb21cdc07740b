"""From an Excel file to raw tables: sheets found by name, headers by their columns, cells with their addresses."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from khovor.errors import InputError, Issue
from khovor.workbook.archive import refusal
from khovor.workbook.cells import BLANK_ROWS, Cells, read_cells
from khovor.workbook.headers import HEADER_WITHIN, columns_in, find_header, table_of
from khovor.workbook.raw import RawBook, RawRow, RawTable, copied
from khovor.workbook.tables import TABLES, Table

FILES_KEPT: Final = 4
"""A study reads one workbook, a valuation two."""


def raw_from_excel(name: str, data: bytes, without: Collection[str] = ()) -> RawBook:
    """Every table of an Excel file but some, given its bytes, as raw cells. Raises InputError when it cannot be opened.

    The last few files are kept as they were read, for the runs of a study all begin from the same; each caller gets
    tables of its own.
    """
    return copied(_opened(name, data), without)


@lru_cache(maxsize=FILES_KEPT)
def _opened(name: str, data: bytes) -> RawBook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of drawings and rules it would not keep: none is read here
            return _raw(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False))
    except InputError:
        raise
    except Exception as error:  # whatever a damaged part makes the parser raise, the analyst is told the same
        message = f"{name} cannot be read ({error}): open it in Excel, save it again, and try once more."
        raise refusal("damaged file", message) from error


def _raw(excel: Any) -> RawBook:
    book = RawBook()
    titles: dict[str, str] = {}
    for sheet in excel.worksheets:
        name = table_of(sheet.title, book.issues)
        book.sheets.append(name or sheet.title)
        if name in titles:
            message = f"The sheets '{titles[name]}' and '{sheet.title}' both hold the table {name}."
            book.issues.append(Issue(name, "", sheet.title, "one sheet for each table", message))
        elif name:
            titles[name] = sheet.title
            _read(book, TABLES[name], read_cells(excel, sheet))
    return book


def _read(book: RawBook, table: Table, cells: Cells) -> None:
    header = find_header(table, cells.rows)
    if not header:
        _without_header(book, table, cells)
        return
    columns = columns_in(table, header, cells.rows[header], book.issues)
    letters = {name: get_column_letter(place) for place, name in columns.items()}
    unread = tuple(str(title) for place, title in cells.rows[header].items() if place not in columns)
    raw = RawTable(table.name, letters, [], header, unread)
    for number, values in cells.rows.items():
        found = {name: values[place] for place, name in columns.items() if place in values}
        if number > header and found:
            raw.rows.append(RawRow(number, found, {name: f"{letter}{number}" for name, letter in letters.items()}))
    book.tables[table.name] = raw
    _note_untitled(book, table, cells, header)
    _note_merged(book, table, cells, header, columns)
    _note_below(book, table, cells)


def _without_header(book: RawBook, table: Table, cells: Cells) -> None:
    """A sheet with nothing on it is an empty table; one that has cells must have a header."""
    if not cells.rows and not cells.below:
        book.tables[table.name] = RawTable(table.name, {}, [])
        return
    keys = ", ".join(c.name for c in table.columns if c.required) or table.keys[0]
    message = f"No header row was found in the first {HEADER_WITHIN} rows."
    book.issues.append(Issue(table.name, "A1", "no header row", f"a row with {keys}", message))


def _note_untitled(book: RawBook, table: Table, cells: Cells, header: int) -> None:
    """Values under a blank header are not read: say so, once a column."""
    titles = cells.rows[header]
    first: dict[int, int] = {}
    for number, values in cells.rows.items():
        if number > header:
            for place in values.keys() - titles.keys():
                first.setdefault(place, number)
    for place, number in sorted(first.items()):
        letter = get_column_letter(place)
        message = f"Column {letter} has values but no header in row {header}, and is not read."
        found = "values without a header"
        book.issues.append(Issue(table.name, f"{letter}{number}", found, "a header", message, severity="warning"))


def _note_merged(book: RawBook, table: Table, cells: Cells, header: int, columns: Mapping[int, str]) -> None:
    """Merged cells within the header and the data; a merged title above them is nothing."""
    last = max(cells.rows)
    for area in cells.merged:
        left, top, right, bottom = range_boundaries(area)
        if bottom >= header and top <= last and any(left <= place <= right for place in columns):
            message = f"The cells {area} are merged: a table needs one value in each cell."
            book.issues.append(Issue(table.name, area.split(":")[0], f"merged {area}", "single cells", message))


def _note_below(book: RawBook, table: Table, cells: Cells) -> None:
    """Values far below the table are not read: say so."""
    if cells.below:
        message = f"Row {cells.below} stands {BLANK_ROWS} blank rows or more below the table and is not read."
        place, found = f"A{cells.below}", "values below the table"
        book.issues.append(Issue(table.name, place, found, "no gap", message, severity="warning"))
