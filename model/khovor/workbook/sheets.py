"""From an Excel file to raw tables: finds sheets and headers, reads cells, notes merged cells and uncached formulas."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from khovor.errors import InputError, Issue
from khovor.workbook.archive import refuse_unsound
from khovor.workbook.names import clean, folded, imitates, nearest
from khovor.workbook.parse import Uncached
from khovor.workbook.raw import RawBook, RawRow, RawTable
from khovor.workbook.tables import TABLES, Table

HEADER_WITHIN = 10
BLANK_ROWS = 20
SIMILAR = 0.75
GUIDE = "Guide"


def raw_from_excel(path: Path) -> RawBook:
    """Every table of an Excel file as raw cells. Raises InputError when the file itself cannot be opened."""
    refuse_unsound(path)
    book = RawBook()
    try:
        values = load_workbook(path, read_only=True, data_only=True)
        with zipfile.ZipFile(path) as archive:
            for sheet in values.worksheets:
                name = _table_name(sheet.title, book)
                if name:
                    _read(book, TABLES[name], sheet, path, archive.read(_part(sheet)))
    except InputError:
        raise
    except Exception as error:  # whatever a damaged part makes the parser raise, the analyst is told the same
        issue = Issue(
            "(file)", "", "damaged file", "an Excel workbook (.xlsx)", f"{path.name} cannot be read: {error}."
        )
        raise InputError([issue]) from error
    return book


def _part(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")


def _table_name(title: str, book: RawBook) -> str:
    """The table a sheet holds, or empty; says so when the name is close to one or unknown."""
    if clean(title).startswith("_") or folded(title) == folded(GUIDE):
        return ""
    for name in TABLES:
        if folded(name) == folded(title):
            return name
    wrong = imitates(title, TABLES)
    meant = nearest(title, TABLES, SIMILAR)
    if wrong or meant:
        message = f"There is no table '{title}'" + (f": {wrong}" if wrong else "") + "."
        book.issues.append(
            Issue(title, "", title, "a table of the contract, or a name starting with _", message, meant)
        )
    else:
        message = f"The sheet '{title}' is not a table of khovor and is not read; start its name with _ to keep it."
        book.issues.append(Issue(title, "", title, "a table of the contract", message, severity="warning"))
    return ""


def _read(book: RawBook, table: Table, sheet: Any, path: Path, xml: bytes) -> None:
    header = _find_header(table, sheet)
    if header is None:
        keys = ", ".join(c.name for c in table.columns if c.required) or table.keys[0]
        book.issues.append(
            Issue(
                table.name,
                "A1",
                "no header row",
                f"a row with {keys}",
                f"No header row was found in the first {HEADER_WITHIN} rows.",
            )
        )
        return
    row_number, titles = header
    columns = _columns(book, table, row_number, titles)
    raw = RawTable(table.name, {name: get_column_letter(i + 1) for i, name in columns.items()}, [], row_number)
    asked_rows = _formulas(path, sheet.title, row_number, xml)
    last = row_number
    for number, cells in _rows(sheet, row_number):
        asked = next(asked_rows, ())
        found = {name: _value(cells, asked, i) for i, name in columns.items()}
        found = {name: value for name, value in found.items() if value is not None}
        if found:
            last = number
            raw.rows.append(RawRow(number, found, {name: f"{letter}{number}" for name, letter in raw.columns.items()}))
        elif number - last >= BLANK_ROWS:
            break
    book.tables[table.name] = raw
    _note_merged(book, table, row_number, last, xml)
    _note_rows_below(book, table, sheet, last, xml)


def _formulas(path: Path, title: str, header: int, xml: bytes) -> Iterator[tuple[Any, ...]]:
    """The rows again with formulas in place of values, where the sheet has any formula at all."""
    if b"<f>" in xml or b"<f " in xml:
        sheet = load_workbook(path, read_only=True, data_only=False)[title]
        yield from sheet.iter_rows(min_row=header + 1, values_only=True)


def _rows(sheet: Any, header: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    yield from enumerate(sheet.iter_rows(min_row=header + 1, values_only=True), header + 1)


def _value(cells: tuple[Any, ...], asked: tuple[Any, ...], i: int) -> Any:
    """A cell's value; None when blank (spaces are blank); a formula without a cached value says so."""
    value = cells[i] if i < len(cells) else None
    if value is None and i < len(asked) and isinstance(asked[i], str) and asked[i].startswith("="):
        return Uncached(asked[i])
    return None if isinstance(value, str) and not clean(value) else value


def _find_header(table: Table, sheet: Any) -> tuple[int, tuple[Any, ...]] | None:
    """The row that names most of the table's columns, its keys above all."""
    known = {folded(c.name): c.key or c.required for c in table.columns}
    best: tuple[int, int, tuple[Any, ...]] | None = None
    for number, cells in enumerate(sheet.iter_rows(max_row=HEADER_WITHIN, values_only=True), 1):
        named = {folded(str(cell)) for cell in cells if isinstance(cell, str)} & set(known)
        score = len(named) + sum(10 for name in named if known[name])
        if named and (best is None or score > best[0]):
            best = (score, number, cells)
    return None if best is None else (best[1], best[2])


def _columns(book: RawBook, table: Table, row: int, titles: tuple[Any, ...]) -> dict[int, str]:
    """Place -> column of the header, with what is unknown, misspelt, doubled or missing noted."""
    known = {folded(c.name): c.name for c in table.columns}
    found: dict[int, str] = {}
    for i, title in enumerate(titles):
        if title is None or not clean(str(title)) or clean(str(title)).startswith("_"):
            continue
        cell, name = f"{get_column_letter(i + 1)}{row}", known.get(folded(str(title)))
        if name is None:
            _unknown_column(book, table, cell, clean(str(title)))
        elif name in found.values():
            message = f"The column {name} stands twice."
            book.issues.append(Issue(table.name, cell, name, "each column once", message))
        else:
            found[i] = name
    for column in table.columns:
        if column.required and column.name not in found.values():
            message = f"The column {column.name} is missing."
            book.issues.append(Issue(table.name, f"A{row}", "no such column", column.name, message))
    return found


def _unknown_column(book: RawBook, table: Table, cell: str, title: str) -> None:
    valid = [c.name for c in table.columns]
    wrong, meant = imitates(title, valid), nearest(title, valid, SIMILAR)
    if wrong or meant:
        message = f"There is no column '{title}' in {table.name}" + (f": {wrong}" if wrong else "") + "."
        book.issues.append(
            Issue(table.name, cell, title, "a column of the table, or a name starting with _", message, meant)
        )
    else:
        message = f"The column '{title}' is not one of {table.name} and is not read; start its name with _ to keep it."
        book.issues.append(Issue(table.name, cell, title, "a column of the table", message, severity="warning"))


def _note_merged(book: RawBook, table: Table, header: int, last: int, xml: bytes) -> None:
    for match in re.finditer(rb'<mergeCell [^>]*ref="([A-Z0-9:]+)"', xml):
        area = match[1].decode()
        top, bottom = (int(row or 0) for row in range_boundaries(area)[1::2])
        if bottom >= header and top <= max(last, header):
            message = f"The cells {area} are merged: a table needs one value in each cell."
            book.issues.append(Issue(table.name, area.split(":")[0], f"merged {area}", "single cells", message))


def _note_rows_below(book: RawBook, table: Table, sheet: Any, last: int, xml: bytes) -> None:
    """Values far below the table are not read: say so. A stray space is nothing."""
    for match in re.finditer(rb'<row [^>]*?r="(\d+)"[^>]*?>(.*?)</row>', xml, re.DOTALL):
        number = int(match[1])
        if number <= last + BLANK_ROWS or (b"<v>" not in match[2] and b"<t" not in match[2]):
            continue
        (cells,) = sheet.iter_rows(min_row=number, max_row=number, values_only=True)
        if any(cell is not None and clean(str(cell)) for cell in cells):
            message = f"Row {number} stands more than {BLANK_ROWS} blank rows below the table and is not read."
            issue = Issue(table.name, f"A{number}", "values below the table", "no gap", message, severity="warning")
            book.issues.append(issue)
            return
