"""What a frontier moves: the limits of one or two policies, or the weight of the worst futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from khovor.case import Policy, build_case
from khovor.errors import InputError, UsageError
from khovor.run import parsed
from khovor.studies.sweep import Source
from khovor.verify import Measured
from khovor.workbook import from_bytes

CVAR: Final = "cvar"
"""The measure that is no policy: the mean of the worst futures, moved by its weight in the objective."""

TARGETS: Final = ("processing_share", "delivered_t")
"""Measures of which more is asked for where nothing else is said; of all others, less."""

SLIGHT: Final = 1e-6
"""A period in which this share of the most of any period moves has no share that means anything."""

UNITS: Final[Mapping[str, str]] = {
    "capex_musd": "MUSD",
    "units": "units",
    "utility": "units/y",
    "co2_t": "t/y",
    "delivered_t": "t/y",
    CVAR: "MUSD",
}
"""Of every measure that is not a share."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure to limit in so many points from the loosest limit to the tightest.

    None: from what the best plan measures without it, to nothing (max), or to all (min, of a share); `sense` None: by
    the measure.
    """

    measure: str
    subject: str = ""
    points: int = 11
    loosest: float | None = None
    tightest: float | None = None
    sense: str | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """A measure that is limited: the row of `policies` but for its limit, and the policy it makes."""

    asked: Asked
    row: Mapping[str, object]
    policy: Policy

    @property
    def max(self) -> bool:
        """Whether less is tighter."""
        return self.policy.sense == "max"

    @property
    def unit(self) -> str:
        """What its limit is in; "" of a share."""
        return UNITS.get(self.policy.measure, "")

    def tightness(self, amount: float) -> float:
        """An amount so that more is tighter."""
        return -amount if self.max else amount

    def keeps(self, measured: float | None, limit: float) -> bool:
        """Whether a plan of this measure keeps a limit; None: there is nothing to measure, so it does."""
        slack = 1e-7 * max(1.0, abs(limit))
        return measured is None or self.tightness(measured) >= self.tightness(limit) - slack

    def worst(self, found: Sequence[Measured]) -> float | None:
        """The measure of a plan: that of its worst period and future; None where there is nothing to measure."""
        whole = max((m.whole for m in found), default=0.0)
        meant = [m.measured for m in found if not self.policy.is_share or m.whole > SLIGHT * whole]
        return min(meant, key=self.tightness, default=0.0 if self.max else None)

    def span(self, measured: float | None) -> tuple[float, float]:
        """The loosest and the tightest limit, the best plan without one being of this measure.

        Raises UsageError where there is no telling what is tightest, or from and to are the wrong way round.
        """
        tightest, loosest = self.asked.tightest, self.asked.loosest
        if tightest is None:
            if not (self.max or self.policy.is_share):
                raise UsageError(f"--to: say up to how much {self.policy.measure} is asked for [{self.unit}].")
            tightest = 0.0 if self.max else 1.0
        if loosest is None:
            met = measured if measured is not None else 0.0
            loosest = min(min(met, 1.0) if self.policy.is_share else met, tightest, key=self.tightness)
        if self.policy.is_share and max(loosest, tightest) > 1.0:
            raise UsageError(f"A share of {max(loosest, tightest):g} is more than everything: write 30% as 0.3.")
        if self.tightness(loosest) > self.tightness(tightest):
            way = "above" if self.max else "below"
            raise UsageError(f"--from {loosest:g} is the loosest limit: it must lie {way} --to {tightest:g}.")
        return loosest, tightest

    def said(self, limit: float) -> str:
        """A limit in words."""
        amount = f"{100.0 * limit:.6g}%" if self.policy.is_share else f"{limit:.6g} {self.unit}"
        return f"at {'most' if self.max else 'least'} {amount}"

    def told(self) -> dict[str, Any]:
        """What it is, as summary.json says it."""
        policy = self.policy
        return {
            "measure": policy.measure,
            "subject": policy.subject,
            "sense": policy.sense,
            "basis": ("value" if policy.by_value else "t") if policy.is_share else "",
            "scope": "expected" if policy.expected else "each",
            "years": [policy.window.first, policy.window.last],
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Common:
    """What the policies of all axes have in common (see the table `policies`)."""

    basis: str | None = None
    scope: str = "each"
    first_year: int | None = None
    last_year: int | None = None


def axes_of(source: Source, asked: Sequence[Asked], common: Common) -> tuple[Axis, ...]:
    """The axes as the workbook understands them. Raises UsageError for what it does not."""
    if common.basis is not None and not any(a.measure.endswith("_share") for a in asked):
        raise UsageError(f"--basis is for shares: it means nothing for {asked[0].measure}.")
    rows = [_row(a, common, place) for place, a in enumerate(asked, 1)]
    added = {"policies": [{**row, "limit": 0.0} for row in rows]}
    try:
        workbook = from_bytes(source.name, source.data, parsed(source.options.changes), more=added)
    except InputError as refused:
        issue = next(i for i in refused.issues if i.severity == "error")
        near = f" Did you mean {issue.nearest}?" if issue.nearest else ""
        raise UsageError(f"{issue.message}{near} It takes {issue.expected}.") from refused
    policies = build_case(workbook).policies[-len(rows) :]
    return tuple(Axis(*parts) for parts in zip(asked, rows, policies, strict=True))


def _row(asked: Asked, common: Common, place: int) -> dict[str, object]:
    """The row of `policies` of a measure, but for its limit."""
    row: dict[str, object] = {
        "policy": f"limit {place} of the frontier",
        "measure": asked.measure,
        "subject": asked.subject,
        "sense": asked.sense or ("min" if asked.measure in TARGETS else "max"),
        "scope": common.scope,
        "basis_unit": common.basis if asked.measure.endswith("_share") else None,
        "first_year": common.first_year,
        "last_year": common.last_year,
    }
    return {column: value for column, value in row.items() if value not in (None, "")}
