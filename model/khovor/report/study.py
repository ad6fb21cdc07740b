"""What stands in the folder of a study: the runs side by side in results.xlsx, and the usual files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from khovor.report.folder import Written, put, put_bytes, put_json, put_lines
from khovor.report.run_folder import write_all
from khovor.report.sheets.book import Book
from khovor.report.sheets.study_sheet import study_sheet, terms_sheet


def write_study(
    place: Path, original: bytes, summary: Mapping[str, Any], terms: Sequence[Mapping[str, float]], log: Sequence[str]
) -> Written:
    """Write results.xlsx, run.log, input.xlsx and summary.json of a study.

    `summary["study"]["runs"]` are the runs, `terms` the money terms of each. Raises WriteError as `write_run` does.
    """
    return write_all(
        place,
        (
            partial(put, place, "results.xlsx", partial(_results, summary, terms)),
            partial(put_lines, place, "run.log", log),
            partial(put_bytes, place, "input.xlsx", original),
            partial(put_json, place, "summary.json", summary),
        ),
    )


def _results(summary: Mapping[str, Any], terms: Sequence[Mapping[str, float]], path: Path) -> None:
    book = Book()
    study_sheet(book, summary)
    terms_sheet(book, summary, terms)
    book.excel.save(path)
