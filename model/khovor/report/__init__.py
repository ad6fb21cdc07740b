"""The report room: the results workbook, the summary and the run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from khovor.report.content import Content
from khovor.report.folder import given_folder, new_folder, put, put_copy, put_json, put_lines
from khovor.report.results import write_results
from khovor.report.summary import reference, summarise

__all__ = ["Content", "reference", "summarise", "write_run"]


def write_run(folder: Path | None, workbook_path: Path, content: Content, log: Sequence[str]) -> Path:
    """Write the run folder (None: a new one below outputs/): results.xlsx, summary.json, run.log, input.xlsx.

    Returns the folder. Raises WriteError; what was written until then stays.
    """
    place = new_folder(workbook_path) if folder is None else given_folder(folder)
    put_json(place, "summary.json", dict(content.summary))
    put_lines(place, "run.log", log)
    put_copy(place, "input.xlsx", workbook_path)
    put(place, "results.xlsx", lambda path: write_results(path, content))
    return place
