"""The dossier behind the case: CSV tables of text, read with types, each row with how its figures are known."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dossier"


class Record(dict[str, str]):
    """One row of a dossier table: column -> text as it stands in the file."""

    def number(self, column: str) -> float | None:
        """A column as a number; None where it is blank. Raises ValueError for text."""
        text = self[column].strip()
        return float(text) if text else None

    def known(
        self, *, low: float | None = None, high: float | None = None, note: str = "", **changed: Any
    ) -> dict[str, Any]:
        """The provenance columns of a workbook row made from this record: basis, low, high, source, note.

        `note` goes before the dossier's own note; `changed` replaces any of the five.
        """
        notes = [part.strip() for part in (note, self.get("note", "")) if part and part.strip()]
        found = {
            "basis": self.get("value_basis") or None,
            "low": low,
            "high": high,
            "source": self.get("source") or None,
        }
        return {**found, "note": "; ".join(notes) or None, **changed}


@cache
def table(name: str) -> tuple[Record, ...]:
    """Every row of a dossier table, in the order of the file."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(Record(row) for row in csv.DictReader(handle))


def assumed(note: str, *, source: str = "planning assumption of the khovor case", **more: Any) -> dict[str, Any]:
    """The provenance of a figure that stands in no dossier row: an assumption, with its reason."""
    return {"basis": "assumption", "source": source, "note": note, **more}
