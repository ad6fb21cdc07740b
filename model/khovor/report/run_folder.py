"""What stands in a run folder, and in which order it is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from khovor.errors import WriteError
from khovor.report.content import Content
from khovor.report.folder import Written, given_folder, new_folder, put, put_bytes, put_json, put_lines
from khovor.report.sheets.results import write_results

TRIAL: Final = ".khovor-trial"
"""A file written and taken away again, to know before a solve that the results will have a place."""


def make_folder(folder: Path | None, workbook: Path) -> Path:
    """The run folder (None: a new one below outputs/), made and tried before the work that fills it.

    Raises WriteError where it cannot be made or written to.
    """
    place = new_folder(workbook) if folder is None else given_folder(folder)
    put_lines(place, TRIAL, ["This folder can be written to."]).unlink()
    return place


def write_run(place: Path, original: bytes, content: Content, log: Sequence[str]) -> Written:
    """Write a run folder: results.xlsx, run.log, input.xlsx, summary.json.

    `original` is the workbook as it was read: the file may have been changed since. The seconds that writing took are
    added to the summary, which is written last. Raises as `write_all` does.
    """
    began = time.monotonic()

    def results() -> Path:
        return put(place, "results.xlsx", lambda path: write_results(path, content))

    def summary() -> Path:
        content.summary["seconds"]["write"] = round(time.monotonic() - began, 3)
        return put_json(place, "summary.json", content.summary)

    log_file = partial(put_lines, place, "run.log", log)
    copy = partial(put_bytes, place, "input.xlsx", original)
    return write_all(place, (results, log_file, copy, summary))


def write_all(place: Path, writes: Sequence[Callable[[], Path]]) -> Written:
    """Write the files of a run folder, in order.

    Raises WriteError when one could not be written, and a fault of khovor's own as it is, both after trying all.
    """
    files: list[Path] = []
    faults: list[Exception] = []
    for write in writes:
        try:
            files.append(write())
        except Exception as fault:
            faults.append(fault)
    own = next((f for f in faults if not isinstance(f, WriteError)), None)
    if own is not None:
        raise own
    if faults:
        saved = f" What could be saved: {', '.join(str(path) for path in files)}." if files else ""
        raise WriteError(" ".join(map(str, faults)) + saved)
    return Written(place, tuple(files))
