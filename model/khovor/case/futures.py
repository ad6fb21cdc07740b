"""Cases made from a case: one future alone."""

from __future__ import annotations

from dataclasses import replace

from khovor.case.domain import Case


def with_scenario(case: Case, name: str) -> Case:
    """The case as if this future were certain. Raises KeyError for an unknown scenario."""
    by_name = {s.name: s for s in case.scenarios}
    return replace(case, scenarios=(replace(by_name[name], probability=1.0),))
