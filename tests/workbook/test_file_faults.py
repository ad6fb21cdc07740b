"""Files that are no workbook, or none that is safe to open: each refused in words, never with a traceback."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sound import Broken

from khovor.errors import InputError
from khovor.workbook import inspect, read
from khovor.workbook.archive import ENCRYPTED, OLE

SHEET = "xl/worksheets/sheet3.xml"


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A zip archive with each part passed through a function."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            after.writestr(part, change(part, before.read(part)))
    return target.getvalue()


def bomb(data: bytes) -> bytes:
    """A sheet that unpacks to 25 MB of spaces out of some kB."""
    return rewritten(data, lambda part, text: text + b" " * 25 * 2**20 if part == SHEET else text)


def many_bombs(data: bytes) -> bytes:
    """Parts each too small to be judged by ratio, together more than may be unpacked (by what the directory says)."""
    target, size = io.BytesIO(data), 999_999
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for i in range(17):
            archive.writestr(f"xl/media/{i}.bin", bytes(size))
    return target.getvalue().replace(size.to_bytes(4, "little"), (19 * 2**20).to_bytes(4, "little"))


def lying_bomb(data: bytes) -> bytes:
    """A bomb whose directory says that it is small."""
    large = 25 * 2**20
    packed = rewritten(data, lambda part, text: b" " * large if part == SHEET else text)
    return packed.replace(large.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def laughs(data: bytes) -> bytes:
    """A sheet whose XML entities multiply."""
    entities = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'.encode()
    body = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="str">'
    text = head + body + b"<v>&l9;</v></c></row></sheetData></worksheet>"
    return rewritten(data, lambda part, old: text if part == SHEET else old)


def strict(data: bytes) -> bytes:
    """A workbook in the strict dialect of the format."""
    old, new = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    return rewritten(data, lambda part, text: text.replace(old, new))


def zipped(data: bytes) -> bytes:
    """An archive that is no workbook."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", "an OpenDocument sheet")
    return target.getvalue()


FILES: list[tuple[str, Callable[[bytes], bytes], str, str]] = [
    ("empty", lambda data: b"", "empty file", "case.xlsx is empty"),
    (
        "text",
        lambda data: b"node,kind\nD1,deposit\n",
        "not an Excel file",
        "case.xlsx is not an Excel workbook (.xlsx)",
    ),
    ("other archive", zipped, "not an Excel file", "is a zip archive, but not an Excel workbook"),
    ("truncated", lambda data: data[: len(data) // 2], "truncated file", "is cut short or damaged: copy it again"),
    ("one byte short", lambda data: data[:-1], "truncated file", "is cut short or damaged: copy it again"),
    ("only a head", lambda data: data[:10], "truncated file", "is cut short or damaged: copy it again"),
    (
        "password",
        lambda data: OLE + bytes(504) + ENCRYPTED + bytes(64),
        "password-protected",
        "is protected by a password: save a copy without one",
    ),
    ("old format", lambda data: OLE + bytes(2000), "old Excel file", "is in the old .xls format: save it as .xlsx"),
    ("strict", strict, "Strict Open XML", "is saved as Strict Open XML: save it as Excel Workbook"),
    ("bomb", bomb, "zip bomb", "it is refused as unsafe (at most 300 MB)"),
    ("many bombs", many_bombs, "zip bomb", "would unpack to 323 MB: it is refused as unsafe"),
    ("lying bomb", lying_bomb, "damaged file", "case.xlsx cannot be read"),
    ("entities", laughs, "damaged file", "open it in Excel, save it again, and try once more"),
    (
        "broken XML",
        lambda data: rewritten(data, lambda part, text: text[: len(text) // 2] if part == SHEET else text),
        "damaged file",
        "open it in Excel, save it again, and try once more",
    ),
]


def refused(path: Path, found: str, says: str) -> None:
    """The file is refused with one error that speaks of the file, and `read` raises it."""
    inspection = inspect(path)
    (issue,) = inspection.errors
    assert inspection.workbook is None
    assert (issue.sheet, issue.cell, issue.found) == ("(file)", "", found)
    assert says in issue.message
    assert issue.expected == "an Excel workbook (.xlsx)"
    with pytest.raises(InputError, match="1 error"):
        read(path)


@pytest.mark.parametrize(("name", "change", "found", "says"), FILES, ids=[case[0] for case in FILES])
def test_file(book: Broken, name: str, change: Callable[[bytes], bytes], found: str, says: str) -> None:
    """What is no sound workbook is refused with the reason and what to do."""
    book.path.write_bytes(change(book.path.read_bytes()))
    refused(book.path, found, says)


def test_missing(tmp_path: Path) -> None:
    """A file that is not there is said to be missing."""
    refused(tmp_path / "none.xlsx", "missing file", "There is no file none.xlsx in ")


def test_folder(tmp_path: Path) -> None:
    """A folder is no workbook."""
    refused(tmp_path, "a folder", "is a folder, not a workbook")


def test_a_large_sound_part_is_no_bomb(book: Broken) -> None:
    """A picture that hardly packs is let through, whatever its size."""
    noise = bytes(range(256)) * 4
    with zipfile.ZipFile(book.path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/media/map.bin", noise * 21 * 2**10)
    assert inspect(book.path).errors == ()


def test_the_file_is_left_alone_and_free(book: Broken) -> None:
    """Reading neither changes the file nor keeps it open, so that Excel may save it meanwhile."""
    before = book.path.read_bytes()
    assert inspect(book.path).workbook is not None
    assert book.path.read_bytes() == before
    book.path.rename(book.path.with_name("moved.xlsx"))
    assert inspect(book.path).errors[0].found == "missing file"
