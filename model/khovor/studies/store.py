"""Runs of a study on disk: each is written when it ends, whole or not at all, and taken from there on resuming."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from khovor.report import given_folder, put_json
from khovor.studies.tasks import Record

RUNS: Final = "runs"


def keep(folder: Path, record: Record) -> None:
    """Write a run into `runs/` of a study folder. Raises WriteError."""
    put_json(given_folder(folder / RUNS), f"{_slug(record.label)}-{record.key[:8]}.json", _plain(record))


def _plain(record: Record) -> dict[str, Any]:
    """All of a record that is kept."""
    told = asdict(replace(record, prices=None))
    del told["prices"]
    return told


def kept(folder: Path | None) -> dict[str, Record]:
    """Finished runs of a study folder by key; what cannot be read is as good as not run."""
    found: dict[str, Record] = {}
    for path in sorted((folder / RUNS).glob("*.json")) if folder is not None else ():
        try:
            record = Record(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if record.finished:
            found[record.key] = record
    return found


def _slug(label: str) -> str:
    """A label as part of a file name.

    >>> _slug("NdPr -10%: high/low")
    'NdPr-10-high-low'
    """
    return re.sub(r"[^\w]+", "-", label).strip("-")[:60] or "run"
