"""The workbook room: tables declared once; reader, validator, blank workbook, guide and reference made from that."""

from khovor.workbook.blank import blank, example, examples
from khovor.workbook.change import Change, parse_change
from khovor.workbook.copy import write_with_futures
from khovor.workbook.guide import Section
from khovor.workbook.names import nearest
from khovor.workbook.raw import Rows
from khovor.workbook.read import Inspection, Workbook, from_bytes, from_tables, inspect, read
from khovor.workbook.reference import reference
from khovor.workbook.row import Row, Where
from khovor.workbook.settings import Settings
from khovor.workbook.sweeps import BASE, WHATIFS, studies
from khovor.workbook.tables import TABLES, Table
from khovor.workbook.write import write

__all__ = [
    "BASE",
    "TABLES",
    "WHATIFS",
    "Change",
    "Inspection",
    "Row",
    "Rows",
    "Section",
    "Settings",
    "Table",
    "Where",
    "Workbook",
    "blank",
    "example",
    "examples",
    "from_bytes",
    "from_tables",
    "inspect",
    "nearest",
    "parse_change",
    "read",
    "reference",
    "studies",
    "write",
    "write_with_futures",
]
