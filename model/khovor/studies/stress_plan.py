"""The plan that a stress holds fixed: the case it stands in and its decisions, the same in every process."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from khovor.case import Case, build_case
from khovor.decisions import Decisions, Label
from khovor.errors import UsageError
from khovor.formulation import Formulation, build
from khovor.network import derive
from khovor.run import parsed
from khovor.solve import Recourse
from khovor.workbook import Workbook, from_bytes

KEYS = ("builds", "closures", "projects", "bookings")


@dataclass(frozen=True)
class Plan:
    """The bytes of the workbook, the changes made to it, and the decisions as they stand in a summary.json."""

    name: str
    data: bytes
    changes: tuple[str, ...]
    decisions: Mapping[str, Any]

    @functools.cached_property
    def digest(self) -> str:
        """What tells one plan in one case from another."""
        told = repr((self.changes, [(key, self.decisions[key]) for key in KEYS])).encode()
        return hashlib.sha256(hashlib.sha256(self.data).digest() + told).hexdigest()

    @property
    def workbook(self) -> Workbook:
        """The workbook with its changes."""
        return from_bytes(self.name, self.data, parsed(self.changes))

    @property
    def case(self) -> Case:
        """The case, read anew at each call."""
        return build_case(self.workbook)

    def decided(self, case: Case) -> dict[Label, float]:
        """The decisions by label. Raises UsageError for one that the case does not know."""
        values, lost = Decisions.of(self.decisions).labels(case)
        if lost:
            raise UsageError(f"The plan does not fit the workbook: {lost[0]}.")
        return values


_standing: dict[str, tuple[Formulation, Recourse]] = {}


def standing(plan: Plan) -> tuple[Formulation, Recourse]:
    """The operation of a plan, made once in each process and kept from task to task."""
    if plan.digest not in _standing:
        _standing.clear()
        case = plan.case
        formulation = build(case, derive(case))
        try:
            recourse = Recourse(formulation, plan.decided(case))
        except KeyError as unknown:
            raise UsageError(f"The plan does not fit the workbook: {unknown.args[0]} is not in its program.") from None
        _standing[plan.digest] = formulation, recourse
    return _standing[plan.digest]
