"""Every way khovor can refuse or fail: one exception family, and the issue that points at a workbook cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about the input, pointing at a cell.

    `nearest` is the closest valid name when a name was not understood, else empty.
    """

    sheet: str
    cell: str
    found: str
    expected: str
    message: str
    nearest: str = ""
    severity: Literal["error", "warning"] = "error"

    def as_dict(self) -> dict[str, str]:
        """The issue as `khovor check --json` prints it."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        hint = f" Nearest valid name: {self.nearest}." if self.nearest else ""
        return f"{place}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot hold together: `rows` are (sheet, cell), first the one that asks, then what limits it."""

    rows: tuple[tuple[str, str], ...]
    message: str
    repair: str

    def as_dict(self) -> dict[str, object]:
        """The conflict as `--json` prints it."""
        rows = [{"sheet": sheet, "cell": cell} for sheet, cell in self.rows]
        return {"rows": rows, "message": self.message, "repair": self.repair}


def row_of(at: str) -> tuple[str, str]:
    """Sheet and cell of `sheet!cell`.

    >>> row_of("markets!B4")
    ('markets', 'B4')
    """
    sheet, _, cell = at.partition("!")
    return sheet, cell


class KhovorError(Exception):
    """Base of all errors an analyst may meet; `exit_code` is the command line's answer (interface.md)."""

    exit_code = 1
    status = "error"

    def as_dict(self) -> dict[str, Any]:
        """The document of what has no result: its status, the message, and what is known of the cause."""
        return {"status": self.status, "message": str(self)}


class UsageError(KhovorError):
    """The command was asked for something it cannot do (exit code 2)."""

    exit_code = 2


class InputError(KhovorError):
    """The workbook has errors; `issues` lists every one of them (exit code 3)."""

    exit_code = 3
    status = "input_errors"

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        errors = [i for i in self.issues if i.severity == "error"]
        super().__init__(f"{len(errors)} error(s) in the workbook; first: {errors[0] if errors else self.issues[0]}")

    def as_dict(self) -> dict[str, Any]:
        """The same with every issue."""
        found: dict[str, list[dict[str, str]]] = {"errors": [], "warnings": []}
        for issue in self.issues:
            found[f"{issue.severity}s"].append(issue.as_dict())
        return {**KhovorError.as_dict(self), **found}


class InfeasibleError(KhovorError):
    """No plan satisfies every rule, or the value is unbounded (exit code 4).

    `conflicts` says which rules cannot hold together, where that is known.
    """

    exit_code = 4

    def __init__(self, message: str, *, status: str = "infeasible", conflicts: Sequence[Conflict] = ()) -> None:
        self.status, self.conflicts = status, tuple(conflicts)
        super().__init__(message)

    def as_dict(self) -> dict[str, Any]:
        """The same with its conflicts."""
        return {**KhovorError.as_dict(self), "conflicts": [c.as_dict() for c in self.conflicts]}

    @classmethod
    def asked(cls, at: str, message: str, repair: str) -> InfeasibleError:
        """One cell asks for what can never be."""
        return cls(message, conflicts=[Conflict((row_of(at),), message, repair)])


class NoPlanError(KhovorError):
    """A limit was reached before any plan was found (exit code 5)."""

    exit_code = 5
    status = "no_solution"


class VerificationError(KhovorError):
    """The independent checker found that the plan breaks a rule (exit code 6)."""

    exit_code = 6


class WriteError(KhovorError):
    """A result could not be written (exit code 7)."""

    exit_code = 7


class InterruptedRun(KhovorError):
    """Ctrl-C before any plan was found (exit code 130)."""

    exit_code = 130
    status = "interrupted"
