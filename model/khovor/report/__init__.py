"""The report room: the results workbook, the summary and the run folder."""

from khovor.report.content import Content
from khovor.report.folder import Written, given_folder, put_json
from khovor.report.maps import ready_to_draw
from khovor.report.names import Names, crossing, listed
from khovor.report.run_folder import make_folder, write_run
from khovor.report.study import (
    write_breakeven,
    write_decision,
    write_frontier,
    write_information,
    write_stages,
    write_stress,
    write_study,
    write_valuation,
)
from khovor.report.summary import KEYS, finite, reference, summarise, told

__all__ = [
    "KEYS",
    "Content",
    "Names",
    "Written",
    "crossing",
    "finite",
    "given_folder",
    "listed",
    "make_folder",
    "put_json",
    "ready_to_draw",
    "reference",
    "summarise",
    "told",
    "write_breakeven",
    "write_decision",
    "write_frontier",
    "write_information",
    "write_run",
    "write_stages",
    "write_stress",
    "write_study",
    "write_valuation",
]
