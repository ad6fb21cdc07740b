"""The file before Excel: refuses what is not a sound, unprotected, sanely sized workbook; XML through defusedxml."""

from __future__ import annotations

import zipfile
from pathlib import Path

import defusedxml  # noqa: F401  openpyxl parses with it when it is importable: this makes sure it is

from khovor.errors import InputError, Issue

MOST_UNPACKED = 300 * 2**20
"""Bytes a workbook may unpack to."""

MOST_RATIO = 200.0
"""How many times larger than packed a part may be, once it is large at all."""

LARGE = 20 * 2**20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def refuse_unsound(path: Path) -> None:
    """Raise InputError when the file cannot be an Excel workbook that is safe to open."""
    if not path.exists():
        raise _refusal("missing file", f"There is no file {path.name} in {path.parent or '.'}.")
    if path.is_dir():
        raise _refusal("a folder", f"{path.name} is a folder, not a workbook.")
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
    except OSError as error:
        raise _refusal("unreadable file", f"{path.name} cannot be read: {error.strerror}.") from error
    if not head:
        raise _refusal("empty file", f"{path.name} is empty.")
    if head == OLE:
        raise _refusal(*_old_or_protected(path))
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(path, archive)
    except zipfile.BadZipFile as error:
        if head.startswith(b"PK"):
            raise _refusal("truncated file", f"{path.name} is cut short or damaged: copy it again.") from error
        raise _refusal("not an Excel file", f"{path.name} is not an Excel workbook (.xlsx).") from error


def _old_or_protected(path: Path) -> tuple[str, str]:
    if ENCRYPTED in path.read_bytes():
        return "password-protected", f"{path.name} is protected by a password: save a copy without one."
    return "old Excel file", f"{path.name} is in the old .xls format: save it as .xlsx."


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise _refusal("not an Excel file", f"{path.name} is a zip archive, but not an Excel workbook (.xlsx).")
    total = sum(part.file_size for part in parts)
    worst = max((p.file_size / max(p.compress_size, 1) for p in parts if p.file_size > LARGE), default=0.0)
    if total > MOST_UNPACKED or worst > MOST_RATIO:
        raise _refusal(
            "zip bomb",
            f"{path.name} would unpack to {total / 2**20:.0f} MB: it is refused as unsafe "
            f"(at most {MOST_UNPACKED / 2**20:.0f} MB).",
        )


def _refusal(found: str, message: str) -> InputError:
    return InputError([Issue("(file)", "", found, "an Excel workbook (.xlsx)", message)])
