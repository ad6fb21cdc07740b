"""The studies room: lists of labelled runs through one runner, on this machine or on a cluster.

It stands above `run`, whose steps it repeats, and below the command line, which shows what it finds.
"""

from khovor.studies.breakeven import find_breakeven
from khovor.studies.decide import Question, decide
from khovor.studies.ending import StudyOutcome
from khovor.studies.frontier import Frontier, trace_frontier
from khovor.studies.frontier_axes import Asked, Common
from khovor.studies.information import value_information
from khovor.studies.sampling import Wanted, sample_workbook
from khovor.studies.stages import compare_stages
from khovor.studies.stress import stress_plan
from khovor.studies.sweep import Fleet, solve_study
from khovor.studies.valuation import value_plan

__all__ = [
    "Asked",
    "Common",
    "Fleet",
    "Frontier",
    "Question",
    "StudyOutcome",
    "Wanted",
    "compare_stages",
    "decide",
    "find_breakeven",
    "sample_workbook",
    "solve_study",
    "stress_plan",
    "trace_frontier",
    "value_information",
    "value_plan",
]
