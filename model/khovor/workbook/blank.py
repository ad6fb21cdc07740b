"""New workbooks: blank ones, and copies of the shipped examples."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from khovor.errors import UsageError, WriteError
from khovor.workbook.guide import Section
from khovor.workbook.names import folded, nearest
from khovor.workbook.tables import TABLES
from khovor.workbook.write import write

START = Section(
    "Start here",
    (
        "Fill settings, periods, products and nodes; then what is mined and made (deposits, processes, recipes, sizes, "
        "sites), how it moves (modes, lanes, gates) and who buys it (markets). Run `khovor check` as you go.",
    ),
)


def blank(path: str | Path, minimal: bool = False) -> None:
    """Write a blank workbook: every table, or with `minimal` only the required ones.

    Raises WriteError when the file exists or cannot be written.
    """
    only = [name for name, table in TABLES.items() if table.required] if minimal else None
    write(path, {}, {}, title="A new khovor case", guide=[START], only=only)


def examples() -> dict[str, Path]:
    """The shipped examples by name: inside the installed package, or beside a source checkout."""
    shipped = Path(str(resources.files("khovor"))) / "examples"
    checkout = Path(__file__).resolve().parents[3] / "inputs"
    found: dict[str, Path] = {}
    for folder in (checkout, shipped):
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.xlsx")) if not path.name.startswith("~")}
    return found


def example(name: str, path: str | Path) -> None:
    """Copy a shipped example, byte for byte. Raises UsageError for an unknown name, WriteError as `blank` does."""
    path, known = Path(path), examples()
    match = next((source for stem, source in known.items() if folded(stem) == folded(name)), None)
    if match is None:
        near = nearest(name, known)
        raise UsageError(
            f"There is no example '{name}'; there are: {', '.join(known)}." + (f" Did you mean {near}?" if near else "")
        )
    if path.exists():
        raise WriteError(f"{path} exists already: choose another name, or remove it first.")
    try:
        shutil.copyfile(match, path)
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}.") from error
