"""What stands in the folder of a study, a valuation or a stress: its own results.xlsx, and the usual files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from khovor.report.folder import Written, put, put_bytes, put_json, put_lines
from khovor.report.run_folder import write_all
from khovor.report.sheets.book import Book
from khovor.report.sheets.breakeven_sheet import breakeven_sheet
from khovor.report.sheets.decision_sheet import decision_sheet
from khovor.report.sheets.frontier_sheet import frontier_sheet, surface_sheet
from khovor.report.sheets.information_sheet import information_sheet
from khovor.report.sheets.stages_sheet import stages_sheet
from khovor.report.sheets.stress_sheet import closings_sheet, hedges_sheet, pairs_sheet, stress_sheet
from khovor.report.sheets.study_sheet import study_sheet, terms_sheet
from khovor.report.sheets.value_sheet import value_sheet


def write_study(
    place: Path, original: bytes, summary: Mapping[str, Any], terms: Sequence[Mapping[str, float]], log: Sequence[str]
) -> Written:
    """Write results.xlsx, run.log, input.xlsx and summary.json of a study.

    `summary["study"]["runs"]` are the runs, `terms` the money terms of each. Raises WriteError as `write_run` does.
    """
    return _usual(place, original, summary, log, partial(_results, summary, terms))


def write_information(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """The same for what information is worth: one sheet, `Information`."""
    return _usual(place, original, summary, log, partial(_one_sheet, information_sheet, summary))


def write_decision(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """The same for a decision by odds: one sheet, `Decision`."""
    return _usual(place, original, summary, log, partial(_one_sheet, decision_sheet, summary))


def write_valuation(
    place: Path, original: bytes, futures: bytes, summary: Mapping[str, Any], log: Sequence[str]
) -> Written:
    """Write results.xlsx, run.log, input.xlsx, futures.xlsx and summary.json of a valuation. Raises as `write_run`."""
    return write_all(
        place,
        (
            partial(put, place, "results.xlsx", partial(_one_sheet, value_sheet, summary)),
            partial(put_lines, place, "run.log", log),
            partial(put_bytes, place, "input.xlsx", original),
            partial(put_bytes, place, "futures.xlsx", futures),
            partial(put_json, place, "summary.json", summary),
        ),
    )


def _usual(
    place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str], results: Callable[[Path], None]
) -> Written:
    return write_all(
        place,
        (
            partial(put, place, "results.xlsx", results),
            partial(put_lines, place, "run.log", log),
            partial(put_bytes, place, "input.xlsx", original),
            partial(put_json, place, "summary.json", summary),
        ),
    )


def write_stress(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """Write results.xlsx, run.log, input.xlsx and summary.json of a stress. Raises WriteError as `write_run` does."""
    return _usual(place, original, summary, log, partial(_stressed, summary))


def write_frontier(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """The same for a frontier: one sheet, `Frontier`, and of two measures `Surface` after it."""
    return _usual(place, original, summary, log, partial(_traced, summary))


def write_breakeven(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """The same for a break-even: one sheet, `Break-even`."""
    return _usual(place, original, summary, log, partial(_one_sheet, breakeven_sheet, summary))


def write_stages(place: Path, original: bytes, summary: Mapping[str, Any], log: Sequence[str]) -> Written:
    """The same for where to stop: one sheet, `Stages`."""
    return _usual(place, original, summary, log, partial(_one_sheet, stages_sheet, summary))


def _traced(summary: Mapping[str, Any], path: Path) -> None:
    book = Book()
    frontier_sheet(book, summary)
    if len(summary["measures"]) == 2:
        surface_sheet(book, summary)
    book.save(path)


def _stressed(summary: Mapping[str, Any], path: Path) -> None:
    book = Book()
    for sheet in (stress_sheet, pairs_sheet, closings_sheet, hedges_sheet):
        sheet(book, summary)
    book.save(path)


def _one_sheet(sheet: Callable[[Book, Mapping[str, Any]], None], summary: Mapping[str, Any], path: Path) -> None:
    book = Book()
    sheet(book, summary)
    book.save(path)


def _results(summary: Mapping[str, Any], terms: Sequence[Mapping[str, float]], path: Path) -> None:
    book = Book()
    study_sheet(book, summary)
    terms_sheet(book, summary, terms)
    book.save(path)
