"""The decisions of a finished run, read back from summary.json: what was built, closed, opened, booked and taken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from khovor.case import CAPITAL, Case
from khovor.errors import UsageError
from khovor.network import build_periods, project_periods
from khovor.solve import Prices
from khovor.units import T_PER_KT

Label = tuple[str, tuple[Any, ...]]
"""A column of the model: its variable and index (`formulation/`): ("build", (o, t)), ("book", (g, t)), ..."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Records as they stand in summary.json: node, process, size, row, period, units; project, period; gate, t_y;
    instrument, build_years, period, musd; and the names of the instruments that are taken. `prices` are those of the
    proof, where the run was one of this study: the proof of a case like it begins with them.
    """

    builds: tuple[Mapping[str, Any], ...]
    closures: tuple[Mapping[str, Any], ...]
    projects: tuple[Mapping[str, Any], ...]
    bookings: tuple[Mapping[str, Any], ...]
    financed: tuple[Mapping[str, Any], ...] = ()
    taken: tuple[str, ...] = ()
    prices: Prices | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, summary: Mapping[str, Any], prices: Prices | None = None) -> Decisions:
        """The decisions of a summary, with prices of the proof where they are at hand."""
        given = summary.get("instruments", {})
        builds, closures, projects, bookings = (
            tuple(summary[key]) for key in ("builds", "closures", "projects", "bookings")
        )
        return cls(
            builds,
            closures,
            projects,
            bookings,
            tuple(given.get("financed", ())),
            tuple(r["instrument"] for r in given.get("taken", ())),
            prices,
        )

    def labels(self, case: Case) -> tuple[dict[Label, float], list[str]]:
        """The decisions as values by label in a case (units, kt/y), and those the case no longer knows, in words.

        A plant is found by its sheet row, or where it has moved by its node, process and size alone.
        """
        values: dict[Label, float] = {}
        lost: list[str] = []
        for said, label, value in self._each(case):
            if label is None:
                lost.append(said)
            else:
                values[label] = values.get(label, 0.0) + value
        return values, lost

    def _each(self, case: Case) -> Iterator[tuple[str, Label | None, float]]:
        """(in words, label in the case or None, value) of each decision."""
        finds = _Finder(case)
        for name, records in (("build", self.builds), ("close", self.closures)):
            for r in records:
                said = f"{name} {r['units']} of {r['process']} {r['size']} at {r['node']} in {r['period']}"
                yield said, finds.units(name, r), float(r["units"])
        for r in self.projects:
            yield f"project {r['project']} in {r['period']}", finds.project(r["project"], r["period"]), 1.0
        for r in self.bookings:
            said = f"slots at {r['gate']} in {r['period']}"
            yield said, finds.slots(r["gate"], r["period"]), float(r["t_y"]) / T_PER_KT
        for r in self.financed:
            said = f"support of {r['instrument']} in {r['period']}"
            yield said, finds.support(r["instrument"], r["build_years"], r["period"]), float(r["musd"])
        for name in self.taken:
            label = finds.uptake(name)
            if label is not None or name not in {x.name for x in case.instruments}:
                yield f"instrument {name}", label, 1.0


class _Finder:
    """Where the things of another run stand in this case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._periods = {p.name: t for t, p in enumerate(case.horizon.periods)}
        self._exact = {tuple(option.key): o for o, option in enumerate(case.options)}
        self._alike: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for o, option in enumerate(case.options):
            self._alike[option.key.node, option.key.process, option.key.size].append(o)

    def units(self, name: str, record: Mapping[str, Any]) -> Label | None:
        """The label of units built or closed."""
        place = (record["node"], record["process"], record["size"])
        alike = self._alike[place]
        o = self._exact.get((*place, record.get("row")), alike[0] if len(alike) == 1 else None)
        t = self._periods.get(record["period"])
        if o is None or t is None:
            return None
        option = self._case.options[o]
        can = t in build_periods(self._case, option) if name == "build" else option.existing_units > 0
        return (name, (o, t)) if can else None

    def project(self, project: str, period: str) -> Label | None:
        """The label of a project taken."""
        t = self._periods.get(period)
        known = project in self._case.projects and t in project_periods(self._case, project)
        return ("project", (project, t)) if known else None

    def slots(self, gate: str, period: str) -> Label | None:
        """The label of slots booked."""
        known = gate in self._case.gates and self._case.gates[gate].booking_usd_t_y is not None
        t = self._periods.get(period)
        return ("book", (gate, t)) if known and t is not None else None

    def support(self, name: str, build_years: int, period: str) -> Label | None:
        """The label of capital that an instrument finances or insures."""
        t = self._periods.get(period)
        for i, x in enumerate(self._case.instruments):
            if x.name == name and x.kind in CAPITAL and t is not None and self._built(build_years, t):
                return ("support", (i, build_years, t))
        return None

    def _built(self, build_years: int, t: int) -> bool:
        """Whether anything that takes so long to build may be available from a period."""
        case = self._case
        units = ((o.build_years, build_periods(case, o)) for o in case.options)
        projects = ((p.build_years, project_periods(case, j)) for j, p in case.projects.items())
        return any(years == build_years and t in periods for years, periods in (*units, *projects))

    def uptake(self, name: str) -> Label | None:
        """The label of an instrument with conditions that is taken."""
        places = [i for i, x in enumerate(self._case.instruments) if x.name == name and x.conditions]
        return ("uptake", (places[0],)) if places else None


def read_summary(folder: Path) -> dict[str, Any]:
    """The summary of a finished run that has a plan. Raises UsageError where the folder holds none."""
    try:
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is not the folder of a finished run: summary.json cannot be read.") from error
    if "builds" not in summary:
        raise UsageError(f"The run in {folder} has no plan (status {summary.get('status', 'unknown')}).")
    return summary
