"""How a study ends: its results written, or why they could not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from khovor.errors import WriteError
from khovor.report import Written
from khovor.studies.sweep import StudyOutcome


def ended(document: Mapping[str, Any], write: Callable[[], Written]) -> StudyOutcome:
    """The outcome of a study that ran to its end: an answer is told even when it cannot be saved."""
    try:
        return StudyOutcome(document, False, write(), None)
    except WriteError as error:
        return StudyOutcome(document, False, None, error)
