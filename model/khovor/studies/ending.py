"""How a study ends: its results written, or why they could not be; and why there is none without a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from khovor.errors import InfeasibleError, InterruptedRun, KhovorError, NoPlanError, WriteError
from khovor.report import Written
from khovor.studies.tasks import Record


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """A finished or stopped study; `summary` is the content of its summary.json.

    `written` is None when the results could not be written; `unwritten` then says why.
    """

    summary: Mapping[str, Any]
    stopped: bool
    written: Written | None
    unwritten: WriteError | None


def ended(document: Mapping[str, Any], write: Callable[[], Written], *, stopped: bool = False) -> StudyOutcome:
    """The outcome of a study that has an answer: it is told even when it cannot be saved."""
    try:
        return StudyOutcome(document, stopped, write(), None)
    except WriteError as error:
        return StudyOutcome(document, stopped, None, error)


def with_plan(record: Record) -> Record:
    """A run that has a plan. Raises what it means where it has none."""
    if not record.has_plan:
        raise refusal(record)
    return record


def refusal(record: Record) -> KhovorError:
    """Why a run has no plan, as the solve said it."""
    if record.status in ("infeasible", "unbounded"):
        return InfeasibleError(record.message, status=record.status)
    if record.status == NoPlanError.status:
        return NoPlanError(record.message)
    if record.status == InterruptedRun.status:
        return InterruptedRun(record.message)
    return KhovorError(record.message)
