"""The run folder: files written to a temporary name and renamed, so that a run is never half there nor lost."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from khovor.errors import WriteError


@dataclass(frozen=True, slots=True)
class Written:
    """A run folder and its files. Where a name was taken by a file open elsewhere, the next free one was used."""

    folder: Path
    files: tuple[Path, ...]

    @property
    def renamed(self) -> tuple[Path, ...]:
        """Files that bear another name than usual."""
        return tuple(path for path in self.files if path.name not in USUAL)


USUAL = ("results.xlsx", "summary.json", "run.log", "input.xlsx", "futures.xlsx")
"""The files of a run folder."""


def new_folder(workbook: Path, root: Path = Path("outputs")) -> Path:
    """A run folder of its own: outputs/<workbook>/<UTC time>, numbered where that exists."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    base = root / workbook.stem
    for name in (stamp, *(f"{stamp}-{n}" for n in range(2, 1000))):
        try:
            (base / name).mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise WriteError(f"The folder {base / name} cannot be made: {error.strerror or error}.") from error
        return base / name
    raise WriteError(f"No free name for a run folder in {base}.")


def given_folder(folder: Path) -> Path:
    """The folder asked for, made when missing. Raises WriteError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"The folder {folder} cannot be made: {error.strerror or error}.") from error
    return folder


def put(folder: Path, name: str, write: Callable[[Path], None]) -> Path:
    """Write a file through a temporary name; where the target is open elsewhere, under the next free name.

    Returns the path written. Raises WriteError (disk full, no permission), leaving no temporary file behind.
    """
    temporary = folder / f".{name}.part"
    try:
        write(temporary)
        for target in _names(folder, name):
            try:
                if not _open_in_excel(target):
                    os.replace(temporary, target)
                    return target
            except PermissionError:
                continue
        raise WriteError(f"No free name for {name} in {folder}.")
    except OSError as error:
        raise WriteError(f"{folder / name} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    stem, suffix = Path(name).stem, Path(name).suffix
    yield from (folder / f"{stem} ({n}){suffix}" for n in range(2, 100))


def _open_in_excel(target: Path) -> bool:
    """Excel leaves an owner file beside a workbook it has open."""
    return target.exists() and (target.parent / f"~${target.name}").exists()


def put_json(folder: Path, name: str, document: Mapping[str, Any]) -> Path:
    """Write a JSON document."""
    return put(folder, name, lambda path: _text(path, json.dumps(dict(document), indent=2, allow_nan=False) + "\n"))


def put_lines(folder: Path, name: str, lines: Sequence[str]) -> Path:
    """Write lines of text."""
    return put(folder, name, lambda path: _text(path, "\n".join(lines) + "\n"))


def put_bytes(folder: Path, name: str, content: bytes) -> Path:
    """Write bytes as they are."""
    return put(folder, name, lambda path: _bytes(path, content))


def _bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
