"""The workbook room: tables declared once; reader, validator, blank workbook, guide and reference made from that."""

from khovor.workbook.change import Change, parse_change
from khovor.workbook.read import Inspection, Workbook, from_tables, inspect, read
from khovor.workbook.row import Row, Where
from khovor.workbook.settings import Settings
from khovor.workbook.tables import TABLES, Table

__all__ = [
    "TABLES",
    "Change",
    "Inspection",
    "Row",
    "Settings",
    "Table",
    "Where",
    "Workbook",
    "from_tables",
    "inspect",
    "parse_change",
    "read",
]
