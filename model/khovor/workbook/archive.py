"""The file before Excel: refuses what is not a sound, unprotected, sanely sized workbook; XML through defusedxml."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

import defusedxml  # noqa: F401  openpyxl parses with it when it is importable: this makes sure it is

from khovor.errors import InputError, Issue

MOST_UNPACKED: Final = 300 * 2**20
"""Bytes a workbook may unpack to."""

MOST_RATIO: Final = 200.0
"""How many times larger than packed a part may be, once it is large at all."""

LARGE: Final = 20 * 2**20

MAIN: Final = "xl/workbook.xml"
STRICT: Final = b"purl.oclc.org/ooxml"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def sound_bytes(path: Path) -> bytes:
    """The bytes of a workbook that is safe to open. Raises InputError when the file cannot be one."""
    if not path.exists():
        raise refusal("missing file", f"There is no file {path.name} in the folder {path.parent.resolve()}.")
    if path.is_dir():
        raise refusal("a folder", f"{path} is a folder, not a workbook.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refusal("unreadable file", f"{path.name} cannot be read: {error.strerror}.") from error
    if not data:
        raise refusal("empty file", f"{path.name} is empty.")
    if data.startswith(OLE):
        raise refusal(*_old_or_protected(path.name, data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_bomb(path.name, archive)
            _refuse_dialect(path.name, archive)
    except zipfile.BadZipFile as error:
        if data.startswith(b"PK"):
            raise refusal("truncated file", f"{path.name} is cut short or damaged: copy it again.") from error
        raise refusal("not an Excel file", f"{path.name} is not an Excel workbook (.xlsx).") from error
    return data


def refusal(found: str, message: str) -> InputError:
    """The error of a file as a whole."""
    return InputError([Issue("(file)", "", found, "an Excel workbook (.xlsx)", message)])


def _old_or_protected(name: str, data: bytes) -> tuple[str, str]:
    if ENCRYPTED in data:
        return "password-protected", f"{name} is protected by a password: save a copy without one."
    return "old Excel file", f"{name} is in the old .xls format: save it as .xlsx."


def _refuse_bomb(name: str, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    worst = max((p.file_size / max(p.compress_size, 1) for p in parts if p.file_size > LARGE), default=0.0)
    if total > MOST_UNPACKED or worst > MOST_RATIO:
        raise refusal(
            "zip bomb",
            f"{name} would unpack to {total / 2**20:.0f} MB: it is refused as unsafe "
            f"(at most {MOST_UNPACKED / 2**20:.0f} MB).",
        )


def _refuse_dialect(name: str, archive: zipfile.ZipFile) -> None:
    if MAIN not in archive.namelist():
        raise refusal("not an Excel file", f"{name} is a zip archive, but not an Excel workbook (.xlsx).")
    if STRICT in archive.read(MAIN):
        raise refusal(
            "Strict Open XML", f"{name} is saved as Strict Open XML: save it as Excel Workbook (.xlsx) instead."
        )
