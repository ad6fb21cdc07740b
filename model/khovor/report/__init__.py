"""The report room: the results workbook, the summary and the run folder."""

from khovor.report.content import Content
from khovor.report.folder import Written
from khovor.report.names import Names
from khovor.report.run_folder import make_folder, write_run
from khovor.report.summary import KEYS, reference, summarise

__all__ = ["KEYS", "Content", "Names", "Written", "make_folder", "reference", "summarise", "write_run"]
